// The Trade2026 gateway's WebSockets and its place on that platform's ports.

#include "tests/nodes/process/trade2026.hpp"

#include "runtime/edge/client.hpp"
#include "tests/support/free_port.hpp"

#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

edge::websocket_client open_stream(const node_process& node, const std::string& target) {
  auto c = edge::websocket_client::open("127.0.0.1", node.port_of("gateway"), target, 10s);
  REQUIRE_MESSAGE(c.has_value(), to_string(c.error()));
  return std::move(*c);
}

json next(edge::websocket_client& c) {
  auto text = c.receive(10s);
  REQUIRE_MESSAGE(text.has_value(), to_string(text.error()));
  return json::parse(*text);
}

} // namespace

TEST_SUITE_BEGIN("process/trade2026_stream");

TEST_CASE_FIXTURE(trade2026_node, "a ticker stream sends bare tickers of its symbol alone, each newer than the one before") {
  const key_set keys{"symbol", "exchange", "last_price", "bid", "ask", "bid_size", "ask_size", "volume", "volume_24h", "change_24h", "timestamp"};
  for (const char* symbol : {"BTCUSDT", "ETHUSDT.SIM"}) {
    CAPTURE(symbol);
    auto c = open_stream(node, std::string{"/ws/ticker/"} + symbol);
    std::int64_t last = 0;
    for (int i = 0; i < 5; ++i) {
      const auto t = next(c);
      CHECK(keys_of(t) == keys);
      CHECK(t["symbol"] == std::string{symbol}.substr(0, 7));
      CHECK(t["bid"].get<double>() < t["ask"].get<double>());
      CHECK(t["timestamp"].get<std::int64_t>() >= last);
      last = t["timestamp"];
    }
    CHECK(last > 0);
  }
}

TEST_CASE_FIXTURE(trade2026_node, "a stream takes every spelling of a symbol that the routes take, and closes with the reason when it is none") {
  for (const char* spelled : {"btcusdt", "BTC%2FUSDT", "btc-usdt", "btcusdt.sim"}) {
    CAPTURE(spelled);
    auto c = open_stream(node, std::string{"/ws/ticker/"} + spelled);
    CHECK(next(c)["symbol"] == "BTCUSDT");
  }
  auto c = open_stream(node, "/ws/trades/NOPE");
  CHECK_FALSE(c.receive(10s));
  CHECK(c.close_code() == 1008);
}

TEST_CASE_FIXTURE(trade2026_node, "a trade stream sends every trade once, with ascending ids") {
  auto c = open_stream(node, "/ws/trades/BTCUSDT");
  std::int64_t last = -1;
  for (int i = 0; i < 20; ++i) {
    const auto t = next(c);
    CHECK(keys_of(t) == key_set{"symbol", "exchange", "timestamp", "price", "size", "side", "trade_id"});
    const auto id = std::stoll(t["trade_id"].get<std::string>());
    CHECK(id > last);
    last = id;
  }
}

TEST_CASE("config/trade2026.json listens on that platform's ports, and the ready line prints the native edge") {
  std::string output;
  REQUIRE(run_program("troupe-node", {"--config", (source_dir() / "config/trade2026.json").string(), "--check"}, output) == 0);
  std::ifstream in{source_dir() / "config/trade2026.json"};
  const auto written = json::parse(in, nullptr, true, true);
  std::map<std::string, int> ports;
  for (const auto& l : written["edge"]["listeners"]) ports[l["name"]] = l["port"];
  CHECK(ports == std::map<std::string, int>{{"oms", 8099}, {"risk", 8103}, {"gateway", 8080}, {"edge", 8420}});

  temporary_directory dir;
  const auto native = free_port();
  node_process node{{.data_dir = dir.path() / "data",
                     .sets = {"edge.listeners.0.port=0", "edge.listeners.1.port=0", "edge.listeners.2.port=0",
                              "edge.listeners.3.port=" + std::to_string(native)},
                     .as_shipped = source_dir() / "config/trade2026.json"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(json_field(node.ready_line(), "edge") == "http://127.0.0.1:" + std::to_string(native));
  for (const auto& [listener, path] : std::map<std::string, std::string>{
         {"oms", "/orders"}, {"risk", "/risk/limits"}, {"gateway", "/symbols"}, {"edge", "/services/status"}}) {
    CAPTURE(listener);
    CHECK(node.port_of(listener) != 0);
    CHECK(node.client_of(listener).get(path)->status == 200);
    CHECK(node.client_of(listener).get("/openapi.json")->body.find('"' + path + '"') != std::string::npos);
    if (listener != "edge") CHECK(node.client_of(listener).get("/v1/orders")->status == 404); // each has its own surface only
  }
}
