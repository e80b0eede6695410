#include "actors/market/tape/segment.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include <fcntl.h>

namespace troupe::tape {

std::filesystem::path segment_path(const std::filesystem::path& directory, std::uint64_t first_position) {
  char name[32];
  std::snprintf(name, sizeof name, "%020llu.tape", static_cast<unsigned long long>(first_position));
  return directory / name;
}

std::filesystem::path damaged_path(const std::filesystem::path& segment) { return segment.string() + ".damaged"; }

result<std::vector<segment>> list_segments(const std::filesystem::path& directory) {
  std::error_code failure;
  std::vector<segment> found;
  for (std::filesystem::directory_iterator at{directory, failure}, end; !failure && at != end; at.increment(failure)) {
    const auto name = at->path().filename().string();
    if (name.size() != 25 || !name.ends_with(".tape")) continue;
    segment s;
    const auto [digits_end, code] = std::from_chars(name.data(), name.data() + 20, s.first_position);
    if (code != std::errc{} || digits_end != name.data() + 20) continue;
    s.bytes = at->file_size(failure);
    if (failure == std::errc::no_such_file_or_directory) { // retention took it meanwhile
      failure.clear();
      continue;
    }
    s.path = at->path();
    found.push_back(std::move(s));
  }
  if (failure) return fail(failure == std::errc::no_such_file_or_directory ? errc::not_found : errc::io_error,
                           "cannot list " + directory.string() + ": " + failure.message());
  std::ranges::sort(found, {}, &segment::first_position);
  return found;
}

result<walk_end> walk_segment(const file& opened, std::uint64_t from,
                              const std::function<result<bool>(const chunk_header&, std::string_view payload)>& visit) {
  const auto size = opened.size();
  if (!size) return size.error();
  const auto head = opened.read(0, segment_header_bytes);
  if (!head) return head.error();
  const auto named = parse_segment_header(*head);
  if (!named) return fail(errc::corrupt, opened.path().string() + " has no segment header");

  walk_end end;
  end.offset = segment_header_bytes;
  end.size = *size;
  std::uint64_t lowest = *named;
  for (;;) {
    end.clean = end.offset == *size;
    if (end.clean) return end;
    const auto bytes = opened.read(end.offset, chunk_header_bytes);
    if (!bytes) return bytes.error();
    const auto header = parse_chunk_header(*bytes);
    const auto payload_at = end.offset + chunk_header_bytes;
    if (!header || header->first_position < lowest || payload_at + header->stored_bytes > *size) return end;
    if (header->first_position + header->entries > from) {
      const auto payload = opened.read(payload_at, header->stored_bytes);
      if (!payload) return payload.error();
      if (!payload_matches(*header, *payload)) return end;
      const auto more = visit(*header, *payload);
      if (!more) return more.error();
      end.stopped = !*more;
    }
    ++end.chunks;
    end.offset = payload_at + header->stored_bytes;
    end.next_position = lowest = header->first_position + header->entries;
    if (end.stopped) return end;
  }
}

result<ending> ending_of(const file& opened, const walk_end& end) {
  if (end.clean) return ending::clean;
  const auto bytes = opened.read(end.offset, chunk_header_bytes);
  if (!bytes) return bytes.error();
  const auto header = parse_chunk_header(*bytes);
  const auto reaches = end.offset + chunk_header_bytes + (header ? header->stored_bytes : 0);
  if (reaches > end.size) return ending::unfinished;
  return header && reaches == end.size ? ending::failing : ending::damaged;
}

std::filesystem::path reservation_path(const std::filesystem::path& directory) { return directory / "reserved"; }

result<std::uint64_t> read_reservation(const std::filesystem::path& directory) {
  const auto kept = file::open(reservation_path(directory), O_RDONLY);
  if (!kept) return kept.error();
  const auto bytes = kept->read(0, reservation_bytes);
  if (!bytes) return bytes.error();
  if (const auto position = parse_reservation(*bytes)) return *position;
  return fail(errc::corrupt, reservation_path(directory).string() + " is no reservation");
}

} // namespace troupe::tape
