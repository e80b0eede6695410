#include "nodes/desk/api/market_stream.hpp"

#include "actors/platform/trade2026/views.hpp"
#include "nodes/desk/api/marks.hpp"
#include "runtime/wire/wire.hpp"

#include <algorithm>

namespace troupe::desk {

template <class F>
void market_stream::for_each_key(const market::instrument_id& instrument, F&& f) const {
  f(instrument.value.view());
  const auto symbol = trade2026::symbol_of(instrument);
  const auto meant = symbols_.candidates(symbol, [this](const auto& id) { return board_->quote(id).has_value(); });
  if (!meant.empty() && meant.front() == instrument) f(symbol);
}

void market_stream::publish_changes() {
  for (const auto& t : board_->tickers()) {
    auto& before = seen_[t.instrument];
    if (before.quote == t.quote && before.last == t.last) continue;
    hub_->publish("tickers", t.instrument.value.view(), wire::to_json(mark_of(t)));
    const auto shown = wire::to_json(trade2026::ticker_of(t.instrument, t.quote, t.last, t.volume, t.first));
    for_each_key(t.instrument, [&](std::string_view key) { tickers_->publish(*hub_, trade2026_ticker_channel, key, shown); });
    if (t.last && before.last != t.last) publish_trades(t.instrument, before.published);
    before.quote = t.quote;
    before.last = t.last;
  }
}

void market_stream::publish_trades(const market::instrument_id& instrument, std::optional<market::trade>& published) {
  constexpr std::size_t burst_max = 1000;
  auto fresh = board_->trades(instrument, published ? burst_max : 1); // newest first
  if (published) fresh.erase(std::find(fresh.begin(), fresh.end(), *published), fresh.end());
  if (!fresh.empty()) published = fresh.front();
  for (auto t = fresh.rbegin(); t != fresh.rend(); ++t) {
    const auto shown = wire::to_json(trade2026::trade_of(*t));
    for_each_key(instrument, [&](std::string_view key) { trades_->publish(*hub_, trade2026_trade_channel, key, shown); });
  }
}

} // namespace troupe::desk
