// /v1/stream on a real node: snapshots, numbered changes of all four channels, what a client finds that was away, and no
// event lost when a slot dies.

#include "tests/nodes/process/three_nodes.hpp"
#include "tests/support/node_process.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <set>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

struct streaming_node {
  temporary_directory dir;
  node_process node{{.data_dir = dir.path() / "data", .arguments = {"--allow-faults"}}};
  streaming_node() { REQUIRE_MESSAGE(node.start(), node.log()); }

  [[nodiscard]] json post(const std::string& target, const std::string& body) const {
    auto answer = node.client().post(target, body);
    REQUIRE(answer);
    REQUIRE_MESSAGE(answer->status < 300, answer->body);
    return json::parse(answer->body);
  }
  [[nodiscard]] std::string rest(const std::string& account) const {
    return post("/v1/orders", R"({"instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"42000","account":")" + account + "\"}")
      ["order_id"];
  }
  [[nodiscard]] std::string buy(const std::string& account) const {
    return post("/v1/orders",
                R"({"instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET","account":")" + account + "\"}")["order_id"];
  }
};

/// A client that keeps what the stream tells it, and checks of every message that nothing is missing before it.
class follower {
public:
  follower(const node_process& node, const std::vector<std::string>& channels)
    : socket_{*edge::websocket_client::open("127.0.0.1", node.port(), "/v1/stream", 10s)} {
    REQUIRE(socket_.send(json{{"op", "subscribe"}, {"channels", channels}}.dump(), 10s));
    for (std::size_t i = 0; i < channels.size(); ++i) {
      const auto m = next();
      REQUIRE(m["type"] == "snapshot");
      sequence_[m["channel"]] = m["sequence"];
      for (const auto& row : m["data"]) values[m["channel"]][row["key"]] = row["data"];
    }
  }

  /// Follows until `done`; false when 10 s pass without a message.
  template <class F>
  bool until(F done) {
    while (!done()) {
      auto text = socket_.receive(10s);
      if (!text) return false;
      const auto m = json::parse(*text);
      if (m["type"] == "out_of_date") {
        out_of_date[m["channel"]].push_back(m["slots"]);
        continue;
      }
      REQUIRE(m["type"] == "delta");
      auto& last = sequence_[m["channel"]];
      CHECK(m["previous"] == last);
      CHECK(m["sequence"] > last);
      last = m["sequence"];
      ++deltas[m["channel"]];
      values[m["channel"]][m["key"]] = m["data"];
    }
    return true;
  }

  [[nodiscard]] std::uint64_t sequence(const std::string& channel) const { return sequence_.at(channel); }

  std::map<std::string, std::map<std::string, json>> values; // by channel and key
  std::map<std::string, std::size_t> deltas;
  std::map<std::string, std::vector<json>> out_of_date; // by channel: the slots, each time they were told

private:
  json next() {
    auto text = socket_.receive(10s);
    REQUIRE_MESSAGE(text.has_value(), to_string(text.error()));
    return json::parse(*text);
  }

  edge::websocket_client socket_;
  std::map<std::string, std::uint64_t> sequence_;
};

} // namespace

TEST_SUITE_BEGIN("process/stream");

TEST_CASE_FIXTURE(streaming_node, "orders, fills, positions and tickers: a snapshot, then every change under its number") {
  const auto before = rest("early");
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  REQUIRE(eventually([&] { return follower{node, {"orders"}}.values["orders"].contains(before); }));
  follower f{node, {"orders", "fills", "positions", "tickers"}};
  CHECK(f.values["orders"].at(before)["account"] == "early");
  const auto filled = buy("s");
  REQUIRE(f.until([&] { return f.values["orders"].contains(filled) && f.values["orders"][filled]["status"] == "FILLED"; }));
  REQUIRE(f.until([&] { return !f.values["fills"].empty() && !f.values["positions"].empty(); }));
  const auto& fill = f.values["fills"].begin()->second;
  CHECK(fill["order_id"] == filled);
  CHECK(fill["quantity"] == "0.001");
  const auto& position = f.values["positions"].at("main/s/BTCUSDT.SIM");
  CHECK(position["quantity"] == "0.001");
  CHECK(position["fills"] == 1);
  REQUIRE(f.until([&] { return f.deltas["tickers"] > 3; }));
  CHECK(f.values["tickers"].at("BTCUSDT.SIM")["bid"].is_string());
  REQUIRE(node.client().request("DELETE", "/v1/orders/" + before)->status == 202);
  CHECK(f.until([&] { return f.values["orders"][before]["status"] == "CANCELED"; }));
}

TEST_CASE_FIXTURE(streaming_node, "a client that was away finds in the new snapshot what it missed, and by the numbers how much") {
  const auto kept = rest("away"), withdrawn = rest("away");
  std::uint64_t seen = 0;
  {
    follower f{node, {"orders"}};
    REQUIRE(f.until([&] {
      return f.values["orders"].contains(withdrawn) && f.values["orders"][withdrawn]["status"] == "NEW" &&
             f.values["orders"].contains(kept) && f.values["orders"][kept]["status"] == "NEW";
    }));
    seen = f.sequence("orders");
  }
  REQUIRE(node.client().request("DELETE", "/v1/orders/" + withdrawn)->status == 202);
  const auto fresh = rest("away");
  REQUIRE(eventually([&] {
    follower f{node, {"orders"}};
    return f.values["orders"].contains(fresh) && f.values["orders"][fresh]["status"] == "NEW" && !f.values["orders"].contains(withdrawn);
  }));
  follower back{node, {"orders"}};
  CHECK(back.values["orders"].contains(kept));
  CHECK(back.sequence("orders") == seen + 4); // cancel asked, canceled, accepted, new
}

TEST_CASE_FIXTURE(streaming_node, "after kill -9 the snapshot shows the open orders and the positions again") {
  const auto open = rest("again");
  const auto filled = buy("again");
  REQUIRE(eventually([&] { return json_field(node.client().get("/v1/orders/" + filled)->body, "status") == "FILLED"; }));
  node.kill();
  REQUIRE_MESSAGE(node.start(), node.log());
  follower f{node, {"orders", "positions"}};
  CHECK(f.until([&] { return f.values["orders"].contains(open) && f.values["positions"].contains("main/again/BTCUSDT.SIM"); }));
  CHECK_FALSE(f.values["orders"].contains(filled));
  CHECK(f.values["positions"]["main/again/BTCUSDT.SIM"]["quantity"] == "0.001");
}

TEST_CASE_FIXTURE(streaming_node, "a slot that dies under load costs the stream and the counters no fill and no order") {
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  follower f{node, {"fills"}};
  // Everything goes to one slot, so that whenever it dies some of its turns are durable and not yet published.
  std::atomic<bool> leaving{false};
  std::atomic<int> answered{0};
  std::vector<std::jthread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([&, client = node.client()]() mutable {
      while (!leaving) {
        (void)client.post("/v1/orders", R"({"instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET","account":"one"})");
        ++answered;
      }
    });
  REQUIRE(eventually([&] { return answered > 300; }, 30s));
  const auto slot = rest("one").substr(0, rest("one").find('-'));
  REQUIRE(node.client().post("/v1/actors/fault", R"({"name":"oms/)" + slot + R"(","fault":"die"})")->status < 300);
  const int at_death = answered;
  REQUIRE(eventually([&] { return answered > at_death + 300; }, 30s));
  leaving = true;
  clients.clear();
  std::set<std::string> recorded;
  const auto record = [&] { // every fill of the books
    recorded.clear();
    std::string cursor;
    do {
      const auto page = json::parse(node.client().get("/v1/fills?limit=500" + (cursor.empty() ? "" : "&cursor=" + cursor))->body);
      for (const auto& x : page["fills"]) recorded.insert(x["venue"].get<std::string>() + "/" + x["execution_id"].get<std::string>());
      cursor = page.value("next", "");
    } while (!cursor.empty());
    return recorded.size();
  };
  REQUIRE(record() > 0);
  CHECK(f.until([&] {
    return std::all_of(recorded.begin(), recorded.end(), [&](const auto& key) { return f.values["fills"].contains(key); });
  }));
  const auto counted = [&] {
    const auto text = node.client().get("/metrics")->body;
    const std::string name = "\ntroupe_oms_fills_total ";
    return std::stoull(text.substr(text.find(name) + name.size()));
  };
  CHECK(eventually([&] { return counted() == record(); })); // resting orders may still fill meanwhile
}

TEST_CASE_FIXTURE(streaming_node, "an order stream that ended goes on behind what it told last: what ended meanwhile is told, and every event is counted once") {
  const auto kept = rest("gone"), withdrawn = rest("gone");
  follower f{node, {"orders"}};
  const auto is = [&](const std::string& id, const char* status) { return f.values["orders"].contains(id) && f.values["orders"][id]["status"] == status; };
  REQUIRE(f.until([&] { return is(kept, "NEW") && is(withdrawn, "NEW"); }));
  const auto row = [&] { return json::parse(node.client().get("/v1/actors/info?name=edge/orders")->body); };
  (void)post("/v1/actors/fault", R"({"name":"edge/orders","fault":"throw"})");
  REQUIRE(eventually([&] { return row()["restarts"] == 1 && row()["status"] == "RUNNING"; }));
  (void)post("/v1/actors/fault", R"({"name":"edge/orders","fault":"die"})");
  REQUIRE(eventually([&] { return row()["status"] == "HALTED"; })); // the second within the period
  REQUIRE(node.client().request("DELETE", "/v1/orders/" + withdrawn)->status == 202);
  REQUIRE(eventually([&] { return json_field(node.client().get("/v1/orders/" + withdrawn)->body, "status") == "CANCELED"; }));
  const auto fresh = rest("gone");
  REQUIRE(node.client().request("POST", "/v1/actors/restart", R"({"name":"edge/orders"})", {{"Authorization", "Bearer " + node.operator_key(1)}})->status == 202);
  CHECK(f.until([&] { return is(withdrawn, "CANCELED") && is(fresh, "NEW"); }));
  follower late{node, {"orders"}};
  CHECK_FALSE(late.values["orders"].contains(withdrawn));
  CHECK(late.values["orders"].contains(kept));
  const auto counted = [&](const std::string& name) {
    const auto text = node.client().get("/metrics")->body;
    return std::stoull(text.substr(text.find("\n" + name + " ") + name.size() + 2));
  };
  CHECK(eventually([&] { return counted("troupe_oms_orders_canceled_total") == 1 && counted("troupe_oms_orders_accepted_total") == 3; }));
  CHECK(counted("troupe_oms_orders_open") == 2);
}

TEST_CASE_FIXTURE(streaming_node, "a market channel refuses a key that nobody trades by its name, and takes every spelling of a symbol that the paths take") {
  auto c = edge::websocket_client::open("127.0.0.1", node.port(), "/v1/stream", 10s);
  REQUIRE(c);
  const auto subscribe = [&](const char* channel, const char* key) {
    REQUIRE(c->send(json{{"op", "subscribe"}, {"channels", json::array({channel})}, {"keys", json::array({key})}}.dump(), 10s));
    const auto answer = c->receive(10s);
    REQUIRE_MESSAGE(answer.has_value(), to_string(answer.error()));
    return json::parse(*answer);
  };
  for (const char* channel : {"tickers", "trade2026.tickers", "trade2026.trades"}) {
    const auto refused = subscribe(channel, "NOPE.SIM");
    CHECK(refused["code"] == "not_found");
    CHECK_MESSAGE(refused["message"].get<std::string>().find("NOPE.SIM") != std::string::npos, refused.dump());
  }
  CHECK(subscribe("trade2026.tickers", "btc-usdt")["data"]["symbol"] == "BTCUSDT");
}

TEST_CASE("a slot that is given up is told once when that begins and once when it ends, at every node's edge, and to who comes meanwhile") {
  three_nodes nodes{{}, {"--allow-faults"}};
  nodes.start();
  auto& other = nodes[2];
  const auto placed = other.client().post("/v1/orders", order_of(three_nodes::account_on(2), "rests", true));
  REQUIRE(placed);
  const auto id = json_field(placed->body, "order_id"), slot = "oms/" + id.substr(0, id.find('-'));
  const auto status = [&] { return json_field(other.client().get("/v1/actors/info?name=" + slot)->body, "status"); };
  follower f{nodes[0], {"orders", "fills", "positions"}};
  REQUIRE(eventually([&] {
    CHECK(other.client().post("/v1/actors/fault", R"({"name":")" + slot + R"(","fault":"die"})"));
    return status() == "HALTED";
  }));
  const auto are_told = [&](std::size_t times) {
    return f.until([&] { return std::ranges::all_of(std::array{"orders", "fills", "positions"}, [&](const char* c) { return f.out_of_date[c].size() >= times; }); });
  };
  REQUIRE(are_told(1));
  for (auto* at : {&nodes[0], &other}) {
    follower late{*at, {"positions"}};
    CHECK(late.until([&] { return !late.out_of_date["positions"].empty(); }));
    CHECK(late.out_of_date["positions"].front() == json::array({slot}));
  }
  REQUIRE(other.client().request("POST", "/v1/actors/restart", R"({"name":")" + slot + "\"}", {{"Authorization", "Bearer " + other.operator_key(1)}})->status == 202);
  REQUIRE(are_told(2));
  for (const auto& told : f.out_of_date) {
    CAPTURE(told.first);
    REQUIRE(told.second.size() == 2);
    CHECK(told.second[0] == json::array({slot}));
    CHECK(told.second[1].empty());
  }
}

TEST_CASE_FIXTURE(three_nodes, "a client of one node follows orders, fills and positions of accounts of another, also over that node's death") {
  start();
  auto& other = (*this)[2];
  const auto account = account_on(2);
  const auto post = [&](const std::string& id, bool rests) {
    const auto answer = other.client().post("/v1/orders", order_of(account, id, rests));
    REQUIRE(answer);
    return json_field(answer->body, "order_id");
  };
  const auto resting = post("rests", true);
  REQUIRE(eventually([&] { return follower{(*this)[0], {"orders"}}.values["orders"].contains(resting); }));
  follower f{(*this)[0], {"orders", "fills", "positions"}};
  CHECK(f.values["orders"].at(resting)["account"] == account);
  const auto filled = post("fills", false);
  REQUIRE(f.until([&] { return f.values["orders"].contains(filled) && f.values["orders"][filled]["status"] == "FILLED"; }));
  REQUIRE(f.until([&] { return f.values["positions"].contains("main/" + account + "/BTCUSDT.SIM"); }));
  CHECK(std::ranges::any_of(f.values["fills"], [&](const auto& row) { return row.second["order_id"] == filled; }));
  other.kill();
  REQUIRE(other.start());
  REQUIRE(eventually([&] { return is_whole(); }));
  REQUIRE(other.client().request("DELETE", "/v1/orders/" + resting)->status == 202);
  REQUIRE(f.until([&] { return f.values["orders"][resting]["status"] == "CANCELED"; }));
}
