#include "runtime/journal/record.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>

namespace troupe::journal {

namespace {

constexpr std::size_t cursor_fixed_bytes = 1 + 8;

std::size_t encoded_size(const record_header& h, std::string_view payload) noexcept {
  std::size_t size = record_at::names + 1 + h.stream.value.length + 1 + h.cause.source.length + 4 + payload.size();
  for (const auto& c : h.acknowledged) size += cursor_fixed_bytes + c.receiver.value.length;
  return size;
}

char* put_name(char* place, std::string_view name) noexcept {
  return put(put(place, static_cast<std::uint8_t>(name.size())), name);
}

/// The checksum covers everything but itself, so that no field has to be zeroed first.
std::uint32_t checksum_of(std::string_view record) noexcept {
  return crc32c(record.substr(record_at::sequence), crc32c(record.substr(0, record_at::checksum)));
}

template <std::size_t N>
bool read_name(byte_reader& in, text<N>& name) {
  auto parsed = text<N>::make(in.view(in.number<std::uint8_t>()));
  if (parsed) name = *parsed;
  return in.ok() && parsed.has_value();
}

error corrupt(std::string why) { return fail(errc::corrupt, "journal record: " + std::move(why)); }

} // namespace

void encode_record(const record_header& h, std::string_view payload, std::string& out) {
  const auto size = encoded_size(h, payload);
  TROUPE_ASSERT(size <= record_bytes_max, "a turn stays below the record limit");
  TROUPE_ASSERT(h.acknowledged.size() <= record_cursors_max, "a turn moves a bounded number of cursors");
  const auto start = out.size();
  out.resize(start + size);
  char* const record = out.data() + start;

  char* p = put(record, record_magic);
  p = put(p, record_version);
  p = put(p, static_cast<std::uint16_t>(h.acknowledged.size()));
  p = put(p, static_cast<std::uint32_t>(size));
  p = put(p, std::uint32_t{0}); // the checksum's place
  p = put(p, h.sequence);
  p = put(p, h.epoch);
  p = put(p, h.hybrid_time);
  p = put(p, h.cause.number);
  p = put(p, h.schema);
  p = put(p, std::string_view{reinterpret_cast<const char*>(h.previous.bytes.data()), h.previous.bytes.size()});
  p = put_name(p, h.stream.value.view());
  p = put_name(p, h.cause.source.view());
  for (const auto& c : h.acknowledged) p = put(put_name(p, c.receiver.value.view()), c.sequence);
  p = put(p, static_cast<std::uint32_t>(payload.size()));
  p = put(p, payload);
  TROUPE_ASSERT(p == record + size, "the record's size is what was computed");
  put(record + record_at::checksum, checksum_of({record, size}));
}

result<record_view> decode_record(std::string_view bytes) {
  if (bytes.size() < record_at::names) return corrupt("shorter than its fixed part");
  if (get<std::uint32_t>(bytes.data()) != record_magic) return corrupt("does not begin with the magic number");
  const auto version = get<std::uint16_t>(bytes.data() + record_at::version);
  if (version != record_version) return corrupt("version " + std::to_string(version) + " is not known");
  if (get<std::uint32_t>(bytes.data() + record_at::length) != bytes.size() || bytes.size() > record_bytes_max)
    return corrupt("its length field disagrees with its length");
  if (get<std::uint32_t>(bytes.data() + record_at::checksum) != checksum_of(bytes))
    return corrupt("its checksum does not match");

  record_view view;
  auto& h = view.header;
  h.sequence = get<std::uint64_t>(bytes.data() + record_at::sequence);
  h.epoch = get<std::uint64_t>(bytes.data() + record_at::epoch);
  h.hybrid_time = get<std::uint64_t>(bytes.data() + record_at::hybrid_time);
  h.cause.number = get<std::uint64_t>(bytes.data() + record_at::cause_number);
  h.schema = get<std::uint32_t>(bytes.data() + record_at::schema);
  std::memcpy(h.previous.bytes.data(), bytes.data() + record_at::previous, h.previous.bytes.size());

  byte_reader in{bytes.substr(record_at::names)};
  if (!read_name(in, h.stream.value) || !read_name(in, h.cause.source)) return corrupt("a name is malformed");
  const auto cursors = get<std::uint16_t>(bytes.data() + record_at::cursors);
  if (cursors > record_cursors_max) return corrupt("too many cursors");
  h.acknowledged.reserve(cursors);
  for (unsigned i = 0; i < cursors; ++i) {
    auto& c = h.acknowledged.emplace_back();
    if (!read_name(in, c.receiver.value)) return corrupt("a cursor is malformed");
    c.sequence = in.number<std::uint64_t>();
  }
  const auto payload_size = in.number<std::uint32_t>();
  view.payload = in.view(payload_size);
  if (!in.ok() || !in.rest().empty()) return corrupt("its parts do not add up to its length");
  view.bytes = bytes;
  return view;
}

bool is_record_of(std::string_view bytes, const stream_name& stream, std::uint64_t sequence,
                  std::uint64_t epoch) noexcept {
  const auto name = stream.value.view();
  return bytes.size() > record_at::names + name.size() && bytes.size() <= record_bytes_max &&
         get<std::uint32_t>(bytes.data()) == record_magic && get<std::uint32_t>(bytes.data() + record_at::length) == bytes.size() &&
         get<std::uint64_t>(bytes.data() + record_at::sequence) == sequence &&
         get<std::uint64_t>(bytes.data() + record_at::epoch) == epoch &&
         static_cast<std::uint8_t>(bytes[record_at::names]) == name.size() &&
         bytes.substr(record_at::names + 1, name.size()) == name;
}

std::optional<std::string_view> take_record(std::string_view& rest) noexcept {
  if (rest.size() < record_at::names) return std::nullopt;
  const auto length = get<std::uint32_t>(rest.data() + record_at::length);
  if (length < record_at::names || length > rest.size()) return std::nullopt;
  const auto record = rest.substr(0, length);
  rest.remove_prefix(length);
  return record;
}

sha256_digest journal_hash(std::vector<stream_head> heads) {
  std::erase_if(heads, [](const stream_head& h) { return h.sequence == 0; });
  std::ranges::sort(heads, {}, &stream_head::stream);
  std::string list;
  for (const auto& h : heads) {
    const auto name = h.stream.value.view();
    append(list, static_cast<std::uint8_t>(name.size()));
    list += name;
    append(list, h.sequence);
    list.append(reinterpret_cast<const char*>(h.chain.bytes.data()), h.chain.bytes.size());
  }
  return sha256(list);
}

} // namespace troupe::journal
