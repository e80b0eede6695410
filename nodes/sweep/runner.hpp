#pragma once
// The process in which trials run, one after the other, and its messages. What a trial does to it (crash, hang) is its parent's
// to notice: results leave one by one, so the first order without an answer is the one that did it.

#include "actors/research/sweep/messages.hpp"

namespace troupe::sweep_node {

/// The first frame to a runner; answered with an empty one: it is ready.
struct runner_setup {
  sweep::description what;
  std::string feed; // where it lies on this host; empty: none
};
BOOST_DESCRIBE_STRUCT(runner_setup, (), (what, feed))
/// Every other one; answered with a trial_result.
struct runner_order {
  std::uint64_t index = 0;
};
BOOST_DESCRIBE_STRUCT(runner_order, (), (index))

/// Serves `descriptor` until its other end closes. Returns the exit code: 0, or 1 when it was sent something else.
[[nodiscard]] int serve_trials(int descriptor);

} // namespace troupe::sweep_node
