#pragma once
// The routes every node has: /alive, /ready, /metrics, /openapi.json and /api/docs, on the surface "ops". Their
// callbacks run on the edge's thread and must be quick.

#include "runtime/edge/route.hpp"

#include <functional>
#include <optional>
#include <string>

namespace troupe::edge {

struct builtin_options {
  std::string title = "Troupe";
  std::string version = "0";
  /// Nothing when the node can do its work, else what it lacks: /ready then answers 503. Absent: always ready.
  std::function<std::optional<std::string>()> not_ready;
  /// Prometheus text. Absent: no /metrics route.
  std::function<std::string()> metrics_text;
};

/// Declares the surface "ops" and its routes. `table` outlives its routes, as it owns them.
void add_builtin_routes(route_table& table, builtin_options options);

/// The page at /api/docs: no external resource, renders /openapi.json of the listener it came from.
[[nodiscard]] const std::string& docs_page();

} // namespace troupe::edge
