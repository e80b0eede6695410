#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/trade2026_routes.hpp"

#include "actors/platform/trade2026/views.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/market_stream.hpp"
#include "runtime/telemetry/build_info.hpp"

#include <algorithm>
#include <set>

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;
namespace t26 = trade2026;

constexpr const char* gateway_surface = "trade2026_gateway";

t26::ticker shown(const ticker& t) { return t26::ticker_of(t.instrument, t.quote, t.last, t.volume, t.first); }

/// What a symbol means, or nothing after answering 404.
std::optional<trading::instrument_id> instrument_or_404(const api& a, std::string_view symbol, const responder& reply) {
  auto meant = instruments_for(a, symbol);
  if (!meant.empty()) return meant.front();
  reply.fail(unknown_symbol(symbol));
  return std::nullopt;
}

/// Some write "BTCUSDT, ETHUSDT".
std::string_view without_spaces(std::string_view s) {
  s.remove_prefix(std::min(s.find_first_not_of(' '), s.size()));
  return s.substr(0, s.find_last_not_of(' ') + 1);
}

/// The likeliest instrument of every symbol, or of those named.
std::vector<t26::ticker> tickers(const api& a, const std::optional<std::string>& symbols) {
  std::vector<std::string> names;
  if (symbols) {
    for (std::string_view rest = *symbols; !rest.empty();) {
      const auto end = std::min(rest.find(','), rest.size());
      const auto name = without_spaces(rest.substr(0, end));
      if (!name.empty()) names.emplace_back(name);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  } else {
    std::set<std::string> once;
    for (const auto& i : a.node->config().instruments)
      if (auto s = t26::symbol_of(i.id.value()); once.insert(s).second) names.push_back(std::move(s));
  }
  std::vector<t26::ticker> out;
  for (const auto& name : names) {
    const auto meant = instruments_for(a, name);
    if (meant.empty()) continue;
    if (auto t = a.node->parts().board->one(meant.front())) out.push_back(shown(*t));
  }
  return out;
}

void show_ticker(const api& a, std::string_view symbol, const responder& reply) {
  const auto id = instrument_or_404(a, symbol, reply);
  if (!id) return;
  if (auto t = a.node->parts().board->one(*id)) reply.value(shown(*t));
  else reply.fail(fail(errc::not_found, "nothing was received about " + std::string{symbol}));
}

/// A feed that shows only the best bid and offer, such as the random walk, still shows a book of one level.
std::optional<book_levels> best_only(const api& a, const trading::instrument_id& id) {
  const auto q = a.node->parts().board->quote(id);
  if (!q) return std::nullopt;
  book_levels l;
  l.received_at = q->received_at;
  if (q->bid.is_positive()) l.bids.push_back({q->bid, q->bid_size});
  if (q->ask.is_positive()) l.asks.push_back({q->ask, q->ask_size});
  return l;
}

void show_book(const api& a, const t26::orderbook_params& p, const responder& reply) {
  const auto id = instrument_or_404(a, p.symbol.view(), reply);
  if (!id) return;
  auto levels = a.node->parts().board->levels(*id);
  if (!levels) levels = best_only(a, *id);
  if (!levels) return void(reply.fail(fail(errc::not_found, "the order book of " + p.symbol.str() + " is not known")));
  const std::size_t depth = p.depth ? p.depth->value : 20;
  t26::orderbook out{t26::symbol_of(*id), t26::exchange_of(*id), {}, {}, t26::milliseconds_of(levels->received_at)};
  const auto copy = [depth](const std::vector<book_level>& from, std::vector<t26::level>& to) {
    for (std::size_t i = 0; i < std::min(depth, from.size()); ++i) to.push_back({{from[i].at}, {from[i].size}});
  };
  copy(levels->bids, out.bids);
  copy(levels->asks, out.asks);
  reply.value(out);
}

void show_candles(const api& a, const t26::candles_params& p, const responder& reply) {
  const auto id = instrument_or_404(a, p.symbol.view(), reply);
  if (!id) return;
  const auto name = p.timeframe ? p.timeframe->str() : std::string{"1m"};
  const auto length = t26::timeframe_of(name);
  const auto bar = nanoseconds{a.node->config().bars.interval.value()};
  if (!length || *length < bar || *length % bar != nanoseconds{})
    return void(reply.fail(fail(errc::invalid_argument, "timeframe " + name + " is not one of 1s 5s 15s 30s 1m 5m 15m 30m 1h 4h 1d, or not a "
                                                        "multiple of this node's bars of " +
                                                          std::to_string(a.node->config().bars.interval.value().count()) + " ms")));
  reply.value(t26::candles_of(a.node->parts().board->bars(*id, *length), *length, {p.limit ? p.limit->value : 100, p.start, p.end}));
}

void show_trades(const api& a, const t26::trades_params& p, const responder& reply) {
  const auto id = instrument_or_404(a, p.symbol.view(), reply);
  if (!id) return;
  std::vector<t26::trade> out;
  for (const auto& t : a.node->parts().board->trades(*id, p.limit ? p.limit->value : 100)) out.push_back(t26::trade_of(t));
  reply.value(out);
}

t26::symbol_info info_of(const trading::instrument& i) {
  return {t26::symbol_of(i.id), t26::exchange_of(i.id), i.id, i.quote, {i.tick_size}, {i.lot_size}};
}

/// Symbols whose id holds `part`, however it is written, in the order of the configuration.
std::vector<t26::symbol_info> symbols(const api& a, std::string_view part) {
  const auto asked = t26::plain(part);
  std::vector<t26::symbol_info> out;
  for (const auto& i : a.node->config().instruments)
    if (t26::plain(i.id.value().value.view()).find(asked) != std::string::npos)
      out.push_back(info_of(a.node->parts().instruments.at(i.id.value())));
  return out;
}

std::int64_t uptime(const api& a) { return (a.node->parts().env.clock->now() - a.started_at).count() / 1'000'000'000; }

std::uint64_t bad_lines(const api& a) {
  std::uint64_t sum = 0;
  for (const auto& [name, p] : a.node->feeds()) sum += p->bad_lines.load();
  return sum;
}

std::uint64_t ticks(const api& a) {
  const auto n = a.node->parts().board->counts();
  return n.quotes + n.trades;
}

t26::gateway_health health_of(const api& a) {
  const auto seen = ticks(a);
  t26::gateway_health h{"ok", {}, seen, seen, bad_lines(a), uptime(a)};
  for (const auto& e : a.node->tree().all()) {
    if (!e.name.value.view().starts_with("feed/")) continue;
    const bool runs = e.status == supervise::child_status::running;
    if (!runs) h.status = "degraded";
    h.services[e.name.value.str()] = boost::describe::enum_to_string(e.status, "?");
  }
  return h;
}

t26::gateway_stats stats_of(const api& a) {
  t26::gateway_stats s{ticks(a), bad_lines(a), uptime(a), {}, {}};
  for (const auto& t : a.node->parts().board->tickers()) s.last_ticks[t.instrument.value.str()] = shown(t);
  for (const auto& i : a.node->config().instruments) s.config.symbols.push_back(i.id.value().value.str());
  s.config.refresh_interval = {price{market_look_interval.count() * scale / 1'000'000'000}};
  for (const auto& v : a.node->config().venues) s.config.exchange.push_back(v.name.value().value.str());
  return s;
}

void add_service_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.get<edge::none, t26::gateway_root>(
    gateway_surface, "/", "Which service this is.", {}, [](const request_context&, edge::none, const responder& reply) {
      reply.value(t26::gateway_root{"gateway", std::string{telemetry::this_build().version}, "running"});
    });
  for (const auto& path : health_paths("gateway"))
    table.get<edge::none, t26::gateway_health>(
      gateway_surface, path, "ok, or degraded when a feed does not run.", {},
      [a](const request_context&, edge::none, const responder& reply) { reply.value(health_of(*a)); });
  table.get<edge::none, t26::gateway_stats>(
    gateway_surface, "/stats", "Counters since the process started and the newest ticker of every instrument.", {},
    [a](const request_context&, edge::none, const responder& reply) { reply.value(stats_of(*a)); });
  table.get<edge::none, std::vector<t26::symbol_info>>(
    gateway_surface, "/symbols", "What can be traded.", {},
    [a](const request_context&, edge::none, const responder& reply) { reply.value(symbols(*a, {})); });
  table.get<t26::search_params, std::vector<t26::symbol_info>>(
    gateway_surface, "/symbols/search", "Instruments whose id holds `q`.", {},
    [a](const request_context&, const t26::search_params& p, const responder& reply) { reply.value(symbols(*a, p.q)); });
  table.get<t26::symbol_path, t26::symbol_info>(
    gateway_surface, "/symbols/{symbol}", "One symbol.", {errc::not_found},
    [a](const request_context&, const t26::symbol_path& p, const responder& reply) {
      if (auto id = instrument_or_404(*a, p.symbol.view(), reply)) reply.value(info_of(a->node->parts().instruments.at(*id)));
    });
}

} // namespace

void add_trade2026_gateway(edge::route_table& table, const std::shared_ptr<api>& a) {
  add_service_routes(table, a);
  table.get<t26::tickers_params, std::vector<t26::ticker>>(
    gateway_surface, "/tickers", "The newest prices of all symbols, or of those named.", {},
    [a](const request_context&, const t26::tickers_params& p, const responder& reply) { reply.value(tickers(*a, p.symbols)); });
  for (const char* path : {"/ticker/{symbol}", "/tickers/{symbol}"})
    table.get<t26::symbol_path, t26::ticker>(
      gateway_surface, path, "The newest prices of one symbol.", {errc::not_found},
      [a](const request_context&, const t26::symbol_path& p, const responder& reply) { show_ticker(*a, p.symbol.view(), reply); });
  table.get<t26::orderbook_params, t26::orderbook>(
    gateway_surface, "/orderbook/{symbol}", "Displayed sizes by price, best first.", {errc::not_found},
    [a](const request_context&, const t26::orderbook_params& p, const responder& reply) { show_book(*a, p, reply); });
  table.get<t26::candles_params, std::vector<t26::candle>>(
    gateway_surface, "/candles/{symbol}", "Candles since the node started, as many as it keeps, oldest first.", {errc::not_found},
    [a](const request_context&, const t26::candles_params& p, const responder& reply) { show_candles(*a, p, reply); });
  table.get<t26::trades_params, std::vector<t26::trade>>(
    gateway_surface, "/trades/{symbol}", "The newest public trades, newest first.", {errc::not_found},
    [a](const request_context&, const t26::trades_params& p, const responder& reply) { show_trades(*a, p, reply); });
  const auto first_value = [](std::shared_ptr<last_values> values) {
    return [values](const std::string& key, edge::snapshot_answer answer) { values->ask(key, std::move(answer)); };
  };
  // Published are instruments and bare symbols; which of them is meant by other spellings is asked as over HTTP.
  const auto key_of = [a](std::string_view symbol) -> result<std::string> {
    const auto meant = instruments_for(*a, symbol);
    if (meant.empty()) return unknown_symbol(symbol);
    return symbol.find('.') != symbol.npos ? meant.front().value.str() : t26::symbol_of(meant.front());
  };
  a->hub->declare(trade2026_ticker_channel, {.conflate = true, .provider = first_value(a->trade2026_tickers), .one_key = true, .key_of = key_of});
  a->hub->declare(trade2026_trade_channel, {.provider = first_value(a->trade2026_trades), .one_key = true, .key_of = key_of});
  a->hub->serve_channel(table, gateway_surface, "/ws/ticker/{symbol}", "WebSocket: one ticker a message.", trade2026_ticker_channel, "symbol", true);
  a->hub->serve_channel(table, gateway_surface, "/ws/trades/{symbol}", "WebSocket: one trade a message.", trade2026_trade_channel, "symbol", true);
}

} // namespace troupe::desk
