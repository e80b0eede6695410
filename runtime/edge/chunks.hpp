#pragma once
// Internal: how much of a body in chunks Beast's parser has to see at once. Pure.

#include <cstddef>

namespace troupe::edge {

/// What is left of a body in chunks is "0\r\n\r\n" at least. Shown less of the last chunk for a second time Beast 1.81 ends the process by an assertion
/// (basic_parser::parse_chunk_header, n >= 5), so that it is not asked before there is as much.
template <class Parser>
[[nodiscard]] bool awaits_chunk(const Parser& parser, std::size_t unread) {
  constexpr std::size_t last_chunk_bytes = 5;
  return parser.is_header_done() && parser.chunked() && !parser.is_done() && unread < last_chunk_bytes;
}

} // namespace troupe::edge
