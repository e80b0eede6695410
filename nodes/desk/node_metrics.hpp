#pragma once
// The node's numbers for Prometheus: every actor's pulse, the journals, the edge. Read when somebody scrapes; nothing on
// the hot path knows about it.

#include "nodes/desk/desk.hpp"
#include "runtime/edge/metrics.hpp"
#include "runtime/telemetry/metrics.hpp"

#include <memory>

namespace troupe::desk {

/// Registers gauges that are set before every scrape while the token lives.
[[nodiscard]] std::shared_ptr<void> watch_node(telemetry::metrics_registry& registry, desk& d, const edge::server_metrics& edge);

} // namespace troupe::desk
