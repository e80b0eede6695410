// A mass cancel on a real node: what is open of its scope, however much that is, and nothing else.

#include "tests/nodes/process/faults.hpp"
#include "tests/nodes/process/running_node.hpp"

#include <nlohmann/json.hpp>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/orders");

TEST_CASE("a mass cancel withdraws what is open of its scope and nothing else, under a firm's halt too") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"strategies=[]", "halt.cancels_orders=false"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  const auto enter = [&](const std::string& account, const std::string& instrument, const std::string& tenant = "main") {
    const auto answer = client.post("/v1/orders", R"({"tenant":")" + tenant + R"(","account":")" + account + R"(","instrument":")" + instrument +
                                                    R"(","side":"BUY","quantity":"0.001","limit_price":"50"})");
    REQUIRE_MESSAGE(answer->status == 201, answer->body);
    REQUIRE_MESSAGE(json_field(answer->body, "refusal").empty(), answer->body);
  };
  const auto open = [&](const std::string& scope = {}) {
    return nlohmann::json::parse(client.get("/v1/orders?status=OPEN&limit=500" + scope)->body)["orders"].size();
  };
  const auto withdraw = [&](const std::string& scope) {
    const auto answer = client.post("/v1/orders/mass_cancel", scope);
    REQUIRE_MESSAGE(answer->status == 202, answer->body);
    const auto done = nlohmann::json::parse(answer->body);
    CHECK(done["failed"] == 0);
    CHECK_FALSE(done.contains("missing"));
    return done["requested"].get<std::size_t>();
  };
  REQUIRE(eventually([&] { return client.get("/v1/marks/SOLUSDT.SIM")->status == 200; }));
  for (int i = 0; i < 3; ++i) enter("a", "SOLUSDT.SIM");
  enter("b", "SOLUSDT.SIM");
  enter("b", "ETHUSDT.SIM");
  enter("a", "SOLUSDT.SIM", "another");
  CHECK(client.post("/v1/orders/mass_cancel", R"({"accuont":"a"})")->status == 400); // and not everything
  CHECK(open() == 6);
  CHECK(withdraw(R"({"account":"nobody"})") == 0);
  CHECK(withdraw(R"({"tenant":"another"})") == 1);
  CHECK(withdraw(R"({"instrument":"ETHUSDT.SIM","account":"a"})") == 0);
  CHECK(withdraw(R"({"instrument":"ETHUSDT.SIM"})") == 1);
  CHECK(eventually([&] { return open() == 4; }));
  REQUIRE(client.post("/v1/halts", R"({"scope":"FIRM","reason":"drill"})")->status == 200);
  CHECK(withdraw(R"({"account":"a"})") == 3);
  CHECK(eventually([&] { return open("&account=a") == 0 && open() == 1; }));
  CHECK(withdraw("{}") == 1);
  CHECK(eventually([&] { return open() == 0; }));
  CHECK(withdraw("{}") == 0);
}

TEST_CASE("a mass cancel of an instrument that is not configured any more withdraws what is open in it, and of one that nobody had it is refused") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"strategies=[]"}}};
  start_without_an_instrument_that_has_an_order(node);
  auto client = node.client();
  const auto withdraw = [&] { return *client.post("/v1/orders/mass_cancel", R"({"instrument":"ETHUSDT.SIM"})"); };
  CHECK(nlohmann::json::parse(withdraw().body)["requested"] == 1);
  CHECK(eventually([&] { return nlohmann::json::parse(client.get("/v1/orders?status=OPEN")->body)["orders"].empty(); }));
  CHECK(withdraw().status == 404);
}

TEST_CASE("a mass cancel names the venue that hears nothing of it: one that was given up, and one that is not configured any more") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"strategies=[]", "halt.cancels_orders=false"}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto withdraw = [&] {
    const auto answer = node.client().post("/v1/orders/mass_cancel", "{}");
    REQUIRE_MESSAGE(answer->status == 202, answer->body);
    return nlohmann::json::parse(answer->body);
  };
  const auto enter = [&](const char* id) { REQUIRE(node.client().post("/v1/orders", order_named(id))->status == 201); };
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  enter("heard");
  CHECK_FALSE(withdraw().contains("unreached"));
  REQUIRE(eventually([&] { return node.client().get("/v1/orders?status=OPEN")->body.find("heard") == std::string::npos; }));
  enter("unheard");
  REQUIRE(eventually([&] { return node.client().get("/v1/orders?status=OPEN")->body.find(R"("status":"NEW")") != std::string::npos; }));
  REQUIRE(eventually([&] {
    inject(node, "venue/SIM", "die");
    return actor_row(node, "venue/SIM").find("HALTED") != std::string::npos;
  }));
  auto done = withdraw();
  CHECK(done["requested"] == 1);
  REQUIRE_MESSAGE(done["unreached"].size() == 1, done.dump());
  CHECK(done["unreached"][0].get<std::string>().starts_with("venue/SIM is halted: "));
  std::string out;
  CHECK(run_program("troupe", {"cancel", "--all", "--edge", "http://127.0.0.1:" + std::to_string(node.port())}, out) == 1);
  CHECK_MESSAGE(out.find("what is open there stays until it hears of this") != std::string::npos, out);
  node.kill();
  for (const char* other : {R"(venues=[{"name":"OTHER"}])", R"(instruments=[{"id":"BTCUSDT.OTHER"}])", "feeds=[]"}) node.options().sets.emplace_back(other);
  REQUIRE_MESSAGE(node.start(), node.log());
  done = withdraw();
  CHECK(done["requested"] == 1);
  CHECK_MESSAGE(done["unreached"] == nlohmann::json::array({"venue SIM is not configured any more"}), done.dump());
}

TEST_CASE("a mass cancel withdraws more of one account than a page holds") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"risk.orders_per_second_max=100000", "risk.open_orders_max=2000", "strategies=[]"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  REQUIRE(eventually([&] { return client.get("/v1/marks/SOLUSDT.SIM")->status == 200; }));
  constexpr int count = 1203;
  for (int i = 0; i < count; ++i) {
    const auto placed = client.post("/v1/orders", R"({"account":"a","instrument":"SOLUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"50"})");
    REQUIRE_MESSAGE(placed->status == 201, placed->body);
  }
  CHECK(nlohmann::json::parse(client.post("/v1/orders/mass_cancel", R"({"tenant":"main","account":"a"})")->body)["requested"] == count);
  CHECK(eventually([&] { return nlohmann::json::parse(client.get("/v1/orders?status=OPEN&account=a")->body)["orders"].empty(); }));
}

TEST_CASE("a mass cancel of many slots and orders leaves places to others, however few there are, and withdraws everything") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"edge.requests_max=8", "edge.requests_reserved=4", "risk.orders_per_second_max=100000", "strategies=[]"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  REQUIRE(eventually([&] { return client.get("/v1/marks/SOLUSDT.SIM")->status == 200; }));
  for (int i = 0; i < 40; ++i)
    REQUIRE(client.post("/v1/orders", R"({"account":")" + std::string{i < 25 ? "a" : "b"} + R"(","instrument":"SOLUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"50"})")->status == 201);
  const auto done = nlohmann::json::parse(client.post("/v1/orders/mass_cancel", "{}")->body);
  CHECK(done["requested"] == 40);
  CHECK_MESSAGE(done["failed"] == 0, done.dump());
  for (const char* account : {"a", "b"}) // of one account: a list of everybody's asks every slot, which is more than there are places
    CHECK(eventually([&] { return nlohmann::json::parse(client.get(std::string{"/v1/orders?status=OPEN&account="} + account)->body)["orders"].empty(); }));
}
