#include "actors/market/tape/chunk.hpp"

#include "runtime/core/assert.hpp"
#include "runtime/core/hash.hpp"

#include <zlib.h>

namespace troupe::tape {
namespace {

constexpr std::string_view segment_magic = "TRPTAPE1";
constexpr std::string_view reservation_magic = "TRPTRSV1";
constexpr std::uint32_t chunk_magic = 0x4b4e4843; // "CHNK"
constexpr std::size_t entry_header_bytes = 12;
constexpr int fastest = 1; // zlib's level: a tape must keep up with its feed

/// Little endian, whatever the machine.
template <class Int>
void put(Int value, std::string& out) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

template <class Int>
Int get(std::string_view bytes, std::size_t at) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return static_cast<Int>(value);
}

/// magic, number, checksum of both.
void append_numbered(std::string_view magic, std::uint64_t number, std::string& out) {
  const auto start = out.size();
  out += magic;
  put(number, out);
  put(crc32c(std::string_view{out}.substr(start)), out);
}

std::optional<std::uint64_t> parse_numbered(std::string_view magic, std::string_view bytes) noexcept {
  if (bytes.size() < 20 || bytes.substr(0, 8) != magic) return std::nullopt;
  if (crc32c(bytes.substr(0, 16)) != get<std::uint32_t>(bytes, 16)) return std::nullopt;
  const auto number = get<std::uint64_t>(bytes, 8);
  return number == 0 ? std::nullopt : std::optional{number};
}

} // namespace

void append_segment_header(std::uint64_t first_position, std::string& out) {
  append_numbered(segment_magic, first_position, out);
}
std::optional<std::uint64_t> parse_segment_header(std::string_view bytes) noexcept {
  return parse_numbered(segment_magic, bytes);
}
void append_reservation(std::uint64_t next_position, std::string& out) {
  append_numbered(reservation_magic, next_position, out);
}
std::optional<std::uint64_t> parse_reservation(std::string_view bytes) noexcept {
  return parse_numbered(reservation_magic, bytes);
}

void append_entry(time_ns received_at, std::string_view raw, std::string& out) {
  TROUPE_ASSERT(raw.size() <= entry_bytes_max, "an entry is within its limit");
  put(to_ns(received_at), out);
  put(static_cast<std::uint32_t>(raw.size()), out);
  out += raw;
}

void append_chunk(std::uint64_t first_position, time_ns first_received_at, std::uint32_t entries, std::string_view raw,
                  std::string& out) {
  TROUPE_ASSERT(entries > 0 && entries <= chunk_entries_max && raw.size() <= chunk_raw_bytes_max,
                "a chunk is within its limits");
  const auto start = out.size();
  const auto bound = compressBound(raw.size());
  out.resize(start + chunk_header_bytes + bound);
  auto stored = bound;
  const int code = compress2(reinterpret_cast<Bytef*>(out.data() + start + chunk_header_bytes), &stored,
                             reinterpret_cast<const Bytef*>(raw.data()), raw.size(), fastest);
  TROUPE_ASSERT(code == Z_OK, "compression into a bound buffer succeeds");
  out.resize(start + chunk_header_bytes + stored);

  std::string header;
  put(chunk_magic, header);
  put(entries, header);
  put(first_position, header);
  put(to_ns(first_received_at), header);
  put(static_cast<std::uint32_t>(raw.size()), header);
  put(static_cast<std::uint32_t>(stored), header);
  put(crc32c(std::string_view{out}.substr(start + chunk_header_bytes)), header);
  put(crc32c(header), header);
  out.replace(start, chunk_header_bytes, header);
}

std::optional<chunk_header> parse_chunk_header(std::string_view bytes) noexcept {
  if (bytes.size() < chunk_header_bytes || get<std::uint32_t>(bytes, 0) != chunk_magic) return std::nullopt;
  if (crc32c(bytes.substr(0, 36)) != get<std::uint32_t>(bytes, 36)) return std::nullopt;
  const chunk_header h{get<std::uint32_t>(bytes, 4),  get<std::uint64_t>(bytes, 8),
                       time_from_ns(get<std::int64_t>(bytes, 16)), get<std::uint32_t>(bytes, 24),
                       get<std::uint32_t>(bytes, 28), get<std::uint32_t>(bytes, 32)};
  if (h.entries == 0 || h.entries > chunk_entries_max || h.first_position == 0 || h.raw_bytes > chunk_raw_bytes_max ||
      h.stored_bytes > compressBound(chunk_raw_bytes_max))
    return std::nullopt;
  return h;
}

bool payload_matches(const chunk_header& header, std::string_view payload) noexcept {
  return payload.size() == header.stored_bytes && crc32c(payload) == header.payload_crc;
}

result<bool> visit_entries(const chunk_header& header, std::string_view payload, std::uint64_t from,
                           const entry_visitor& visit) {
  const auto broken = [&](const char* what) {
    return fail(errc::corrupt, "the chunk at position " + std::to_string(header.first_position) + " " + what);
  };
  if (!payload_matches(header, payload)) return broken("fails its checksum");
  std::string raw(header.raw_bytes, '\0');
  auto size = static_cast<uLongf>(raw.size());
  if (uncompress(reinterpret_cast<Bytef*>(raw.data()), &size, reinterpret_cast<const Bytef*>(payload.data()),
                 payload.size()) != Z_OK ||
      size != raw.size())
    return broken("does not decompress");
  std::string_view rest = raw;
  for (std::uint32_t i = 0; i < header.entries; ++i) {
    if (rest.size() < entry_header_bytes) return broken("ends inside an entry");
    const auto length = get<std::uint32_t>(rest, 8);
    if (rest.size() - entry_header_bytes < length) return broken("ends inside an entry");
    const auto position = header.first_position + i;
    if (position >= from &&
        !visit(position, time_from_ns(get<std::int64_t>(rest, 0)), rest.substr(entry_header_bytes, length)))
      return false;
    rest.remove_prefix(entry_header_bytes + length);
  }
  return rest.empty() ? result<bool>{true} : broken("holds more than its entries");
}

} // namespace troupe::tape
