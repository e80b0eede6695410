#pragma once
// What somebody is told whose request got no answer.

#include "runtime/core/result.hpp"

#include <string>
#include <string_view>

namespace troupe::edge {

/// Of what changes something, when nobody knows whether it did: some requests have an id and some have none.
inline constexpr std::string_view advice_if_unknown = "ask again with the same id, or where there is none look first what became of it";

/// timeout, retriable. A read is asked again; what changes something may have been done. `what`: what is known.
[[nodiscard]] inline error outcome_unknown(std::string_view what, bool is_read) {
  return fail(errc::timeout, std::string{what} + (is_read ? "; ask again" : "; the outcome is unknown: " + std::string{advice_if_unknown}));
}

[[nodiscard]] inline error no_answer_in_time(bool is_read) { return outcome_unknown("no answer in time", is_read); }
/// Of a connection that ended or broke, which says nothing about time.
[[nodiscard]] inline error answer_lost(bool is_read) { return outcome_unknown("the connection ended before the answer was here", is_read); }

} // namespace troupe::edge
