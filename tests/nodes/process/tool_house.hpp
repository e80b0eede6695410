#pragma once
// A node with one resting order, and `troupe` beside it.

#include "actors/trading/ids.hpp"
#include "tests/nodes/process/load.hpp"

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace troupe::test {

/// A node with one resting order, and `troupe` run against it or its folder.
struct tool_house {
  temporary_directory dir;
  std::filesystem::path data = dir.path() / "data";
  node_process node{{data, {"journal.snapshot_interval=1"}, {"--allow-faults"}}};
  std::string slot = "oms/" + std::to_string(trading::slot_of({"main"}, {"t"}));
  std::string out;

  tool_house() {
    REQUIRE_MESSAGE(node.start(), node.log());
    REQUIRE(node.client().post("/v1/orders", R"({"account":"t","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})")->status == 201);
    REQUIRE(eventually([&] { return node.client().get("/v1/orders")->body.find("\"NEW\"") != std::string::npos; }));
  }
  int troupe(std::vector<std::string> arguments) { return run_program("troupe", arguments, out); }
  int live(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--edge", "http://127.0.0.1:" + std::to_string(node.port())});
    return troupe(std::move(arguments));
  }
  int folder(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--data-dir", data.string()});
    return troupe(std::move(arguments));
  }
  void stop() {
    node.signal(SIGTERM);
    REQUIRE(node.join(std::chrono::seconds{20}));
  }
  [[nodiscard]] bool says(const std::string& text) const { return out.find(text) != std::string::npos; }
};

} // namespace troupe::test
