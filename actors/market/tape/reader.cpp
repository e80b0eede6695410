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
    const auto behind = ending_of(*opened, *end);
    if (!behind) return behind.error();
    // An unfinished chunk is normal at the very end, and only there.
    if (*behind != ending::clean && (!last || *behind == ending::damaged))
      return fail(errc::corrupt, opened->path().string() + " is damaged at byte " + std::to_string(end->offset));
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

result<std::uint64_t> reader::last_position() const {
  const auto segments = list_segments(directory_);
  if (!segments) return segments.error();
  for (auto s = segments->rbegin(); s != segments->rend(); ++s) {
    const auto opened = file::open(s->path, O_RDONLY);
    if (!opened) return opened.error();
    if (const auto size = opened->size(); size && *size < segment_header_bytes) continue; // being made
    const auto end = walk_segment(*opened, UINT64_MAX, [](const chunk_header&, std::string_view) { return result<bool>{true}; });
    if (!end) return end.error();
    if (end->next_position != 0) return end->next_position - 1;
  }
  return 0;
}

} // namespace troupe::tape
