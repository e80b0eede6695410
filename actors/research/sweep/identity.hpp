#pragma once
// Content names: equal sweeps and equal trials have equal ones, whoever runs them and whenever. Pure; any thread.

#include "actors/research/sweep/messages.hpp"

namespace troupe::sweep {

/// SHA-256 over the description's stored bytes: configuration, overrides, grid, feed, build.
[[nodiscard]] content_hash identity_of(const description& what);

/// SHA-256 over everything that decides what the trial gives: the description without its grid, and the trial's own parameters.
/// The same trial in another grid has the same name.
[[nodiscard]] content_hash identity_of_trial(const description& what, std::uint64_t index);

} // namespace troupe::sweep
