// Every route of the Trade2026 surface on a real node: exactly the members its clients read, with values that make sense.

#include "tests/nodes/process/trade2026.hpp"

#include <functional>

using namespace troupe;
using namespace troupe::test;

namespace {

/// One route: what is asked for, what the answer holds, and what is true about it.
struct served {
  const char* listener;
  const char* verb;
  std::string path; // as declared
  std::string target;
  key_set keys;
  std::function<void(const json&)> sense;
};

const key_set health{"status", "service"};
const key_set order_row{"order_id", "client_order_id", "status", "symbol", "exchange", "side", "order_type", "time_in_force", "quantity",
                        "price", "stop_price", "filled_quantity", "average_fill_price", "remaining_quantity", "commission", "account",
                        "error_message", "created_at", "updated_at"};
const key_set fill_row{"fill_id", "order_id", "symbol", "exchange", "side", "quantity", "price", "commission", "account", "filled_at"};
const key_set position_row{"symbol", "exchange", "account", "side", "quantity", "avg_price", "current_price", "unrealized_pnl", "realized_pnl"};
const key_set ticker{"symbol", "exchange", "last_price", "bid", "ask", "bid_size", "ask_size", "volume", "volume_24h", "change_24h", "timestamp"};
const key_set gateway_health{"status", "services", "tick_count", "ticks_sent", "error_count", "uptime"};
const key_set symbol_info{"symbol", "exchange", "instrument", "quote", "tick_size", "lot_size"};
const key_set system_health{"status", "reason", "services_total", "services_running", "trading_halted", "uptime", "timestamp"};

void is_ticker(const json& t) {
  CHECK(t["symbol"] == "BTCUSDT");
  CHECK(t["exchange"] == "SIM");
  CHECK(t["bid"].get<double>() < t["ask"].get<double>());
  CHECK(t["last_price"].get<double>() > 30'000);
  CHECK(t["volume"] == t["volume_24h"]);
  CHECK(t["timestamp"].get<std::int64_t>() > 1'600'000'000'000);
}

std::vector<served> oms_routes(const std::string& filled, const std::string& resting) {
  const auto healthy = [](const json& a) {
    CHECK(a["status"] == "healthy");
    CHECK(a["service"] == "oms");
  };
  const auto is_position = [](const json& p) {
    CHECK(p["symbol"] == "BTCUSDT");
    CHECK(p["side"] == "long");
    CHECK(p["quantity"] == 0.001);
    CHECK(p["avg_price"].get<double>() > 30'000);
    CHECK(p["current_price"].is_number());
  };
  const auto is_fill = [filled](const json& all) {
    double quantity = 0;
    for (const auto& f : all) {
      CHECK(f["order_id"] == filled);
      CHECK(f["side"] == "BUY");
      CHECK(f["price"].get<double>() > 30'000);
      quantity += f["quantity"].get<double>();
    }
    CHECK(quantity == doctest::Approx(0.001));
  };
  return {
    {"oms", "GET", "/health", "/health", health, healthy},
    {"oms", "GET", "/api/health", "/api/health", health, healthy},
    {"oms", "GET", "/api/oms/health", "/api/oms/health", health, healthy},
    {"oms", "GET", "/orders", "/orders", order_row, [](const json& all) { CHECK(all.size() == 2); }},
    {"oms", "GET", "/orders/{order_id}", "/orders/" + filled, order_row, [](const json& o) {
       CHECK(o["status"] == "FILLED");
       CHECK(o["order_type"] == "MARKET");
       CHECK(o["filled_quantity"] == 0.001);
       CHECK(o["remaining_quantity"] == 0);
       CHECK(o["average_fill_price"].get<double>() > 30'000);
       CHECK(o["commission"].get<double>() > 0);
       CHECK(o["created_at"].get<std::string>() <= o["updated_at"].get<std::string>());
     }},
    {"oms", "GET", "/orders/{order_id}/fills", "/orders/" + filled + "/fills", fill_row, is_fill},
    {"oms", "GET", "/fills", "/fills", fill_row, is_fill},
    {"oms", "GET", "/positions", "/positions", position_row, [is_position](const json& all) {
       REQUIRE(all.size() == 1);
       is_position(all[0]);
     }},
    {"oms", "GET", "/positions/{symbol}", "/positions/BTCUSDT", position_row, is_position},
    {"oms", "GET", "/stats", "/stats",
     {"orders_received", "orders_accepted", "orders_rejected", "orders_filled", "orders_cancelled", "orders_failed", "risk_rejects",
      "total_volume", "commission_collected", "total_orders", "active_orders", "order_history_size"},
     [](const json& s) {
       CHECK(s["orders_received"] == 2);
       CHECK(s["orders_accepted"] == 2);
       CHECK(s["orders_filled"] == 1);
       CHECK(s["active_orders"] == 1);
       CHECK(s["total_volume"] == 0.001);
     }},
    {"oms", "DELETE", "/orders/{order_id}", "/orders/" + resting, {"status", "order_id", "success", "message"}, [resting](const json& c) {
       CHECK(c["status"] == "cancellation requested");
       CHECK(c["order_id"] == resting);
       CHECK(c["success"] == true);
     }},
  };
}

std::vector<served> gateway_routes() {
  const auto is_ok = [](const json& h) {
    CHECK(h["status"] == "ok");
    CHECK(h["services"]["feed/walk"] == "running");
    CHECK(h["tick_count"].get<std::uint64_t>() > 0);
    CHECK(h["ticks_sent"] == h["tick_count"]);
    CHECK(h["error_count"] == 0);
  };
  return {
    {"gateway", "GET", "/", "/", {"service", "version", "status"}, [](const json& r) { CHECK(r["service"] == "gateway"); }},
    {"gateway", "GET", "/", "http://localhost", {"service", "version", "status"}, [](const json& r) { CHECK(r["status"] == "running"); }},
    {"gateway", "GET", "/health", "/health", gateway_health, is_ok},
    {"gateway", "GET", "/health", "/health/", gateway_health, is_ok},
    {"gateway", "GET", "/api/health", "/api/health", gateway_health, is_ok},
    {"gateway", "GET", "/api/gateway/health", "/api/gateway/health", gateway_health, is_ok},
    {"gateway", "GET", "/stats", "/stats", {"tick_count", "error_count", "uptime", "last_ticks", "config"}, [](const json& s) {
       CHECK(keys_of(s["config"]) == key_set{"exchange", "symbols", "refresh_interval"});
       CHECK(s["config"]["refresh_interval"] == 0.1);
       CHECK(keys_of(s["last_ticks"]["BTCUSDT.SIM"]) == ticker);
     }},
    {"gateway", "GET", "/tickers", "/tickers?symbols=BTCUSDT", ticker, [](const json& all) {
       REQUIRE(all.size() == 1);
       is_ticker(all[0]);
     }},
    {"gateway", "GET", "/ticker/{symbol}", "/ticker/BTC-USDT", ticker, is_ticker},
    {"gateway", "GET", "/tickers/{symbol}", "/tickers/BTCUSDT", ticker, is_ticker},
    {"gateway", "GET", "/orderbook/{symbol}", "/orderbook/BTCUSDT?depth=1", {"symbol", "exchange", "bids", "asks", "timestamp"},
     [](const json& b) {
       REQUIRE(b["bids"].size() == 1);
       REQUIRE(b["asks"].size() == 1);
       CHECK(keys_of(b["bids"]) == key_set{"price", "size"});
       CHECK(b["bids"][0]["price"].get<double>() < b["asks"][0]["price"].get<double>());
     }},
    {"gateway", "GET", "/candles/{symbol}", "/candles/BTCUSDT?timeframe=1s", {"timestamp", "open", "high", "low", "close", "volume"},
     [](const json& all) {
       for (const auto& c : all) {
         CHECK(c["low"].get<double>() <= c["open"].get<double>());
         CHECK(c["close"].get<double>() <= c["high"].get<double>());
         CHECK(c["timestamp"].get<std::int64_t>() % 1000 == 0);
       }
     }},
    {"gateway", "GET", "/trades/{symbol}", "/trades/BTCUSDT?limit=3",
     {"symbol", "exchange", "timestamp", "price", "size", "side", "trade_id"},
     [](const json& all) {
       CHECK(all.size() <= 3);
       for (const auto& t : all) CHECK((t["side"] == "buy" || t["side"] == "sell"));
     }},
    {"gateway", "GET", "/symbols", "/symbols", symbol_info, [](const json& all) { CHECK(all.size() == 6); }},
    {"gateway", "GET", "/symbols/search", "/symbols/search?q=eth", symbol_info, [](const json& all) { CHECK(all.size() == 2); }},
    {"gateway", "GET", "/symbols/{symbol}", "/symbols/BTCUSDT", symbol_info, [](const json& s) { CHECK(s["instrument"] == "BTCUSDT.SIM"); }},
  };
}

std::vector<served> risk_routes() {
  const auto healthy = [](const json& a) { CHECK(a["service"] == "risk"); };
  return {
    {"risk", "GET", "/health", "/health", health, healthy},
    {"risk", "GET", "/api/health", "/api/health", health, healthy},
    {"risk", "GET", "/api/risk/health", "/api/risk/health", health, healthy},
    {"risk", "GET", "/stats", "/stats",
     {"orders_checked", "orders_approved", "orders_rejected", "alerts_raised", "limits_breached", "risk_checks_performed", "active_positions",
      "active_orders", "active_alerts", "blocked_symbols", "halts", "current_risk_level", "portfolio_metrics"},
     [](const json& s) {
       CHECK(s["orders_checked"] == 2);
       CHECK(s["active_positions"] == 1);
       CHECK(s["alerts_raised"] == 0);
       CHECK(s["current_risk_level"] == "LOW");
       CHECK(keys_of(s["portfolio_metrics"]) == key_set{"total_exposure", "var_95", "margin_available"});
     }},
    {"risk", "GET", "/risk/portfolio", "/risk/portfolio",
     {"total_exposure", "total_positions", "margin_used", "margin_available", "var_95", "var_99", "risk_level", "timestamp"},
     [](const json& p) { CHECK(p["total_positions"] == 1); }},
    {"risk", "GET", "/risk/limits", "/risk/limits", {"max_exposure", "max_positions", "max_drawdown", "min_margin", "max_var_95"}, [](const json& l) {
       for (const auto& row : l) {
         CHECK(keys_of(row) == key_set{"max_value", "current_value", "utilization", "breached", "warning_threshold", "critical_threshold"});
         CHECK(row["breached"] == false);
       }
       CHECK(l["max_exposure"]["max_value"] == 1'000'000'000);
       CHECK(l["max_exposure"]["utilization"].get<std::string>().ends_with('%'));
       CHECK(l["max_positions"]["current_value"] == 1);
       CHECK(l["max_positions"]["max_value"].is_null());
     }},
    {"risk", "GET", "/limits", "/limits", {"account", "limits", "own", "limits_version"}, [](const json& l) {
       CHECK(l["account"] == "default");
       CHECK(l["own"] == false);
       CHECK(keys_of(l["limits"]) == key_set{"order_quantity_max", "order_notional_max", "position_max", "exposure_max", "open_orders_max", "orders_per_second_max", "price_collar_bps",
                                             "mark_age_max_ms"});
       CHECK(l["limits"]["mark_age_max_ms"] == 10'000);
       CHECK(l["limits"]["position_max"] == 10'000);
     }},
  };
}

std::vector<served> console_routes() {
  const auto is_healthy = [](const json& h) {
    CHECK(h["status"] == "healthy");
    CHECK(h["reason"].is_null());
    CHECK(h["services_running"] == h["services_total"]);
    CHECK(h["trading_halted"] == false);
  };
  return {
    {"edge", "GET", "/system/health", "/system/health", system_health, is_healthy},
    {"edge", "GET", "/api/console/health", "/api/console/health", system_health, is_healthy},
    {"edge", "GET", "/services/status", "/services/status", {"name", "status", "restarts", "last_reason"}, [](const json& all) {
       CHECK(all.size() > 64);
       for (const auto& s : all) CHECK(s["status"] == "running");
     }},
  };
}

/// Routes that other cases of this file and its neighbours ask: they change what everything else shows.
const std::set<std::string> asked_elsewhere{"POST /orders", "POST /check", "POST /risk/symbol/{symbol}/block",
                                            "DELETE /risk/symbol/{symbol}/block", "POST /trading/halt", "POST /trading/resume",
                                            "GET /ws/ticker/{symbol}", "GET /ws/trades/{symbol}"};

} // namespace

TEST_SUITE_BEGIN("process/trade2026");

TEST_CASE_FIXTURE(trade2026_node, "every route answers with exactly the members its clients read, and no route is left out") {
  const auto filled = filled_order();
  const std::string resting = ask("oms", "POST", "/orders", R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000})")["order_id"];
  auto gateway = node.client_of("gateway");
  REQUIRE(eventually([&] { return gateway.get("/candles/BTCUSDT?timeframe=1s")->body.size() > 2; }));
  REQUIRE(eventually([&] { return get("oms", "/stats")["orders_filled"] == 1 && get("oms", "/positions").size() == 1; }));
  std::set<std::string> asked = asked_elsewhere;
  for (const auto& routes : {gateway_routes(), risk_routes(), console_routes(), oms_routes(filled, resting)})
    for (const auto& r : routes) {
      CAPTURE(r.listener);
      CAPTURE(r.target);
      const auto answer = ask(r.listener, r.verb, r.target);
      REQUIRE(keys_of(answer) == r.keys);
      r.sense(answer);
      asked.insert(std::string{r.verb} + " " + r.path);
    }
  for (const char* listener : {"oms", "risk", "gateway", "edge"}) {
    const auto document = get(listener, "/openapi.json");
    for (const auto& [path, verbs] : document["paths"].items())
      for (const auto& [verb, operation] : verbs.items()) {
        const auto name = upper(verb) + " " + path;
        if (operation["tags"][0].get<std::string>().starts_with("trade2026")) CHECK_MESSAGE(asked.contains(name), name);
      }
  }
}

TEST_CASE_FIXTURE(trade2026_node, "check: what is missing, wrong, too fine, too large or over-long is an answer with the figures; only what is no number at all is a 400") {
  const key_set keys{"approved", "reason", "rejection_reason", "risk_level", "risk_metrics", "warnings"};
  await_market();
  const auto good = ask("risk", "POST", "/check", R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000})");
  CHECK(keys_of(good) == keys);
  CHECK(good["approved"] == true);
  CHECK(good["reason"].is_null());
  CHECK(good["risk_level"] == "LOW");
  CHECK(keys_of(good["risk_metrics"]) == key_set{"order_value", "total_exposure", "max_exposure", "utilization"});
  CHECK(good["risk_metrics"]["order_value"] == 420);
  for (const char* unpriced : {R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01})", R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":0})"}) { // at what was traded last
    CAPTURE(unpriced);
    const auto said = ask("risk", "POST", "/check", unpriced);
    CHECK(said["approved"] == true);
    REQUIRE(said["risk_metrics"]["order_value"].is_number());
    CHECK(said["risk_metrics"]["order_value"] > 1);
  }
  CHECK(good["risk_metrics"]["max_exposure"] == 1'000'000'000);
  CHECK(good["risk_metrics"]["utilization"].get<std::string>().ends_with('%'));
  const std::string longest(2000, 'X');
  const std::pair<std::string, const char*> bad[] = {
    {"{}", "symbol"},
    {R"({"symbol":"BTCUSDT","side":"up","quantity":1})", "side"},
    {R"({"symbol":"BTCUSDT","side":"buy","quantity":0})", "quantity must be above 0"},
    {R"({"symbol":"BTCUSDT","side":"buy","quantity":-0.01,"price":42000})", "quantity must be above 0"},
    {R"({"symbol":"BTCUSDT","side":"buy","quantity":0.123456789,"price":42000})", "quantity must be a number above 0, with at most 8 decimal places"},
    {R"({"symbol":"BTCUSDT","side":"buy","quantity":1e30})", "quantity must be a number"},
    {R"({"symbol":"BTCUSDT","side":"buy","quantity":"much"})", "quantity must be a number"},
    {R"({"symbol":"BTCUSDT","side":"buy","quantity":0.000001,"price":42000})", "quantity 0.000001 is not"}, // of the lot
    {R"({"symbol":"BTCUSDT","side":"buy","quantity":1,"price":42000.123456789})", "price must be a number, with at most 8 decimal places"},
    {R"({"symbol":")" + longest + R"(","side":"buy","quantity":1})", "symbol"},
    {R"({"symbol":"BTCUSDT","side":")" + longest + R"(","quantity":1})", "side"},
    {R"({"symbol":"BTCUSDT","side":"buy","quantity":1,"account":")" + longest + "\"}", "account"},
    {R"({"symbol":"BTCUSDT","side":"buy","quantity":1,"account":" "})", "account"},
  };
  for (const auto& [body, about] : bad) {
    CAPTURE(about);
    const auto no = ask("risk", "POST", "/check", body);
    CHECK(keys_of(no) == keys);
    CHECK(no["approved"] == false);
    CHECK(no["risk_level"] == "CRITICAL");
    CHECK(no["reason"].get<std::string>().starts_with(about));
    CHECK(no["rejection_reason"] == no["reason"]);
    CHECK(no["risk_metrics"]["total_exposure"].is_number());
    CHECK((no["risk_metrics"]["order_value"].is_null() || no["risk_metrics"]["order_value"] > 0));
  }
  for (const char* no_number : {"true", "[1]", "{}"}) {
    const auto wrong = ask("risk", "POST", "/check", std::string{R"({"symbol":"BTCUSDT","side":"buy","quantity":)"} + no_number + "}", 400);
    CHECK(wrong == json{{"detail", "quantity: must be a number"}});
  }
  const auto large = ask("risk", "POST", "/check", R"({"symbol":"BTCUSDT","side":"buy","quantity":900,"price":42000})");
  CHECK(large["approved"] == false);
  CHECK(large["risk_level"] == "HIGH");
  CHECK(get("oms", "/orders").empty()); // nothing was placed
}

TEST_CASE_FIXTURE(trade2026_node, "a blocked symbol refuses orders on every venue until an operator unblocks it") {
  await_market();
  const std::string order = R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000})";
  const auto blocked = ask("risk", "POST", "/risk/symbol/BTCUSDT/block");
  CHECK(blocked == json{{"status", "blocked"}, {"symbol", "BTCUSDT"}});
  REQUIRE(eventually([&] { return ask("oms", "POST", "/orders", order)["status"] == "RISK_REJECTED"; }));
  CHECK(get("risk", "/stats")["blocked_symbols"].size() == 3);
  CHECK(ask("risk", "POST", "/check", order)["risk_level"] == "BREACHED");
  (void)ask("risk", "DELETE", "/risk/symbol/BTCUSDT/block", {}, 401);
  const auto unblocked = ask("risk", "DELETE", "/risk/symbol/BTCUSDT/block", {}, 200, node.operator_key(1));
  CHECK(unblocked == json{{"status", "unblocked"}, {"symbol", "BTCUSDT"}});
  CHECK(eventually([&] { return ask("oms", "POST", "/orders", order)["status"] == "SENT"; }));
  CHECK(ask("risk", "POST", "/risk/symbol/NOPE/block", {}, 404) == json{{"detail", "symbol NOPE is not known here"}});
}

TEST_CASE_FIXTURE(trade2026_node, "trading is halted by anybody without a body, and resumed by two operators") {
  await_market();
  const std::string order = R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000})";
  CHECK(ask("edge", "POST", "/trading/halt") == json{{"status", "halted"}, {"message", nullptr}});
  REQUIRE(eventually([&] { return ask("oms", "POST", "/orders", order)["status"] == "RISK_REJECTED"; }));
  CHECK(get("edge", "/system/health")["trading_halted"] == true);
  CHECK(ask("edge", "POST", "/trading/halt", R"({"scope":"firm"})")["status"] == "unchanged");
  (void)ask("edge", "POST", "/trading/resume", {}, 401);
  CHECK(keys_of(ask("edge", "POST", "/trading/resume", {}, 202, node.operator_key(1))) == key_set{"status", "message"});
  CHECK(get("edge", "/system/health")["trading_halted"] == true);
  CHECK(ask("edge", "POST", "/trading/resume", {}, 200, node.operator_key(2))["status"] == "resumed");
  CHECK(eventually([&] { return ask("oms", "POST", "/orders", order)["status"] == "SENT"; }));
}

TEST_CASE_FIXTURE(trade2026_node, "a halt of a bare symbol stops it on every venue and is lifted by the same name; one of a name that nobody has is refused") {
  await_market();
  const std::string order = R"({"symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000})";
  const std::string symbol = R"({"scope":"instrument","key":"BTCUSDT"})";
  CHECK(ask("edge", "POST", "/trading/halt", symbol)["status"] == "halted");
  CHECK(get("risk", "/stats")["halts"].size() == 3);
  REQUIRE(eventually([&] { return ask("oms", "POST", "/orders", order)["status"] == "RISK_REJECTED"; }));
  CHECK(ask("edge", "POST", "/trading/halt", symbol)["status"] == "unchanged");
  CHECK(ask("edge", "POST", "/trading/resume", symbol, 200, node.operator_key(1))["status"] == "resumed");
  CHECK(get("risk", "/stats")["halts"].empty());
  CHECK(eventually([&] { return ask("oms", "POST", "/orders", order)["status"] == "SENT"; }));
  for (const char* scope : {"instrument", "venue", "strategy"}) {
    const std::string nobody = R"({"scope":")" + std::string{scope} + R"(","key":"NOPE"})";
    CHECK(ask("edge", "POST", "/trading/halt", nobody, 404)["detail"].get<std::string>().find("NOPE") != std::string::npos);
    CHECK(ask("edge", "POST", "/trading/resume", nobody, 404, node.operator_key(1))["detail"].is_string());
  }
  CHECK(get("risk", "/stats")["halts"].empty());
}

TEST_CASE_FIXTURE(trade2026_node, "an instrument that was taken out of the configuration is shown, blocked, halted and let go by its bare symbol while it is held or something is open in it; one that nobody has is refused") {
  REQUIRE(eventually([&] { return node.client_of("gateway").get("/ticker/ETHUSDT")->status == 200; }));
  REQUIRE(ask("oms", "POST", "/orders", R"({"symbol":"ETHUSDT","side":"buy","quantity":0.002,"type":"market"})")["status"] == "SENT");
  REQUIRE(eventually([&] {
    const auto held = get("oms", "/positions");
    return held.size() == 1 && held[0]["quantity"] == 0.002;
  }));
  REQUIRE(ask("oms", "POST", "/orders", R"({"symbol":"ETHUSDT","side":"buy","quantity":0.001,"price":50})")["status"] == "SENT");
  node.kill();
  node.options().sets.emplace_back(R"(instruments=[{"id":"BTCUSDT.SIM"},{"id":"SOLUSDT.SIM","tick_size":"0.001","lot_size":"0.001"}])");
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return get("oms", "/positions").size() == 1; }));
  CHECK(get("oms", "/positions/ETHUSDT")["quantity"] == 0.002); // and not 404, which is read as none
  CHECK(get("oms", "/positions/eth-usdt?account=default")["side"] == "long");
  (void)ask("oms", "GET", "/positions/DOGEUSDT", {}, 404);
  CHECK(ask("risk", "POST", "/risk/symbol/ETHUSDT/block") == json{{"status", "blocked"}, {"symbol", "ETHUSDT"}});
  CHECK(get("risk", "/stats")["blocked_symbols"] == json{"ETHUSDT.SIM"});
  CHECK(ask("risk", "DELETE", "/risk/symbol/ETHUSDT/block", {}, 200, node.operator_key(1))["status"] == "unblocked");
  CHECK(get("risk", "/stats")["blocked_symbols"].empty());
  const std::string symbol = R"({"scope":"instrument","key":"eth/usdt"})", nobody = R"({"scope":"instrument","key":"DOGEUSDT"})";
  CHECK(ask("edge", "POST", "/trading/halt", nobody, 404) == json{{"detail", "symbol DOGEUSDT is not known here"}});
  (void)ask("risk", "POST", "/risk/symbol/DOGEUSDT/block", {}, 404);
  CHECK(ask("edge", "POST", "/trading/halt", symbol)["status"] == "halted");
  CHECK(get("risk", "/stats")["halts"].size() == 1);
  CHECK(eventually([&] { return get("oms", "/orders?active_only=true").empty(); }));
  CHECK(ask("edge", "POST", "/trading/resume", symbol, 200, node.operator_key(1))["status"] == "resumed");
  CHECK(get("risk", "/stats")["halts"].empty());
}
