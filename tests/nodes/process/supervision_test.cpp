// Faults in a real node: what is thrown and what dies, and halts that last over kill -9.

#include "tests/nodes/process/faults.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <set>
#include <utility>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/supervision");

TEST_CASE("throw and die: the actor is restarted behind its name, the tree says why, and orders go on") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  for (const auto& [name, fault] : {std::pair{"oms/3", "throw"}, std::pair{"risk", "die"}, std::pair{"venue/SIM", "throw"}, std::pair{"portfolio", "die"}, std::pair{"feed/walk", "throw"}}) {
    CAPTURE(name);
    REQUIRE(inject(node, name, fault) == 202);
    CHECK(eventually([&, n = name, f = fault] {
      const auto row = actor_row(node, n);
      return json_field(row, "status") == "RUNNING" && json_field(row, "restarts") == "1" && row.find(std::string{"injected fault: "} + f) != std::string::npos;
    }));
    CHECK(eventually([&] { return node.client().post("/v1/orders", at_market)->status == 201; }));
  }
}

TEST_CASE("risk restarts within a lease: no slot loses the budget it holds, and orders go on") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"risk.lease_ms=5000"}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(inject(node, "risk", "die") == 202);
  REQUIRE(eventually([&] { return json_field(actor_row(node, "risk"), "restarts") == "1"; }));
  auto client = node.client();
  const auto until = std::chrono::steady_clock::now() + 1500ms; // each slot has renewed its lease several times by then
  for (int i = 0; std::chrono::steady_clock::now() < until; ++i) {
    if (i == 20) REQUIRE(client.post("/v1/halts", R"({"scope":"ACCOUNT","key":"other","reason":"pushes leases"})")->status == 200);
    auto answer = client.post("/v1/orders", at_market);
    REQUIRE(answer);
    CAPTURE(answer->body);
    REQUIRE(answer->status == 201);
    std::this_thread::sleep_for(5ms);
  }
}

TEST_CASE("each kind of actor that throws and then dies is given up, its scope is halted, and an operator brings it back") {
  temporary_directory dir;
  node_process node{with_strategy(dir.path() / "data")};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(node.client().post("/v1/orders", order_of_f)->status == 201);
  std::set<std::string> halted;
  for (const auto& [name, scopes] : kinds) {
    CAPTURE(name);
    REQUIRE(inject(node, name, "throw") == 202);
    CHECK(eventually([&, n = name] {
      const auto row = actor_row(node, n);
      return json_field(row, "status") == "RUNNING" && json_field(row, "restarts") == "1" && row.find("injected fault: throw") != std::string::npos;
    }));
    CHECK(eventually([&] { return is_ready(node); }));
    REQUIRE(inject(node, name, "die") == 202); // the second within the period
    CHECK(eventually([&, n = name] {
      const auto row = actor_row(node, n);
      return json_field(row, "status") == "HALTED" && row.find("injected fault: die") != std::string::npos;
    }));
    CHECK_FALSE(is_ready(node));
    CHECK(inject(node, name, "throw") == 409); // nobody is there to take it
    halted.insert(scopes.begin(), scopes.end());
    const auto body = R"({"name":")" + name + "\"}";
    CHECK(node.client().post("/v1/actors/restart", body)->status == 401);
    auto restarted = node.client().request("POST", "/v1/actors/restart", body, {{"Authorization", "Bearer " + node.operator_key(1)}});
    CHECK_MESSAGE(restarted->status == 202, restarted->body);
    CHECK(eventually([&, n = name] { return json_field(actor_row(node, n), "status") == "RUNNING" && is_ready(node); }));
    CHECK(eventually([&] { return halts_of(node) == halted; }));
  }
  // Who did it is on record, and everything that was halted still is after the hardest stop.
  const auto record = node.client().get("/v1/actors/state?name=operations")->body;
  CHECK(record.find("operator:operator-1") != std::string::npos);
  CHECK(record.find("\"RESTART\"") != std::string::npos);
  CHECK(record.find("\"FAULT\"") != std::string::npos);
  node.kill();
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(halts_of(node) == halted);
  CHECK(json_field(node.client().post("/v1/orders", order_of_f)->body, "refusal") == "HALTED");
  for (const auto& [name, scopes] : kinds) CHECK(json_field(actor_row(node, name), "status") == "RUNNING");
}

TEST_CASE("what restarted and why is on record: the folder tells it after kill -9, and the next life goes on from there") {
  temporary_directory dir;
  const auto data = dir.path() / "data";
  node_process node{with_strategy(data, {"node.hang_after_ms=3000"})}; // a machine that is busy reports no hang beside
  REQUIRE_MESSAGE(node.start(), node.log());
  std::string out;
  const auto troupe = [&](std::vector<std::string> words) { return run_program("troupe", words, out); };
  const auto of_folder = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--data-dir", data.string()});
    return troupe(std::move(words));
  };
  const auto of_node = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--edge", "http://127.0.0.1:" + std::to_string(node.port())});
    return troupe(std::move(words));
  };
  /// What the table's line about an actor ends with, behind its name.
  const auto line_of = [&](const std::string& actor) {
    const auto at = out.find("─ " + actor + " ");
    return at == std::string::npos ? std::string{} : out.substr(at, out.find('\n', at) - at);
  };
  const auto has_reason = [](const nlohmann::json& row, const char* reason) { return row["last_reason"].get<std::string>().find(reason) != std::string::npos; };
  const auto turns = [&] { return json_field(node.client().get("/v1/actors/state?name=supervision")->body, "durable"); };
  REQUIRE_MESSAGE(of_node({"fault", "inject", "strategy/mm", "throw"}) == 0, out);
  CHECK(eventually([&] { return turns() == "1"; }));
  REQUIRE(of_node({"fault", "inject", "history", "die"}) == 0); // has no stream
  CHECK(eventually([&] { return turns() == "2"; }));
  REQUIRE(of_node({"fault", "inject", "supervision", "throw"}) == 0); // told when it is back
  CHECK(eventually([&] { return turns() == "3"; }));
  REQUIRE_MESSAGE(of_node({"inspect", "history", "supervision"}) == 0, out);
  CHECK(out.find("injected fault: throw") != std::string::npos);
  node.kill();

  REQUIRE_MESSAGE(of_folder({"inspect", "tree"}) == 0, out);
  for (const auto& [actor, reason] : {std::pair{"strategy/mm", "injected fault: throw"}, {"history", "injected fault: die"}, {"supervision", "injected fault: throw"}}) {
    CHECK_MESSAGE(line_of(actor).find(" 1  ") != std::string::npos, out);
    CHECK_MESSAGE(line_of(actor).find(reason) != std::string::npos, out);
  }
  CHECK_MESSAGE(line_of("risk").ends_with(" 0"), out);
  REQUIRE_MESSAGE(of_folder({"inspect", "info", "strategy/mm"}) == 0, out);
  CHECK(out.find("injected fault: throw") != std::string::npos);
  REQUIRE_MESSAGE(of_folder({"inspect", "info", "history", "--json"}) == 0, out);
  CHECK(json_field(out, "restarts") == "1");
  CHECK(has_reason(nlohmann::json::parse(out), "injected fault: die"));
  REQUIRE_MESSAGE(of_folder({"inspect", "ls", "--json"}) == 0, out);
  const auto list = nlohmann::json::parse(out);
  const auto own = std::ranges::find_if(list["streams"], [](const auto& row) { return row["stream"] == "strategy/mm"; });
  REQUIRE(own != list["streams"].end());
  CHECK((*own)["restarts"] == 1);
  CHECK(has_reason(*own, "injected fault: throw"));
  CHECK(list["actors"].size() == 3);
  REQUIRE_MESSAGE(of_folder({"inspect", "state", "supervision"}) == 0, out);
  CHECK(out.find("\"strategy/mm\"") != std::string::npos);
  REQUIRE_MESSAGE(troupe({"journal", "tail", data.string(), "supervision", "--from", "1"}) == 0, out);
  CHECK(out.find("report -> recorded") != std::string::npos);

  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(of_node({"fault", "inject", "strategy/mm", "die"}) == 0);
  CHECK(eventually([&] { return turns() == "4"; }));
  CHECK(json_field(actor_row(node, "strategy/mm"), "restarts") == "1"); // of this life
  node.signal(SIGTERM);
  REQUIRE(node.join(20s));
  REQUIRE_MESSAGE(of_folder({"inspect", "info", "strategy/mm", "--json"}) == 0, out);
  CHECK(json_field(out, "restarts") == "2");
  CHECK(has_reason(nlohmann::json::parse(out), "injected fault: die"));
  REQUIRE_MESSAGE(of_folder({"inspect", "info", "supervision", "--json"}) == 0, out);
  CHECK(json_field(out, "sequence") == "4"); // an orderly stop is no news
}

TEST_CASE("a subscriber that restarts costs the feed no credit, and the market waits for none that is given up") {
  temporary_directory dir;
  node_process node{with_strategy(dir.path() / "data")};
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto lines = [&] { return std::stoull(json_field(node.client().get("/v1/feeds")->body, "lines")); };
  for (const auto& [fault, status] : {std::pair{"throw", "RUNNING"}, std::pair{"die", "HALTED"}}) {
    REQUIRE(inject(node, "strategy/mm", fault) == 202);
    REQUIRE(eventually([&, s = status, f = fault] {
      const auto row = actor_row(node, "strategy/mm");
      return json_field(row, "status") == s && row.find(std::string{"injected fault: "} + f) != std::string::npos;
    }));
    const auto before = lines();
    CHECK(eventually([&] { return lines() > before + 3000; })); // seconds of this market, more than a full window
  }
  CHECK(json_field(node.client().get("/v1/feeds")->body, "dropped") == "0");
  CHECK(node.log().find("does not keep up") == std::string::npos);
}

TEST_CASE("history that ends is started again; given up, look-ups are refused at once and the node is not ready, until an operator brings it back") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  const auto finished = "/v1/orders/" + json_field(node.client().post("/v1/orders", at_market)->body, "order_id");
  REQUIRE(eventually([&] { return json_field(node.client().get(finished)->body, "status") == "FILLED"; }));
  REQUIRE(inject(node, "history", "throw") == 202);
  REQUIRE(eventually([&] { return json_field(actor_row(node, "history"), "restarts") == "1"; }));
  CHECK(eventually([&] { return node.client().get(finished)->status == 200; }));
  REQUIRE(inject(node, "history", "die") == 202);
  REQUIRE(eventually([&] { return json_field(actor_row(node, "history"), "status") == "HALTED"; }));
  const auto refused = node.client().get(finished);
  CHECK(refused->status == 503); // not 504: nobody is waited for
  CHECK(json_field(refused->body, "code") == "unavailable");
  CHECK(node.client().get("/ready")->body.find("history is halted") != std::string::npos);
  CHECK(node.client().post("/v1/orders", at_market)->status == 201);
  REQUIRE(node.client().request("POST", "/v1/actors/restart", R"({"name":"history"})", {{"Authorization", "Bearer " + node.operator_key(1)}})->status == 202);
  CHECK(eventually([&] { return node.client().get(finished)->status == 200 && is_ready(node); }));
}

TEST_CASE("a halt stops its scope and nothing else, holds over kill -9, and is lifted only by operators") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"halt.cancels_orders=false"}}}; // what it leaves open can still be cancelled; what it withdraws: process/halt
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
  CHECK(post("/v1/halts/resume", R"({"scope":"FIRM"})", node.operator_key(1)).status == 202); // the same operator once more is no second one
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
