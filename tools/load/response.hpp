#pragma once
// Just enough of HTTP/1.1 to read a node's answers: status, length, the order's id. Pure functions.

#include <cstddef>
#include <string_view>

namespace troupe::load {

struct seen_response {
  enum class state { incomplete, complete, broken } what = state::incomplete;
  unsigned status = 0;
  std::size_t size = 0; // of head and body
  std::string_view body;
  bool closes = false;  // the server ends the connection behind it
};

/// Looks at the front of what arrived. The body must have a Content-Length.
[[nodiscard]] seen_response look(std::string_view bytes) noexcept;

/// The text member `name` of a flat JSON object; empty when absent.
[[nodiscard]] std::string_view text_member(std::string_view json, std::string_view name) noexcept;

} // namespace troupe::load
