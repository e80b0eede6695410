#pragma once
// Reasons are stored as text<95>; what the client reads first must be what a repeat reads later, so every sentence is
// cut before it is used.

#include "runtime/core/text.hpp"

#include <string>
#include <utility>

namespace troupe::oms {

/// At most 95 characters.
[[nodiscard]] inline std::string sentence(std::string s) {
  if (s.size() > text<95>::size_max) {
    s.resize(text<95>::size_max - 3);
    s += "...";
  }
  return s;
}

} // namespace troupe::oms
