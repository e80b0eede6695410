#include "runtime/journal/archive.hpp"

#include "runtime/journal/bytes.hpp"
#include "runtime/journal/chain.hpp"
#include "runtime/journal/look.hpp"
#include "runtime/journal/posix_file.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/journal/unfinished_file.hpp"

#include <openssl/evp.h>

#include <bit>
#include <fstream>
#include <memory>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t archive_magic = 0x41525254u; // "TRRA" as it lies in the file
constexpr std::uint16_t archive_version = 1;

/// SHA-256 over a file that is never in memory as a whole.
class running_hash {
public:
  running_hash() : context_{::EVP_MD_CTX_new(), ::EVP_MD_CTX_free} {
    ::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr);
  }
  void add(std::string_view bytes) { ::EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  [[nodiscard]] sha256_digest finish() {
    sha256_digest digest;
    ::EVP_DigestFinal_ex(context_.get(), digest.bytes.data(), nullptr);
    return digest;
  }

private:
  std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context_;
};

std::string_view raw(const sha256_digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

/// Reads exactly `size` bytes into `out` and hashes them.
bool take(std::istream& in, running_hash& hash, std::size_t size, std::string& out) {
  out.resize(size);
  in.read(out.data(), static_cast<std::streamsize>(size));
  if (static_cast<std::size_t>(in.gcount()) != size) return false;
  hash.add(out);
  return true;
}

error damaged(const fs::path& file, const std::string& why) {
  return fail(errc::corrupt, "archive " + file.string() + ": " + why);
}

/// Of bytes that did not come: a disk that does not give them says nothing about the archive.
error cut_off(const std::istream& in, const fs::path& file, const std::string& why) {
  return in.bad() ? system_failure("read", file) : damaged(file, why);
}

error no_snapshot(const rocks_store& store, const stream_name& stream, std::uint64_t up_to) {
  std::string there;
  if (auto all = store.snapshot_sequences(stream))
    for (const auto sequence : *all) there += (there.empty() ? "" : " and ") + std::to_string(sequence);
  return fail(errc::not_found, "stream " + stream.value.str() + " has no snapshot" +
                                 (up_to == UINT64_MAX ? "" : " at or below sequence " + std::to_string(up_to)) + " to close an archive with; " +
                                 (there.empty() ? "a node writes one every journal.snapshot_interval turns" : "it has those at " + there));
}

error not_written(std::uint64_t records) {
  return fail(errc::io_error, "the archive could not be written after " + std::to_string(records) + " records: is the disk full?");
}

/// The chain of `summary` is that of the last record afterwards.
result<void> write_body(const rocks_store& store, archive_summary& summary, std::ostream& out) {
  running_hash hash;
  const auto emit = [&](std::string_view bytes) {
    hash.add(bytes);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  const auto name = summary.stream.value.view();
  const auto state = layout::encode_snapshot(summary.state);
  std::string head;
  append(head, archive_magic);
  append(head, archive_version);
  append(head, summary.records);
  append(head, static_cast<std::uint32_t>(state.size()));
  append(head, static_cast<std::uint8_t>(name.size()));
  emit(head.append(name));
  emit(state);
  std::uint64_t written = 0;
  auto read = store.read(summary.stream, 1, [&](const record_view& record) {
    emit(record.bytes);
    if (++written < summary.records) return out.good();
    summary.chain = sha256(record.bytes);
    return false;
  });
  if (!read) return read.error();
  if (!out) return not_written(written);
  if (written != summary.records)
    return fail(errc::sequence_gap, "stream " + summary.stream.value.str() + " ends at " + std::to_string(written));
  if (summary.chain != summary.state.chain)
    return fail(errc::corrupt, "stream " + summary.stream.value.str() + ": the snapshot at sequence " + std::to_string(written) + " is not of the record there");
  const auto digest = hash.finish();
  out.write(raw(digest).data(), static_cast<std::streamsize>(raw(digest).size()));
  out.flush();
  if (!out) return not_written(written);
  return {};
}

} // namespace

result<archive_summary> write_archive(const fs::path& directory, const stream_name& stream, std::uint64_t up_to,
                                      const fs::path& target) {
  auto file = unfinished_file::begin(target);
  if (!file) return file.error();
  auto seen = look(directory);
  if (!seen) return seen.error();
  auto state = seen->database.store->load_snapshot(stream, up_to);
  if (!state) return state.error();
  if (!*state) return no_snapshot(*seen->database.store, stream, up_to);
  archive_summary summary{stream, (*state)->sequence, (*state)->chain, std::move(**state)};

  if (auto written = write_body(*seen->database.store, summary, file->out()); !written) return written.error();
  if (auto finished = file->finish(); !finished) return finished.error();
  return read_archive(target, [](const record_view&) {});
}

result<void> must_be_archive(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return system_failure("open", file);
  std::uint32_t front = 0;
  in.read(reinterpret_cast<char*>(&front), sizeof front);
  if (in.bad()) return system_failure("read", file);
  // One flipped bit of the magic is damage like any other; no other format of the journal's is that near.
  if (!in || std::popcount(front ^ archive_magic) > 1) return fail(errc::malformed, file.string() + " is no archive of a stream");
  return {};
}

result<archive_summary> read_archive(const fs::path& file, const std::function<void(const record_view&)>& visit) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return system_failure("open", file);
  running_hash hash;
  std::string bytes;
  constexpr std::size_t head_bytes = 4 + 2 + 8 + 4 + 1;
  if (!take(in, hash, head_bytes, bytes)) return cut_off(in, file, "it is shorter than its head");
  byte_reader head{bytes};
  const auto magic = head.number<std::uint32_t>();
  const auto version = head.number<std::uint16_t>();
  archive_summary summary;
  summary.records = head.number<std::uint64_t>();
  const auto state_bytes = head.number<std::uint32_t>();
  const auto name_bytes = head.number<std::uint8_t>();
  std::error_code unknown;
  const bool fits = state_bytes <= fs::file_size(file, unknown); // before memory is taken on a damaged file's word
  if (magic != archive_magic || version != archive_version || !fits)
    return damaged(file, "it is not an archive of version 1");
  if (!take(in, hash, name_bytes, bytes)) return cut_off(in, file, "it ends in its head");
  const auto name = text<48>::make(bytes);
  if (!name) return damaged(file, "its stream's name is malformed");
  summary.stream.value = *name;
  if (!take(in, hash, state_bytes, bytes)) return cut_off(in, file, "it ends in its snapshot");
  auto state = layout::decode_snapshot(summary.records, bytes);
  if (!state) return damaged(file, state.error().message);
  summary.state = std::move(*state);

  chain_walk walk{summary.stream, 1, std::nullopt};
  std::string front;
  while (walk.next() <= summary.records) {
    if (!take(in, hash, record_at::checksum, front)) return cut_off(in, file, "it ends in its records");
    const auto length = get<std::uint32_t>(front.data() + record_at::length);
    if (length < record_at::names || length > record_bytes_max)
      return damaged(file, "a record's length is impossible");
    if (!take(in, hash, length - front.size(), bytes)) return cut_off(in, file, "it ends in a record");
    front += bytes;
    auto record = walk.step(walk.next(), front);
    if (!record) return damaged(file, record.error().message);
    visit(*record);
  }
  summary.chain = walk.chain();
  if (summary.chain != summary.state.chain) return damaged(file, "its snapshot is not of its last record");
  const auto digest = hash.finish();
  running_hash unused;
  if (!take(in, unused, digest.bytes.size(), bytes) || bytes != raw(digest) || in.peek() != EOF)
    return damaged(file, "its hash does not match");
  return summary;
}

} // namespace troupe::journal
