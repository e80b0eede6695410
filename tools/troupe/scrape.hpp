#pragma once
// What a node's edge says about itself at one instant, as `troupe top` reads it. Reading a node blocks; the rest is pure.

#include "tools/troupe/node_client.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// Series as written, with their labels, and their values. Histogram buckets and what cannot be read are left out.
using metric_values = std::map<std::string, double, std::less<>>;
[[nodiscard]] metric_values metrics_of(std::string_view text);

struct actor_counts {
  std::string name, status;
  bool is_supervisor = false;
  std::uint64_t messages = 0, mailbox = 0, restarts = 0;
  std::optional<double> handling_us; // mean since the node started
  std::string series;                // its name in the metrics; empty when another node has them
};

struct scrape {
  std::chrono::steady_clock::time_point at, metrics_at;
  std::string node, boot_id;
  std::string not_ready;          // why; empty: it is
  std::vector<std::string> halts; // scopes, as people say them
  std::vector<std::string> missing; // nodes of the desk that are away
  std::vector<actor_counts> actors;
  metric_values metrics; // empty where this edge does not serve them
};

/// Errors: as node_client.
[[nodiscard]] result<scrape> read_scrape(node_client& node);

/// Of the answers of /v1/node, /v1/halts and /v1/actors; `at` and metrics are left to the caller.
[[nodiscard]] scrape scrape_of(const wire::json_value& node, const wire::json_value& halts, const wire::json_value& actors);

} // namespace troupe::cli
