#pragma once
// Internal: how much of a body in chunks Beast's parser has to see at once. Pure.

#include <cstddef>
#include <string_view>

namespace troupe::edge {

/// What is left of a body in chunks is "0\r\n\r\n" at least. Shown less of the last chunk for a second time Beast 1.81 ends the process by an assertion
/// (basic_parser::parse_chunk_header, n >= 5), so that it is not asked before there is as much, unless what there is begins no last chunk.
template <class Parser>
[[nodiscard]] bool awaits_chunk(const Parser& parser, std::string_view unread) {
  constexpr std::size_t last_chunk_bytes = 5;
  if (!parser.is_header_done() || !parser.chunked() || parser.is_done() || unread.size() >= last_chunk_bytes) return false;
  if (unread.starts_with("\r\n")) unread.remove_prefix(2); // of the chunk before
  return unread.empty() || unread == "\r" || unread.front() == '0';
}

} // namespace troupe::edge
