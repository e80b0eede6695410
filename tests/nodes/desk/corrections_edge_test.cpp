// A fill that no order could take, over HTTP on a live desk: what an operator sees of it, and how it is booked.

#include "runtime/actor/caf_inspect.hpp"

#include "actors/trading/oms/messages.hpp"
#include "nodes/desk/edge_server.hpp"
#include "runtime/edge/client.hpp"
#include "tests/nodes/desk/small_desk.hpp"
#include "tests/support/node_process.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("desk/corrections");

namespace {

/// One node in memory, its edge, and a market that a test shows it.
struct served_desk {
  temporary_directory dir;
  std::unique_ptr<desk::configuration> config;
  std::unique_ptr<desk::desk> node;
  std::unique_ptr<desk::edge_server> edge;
  std::unique_ptr<edge::http_client> client;

  served_desk() {
    const std::vector<std::string> sets{"feeds=[]", "strategies=[]", "halt.cancels_orders=false", "edge.listeners.0.port=0", "node.data_dir=" + dir.path().string()};
    auto loaded = config::load_file<desk::configuration>(source_dir() / "config/desk.json", sets, desk::cross_checks());
    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    config = std::make_unique<desk::configuration>(std::move(*loaded));
    desk::desk_options o;
    o.config = config.get();
    auto opened = desk::desk::open(std::move(o));
    REQUIRE_MESSAGE(opened.has_value(), to_string(opened.error()));
    node = std::move(*opened);
    auto made = desk::edge_server::make(*node);
    REQUIRE(made);
    edge = std::move(*made);
    REQUIRE(edge->bind());
    REQUIRE(node->start());
    REQUIRE(edge->start());
    const auto line = edge->ready_line(); // ..."edge":"http://127.0.0.1:8080",...
    client = std::make_unique<edge::http_client>("127.0.0.1", static_cast<std::uint16_t>(std::stoi(line.substr(line.find("127.0.0.1:") + 10))), 10s);
  }
  ~served_desk() { edge->stop(); }

  void show_market() {
    market::quote q;
    q.instrument = btc_sim;
    q.bid = price::whole(44'999);
    q.ask = price::whole(45'001);
    q.bid_size = q.ask_size = quantity::whole(5);
    q.received_at = node->parts().env.clock->now();
    node->parts().board->take({{q}}, {node->parts().env.clock->boot()});
  }
  [[nodiscard]] nlohmann::json get(const std::string& target) {
    const auto answer = client->get(target);
    REQUIRE(answer);
    REQUIRE_MESSAGE(answer->status == 200, answer->body);
    return nlohmann::json::parse(answer->body);
  }
  [[nodiscard]] edge::client_response book(nlohmann::json body, bool with_key = true) {
    std::string key;
    std::ifstream{dir.path() / "keys/operator-1.key"} >> key;
    const auto answer = client->request("POST", "/v1/positions/corrections", body.dump(), with_key ? edge::client_headers{{"Authorization", "Bearer " + key}} : edge::client_headers{});
    REQUIRE(answer.has_value());
    return *answer;
  }
  /// A resting buy of 0.01 for account "a" that its venue has.
  [[nodiscard]] trading::order_id rest() {
    trading::order_id id;
    REQUIRE(eventually([&] { // once risk has granted a lease
      show_market();
      const auto answer = client->request("POST", "/v1/orders", R"({"account":"a","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"44000"})", {});
      return answer && answer->status == 201 && trading::from_text(json_field(answer->body, "order_id"), id);
    }));
    REQUIRE(eventually([&] { return get("/v1/orders/" + to_text(id))["status"] == "NEW"; }));
    return id;
  }
  /// As the venue's stream says it, behind the one report that it has made.
  void report_fill(trading::order_id of, const char* execution, const char* size) {
    venue::report fill;
    fill.id = {execution};
    fill.order = of;
    fill.type = venue::exec_type::trade;
    fill.last_quantity = *quantity::parse(size);
    fill.last_price = price::whole(44'000);
    actor::inbox<venue::report> said;
    said.from = actor_name{"venue/SIM"};
    said.epoch = said.previous = 1;
    said.items = {{2, fill, {}, {}}};
    node->parts().env.names->ref(small_desk::slot())->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, said), nullptr);
  }
};

} // namespace

TEST_CASE_FIXTURE(served_desk, "over HTTP: a fill that no order could take is listed and named by the halt, booked once by an operator, and booked otherwise by nobody") {
  const auto id = rest();
  report_fill(id, "x-1", "0.02");
  REQUIRE(eventually([&] { return get("/v1/positions/disputes")["disputes"].size() == 1; }));
  const auto disputed = get("/v1/positions/disputes?account=a")["disputes"][0];
  CHECK(disputed["venue"] == "SIM");
  CHECK(disputed["execution_id"] == "x-1");
  CHECK(disputed["order_id"] == to_text(id));
  CHECK(disputed["account"] == "a");
  CHECK(disputed["instrument"] == "BTCUSDT.SIM");
  CHECK(disputed["side"] == "BUY");
  CHECK(disputed["quantity"] == "0.02");
  CHECK(disputed["price"] == "44000");
  CHECK(disputed["ordered"] == "0.01");
  CHECK(disputed["filled"] == "0");
  CHECK_FALSE(disputed.contains("booked_as"));
  REQUIRE(eventually([&] { return get("/v1/halts")["halts"].size() == 1; }));
  CHECK(get("/v1/halts")["halts"][0]["reason"] == "fill x-1 at SIM of order " + to_text(id) + " is in no position: buy 0.02 at 44000");

  const nlohmann::json booking{{"account", "a"}, {"instrument", "BTCUSDT.SIM"}, {"execution_id", "x-1"}, {"reason", "compared"}};
  CHECK(book(booking, false).status == 401);
  struct row { const char* member; const char* value; unsigned status; };
  for (const auto& r : {row{"quantity", "0.01", 400}, row{"price", "44001", 400}, row{"fee", "1", 400}, row{"correction_id", "k1", 400}, row{"instrument", "ETHUSDT.SIM", 400},
                        row{"execution_id", "x-2", 404}, row{"venue", "BINANCE_SPOT", 404}, row{"account", "b", 404}}) {
    CAPTURE(r.member);
    auto other = booking;
    other[r.member] = r.value;
    const auto refused = book(other);
    CHECK_MESSAGE(refused.status == r.status, refused.body);
    if (r.status == 400) CHECK_MESSAGE(refused.body.find(std::string{"\"field\":\""} + r.member) != std::string::npos, refused.body);
  }
  CHECK(get("/v1/positions?account=a&flat=true")["positions"].empty());

  const auto first = book(booking);
  REQUIRE_MESSAGE(first.status == 201, first.body);
  CHECK(json_field(first.body, "correction_id") == "SIM/x-1");
  CHECK(json_field(first.body, "position") == "0.02");
  CHECK(book(booking).body == first.body);
  auto otherwise = booking;
  otherwise["reason"] = "once more";
  CHECK(book(otherwise).status == 409);
  const auto booked = get("/v1/positions/disputes")["disputes"][0];
  CHECK(booked["booked_as"] == "SIM/x-1");
  CHECK(booked["booked_by"] == "operator:operator-1");
  const auto listed = get("/v1/positions/corrections")["corrections"];
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["execution_id"] == "x-1");
  CHECK(listed[0]["order_id"] == to_text(id));
  REQUIRE(eventually([&] { return get("/v1/positions?account=a")["positions"].size() == 1; }));
  CHECK(get("/v1/positions?account=a")["positions"][0]["quantity"] == "0.02");
  CHECK(get("/v1/positions?account=a")["positions"][0]["fills"] == 0);
}

TEST_SUITE_END();
