// The order path over HTTP on a real node: answers, repeats, conflicts, reads, counters, the declared surface.

#include "tests/nodes/process/load.hpp"

#include "runtime/wire/json_value.hpp"

#include <algorithm>
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

  /// The value of a metric without labels; -1 when absent.
  [[nodiscard]] double metric(const std::string& name) const {
    auto answer = node.client().get("/metrics");
    REQUIRE(answer);
    const auto at = answer->body.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(answer->body.substr(at + name.size() + 2));
  }
};

const char* resting = R"({"account":"a","client_order_id":"%","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","type":"LIMIT","limit_price":"44000"})";

std::string order(const std::string& id, std::string body = resting) {
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
  std::size_t times = 0;
  for (auto at = list->body.find("\"same\""); at != std::string::npos; at = list->body.find("\"same\"", at + 1)) ++times;
  CHECK(times == 1);
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
  const auto requests = metric("troupe_edge_requests_total");
  auto client = node.client();
  for (int i = 0; i < 1000; ++i) REQUIRE(client.post("/v1/orders", order("n" + std::to_string(i)))->status != 500);
  CHECK(metric("troupe_edge_requests_total") - requests == 1001); // and the scrape itself
  auto metrics = client.get("/metrics")->body;
  std::uint64_t turns = 0;
  for (auto at = metrics.find("troupe_actor_turns_total{actor=\"oms/"); at != std::string::npos; at = metrics.find("troupe_actor_turns_total{actor=\"oms/", at + 1))
    turns += std::stoull(metrics.substr(metrics.find("} ", at) + 2));
  CHECK(turns >= 1000);
}

TEST_CASE_FIXTURE(running_node, "every path of openapi.json is served, and a native route refuses what nobody declared") {
  auto client = node.client();
  auto page = client.get("/openapi.json");
  REQUIRE(page);
  REQUIRE(page->status == 200);
  auto parsed = wire::parse_json(page->body, {64, 1'000'000});
  REQUIRE(parsed);
  const auto* paths = parsed->find("paths");
  REQUIRE(paths);
  CHECK(paths->members.size() > 20);
  for (const auto& [path, operations] : paths->members) {
    std::string target = path;
    for (auto open = target.find('{'); open != std::string::npos; open = target.find('{'))
      target.replace(open, target.find('}') - open + 1, "1-1");
    for (const auto& [method, operation] : operations.members) {
      if (method == "parameters" || path.find("/stream") != std::string::npos || path.starts_with("/ws/")) continue;
      std::string verb = method;
      for (auto& c : verb) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      CAPTURE(verb);
      CAPTURE(path);
      auto answer = client.request(verb, target, verb == "GET" || verb == "DELETE" ? "" : "{}");
      REQUIRE(answer);
      CHECK(json_field(answer->body, "code") != "route_not_found");
      CHECK(answer->status != 405);
      if (!path.starts_with("/v1") || verb != "GET") continue;
      auto undeclared = client.get(target + "?nobody_declared=1");
      REQUIRE(undeclared);
      CHECK(undeclared->status == 400);
      CHECK(undeclared->body.find("nobody_declared") != std::string::npos);
    }
  }
  CHECK(client.get("/api/docs")->body.find("<html") != std::string::npos);
}

TEST_CASE("Trade2026: a repeat gets the first answer byte for byte, refused or not, and keyless posts are separate orders") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  const std::string body = R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"type":"limit","order_type":"market","price":44000,"account":"t","client_order_id":"k1","colour":"red"})";
  auto first = client.post("/orders", body);
  REQUIRE(first);
  CAPTURE(first->body);
  CHECK(first->status == 200);
  CHECK(json_field(first->body, "status") == "SENT");
  CHECK(json_field(first->body, "side") == "BUY");
  CHECK(client.post("/orders", body)->body == first->body);
  const std::string large = R"({"symbol":"BTCUSDT","side":"SELL","quantity":900,"price":45000,"account":"t","client_order_id":"k2"})";
  auto refused = client.post("/orders", large);
  CHECK(refused->status == 200);
  CHECK(json_field(refused->body, "status") == "RISK_REJECTED");
  CHECK(client.post("/orders", large)->body == refused->body);
  const std::string keyless = R"({"symbol":"BTCUSDT","side":"BUY","quantity":0.01,"price":44000})";
  CHECK(json_field(client.post("/orders", keyless)->body, "order_id") != json_field(client.post("/orders", keyless)->body, "order_id"));
  CHECK(client.post("/orders", R"({"side":"BUY","quantity":1})")->status == 400);
}
