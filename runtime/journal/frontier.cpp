#include "runtime/journal/frontier.hpp"

#include "runtime/journal/bytes.hpp"
#include "runtime/journal/posix_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace troupe::journal {

namespace {

constexpr std::uint32_t slot_magic = 0x46525254u; // "TRRF" as it lies in the file
constexpr std::uint16_t slot_version = 1;
constexpr std::size_t slot_bytes = 128;
constexpr std::size_t checksum_at = slot_bytes - 4;
constexpr std::size_t slot_distance = 4096; // a page each: a torn page spoils one slot only
constexpr std::size_t file_bytes = 2 * slot_distance;

using slot = std::array<char, slot_bytes>;

slot encode(const frontier_mark& mark) noexcept {
  slot bytes{};
  char* p = put(bytes.data(), slot_magic);
  p = put(p, slot_version);
  p = put(p, mark.commit);
  p = put(p, mark.sequence);
  p = put(p, mark.stream.value.length);
  put(p, mark.stream.value.view());
  put(bytes.data() + checksum_at, crc32c({bytes.data(), checksum_at}));
  return bytes;
}

std::optional<frontier_mark> decode(std::string_view bytes) {
  if (bytes.size() != slot_bytes || get<std::uint32_t>(bytes.data()) != slot_magic ||
      get<std::uint32_t>(bytes.data() + checksum_at) != crc32c(bytes.substr(0, checksum_at)))
    return std::nullopt;
  byte_reader in{bytes.substr(4, checksum_at - 4)};
  if (in.number<std::uint16_t>() != slot_version) return std::nullopt;
  frontier_mark mark;
  mark.commit = in.number<std::uint64_t>();
  mark.sequence = in.number<std::uint64_t>();
  const auto name = text<48>::make(in.view(in.number<std::uint8_t>()));
  if (!in.ok() || !name) return std::nullopt;
  mark.stream.value = *name;
  return mark;
}

} // namespace

result<std::optional<frontier_mark>> read_frontier(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) return std::optional<frontier_mark>{};
    return system_failure("open", file);
  }
  std::optional<frontier_mark> newest;
  for (off_t at = 0; at < static_cast<off_t>(file_bytes); at += slot_distance) {
    slot bytes;
    const auto got = ::pread(descriptor, bytes.data(), bytes.size(), at);
    auto mark = got == static_cast<ssize_t>(bytes.size()) ? decode({bytes.data(), bytes.size()}) : std::nullopt;
    if (mark && (!newest || mark->commit > newest->commit)) newest = mark;
  }
  ::close(descriptor);
  if (!newest) return fail(errc::corrupt, "frontier " + file.string() + ": no slot has a valid checksum");
  return newest;
}

result<frontier_file> frontier_file::create(const std::filesystem::path& file, const frontier_mark& mark) {
  std::error_code unknown;
  const bool is_new = !std::filesystem::exists(file, unknown);
  // A new one gets its name when it is whole: one without a valid slot would never open again.
  const auto made = is_new ? std::filesystem::path{file.string() + ".new"} : file;
  const int descriptor = ::open(made.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | (is_new ? O_TRUNC : 0), 0644);
  if (descriptor < 0) return system_failure("open", made);
  frontier_file opened{descriptor};
  if (int status = ::posix_fallocate(descriptor, 0, file_bytes); status != 0) {
    errno = status;
    return system_failure("posix_fallocate", made);
  }
  // The slot that does not hold the newest mark goes first: a crash in between leaves one that is true.
  for (unsigned order : {1u, 0u})
    if (auto written = opened.write_slot((mark.commit + order) % 2, mark); !written) return written.error();
  if (auto synced = opened.sync(); !synced) return synced.error();
  if (is_new && ::rename(made.c_str(), file.c_str()) != 0) return system_failure("rename", made);
  if (auto synced = sync_directory(file.parent_path()); !synced) return synced.error();
  return opened;
}

frontier_file::frontier_file(frontier_file&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, dirty_{other.dirty_} {}

frontier_file& frontier_file::operator=(frontier_file&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(dirty_, other.dirty_);
  return *this;
}

frontier_file::~frontier_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

result<void> frontier_file::write(const frontier_mark& mark) { return write_slot(mark.commit % 2, mark); }

result<void> frontier_file::write_slot(unsigned number, const frontier_mark& mark) {
  const auto bytes = encode(mark);
  const auto put = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(number * slot_distance));
  if (put != static_cast<ssize_t>(bytes.size())) return system_failure("pwrite", "frontier");
  dirty_ = true;
  return {};
}

result<void> frontier_file::sync() {
  if (!dirty_) return {};
  if (::fdatasync(descriptor_) != 0) return system_failure("fdatasync", "frontier");
  dirty_ = false;
  return {};
}

} // namespace troupe::journal
