#include "tests/nodes/process/three_nodes.hpp"

#include "actors/trading/ids.hpp"
#include "runtime/cluster/certificate.hpp"

#include "tests/support/free_port.hpp"

#include <nlohmann/json.hpp>

namespace troupe::test {
namespace {

constexpr const char* names[] = {"a", "b", "c"};

} // namespace

three_nodes::three_nodes(std::vector<std::string> sets, std::vector<std::string> arguments, std::vector<std::string> sets_of_c) {
  REQUIRE(cluster::create_authority(dir_.path() / "ca", "desk"));
  sets.insert(sets.end(), {"edge.listeners.0.port=0", "risk.open_orders_max=100000", "feeds.0.step_ms=1", "strategies=[]"});
  for (std::size_t i = 0; i < 3; ++i) {
    link_ports_[i] = free_port();
    sets.push_back("cluster.members." + std::to_string(i) + ".host=127.0.0.1");
    sets.push_back("cluster.members." + std::to_string(i) + ".port=" + std::to_string(link_ports_[i]));
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string name = names[i];
    const auto certificates = dir_.path() / "certificates" / name;
    REQUIRE(cluster::issue_certificate(dir_.path() / "ca", {name}, certificates));
    node_options o;
    o.data_dir = dir_.path() / name / "data";
    o.sets = sets;
    o.sets.push_back("cluster.certificates=" + certificates.string());
    if (i == 2) o.sets.insert(o.sets.end(), sets_of_c.begin(), sets_of_c.end());
    o.arguments = arguments;
    o.as_shipped = source_dir() / "config" / "cluster" / (name + ".json");
    nodes_[i] = std::make_unique<node_process>(std::move(o));
  }
}

std::vector<node_process*> three_nodes::all() { return {nodes_[0].get(), nodes_[1].get(), nodes_[2].get()}; }

void three_nodes::start() {
  for (auto& n : nodes_) REQUIRE_MESSAGE(n->start(), n->log());
  for (std::size_t i = 0; i < 3; ++i) REQUIRE(is_ready(i));
  REQUIRE(eventually([&] { return is_whole(); }));
  for (auto& n : nodes_) REQUIRE(eventually([&] { return n->client().get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
}

bool three_nodes::is_whole() {
  std::string output;
  return run_program("troupe", {"cluster", "status", "--edge", "http://127.0.0.1:" + std::to_string(nodes_[0]->port())}, output) == 0;
}

std::string three_nodes::state_of(std::size_t at, std::size_t of) const {
  const auto answer = nodes_[at]->client().get("/v1/cluster/members");
  return answer && answer->status == 200 ? nlohmann::json::parse(answer->body)["members"][of].value("status", "") : "";
}

bool three_nodes::is_ready(std::size_t i, std::chrono::milliseconds limit) {
  return eventually([&] {
    const auto answer = nodes_[i]->client().get("/ready");
    return answer && answer->status == 200;
  }, limit);
}

bool three_nodes::has_slot(std::size_t i, std::uint32_t slot) {
  return i == 0 ? slot <= 21 : i == 1 ? slot >= 22 && slot <= 42 : slot >= 43;
}

std::string three_nodes::account_on(std::size_t i) {
  for (int n = 0;; ++n) {
    const auto account = "acc-" + std::to_string(n);
    if (has_slot(i, trading::slot_of({"main"}, trading::account_id{account}))) return account;
  }
}

std::string order_of(const std::string& account, const std::string& client_id, bool rests) {
  return "{\"account\":\"" + account + "\",\"client_order_id\":\"" + client_id + "\",\"instrument\":\"BTCUSDT.SIM\",\"side\":\"BUY\",\"quantity\":\"0.001\"," +
         (rests ? "\"limit_price\":\"44000\"}" : "\"type\":\"MARKET\",\"time_in_force\":\"IOC\"}");
}

} // namespace troupe::test
