#pragma once
// A node in the place of the Trade2026 platform: its four services on listeners of their own, as config/trade2026.json has
// them, but on free ports, and each with the operations routes beside it.

#include "tests/support/node_process.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace troupe::test {

using json = nlohmann::json;
using key_set = std::set<std::string>;

struct trade2026_node {
  temporary_directory dir;
  node_process node;

  trade2026_node();

  /// Asks the listener ("oms", "risk", "gateway", "edge") and requires `status` and JSON.
  [[nodiscard]] json ask(const std::string& listener, const std::string& verb, const std::string& target, const std::string& body = {},
                         unsigned status = 200, const std::string& key = {}) const;
  [[nodiscard]] json get(const std::string& listener, const std::string& target) const { return ask(listener, "GET", target); }
  /// Waits until BTCUSDT has prices.
  void await_market() const;
  /// A buy at the market; waits until it filled whole and returns its id.
  [[nodiscard]] std::string filled_order(const std::string& more = {}) const;
};

[[nodiscard]] std::string upper(std::string s);
/// The names of an object's members, or of the members of a list's first element.
[[nodiscard]] key_set keys_of(const json& value);

} // namespace troupe::test
