// The order path over HTTP on a real node: answers, repeats, conflicts, reads, counters, the declared surface.

#include "actors/trading/ids.hpp"
#include "tests/nodes/process/load.hpp"
#include "tests/support/count_of.hpp"
#include "tests/support/hostile_requests.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

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

const char* resting_body = R"({"account":"a","client_order_id":"%","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","type":"LIMIT","limit_price":"44000"})";

std::string order(const std::string& id, std::string body = resting_body) {
  body.replace(body.find('%'), 1, id);
  return body;
}

} // namespace

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

TEST_CASE("an account's exposure counts what it holds of every instrument at the mark of the moment, also of one that it has long not traded") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {R"(feeds=[{"name":"walk","seed":1,"step_ms":1,"quotes":6000}])", "risk.mark_age_max_ms=600000"}, {}, {}, false}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  const auto ask = [&](const std::string& target) { return nlohmann::json::parse(client.get(target)->body); };
  const auto number = [](const nlohmann::json& text) { return std::stod(text.get<std::string>()); };
  REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  const auto bought = client.post("/v1/orders", R"({"account":"a","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"1","type":"MARKET"})");
  REQUIRE_MESSAGE(bought->status == 201, bought->body);
  const auto id = json_field(bought->body, "order_id");
  REQUIRE(eventually([&] { return json_field(client.get("/v1/orders/" + id)->body, "status") == "FILLED"; }));
  REQUIRE(eventually([&] { return ask("/v1/feeds")["feeds"][0]["status"] == "ENDED"; }, 30s));
  const auto mark = ask("/v1/marks/BTCUSDT.SIM");
  const auto worth = (number(mark["bid"]) + number(mark["ask"])) / 2;
  REQUIRE(std::abs(worth - number(ask("/v1/orders/" + id)["average_price"])) > 1); // the market has moved
  const auto other = client.post("/v1/orders", R"({"account":"a","instrument":"ETHUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"2000"})");
  REQUIRE_MESSAGE(other->status == 201, other->body); // nobody sells at 2000: it rests
  const auto turns = ask("/v1/actors/history?limit=500&name=oms%2F" + id.substr(0, id.find('-')))["turns"];
  const auto taken = std::ranges::find_if(turns, [&](const auto& t) { return !t["turn"]["events"].empty() && t["turn"]["events"][0].value("id", "") == json_field(other->body, "order_id"); });
  REQUIRE(taken != turns.end());
  const auto read = number((*taken)["turn"]["inputs"]["account_exposure"]["amount"]);
  CHECK(std::abs(read - worth) < 0.1);
}

TEST_CASE("an instrument that has been traded keeps its quote: another one does not start, and says how it was; set back, everything is there") {
  temporary_directory dir;
  const auto with = [&](std::vector<std::string> sets) { return node_process{{dir.path() / "data", std::move(sets)}}; };
  {
    auto node = with({});
    REQUIRE_MESSAGE(node.start(), node.log());
    auto client = node.client();
    REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
    const auto bought = client.post("/v1/orders", R"({"account":"a","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET","time_in_force":"IOC"})");
    REQUIRE_MESSAGE(bought->status == 201, bought->body);
    REQUIRE(eventually([&] { return json_field(client.get("/v1/orders/" + json_field(bought->body, "order_id"))->body, "status") == "FILLED"; })); // nothing is open
    REQUIRE(eventually([&] { return client.get("/v1/positions?account=a")->body.find("BTCUSDT") != std::string::npos; }));
    node.kill();
  }
  auto other = with({"instruments.3.quote=USD", "risk.quotes_at_par=true"});
  CHECK_FALSE(other.start());
  CHECK(other.exit_code() == 3);
  CHECK_MESSAGE(other.log().find("is configured with the quote USD, but account a has traded it in USDT") != std::string::npos, other.log());
  auto back = with({});
  REQUIRE_MESSAGE(back.start(), back.log());
  CHECK(back.client().get("/v1/positions?account=a")->body.find("BTCUSDT") != std::string::npos);
}

TEST_CASE("an instrument with an open order keeps its quote though nothing of it is filled; without one it may have another") {
  temporary_directory dir;
  const auto with = [&](std::vector<std::string> sets) { return node_process{{dir.path() / "data", std::move(sets)}}; };
  const std::vector<std::string> in_dollars{"instruments.3.quote=USD", "risk.quotes_at_par=true"};
  std::string id;
  {
    auto node = with({});
    REQUIRE_MESSAGE(node.start(), node.log());
    auto client = node.client();
    REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
    const auto placed = client.post("/v1/orders", order("one"));
    REQUIRE_MESSAGE(placed->status == 201, placed->body);
    id = json_field(placed->body, "order_id");
    node.kill();
  }
  auto other = with(in_dollars);
  CHECK_FALSE(other.start());
  CHECK(other.exit_code() == 3);
  CHECK_MESSAGE(other.log().find("is configured with the quote USD, but order " + id + " of account a is open in USDT") != std::string::npos, other.log());
  {
    auto back = with({});
    REQUIRE_MESSAGE(back.start(), back.log());
    REQUIRE(back.client().request("DELETE", "/v1/orders/" + id)->status < 300);
    REQUIRE(eventually([&] { return json_field(back.client().get("/v1/orders/" + id)->body, "status") == "CANCELED"; }));
    back.kill();
  }
  auto free = with(in_dollars);
  CHECK_MESSAGE(free.start(), free.log());
}

TEST_CASE_FIXTURE(running_node, "an Idempotency-Key stands for the client order id: alone, or equal to the one in the body") {
  auto client = node.client();
  const auto post = [&](const std::string& key, const std::string& id) {
    return client.request("POST", "/v1/orders", order(id), {{"Idempotency-Key", key}});
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
  auto placed = client.post("/v1/orders", order("one"));
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
      auto answer = node.client().post("/v1/orders", order("same"));
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
  auto other = order("same");
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
  CHECK(client.post("/v1/orders", order("x", R"({"client_order_id":"%","instrument":"NOPE.SIM","side":"BUY","quantity":"1","limit_price":"1"})"))->status == 400);
  CHECK(client.post("/v1/orders", order("y", R"({"client_order_id":"%","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.000000001","limit_price":"1"})"))->status == 400);
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

TEST_CASE_FIXTURE(running_node, "a thousand POSTs raise each counter on the order path by exactly a thousand") {
  const std::string answers = R"(troupe_edge_answers_total{class="2xx",route="POST /v1/orders",surface="v1"})";
  const std::vector<std::string> path{"troupe_edge_orders_asked_total",      "troupe_edge_orders_answered_total",
                                      answers,                               "troupe_oms_orders_accepted_total",
                                      "troupe_venue_orders_submitted_total", "troupe_oms_orders_acknowledged_total"};
  std::map<std::string, double> before;
  for (const auto& name : path) before[name] = metric(name);
  const auto requests = metric("troupe_edge_requests_total");
  auto client = node.client();
  for (int i = 0; i < 1000; ++i) REQUIRE(client.post("/v1/orders", order("n" + std::to_string(i)))->status == 201);
  CHECK(metric("troupe_edge_requests_total") - requests == 1001); // and the scrape itself
  for (const auto& name : path) {
    CAPTURE(name);
    CHECK(before[name] == 0);
    CHECK(eventually([&] { return metric(name) >= before[name] + 1000; })); // what follows the answer takes its time
    CHECK(metric(name) == before[name] + 1000);
  }
  CHECK(metric("troupe_oms_orders_open") == 1000);
  for (const char* none : {"troupe_oms_fills_total", "troupe_oms_orders_canceled_total", "troupe_oms_orders_not_sent_total",
                           "troupe_venue_cancels_submitted_total", R"(troupe_edge_refusals_total{reason="in_flight"})"})
    CHECK_MESSAGE(metric(none) == 0, none);
  // Repeats are answered and place nothing.
  for (int i = 0; i < 10; ++i) REQUIRE(client.post("/v1/orders", order("n" + std::to_string(i)))->status == 201);
  CHECK(metric("troupe_edge_orders_answered_total") == 1010);
  CHECK(metric("troupe_oms_orders_accepted_total") == 1000);
  CHECK(metric("troupe_venue_orders_submitted_total") == 1000);
}

TEST_CASE_FIXTURE(running_node, "refusals, cancels and fills are counted where they happen, by reason") {
  auto client = node.client();
  REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  const std::string large = R"({"client_order_id":"%","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"900","limit_price":"44000"})";
  REQUIRE(client.post("/v1/orders", order("l1", large))->status == 200);
  REQUIRE(client.post("/v1/orders", order("l1", large))->status == 200); // a repeat is no second refusal
  REQUIRE(client.post("/v1/orders", order("t1", R"({"client_order_id":"%","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"1","limit_price":"44000.001"})"))->status == 400);
  const auto resting_id = json_field(client.post("/v1/orders", order("c1"))->body, "order_id");
  REQUIRE(client.request("PATCH", "/v1/orders/" + resting_id, R"({"quantity":"900"})")->status == 200);
  REQUIRE(client.request("DELETE", "/v1/orders/" + resting_id)->status == 202);
  REQUIRE(client.request("DELETE", "/v1/orders/3-999999")->status == 404);
  REQUIRE(client.post("/v1/orders", R"({"instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET"})")->status == 201);
  const std::map<std::string, double> expected{
    {R"(troupe_oms_orders_refused_total{reason="order_notional_max"})", 2}, // the order and the replace
    {R"(troupe_oms_orders_refused_total{reason="unknown_order"})", 1},
    {R"(troupe_oms_orders_refused_total{reason="off_tick"})", 1},
    {"troupe_oms_orders_accepted_total", 2},
    {"troupe_oms_orders_canceled_total", 1},
    {"troupe_venue_cancels_submitted_total", 1},
    {"troupe_oms_orders_filled_total", 1},
    {"troupe_oms_orders_open", 0},
    {R"(troupe_edge_answers_total{class="4xx",route="POST /v1/orders",surface="v1"})", 1}};
  for (const auto& [name, value] : expected) {
    CAPTURE(name);
    CHECK(eventually([&] { return metric(name) == value; }));
  }
  REQUIRE(client.get("/v1/nothing")->status == 404);
  CHECK(metric(R"(troupe_edge_refusals_total{reason="route_not_found"})") == 1);
  for (int i = 0; i < 128; ++i) REQUIRE(client.get("/alive")->status == 200);
  CHECK(metric("troupe_edge_request_seconds_count") >= 2); // one request in 64
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
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/ETHUSDT.SIM")->status == 200; }));
  REQUIRE(node.client().post("/v1/orders", R"({"instrument":"ETHUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"50"})")->status == 201);
  REQUIRE(eventually([&] { return node.client().get("/v1/orders?status=OPEN")->body.find(R"("status":"NEW")") != std::string::npos; }));
  node.kill();
  node.options().sets.emplace_back(R"(instruments=[{"id":"BTCUSDT.SIM"},{"id":"SOLUSDT.SIM","tick_size":"0.001","lot_size":"0.001"}])");
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  const auto withdraw = [&] { return *client.post("/v1/orders/mass_cancel", R"({"instrument":"ETHUSDT.SIM"})"); };
  CHECK(nlohmann::json::parse(withdraw().body)["requested"] == 1);
  CHECK(eventually([&] { return nlohmann::json::parse(client.get("/v1/orders?status=OPEN")->body)["orders"].empty(); }));
  CHECK(withdraw().status == 404);
}

TEST_CASE("an instrument that is not configured any more is halted while something is open in it, which is withdrawn; one that nobody had is refused") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"strategies=[]"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/ETHUSDT.SIM")->status == 200; }));
  REQUIRE(node.client().post("/v1/orders", R"({"instrument":"ETHUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"50"})")->status == 201);
  REQUIRE(eventually([&] { return node.client().get("/v1/orders?status=OPEN")->body.find(R"("status":"NEW")") != std::string::npos; }));
  node.kill();
  node.options().sets.emplace_back(R"(instruments=[{"id":"BTCUSDT.SIM"},{"id":"SOLUSDT.SIM","tick_size":"0.001","lot_size":"0.001"}])");
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  const auto refused = client.post("/v1/halts", R"({"scope":"INSTRUMENT","key":"DOGEUSDT.SIM"})");
  CHECK(refused->status == 404);
  CHECK(refused->body.find("there are BTCUSDT.SIM") != std::string::npos);
  CHECK(nlohmann::json::parse(client.get("/v1/halts")->body)["halts"].empty());
  const auto halted = client.post("/v1/halts", R"({"scope":"INSTRUMENT","key":"ETHUSDT.SIM"})");
  CHECK_MESSAGE(halted->status == 200, halted->body);
  CHECK(eventually([&] { return nlohmann::json::parse(client.get("/v1/orders?status=OPEN")->body)["orders"].empty(); }));
  CHECK(nlohmann::json::parse(client.get("/v1/halts")->body)["halts"].size() == 1);
}

TEST_CASE("a mass cancel withdraws more of one account than a page holds") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"risk.orders_per_second_max=100000", "risk.open_orders_max=2000", "strategies=[]"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  REQUIRE(eventually([&] { return client.get("/v1/marks/SOLUSDT.SIM")->status == 200; }));
  constexpr int count = 1203;
  for (int i = 0; i < count; ++i)
    REQUIRE(client.post("/v1/orders", R"({"account":"a","instrument":"SOLUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"50"})")->status == 201);
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
  const auto open = json_field(client.post("/v1/orders", order("rests"))->body, "order_id");
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
  const auto resting_id = json_field(client.post("/v1/orders", order("one"))->body, "order_id");
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
  CHECK(client.post("/v1/orders", order("two"))->status == 201);

  REQUIRE(eventually([&] { // again while the other order was there first and the one that hangs found no place
    stall(post_text("/v1/orders", R"({"account":"stuck","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"44000"})"));
    return client.post("/v1/orders", order("two"))->status == 503;
  }));
  const auto refused = client.post("/v1/orders", order("three"));
  CHECK(refused->status == 503);
  CHECK(refused->header("Retry-After") == "1");
  CHECK(json_field(refused->body, "code") == "overloaded");
  CHECK(client.request("DELETE", "/v1/orders/" + resting_id)->status == 202);
  CHECK(client.post("/v1/halts", R"({"scope":"FIRM"})")->status == 200);
  CHECK(client.post("/v1/orders", order("four"))->status == 503); // the places are still taken
}

TEST_CASE_FIXTURE(running_node, "the request id that a client holds names the cause of every turn its order led to, in the slot and at the venue") {
  auto client = node.client();
  const auto placed = client.post("/v1/orders", R"({"account":"a","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"44000"})");
  REQUIRE(placed);
  REQUIRE_MESSAGE(placed->status == 201, placed->body);
  const std::string request_id{placed->header("X-Request-Id")};
  const auto dash = request_id.rfind('-');
  REQUIRE(dash != std::string::npos);
  CHECK(request_id.substr(0, dash) == json_field(node.ready_line(), "boot_id"));
  CHECK(json_field(placed->body, "client_order_id") == "http-" + request_id);
  const auto id = json_field(placed->body, "order_id");
  REQUIRE(eventually([&] { return json_field(client.get("/v1/orders/" + id)->body, "status") == "NEW"; }));
  const auto cause_of = [&](const std::string& actor, const std::string& kind) {
    const auto history = nlohmann::json::parse(client.get("/v1/actors/history?name=" + actor)->body);
    for (const auto& record : history.at("turns"))
      for (const auto& event : record.at("turn").at("events"))
        if (event.at("kind") == kind) return record.at("cause");
    return nlohmann::json{};
  };
  const nlohmann::json cause{{"source", "http-" + request_id.substr(0, dash)}, {"number", std::stoull(request_id.substr(dash + 1))}};
  const auto slot = "oms/" + id.substr(0, id.find('-'));
  CHECK(cause_of(slot, "order_accepted") == cause);
  CHECK(cause_of("venue/SIM", "order_opened") == cause);
  CHECK(cause_of(slot, "execution") == cause); // the venue's report
}

TEST_CASE_FIXTURE(running_node, "what risk lends a slot is on record with the slot's request as its cause") {
  const auto history = nlohmann::json::parse(node.client().get("/v1/actors/history?name=risk")->body);
  std::size_t lent = 0;
  for (const auto& record : history.at("turns"))
    for (const auto& event : record.at("turn").at("events"))
      if (event.at("kind") == "budget_set") {
        ++lent;
        CHECK(record.at("cause").at("source") == "oms/" + std::to_string(event.at("slot").get<int>()));
        CHECK(record.at("cause").at("number").get<std::uint64_t>() > 0);
      }
  CHECK(lent > 0);
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
