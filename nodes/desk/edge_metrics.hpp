#pragma once
// The edge and the steps of the order path for Prometheus: answers by route and class, refusals by reason, the time of an
// answer, what became of orders. Read when somebody scrapes; nothing on the hot path knows about it.

#include "nodes/desk/api/order_counts.hpp"
#include "nodes/desk/desk.hpp"
#include "runtime/edge/server.hpp"
#include "runtime/edge/stream_hub.hpp"
#include "runtime/telemetry/metrics.hpp"

#include <memory>
#include <set>
#include <string>

namespace troupe::desk {

/// What is read; all of it outlives the token.
struct edge_sources {
  desk& node;
  const edge::server& server;
  const edge::stream_hub& hub;
  const order_counts& orders;
  std::set<std::string> surfaces; // served by some listener; routes of others have no series
};

/// Registers series that are set before every scrape while the token lives.
[[nodiscard]] std::shared_ptr<void> watch_edge(telemetry::metrics_registry& registry, const edge_sources& from);

} // namespace troupe::desk
