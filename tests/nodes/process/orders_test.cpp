// The order path over HTTP on a real node: answers, repeats, conflicts, reads.

#include "actors/trading/ids.hpp"
#include "tests/nodes/process/load.hpp"
#include "tests/nodes/process/running_node.hpp"
#include "tests/support/count_of.hpp"
#include "tests/support/hostile_requests.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/orders");

TEST_CASE_FIXTURE(running_node, "the ready line names node, edge and boot") {
  CHECK(json_field(node.ready_line(), "event") == "ready");
  CHECK(json_field(node.ready_line(), "node") == "desk-1");
  CHECK(json_field(node.ready_line(), "edge").starts_with("http://127.0.0.1:"));
  CHECK_FALSE(json_field(node.ready_line(), "boot_id").empty());
  auto client = node.client();
  CHECK(client.get("/alive")->status == 200);
  CHECK(client.get("/ready")->status == 200);
}

TEST_CASE_FIXTURE(running_node, "an Idempotency-Key stands for the client order id: alone, or equal to the one in the body") {
  auto client = node.client();
  const auto post = [&](const std::string& key, const std::string& id) {
    return client.request("POST", "/v1/orders", order_named(id), {{"Idempotency-Key", key}});
  };
  const auto differs = post("k1", "one");
  CHECK(differs->status == 400);
  CHECK(differs->body.find("Idempotency-Key") != std::string::npos);
  CHECK(client.get("/v1/orders")->body.find("\"one\"") == std::string::npos);
  CHECK(post("one", "one")->status == 201);
  CHECK(post("k1", "two")->status == 400);
}

TEST_CASE_FIXTURE(running_node, "an Idempotency-Key that says nothing, or two of them, is refused, and nothing is placed") {
  auto client = node.client();
  const std::string body = R"({"account":"k","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})";
  const std::vector<std::vector<std::pair<std::string, std::string>>> unfit{
    {{"Idempotency-Key", ""}}, {{"Idempotency-Key", "  "}}, {{"Idempotency-Key", "a"}, {"idempotency-key", "b"}}, {{"Idempotency-Key", "a"}, {"Idempotency-Key", "a"}}};
  for (const auto& headers : unfit) {
    const auto answer = client.request("POST", "/v1/orders", body, headers);
    REQUIRE(answer);
    CHECK_MESSAGE(answer->status == 400, answer->body);
    CHECK_MESSAGE(answer->body.find("\"Idempotency-Key\"") != std::string::npos, answer->body);
  }
  CHECK(client.get("/v1/orders?account=k&status=all")->body.find("order_id") == std::string::npos);
  CHECK(client.request("POST", "/v1/orders", body, {{"Idempotency-Key", "a"}})->status == 201);
}

TEST_CASE_FIXTURE(running_node, "an order is placed, read, replaced, cancelled and stays on record") {
  auto client = node.client();
  auto placed = client.post("/v1/orders", order_named("one"));
  REQUIRE(placed);
  CAPTURE(placed->body);
  REQUIRE(placed->status == 201);
  const auto id = json_field(placed->body, "order_id");
  CHECK(eventually([&] { return json_field(client.get("/v1/orders/" + id)->body, "status") == "NEW"; }));
  auto replaced = client.request("PATCH", "/v1/orders/" + id, R"({"quantity":"0.02"})");
  REQUIRE(replaced);
  CAPTURE(replaced->body);
  CHECK(replaced->status == 202); // asked for: the venue decides
  CHECK(eventually([&] { return json_field(client.get("/v1/orders/" + id)->body, "quantity") == "0.02"; }));
  auto cancelled = client.request("DELETE", "/v1/orders/" + id);
  REQUIRE(cancelled);
  CHECK(cancelled->status == 202);
  CHECK(eventually([&] { return json_field(client.get("/v1/orders/" + id)->body, "status") == "CANCELED"; }));
  auto list = client.get("/v1/orders?account=a&status=all");
  REQUIRE(list);
  CHECK(list->body.find(id) != std::string::npos);
}

TEST_CASE_FIXTURE(running_node, "the same client order id a hundred times in parallel is one order and a hundred equal answers") {
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<std::string> bodies;
  std::set<unsigned> statuses;
  for (int i = 0; i < 100; ++i)
    threads.emplace_back([&] {
      auto answer = node.client().post("/v1/orders", order_named("same"));
      std::lock_guard guard{mutex};
      REQUIRE(answer);
      bodies.insert(answer->body);
      statuses.insert(answer->status);
    });
  for (auto& t : threads) t.join();
  CHECK(bodies.size() == 1);
  CHECK(statuses.size() == 1);
  auto list = node.client().get("/v1/orders?account=a&status=all&limit=500");
  CHECK(count_of("\"same\"", list->body) == 1);
  auto other = order_named("same");
  other.replace(other.find("0.01"), 4, "0.03");
  auto conflict = node.client().post("/v1/orders", other);
  CHECK(conflict->status == 409);
  CHECK(json_field(conflict->body, "code") == "conflict");
}

TEST_CASE_FIXTURE(running_node, "bad input is told with every field, and nothing is on record for it") {
  auto client = node.client();
  auto bad = client.post("/v1/orders", R"({"instrument":"BTCUSDT.SIM","side":"UP","quantity":"-1","colour":"red"})");
  REQUIRE(bad);
  CAPTURE(bad->body);
  CHECK(bad->status == 400);
  for (const char* field : {"\"side\"", "\"quantity\"", "\"colour\""}) CHECK(bad->body.find(field) != std::string::npos);
  CHECK(client.post("/v1/orders", order_named("x", R"({"client_order_id":"%","instrument":"NOPE.SIM","side":"BUY","quantity":"1","limit_price":"1"})"))->status == 400);
  CHECK(client.post("/v1/orders", order_named("y", R"({"client_order_id":"%","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.000000001","limit_price":"1"})"))->status == 400);
  for (const char* field : {"tenant", "account", "client_order_id"}) // a tenant's and an account's hash is another slot's: nothing may be owned by nobody
    for (const char* blank : {"", " ", "   "})
      for (const char* path : {"/v1/orders", "/v1/orders/check"}) {
        const auto nobody = client.post(path, std::string{R"({"instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","type":"MARKET",")"} + field + "\":\"" + blank + "\"}");
        CHECK(nobody->status == 400);
        CHECK(json_field(nobody->body, "code") == "invalid_argument");
        CHECK_MESSAGE(nobody->body.find(std::string{"\""} + field + "\"") != std::string::npos, nobody->body);
      }
  CHECK(client.get("/v1/orders/99-1")->status == 400);
  CHECK(client.get("/v1/orders/3-999999")->status == 404);
  CHECK(client.get("/v1/nothing")->status == 404);
  CHECK(client.request("DELETE", "/v1/marks")->status == 405);
  CHECK(client.get("/v1/orders?status=all")->body.find("order_id") == std::string::npos);
}

TEST_CASE_FIXTURE(running_node, "a market order fills and the position adds up") {
  auto client = node.client();
  REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  auto placed = client.post("/v1/orders", R"({"account":"m","client_order_id":"fill","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET"})");
  REQUIRE(placed);
  CAPTURE(placed->body);
  REQUIRE(placed->status == 201);
  const auto id = json_field(placed->body, "order_id");
  REQUIRE(eventually([&] { return json_field(client.get("/v1/orders/" + id)->body, "status") == "FILLED"; }));
  CHECK(eventually([&] { return client.get("/v1/positions?account=m")->body.find("\"quantity\":\"0.001\"") != std::string::npos; }));
  CHECK(eventually([&] { return client.get("/v1/fills?account=m")->body.find(id) != std::string::npos; }));
}

TEST_CASE_FIXTURE(running_node, "native lists come in pages that lead to exactly the rest") {
  auto client = node.client();
  for (const auto& [target, member] : std::map<std::string, std::string>{{"/v1/actors", "actors"}, {"/v1/instruments", "instruments"}}) {
    CAPTURE(target);
    const auto whole = nlohmann::json::parse(client.get(target + "?limit=500")->body);
    CHECK_FALSE(whole.contains("next"));
    std::vector<nlohmann::json> names, paged;
    const auto name_of = [](const nlohmann::json& row) { return row.contains("name") ? row["name"] : row["id"]; };
    for (const auto& row : whole[member]) names.push_back(name_of(row));
    std::string cursor;
    do {
      const auto page = nlohmann::json::parse(client.get(target + "?limit=4" + (cursor.empty() ? "" : "&cursor=" + cursor))->body);
      CHECK(page[member].size() <= 4);
      for (const auto& row : page[member]) paged.push_back(name_of(row));
      cursor = page.value("next", "");
    } while (!cursor.empty());
    CHECK(paged == names);
    CHECK(names.size() > 4);
  }
  const auto of_another = nlohmann::json::parse(client.get("/v1/instruments?limit=1")->body)["next"].get<std::string>();
  for (const auto& target : {"/v1/positions?cursor=nonsense", "/v1/cluster/moves?cursor=nonsense", "/v1/marks?cursor="}) {
    CAPTURE(target);
    const auto bad = client.get(target);
    CHECK(bad->status == 400);
    CHECK(bad->body.find("\"cursor\"") != std::string::npos);
  }
  for (const std::string list : {"orders", "positions", "cash", "fills", "marks", "feeds", "limits", "halts", "actors", "positions/corrections", "positions/disputes"}) {
    CAPTURE(list);
    CHECK(client.get("/v1/" + list + "?cursor=" + of_another)->status == 400); // or rows would be missing, and nothing would say so
  }
}

TEST_CASE_FIXTURE(running_node, "a halt that names nobody is refused and nothing is halted; one without a reason is not") {
  auto client = node.client();
  const auto halts = [&] { return nlohmann::json::parse(client.get("/v1/halts")->body)["halts"]; };
  const auto no = client.post("/v1/halts", R"({"scope":"ACCOUNT","key":" ","reason":"drill"})");
  CHECK(no->status == 400);
  CHECK(json_field(no->body, "code") == "invalid_argument");
  CHECK_MESSAGE(no->body.find("\"key\"") != std::string::npos, no->body);
  CHECK(halts().empty());
  CHECK(client.post("/v1/halts", R"({"scope":"FIRM","key":""})")->status == 200);
  CHECK(client.post("/v1/halts", R"({"scope":"ACCOUNT","key":"a","reason":" "})")->status == 200);
  CHECK(client.post("/v1/halts", R"({"scope":"ACCOUNT","key":"b","reason":"drill"})")->status == 200);
  std::map<std::string, int> reasons;
  for (const auto& h : halts()) ++reasons[h["reason"]];
  CHECK(reasons == std::map<std::string, int>{{"none given", 2}, {"drill", 1}});
}

TEST_CASE_FIXTURE(running_node, "the newest orders and fills come first, open and finished, and without a page behind them") {
  auto client = node.client();
  REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  const auto ids = [&](const std::string& target, const char* member) {
    std::vector<std::string> out;
    const auto page = nlohmann::json::parse(client.get(target)->body);
    CHECK_FALSE(page.contains("next"));
    for (const auto& row : page.at(member)) out.push_back(row.at("order_id"));
    return out;
  };
  std::vector<std::string> placed;
  for (const char* account : {"a", "b", "c", "d"}) { // slots apart, so that ids and times order differently
    const auto body = std::string{R"({"account":")"} + account + R"(","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET"})";
    placed.insert(placed.begin(), json_field(client.post("/v1/orders", body)->body, "order_id"));
    REQUIRE(eventually([&] { return json_field(client.get("/v1/orders/" + placed.front())->body, "status") == "FILLED"; }));
  }
  const auto finished = placed;
  const auto open = json_field(client.post("/v1/orders", order_named("rests"))->body, "order_id");
  placed.insert(placed.begin(), open);
  CHECK(ids("/v1/orders?sort=newest", "orders") == placed);
  CHECK(ids("/v1/orders?sort=NEWEST&limit=2", "orders") == std::vector<std::string>{open, finished[0]});
  CHECK(ids("/v1/orders?sort=newest&status=open", "orders") == std::vector<std::string>{open});
  CHECK(ids("/v1/orders?sort=newest&account=b", "orders") == std::vector<std::string>{finished[2]});
  REQUIRE(eventually([&] { return ids("/v1/fills", "fills").size() == 4; }));
  CHECK(ids("/v1/fills?sort=newest", "fills") == finished);
  CHECK(ids("/v1/fills?sort=newest&limit=1", "fills") == std::vector<std::string>{finished[0]});
  for (const char* target : {"/v1/orders?sort=newest&cursor=1-1", "/v1/fills?sort=newest&cursor=00"}) {
    const auto refused = client.get(target);
    CHECK(refused->status == 400);
    CHECK(refused->body.find("\"cursor\"") != std::string::npos);
  }
}

TEST_CASE("an order gets in while a flood of reads waits, a halt and a cancel while a flood of orders does") {
  temporary_directory dir;
  // Two places, one of them for reads; a portfolio and a slot that answer nobody: who asks one of them holds a place until the time is over.
  node_process node{{.data_dir = dir.path() / "data",
                     .sets = {"edge.requests_max=2", "edge.answer_timeout_ms=8000", "node.hang_after_ms=9000", "node.stuck_after_ms=15000"},
                     .arguments = {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  const auto resting_id = json_field(client.post("/v1/orders", order_named("one"))->body, "order_id");
  const auto stuck = trading::slot_of({"main"}, {"stuck"});
  REQUIRE(stuck != trading::slot_of({"main"}, {"a"}));
  for (const auto& name : {std::string{"portfolio"}, "oms/" + std::to_string(stuck)})
    REQUIRE(client.post("/v1/actors/fault", R"({"name":")" + name + R"(","fault":"hang"})")->status < 300);
  std::vector<edge::raw_connection> flood;
  const auto stall = [&](const std::string& request) {
    flood.push_back(*edge::raw_connection::open("127.0.0.1", node.port(), 10s));
    REQUIRE(flood.back().send(request, 10s));
  };
  for (int i = 0; i < 2; ++i) stall(get_text("/v1/positions"));
  REQUIRE(eventually([&] { return client.get("/v1/marks")->status == 503; }));
  CHECK(client.post("/v1/orders", order_named("two"))->status == 201);

  REQUIRE(eventually([&] { // again while the other order was there first and the one that hangs found no place
    stall(post_text("/v1/orders", R"({"account":"stuck","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"44000"})"));
    return client.post("/v1/orders", order_named("two"))->status == 503;
  }));
  const auto refused = client.post("/v1/orders", order_named("three"));
  CHECK(refused->status == 503);
  CHECK(refused->header("Retry-After") == "1");
  CHECK(json_field(refused->body, "code") == "overloaded");
  CHECK(client.request("DELETE", "/v1/orders/" + resting_id)->status == 202);
  CHECK(client.post("/v1/halts", R"({"scope":"FIRM"})")->status == 200);
  CHECK(client.post("/v1/orders", order_named("four"))->status == 503); // the places are still taken
}

TEST_CASE("the edge's times and sizes are configuration") {
  temporary_directory dir;
  node_process node{{.data_dir = dir.path() / "data",
                     .sets = {"edge.header_timeout_ms=60", "edge.target_bytes=300", "edge.header_bytes=600", "edge.idle_timeout_ms=200"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto said = [&](const std::string& bytes) {
    auto c = edge::raw_connection::open("127.0.0.1", node.port(), 10s);
    REQUIRE(c);
    (void)c->send(bytes, 10s);
    return c->receive_all(10s).value();
  };
  const auto late = said("GET /alive HTT");
  CHECK(late.starts_with("HTTP/1.1 408 "));
  CHECK(late.find("\r\nRetry-After: 1\r\n") != std::string::npos);
  CHECK(said("GET /" + std::string(350, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 414 "));
  CHECK(said("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(700, 'a') + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
  CHECK(said("").empty());
}
