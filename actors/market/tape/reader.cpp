#include "actors/market/tape/reader.hpp"

#include "actors/market/tape/segment.hpp"

#include <fcntl.h>

namespace troupe::tape {

result<std::uint64_t> reader::read(std::uint64_t from, const entry_visitor& visit) const {
  const auto segments = list_segments(directory_);
  if (!segments) return segments.error();
  std::uint64_t visited = 0;
  const entry_visitor counted = [&](std::uint64_t position, time_ns received_at, std::string_view raw) {
    ++visited;
    return visit(position, received_at, raw);
  };
  for (std::size_t i = 0; i < segments->size(); ++i) {
    const bool last = i + 1 == segments->size();
    if (!last && (*segments)[i + 1].first_position <= from) continue;
    const auto opened = file::open((*segments)[i].path, O_RDONLY);
    if (!opened && opened.error().code == errc::not_found) continue; // retention took it meanwhile
    if (!opened) return opened.error();
    // The newest file may have just been created: its header is not there yet.
    if (const auto size = opened->size(); last && size && *size < segment_header_bytes) break;
    const auto end = walk_segment(*opened, from, [&](const chunk_header& h, std::string_view payload) {
      return visit_entries(h, payload, from, counted);
    });
    if (!end) return end.error();
    if (end->stopped) break;
    if (!end->clean && !last)
      return fail(errc::corrupt, opened->path().string() + " is damaged at byte " + std::to_string(end->offset));
    if (!end->clean) {
      // An unfinished chunk is normal at the very end, and only there.
      const auto header = opened->read(end->offset, chunk_header_bytes);
      if (!header) return header.error();
      const auto parsed = parse_chunk_header(*header);
      const bool torn = parsed ? end->offset + chunk_header_bytes + parsed->stored_bytes >= end->size
                               : end->offset + chunk_header_bytes > end->size;
      if (!torn)
        return fail(errc::corrupt, opened->path().string() + " is damaged at byte " + std::to_string(end->offset));
    }
  }
  return visited;
}

result<std::string> reader::entry(std::uint64_t position) const {
  std::string found;
  bool matched = false;
  const auto read_one = read(position, [&](std::uint64_t at, time_ns, std::string_view raw) {
    matched = at == position;
    if (matched) found = raw;
    return false;
  });
  if (!read_one) return read_one.error();
  if (!matched) return fail(errc::not_found, "the tape holds nothing at position " + std::to_string(position));
  return found;
}

} // namespace troupe::tape
