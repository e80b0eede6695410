// One desk on three nodes: whatever is asked of any of them is answered as if it were one, and what dies takes nothing along but its own.

#include "tests/nodes/process/outage.hpp"
#include "tests/nodes/process/proof.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;
using nlohmann::json;

namespace {

json get(const node_process& node, const std::string& target) {
  const auto answer = node.client().get(target);
  REQUIRE_MESSAGE(answer.has_value(), target);
  REQUIRE_MESSAGE(answer->status == 200, target << ": " << answer->body);
  return json::parse(answer->body);
}

std::string place(const node_process& at, const std::string& account, const std::string& client_id, bool rests = false) {
  const auto answer = at.client().post("/v1/orders", order_of(account, client_id, rests));
  REQUIRE(answer);
  REQUIRE_MESSAGE(answer->status == 201, answer->body);
  return json_field(answer->body, "order_id");
}

/// All rows of a list without strategies' own, which go on trading.
std::vector<std::string> rows_of(const node_process& node, const std::string& list, const std::string& account) {
  std::vector<std::string> all;
  const auto page = get(node, "/v1/" + list + "?account=" + account);
  for (const auto& row : page[list]) all.push_back(row.dump());
  return all;
}

} // namespace

TEST_SUITE_BEGIN("process/cluster");

TEST_CASE_FIXTURE(three_nodes, "orders, positions and fills of accounts of every node, entered and read at any node, are the same; every invariant holds over all three") {
  start();
  for (std::size_t owner = 0; owner < 3; ++owner) {
    const auto account = account_on(owner);
    for (std::size_t entry = 0; entry < 3; ++entry) {
      const auto client_id = "o" + std::to_string(owner) + std::to_string(entry);
      const auto id = place((*this)[entry], account, client_id);
      CHECK(has_slot(owner, static_cast<std::uint32_t>(std::stoul(id))));
      for (std::size_t reader = 0; reader < 3; ++reader) {
        CHECK(json_field((*this)[reader].client().post("/v1/orders", order_of(account, client_id))->body, "order_id") == id); // a repeat, wherever it enters
        REQUIRE(eventually([&] { return get((*this)[reader], "/v1/orders/" + id)["status"] == "FILLED"; }));
        CHECK(get((*this)[reader], "/v1/orders/by_client_id?account=" + account + "&client_order_id=" + client_id)["order_id"] == id);
      }
    }
    CHECK(rows_of((*this)[0], "fills", account).size() == 3);
    for (const auto* list : {"orders", "fills"}) {
      const auto at_a = rows_of((*this)[0], list, account);
      CHECK(rows_of((*this)[1], list, account) == at_a);
      CHECK(rows_of((*this)[2], list, account) == at_a);
    }
    CHECK(get((*this)[1], "/v1/positions?account=" + account)["positions"][0]["quantity"] == "0.003");
  }
  // A page over all nodes is ordered and whole.
  const auto page = get((*this)[2], "/v1/orders?limit=500");
  CHECK_FALSE(page.contains("missing"));
  std::set<std::string> owners;
  for (const auto& o : page["orders"]) owners.insert(o["account"]);
  for (std::size_t i = 0; i < 3; ++i) CHECK(owners.contains(account_on(i)));
  stop_settled(all());
  check_invariants({&(*this)[0], &(*this)[1], &(*this)[2]}, {}, true);
}

TEST_CASE_FIXTURE(three_nodes, "every node knows the members and the placement, and shows any actor of any node") {
  start();
  std::map<std::string, std::set<std::string>> lives; // of each node, as any of them tells
  for (auto* node : all()) {
    const auto members = get(*node, "/v1/cluster/members");
    REQUIRE(members["members"].size() == 3);
    for (const auto& m : members["members"]) CHECK((m["status"] == "UP" || m["status"] == "SELF"));
    std::map<std::string, std::string> where;
    const auto placement = get(*node, "/v1/cluster/placement?limit=500");
    for (const auto& p : placement["placement"]) where[p["name"]] = p["node"];
    CHECK(where["risk"] == "a");
    CHECK(where["oms/21"] == "a");
    CHECK(where["oms/22"] == "b");
    CHECK(where["venue/SIM"] == "b");
    CHECK(get(*node, "/v1/actors/state?name=oms%2F50")["actor"] == "oms/50");
    CHECK(get(*node, "/v1/actors/state?name=portfolio%40b")["actor"] == "portfolio");
    CHECK(get(*node, "/v1/actors/history?name=oms%2F43&limit=1")["actor"] == "oms/43");
    CHECK(get(*node, "/v1/actors/info?name=relay%2Fwalk%40b")["node"] == "b");
    const auto akka = get(*node, "/cluster/members");
    CHECK(akka["members"].size() == 3);
    for (const auto& m : akka["members"]) lives[m["node"]].insert(m["nodeUid"]);
    std::set<std::string> nodes;
    const auto actors = get(*node, "/v1/actors?limit=500");
    for (const auto& row : actors["actors"]) nodes.insert(row["node"]);
    CHECK(nodes == std::set<std::string>{"a", "b", "c"});
  }
  for (const auto& [node, told] : lives) CHECK_MESSAGE(told.size() == 1, node);
  CHECK((*this)[0].client().get("/v1/actors/info?name=oms%2F99")->status == 404);
  CHECK((*this)[0].client().get("/v1/actors/info?name=portfolio%40z")->status == 404);
}

TEST_CASE_FIXTURE(three_nodes, "a halt asked for at one node stops its scope on all of them at once and withdraws what is open there") {
  start();
  const auto resting = place((*this)[0], account_on(2), "rests", true);
  REQUIRE((*this)[1].client().post("/v1/halts", R"({"scope":"FIRM","reason":"test"})")->status == 200);
  int n = 0;
  for (std::size_t owner = 0; owner < 3; ++owner)
    CHECK(eventually([&] { // an id that was taken before the halt came would be answered the same for ever
      const auto answer = (*this)[owner].client().post("/v1/orders", order_of(account_on(owner), "h" + std::to_string(++n)));
      return json_field(answer->body, "refusal") == "HALTED";
    }, 1s));
  CHECK(eventually([&] { return get((*this)[1], "/v1/orders/" + resting)["status"] == "CANCELED"; }));
}

TEST_CASE("what a slot has open is withdrawn at its venue on another node when its own node gives it up, and every edge says that its books are old") {
  three_nodes nodes{{}, {"--allow-faults"}};
  nodes.start();
  const auto resting = place(nodes[0], three_nodes::account_on(2), "rests", true);
  const auto slot = "oms/" + resting.substr(0, resting.find('-'));
  const auto is_at_venue = [&] { return nodes[1].client().get("/v1/actors/state?name=venue%2FSIM")->body.find("\"id\":\"" + resting + "\"") != std::string::npos; };
  REQUIRE(eventually(is_at_venue));
  REQUIRE(eventually([&] {
    CHECK(nodes[2].client().post("/v1/actors/fault", R"({"name":")" + slot + R"(","fault":"die"})"));
    return json_field(nodes[2].client().get("/v1/actors/info?name=" + slot)->body, "status") == "HALTED";
  }));
  CHECK(eventually([&] { return !is_at_venue(); }));
  CHECK(nodes[0].client().get("/v1/positions?account=" + three_nodes::account_on(2))->status == 503); // its books are old, wherever one asks
  CHECK(get(nodes[0], "/v1/positions")["out_of_date"] == json::array({slot}));
  CHECK(get(nodes[0], "/v1/orders")["out_of_date"] == json::array({slot}));
}

TEST_CASE("a node that does not say what it lacks, because its actor for the others was given up, is ready for nobody, and hides nothing of a third one") {
  three_nodes nodes{{}, {"--allow-faults"}};
  nodes.start();
  const auto lacked_by = [&](const char* name) {
    const auto page = get(nodes[0], "/v1/cluster/members");
    for (const auto& row : page["members"])
      if (row["name"] == name) return row.value("not_ready", "");
    return std::string{"no such node"};
  };
  CHECK(lacked_by("b").empty());
  const auto give_up = [&](std::size_t node, const std::string& name) {
    REQUIRE(eventually([&] {
      CHECK(nodes[node].client().post("/v1/actors/fault", R"({"name":")" + name + R"(","fault":"die"})"));
      return json_field(nodes[node].client().get("/v1/actors/info?name=" + name)->body, "status") == "HALTED";
    }));
  };
  give_up(1, "node@b");
  give_up(2, "oms/50");
  CHECK(eventually([&] { return lacked_by("b").starts_with("it does not say what it lacks: node@b "); }));
  CHECK(eventually([&] { return lacked_by("c").starts_with("oms/50 is halted: "); }));
  std::string told;
  CHECK(run_program("troupe", {"cluster", "status", "--edge", "http://127.0.0.1:" + std::to_string(nodes[0].port())}, told) == 1);
  CHECK_MESSAGE(told.find("1 of 3 nodes are up and ready") != std::string::npos, told);
}

TEST_CASE_FIXTURE(three_nodes, "kill -9 of a node: its slots answer 503 with the reason within a second, the others trade on, and all serve again after its return") {
  start();
  order_load load{4};
  load.start((*this)[0]);
  REQUIRE(eventually([&] { return load.acknowledged().size() > 200; }));
  const auto at_b = "http://127.0.0.1:" + std::to_string((*this)[1].port());
  check_outage({
    .node = "c",
    .account = account_on(2),
    .orders = orders_at((*this)[0]),
    .breaks = [&] { (*this)[2].kill(); },
    .meanwhile = [&] {
      const auto before = load.answered();
      CHECK(eventually([&] { return load.answered() > before + 100; }));
      for (std::size_t owner : {0u, 1u}) (void)until_taken(orders_at((*this)[1]), account_on(owner));
      CHECK(get((*this)[1], "/v1/positions")["missing"] == json::array({"c"}));
      CHECK((*this)[1].client().get("/v1/positions?account=" + account_on(2))->status == 503);
      std::string told;
      for (const auto* what : {"positions", "orders", "fills", "cash"}) {
        CHECK(run_program("troupe", {what, "--edge", at_b}, told) == 1);
        CHECK_MESSAGE(told.find("node c is away, and what it has is missing here") != std::string::npos, told);
      }
      CHECK(run_program("troupe", {"inspect", "state", "oms/63", "--edge", at_b}, told) == 3); // a look has no outcome that could be unknown
      CHECK_MESSAGE((told.find("is on node c, which is away: ") != std::string::npos && told.find("; ask again") != std::string::npos), told);
      CHECK_MESSAGE(told.find("outcome") == std::string::npos, told);
      CHECK(run_program("troupe", {"cluster", "status", "--edge", at_b}, told) == 1);
      CHECK_MESSAGE(told.find("2 of 3 nodes are up and ready") != std::string::npos, told);
    },
    .mends = [&] { REQUIRE_MESSAGE((*this)[2].start(), (*this)[2].log()); },
  });
  CHECK(eventually([&] { return is_whole(); }));
  load.stop();
  (void)load.resolve((*this)[1]);
  CHECK(load.unknown().empty());
  CHECK(load.strange().empty());
  check_acknowledged((*this)[1], load.acknowledged(), 60);
  stop_settled(all());
  check_invariants({&(*this)[0], &(*this)[1], &(*this)[2]}, load.acknowledged(), true);
}

TEST_CASE_FIXTURE(three_nodes, "a halt while a node is away is in force and says which node it has not reached; what rests there is withdrawn when it is back") {
  start();
  const auto resting = place((*this)[0], account_on(2), "rests", true);
  (*this)[2].kill();
  REQUIRE(eventually([&] { return get((*this)[0], "/v1/orders")["missing"] == json::array({"c"}); }));
  const auto said = (*this)[0].client().post("/v1/halts", R"({"scope":"ACCOUNT","key":")" + account_on(2) + R"(","reason":"drill"})");
  REQUIRE(said);
  REQUIRE_MESSAGE(said->status == 200, said->body);
  CHECK(json::parse(said->body)["missing"] == json::array({"c"}));
  std::string told;
  CHECK(run_program("troupe", {"halt", "firm", "--json", "--edge", "http://127.0.0.1:" + std::to_string((*this)[1].port())}, told) == 1);
  const auto shown = json::parse(told.substr(0, told.find('\n')), nullptr, false);
  REQUIRE_MESSAGE(shown.is_object(), told);
  CHECK(shown["missing"] == json::array({"c"}));
  CHECK(shown["slots"].size() == 21); // of config/cluster: oms/43 to oms/63
  CHECK_MESSAGE(told.find("the halt is in force, but node c is away with oms/43 to oms/63") != std::string::npos, told);
  REQUIRE_MESSAGE((*this)[2].start(), (*this)[2].log());
  CHECK(eventually([&] { return is_whole(); }));
  CHECK(eventually([&] { return json_field((*this)[2].client().get("/v1/orders/" + resting)->body, "status") == "CANCELED"; }));
  CHECK_FALSE(json::parse((*this)[0].client().post("/v1/halts", R"({"scope":"FIRM"})")->body).contains("missing"));
}

TEST_CASE_FIXTURE(three_nodes, "without the node of risk nobody opens anything once the leases have run out; cancels go out; it comes back and all go on") {
  start();
  const auto resting = place((*this)[1], account_on(1), "rests", true);
  (*this)[0].kill();
  check_lease_runs_out(orders_at((*this)[1]), account_on(1), steady_clock::now());
  CHECK((*this)[1].client().get("/ready")->body.find("risk is on node a, which is away") != std::string::npos);
  CHECK((*this)[2].client().request("DELETE", "/v1/orders/" + resting)->status == 202);
  CHECK(eventually([&] { return get((*this)[2], "/v1/orders/" + resting)["status"] == "CANCELED"; }));
  REQUIRE_MESSAGE((*this)[0].start(), (*this)[0].log());
  for (std::size_t i = 0; i < 3; ++i) CHECK(is_ready(i));
  (void)until_taken(orders_at((*this)[2]), account_on(1));
  stop_settled(all());
  check_invariants({&(*this)[0], &(*this)[1], &(*this)[2]}, {}, true); // I8: nothing opened without a live lease
}

TEST_CASE_FIXTURE(three_nodes, "a node that stands still answers 503 within a second and is back without hands within two; what it was sent before is too late or done once") {
  start();
  order_load load{2};
  load.start((*this)[2]);
  REQUIRE(eventually([&] { return load.acknowledged().size() > 100; }));
  check_outage({
    .node = "b", // the venue's
    .account = account_on(1),
    .orders = orders_at((*this)[0]),
    .breaks = [&] { (*this)[1].signal(SIGSTOP); },
    .meanwhile = [&] {
      CHECK(eventually([&] { return state_of(0, 1) == "CONNECTING"; }, 3s));
      (void)until_taken(orders_at((*this)[0]), account_on(0));
      std::this_thread::sleep_for(6s); // longer than an order may wait for the market
    },
    .mends = [&] { (*this)[1].signal(SIGCONT); },
  });
  CHECK(eventually([&] { return is_whole(); }));
  load.stop();
  (void)load.resolve((*this)[0]);
  CHECK(load.strange().empty());
  stop_settled(all());
  check_invariants({&(*this)[0], &(*this)[1], &(*this)[2]}, load.acknowledged(), true);
}

TEST_CASE("a node whose configuration differs is refused by all, and says what differs") {
  three_nodes nodes{{}, {}, {"risk.firm_exposure_max=1000"}};
  for (auto* n : nodes.all()) REQUIRE_MESSAGE(n->start(), n->log());
  CHECK(nodes.is_ready(0));
  CHECK(eventually([&] {
    const auto c = get(nodes[0], "/v1/cluster/members")["members"][2];
    return c["status"] == "REFUSED" && c.value("problem", "").find("the cluster-wide configuration differs in risk; its hash differs: ") != std::string::npos;
  }));
  CHECK(nodes[2].client().get("/ready")->status == 503);
  CHECK(nodes[0].client().post("/v1/orders", order_of(three_nodes::account_on(2), "x"))->status == 503);
}

TEST_SUITE_END();
