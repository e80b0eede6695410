#pragma once
// What somebody is told whose request got no answer in time.

#include "runtime/core/result.hpp"

namespace troupe::edge {

/// timeout, retriable. A read is asked again; what changes something may have been done.
[[nodiscard]] inline error no_answer_in_time(bool is_read) {
  return fail(errc::timeout, is_read ? "no answer in time; ask again" : "no answer in time; the outcome is unknown: ask again with the same id");
}

} // namespace troupe::edge
