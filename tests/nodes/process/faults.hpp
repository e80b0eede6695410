#pragma once
// What is asked of a real node that has faults: its actors, its halts, whether it is ready; and what is done to it.

#include "actors/trading/ids.hpp"
#include "tests/support/node_process.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

/// The object about `name` in the list of /v1/actors; empty when it is not there.
inline std::string actor_row(const node_process& node, const std::string& name) {
  auto answer = node.client().get("/v1/actors");
  if (!answer || answer->status != 200) return {};
  const auto at = answer->body.find("\"name\":\"" + name + "\"");
  if (at == std::string::npos) return {};
  return answer->body.substr(at, answer->body.find('}', at) - at);
}

inline const std::string at_market = R"({"account":"f","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET","time_in_force":"IOC"})";

inline const std::string slot_of_f = "oms/" + std::to_string(trading::slot_of({"main"}, {"f"}));
inline const std::vector<std::string> walk_halts{"INSTRUMENT BTCUSDT.SIM", "INSTRUMENT ETHUSDT.SIM", "INSTRUMENT SOLUSDT.SIM"};

/// One of each kind of actor, and what is halted when its supervisor gives it up.
inline const std::vector<std::pair<std::string, std::vector<std::string>>> kinds{
  {"portfolio", {}}, {"operations", {}}, {"supervision", {}}, {slot_of_f, {"ACCOUNT f"}}, {"strategy/mm", {"STRATEGY mm"}},
  {"feed/walk", walk_halts}, {"venue/SIM", {"VENUE SIM"}}, {"risk", {}}, {"history", {}}, {"node", {}}, {"edge/orders", {}}};

inline node_options with_strategy(const std::filesystem::path& data, std::vector<std::string> more = {}) {
  more.push_back(R"(strategies=[{"name":"mm","kind":"quoter","account":"mm","instrument":"BTCUSDT.SIM",)"
                 R"("parameters":["spread_ticks=2","size=0.01","position_max=0.1","skew_ticks=1"]}])");
  return {data, more, {"--allow-faults"}};
}

/// "SCOPE KEY" of every halt in force.
inline std::set<std::string> halts_of(const node_process& node) {
  std::set<std::string> all;
  auto answer = node.client().get("/v1/halts");
  if (!answer || answer->status != 200) return all;
  for (auto at = answer->body.find("\"scope\""); at != std::string::npos; at = answer->body.find("\"scope\"", at + 1)) {
    const auto one = std::string_view{answer->body}.substr(at);
    const auto key = json_field(one, "key");
    all.insert(json_field(one, "scope") + (key.empty() ? "" : " " + key));
  }
  return all;
}

inline bool is_ready(const node_process& node) {
  auto answer = node.client().get("/ready");
  return answer && answer->status == 200;
}

inline unsigned inject(const node_process& node, const std::string& name, const std::string& fault) {
  auto answer = node.client().post("/v1/actors/fault", R"({"name":")" + name + R"(","fault":")" + fault + "\"}");
  return answer ? answer->status : 0;
}

inline const std::string order_of_f = R"({"account":"f","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})";

} // namespace troupe::test
