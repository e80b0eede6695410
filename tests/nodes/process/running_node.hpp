#pragma once
// A node that runs, and a limit order for it that rests.

#include "tests/support/node_process.hpp"

#include <string>

namespace troupe::test {

struct running_node {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  running_node() { REQUIRE_MESSAGE(node.start(), node.log()); }

  /// The value of a series; -1 when absent.
  [[nodiscard]] double metric(const std::string& name) const {
    auto answer = node.client().get("/metrics");
    REQUIRE(answer);
    const auto at = answer->body.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(answer->body.substr(at + name.size() + 2));
  }
};

inline const char* const resting_body = R"({"account":"a","client_order_id":"%","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","type":"LIMIT","limit_price":"44000"})";

inline std::string order_named(const std::string& id, std::string body = resting_body) {
  body.replace(body.find('%'), 1, id);
  return body;
}

} // namespace troupe::test
