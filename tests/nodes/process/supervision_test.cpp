// Faults in a real node: what is thrown, dies, hangs or spins, and halts that last over kill -9.

#include "tests/nodes/process/load.hpp"

#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// The object about `name` in the list of /v1/actors; empty when it is not there.
std::string actor_row(const node_process& node, const std::string& name) {
  auto answer = node.client().get("/v1/actors");
  if (!answer || answer->status != 200) return {};
  const auto at = answer->body.find("\"name\":\"" + name + "\"");
  if (at == std::string::npos) return {};
  return answer->body.substr(at, answer->body.find('}', at) - at);
}

const std::string market = R"({"account":"f","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET","time_in_force":"IOC"})";

} // namespace

TEST_SUITE_BEGIN("process/supervision");

TEST_CASE("throw and die: the actor is restarted behind its name, the tree says why, and orders go on") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  REQUIRE(client.post("/v1/orders", order_load::body_of("first"))->status == 201);
  for (const char* name : {"oms/3", "risk", "venue/SIM", "portfolio", "feed/walk"}) {
    for (const char* how : {"throw", "die"}) {
      CAPTURE(name);
      CAPTURE(how);
      std::this_thread::sleep_for(5100ms); // restarts far apart do not add up
      auto injected = client.post("/v1/actors/fault", std::string{"{\"name\":\""} + name + "\",\"fault\":\"" + how + "\"}");
      REQUIRE(injected);
      REQUIRE_MESSAGE(injected->status < 300, injected->body);
      CHECK(eventually([&] {
        const auto row = actor_row(node, name);
        return json_field(row, "status") == "RUNNING" && json_field(row, "restarts") != "0" &&
               row.find(std::string{"injected fault: "} + how) != std::string::npos;
      }));
      CHECK(eventually([&] { return node.client().post("/v1/orders", market)->status == 201; }));
    }
  }
  CHECK(node.is_running());
}

TEST_CASE("hang and spin: the handle bounces, other slots trade on, and the process ends within five seconds") {
  for (const char* how : {"hang", "spin"}) {
    CAPTURE(how);
    temporary_directory dir;
    node_process node{{dir.path() / "data", {}, {"--allow-faults"}}};
    REQUIRE_MESSAGE(node.start(), node.log());
    auto client = node.client();
    const auto began = std::chrono::steady_clock::now();
    REQUIRE(client.post("/v1/actors/fault", std::string{"{\"name\":\"portfolio\",\"fault\":\""} + how + "\"}")->status < 300);
    CHECK(eventually([&] { return json_field(actor_row(node, "portfolio"), "status") == "HUNG"; }, 3s));
    CHECK(client.post("/v1/orders", market)->status == 201);
    REQUIRE(node.join(10s));
    const auto took = std::chrono::steady_clock::now() - began;
    CHECK(node.exit_code() == 5);
    CHECK(took < 9s); // 4 s by configuration; the rest is a busy machine
    REQUIRE_MESSAGE(node.start(), node.log()); // and the next start is a normal one
  }
}

TEST_CASE("a halt stops its scope and nothing else, holds over kill -9, and is lifted only by operators") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto post = [&](const char* target, const std::string& body, const std::string& key = {}) {
    edge::client_headers headers;
    if (!key.empty()) headers.push_back({"Authorization", "Bearer " + key});
    auto answer = node.client().request("POST", target, body, headers);
    REQUIRE(answer);
    return *answer;
  };
  const auto order = [&](const char* account) {
    return post("/v1/orders", std::string{R"({"instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000","account":")"} + account + "\"}");
  };
  const auto resting = json_field(order("halted").body, "order_id");
  REQUIRE(post("/v1/halts", R"({"scope":"ACCOUNT","key":"halted","reason":"test"})").status == 200);
  CHECK(eventually([&] { return json_field(order("halted").body, "refusal") == "HALTED"; }));
  CHECK(order("other").status == 201);
  node.kill();
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(json_field(order("halted").body, "refusal") == "HALTED");
  CHECK(node.client().request("DELETE", "/v1/orders/" + resting)->status == 202); // cancels pass
  CHECK(post("/v1/halts/resume", R"({"scope":"ACCOUNT","key":"halted"})").status == 401);
  CHECK(post("/v1/halts/resume", R"({"scope":"ACCOUNT","key":"halted"})", std::string(64, '0')).status == 401);
  CHECK(post("/v1/halts/resume", R"({"scope":"ACCOUNT","key":"halted"})", node.operator_key(1)).status == 200);
  CHECK(eventually([&] { return order("halted").status == 201; }));

  REQUIRE(post("/v1/halts", R"({"scope":"FIRM","reason":"test"})").status == 200);
  CHECK(eventually([&] { return json_field(order("other").body, "refusal") == "HALTED"; }));
  CHECK(post("/v1/halts/resume", R"({"scope":"FIRM"})", node.operator_key(1)).status == 202);
  node.kill();
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(post("/v1/halts/resume", R"({"scope":"FIRM"})", node.operator_key(1)).body.find("approval") == std::string::npos);
  CHECK(json_field(order("other").body, "refusal") == "HALTED");
  CHECK(post("/v1/halts/resume", R"({"scope":"FIRM"})", node.operator_key(2)).status == 200);
  CHECK(eventually([&] { return order("other").status == 201; }));
}

TEST_CASE("risk away for longer than a lease: no order is accepted, cancels pass") {
  temporary_directory dir;
  // Risk hangs; the watchdog is patient enough here to look at the world without risk.
  node_process node{{dir.path() / "data", {"node.hang_after_ms=9000", "node.stuck_after_ms=15000"}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  const auto limit = R"({"account":"r","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})";
  const auto resting = json_field(client.post("/v1/orders", limit)->body, "order_id");
  REQUIRE(client.post("/v1/actors/fault", R"({"name":"risk","fault":"hang"})")->status < 300);
  std::this_thread::sleep_for(1500ms);
  auto refused = client.post("/v1/orders", limit);
  CHECK(json_field(refused->body, "refusal") == "NO_LEASE");
  CHECK(client.request("DELETE", "/v1/orders/" + resting)->status == 202);
  CHECK(eventually([&] { return json_field(client.get("/v1/orders/" + resting)->body, "status") == "CANCELED"; }));
}

TEST_CASE("SIGTERM drains: every accepted request is answered and the exit code is 0") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  order_load load{4};
  load.start(node);
  std::this_thread::sleep_for(500ms);
  node.signal(SIGTERM);
  REQUIRE(node.join(10s));
  load.stop();
  CHECK(node.exit_code() == 0);
  CHECK(load.strange().empty());
}

TEST_CASE("arguments: --check, --version, unknown keys and bad values, each with its exit code") {
  std::string output;
  const auto config = (source_dir() / "config/desk.json").string();
  CHECK(run_program("troupe-node", {"--config", config, "--check"}, output) == 0);
  CHECK(run_program("troupe-node", {"--config", (source_dir() / "config/trade2026.json").string(), "--check"}, output) == 0);
  CHECK(run_program("troupe-node", {"--version"}, output) == 0);
  CHECK(output.starts_with("troupe "));
  CHECK(run_program("troupe-node", {"--help"}, output) == 0);
  CHECK(run_program("troupe-node", {"--nonsense"}, output) == 2);
  CHECK(run_program("troupe-node", {"--config", config, "--check", "--set", "risk.lese_ms=5", "--set", "risk.lease_ms=1"}, output) == 2);
  CHECK(output.find("risk.lease_ms") != std::string::npos);
  CHECK(output.find("lese_ms") != std::string::npos);
  CHECK(run_program("troupe-node", {"--config", "/nonexistent.json"}, output) == 2);
  CHECK(run_program("troupe-node", {"--config", config, "--set", "edge.listeners.0.address=0.0.0.0", "--data-dir", "/tmp/troupe-test-unused"}, output) != 0);
  CHECK(output.find("loopback") != std::string::npos);
}
