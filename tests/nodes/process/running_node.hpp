#pragma once
// Nodes that run, and a limit order for them that rests.

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

/// Starts it with an order open in ETHUSDT.SIM, kills it, and starts it again without that instrument.
inline void start_without_an_instrument_that_has_an_order(node_process& node) {
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/ETHUSDT.SIM")->status == 200; }));
  REQUIRE(node.client().post("/v1/orders", R"({"instrument":"ETHUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"50"})")->status == 201);
  REQUIRE(eventually([&] { return node.client().get("/v1/orders?status=OPEN")->body.find(R"("status":"NEW")") != std::string::npos; }));
  node.kill();
  node.options().sets.emplace_back(R"(instruments=[{"id":"BTCUSDT.SIM"},{"id":"SOLUSDT.SIM","tick_size":"0.001","lot_size":"0.001"}])");
  REQUIRE_MESSAGE(node.start(), node.log());
}

inline const char* const resting_body = R"({"account":"a","client_order_id":"%","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","type":"LIMIT","limit_price":"44000"})";

inline std::string order_named(const std::string& id, std::string body = resting_body) {
  body.replace(body.find('%'), 1, id);
  return body;
}

} // namespace troupe::test
