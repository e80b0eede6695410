#pragma once
// Trade2026 knows bare symbols ("BTCUSDT"); an instrument here is SYMBOL.VENUE. Pure; copies are independent.

#include "actors/market/messages.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::trade2026 {

/// "BTCUSDT" of "BTCUSDT.SIM"; the whole id when it has no venue.
[[nodiscard]] std::string symbol_of(const market::instrument_id& id);
/// "SIM" of "BTCUSDT.SIM".
[[nodiscard]] std::string exchange_of(const market::instrument_id& id);

/// In capitals, and without the '/' and '-' that some write between base and quote.
[[nodiscard]] std::string plain(std::string_view symbol);

class symbol_map {
public:
  symbol_map() = default;
  /// In the order of the configuration, which decides between instruments of one symbol.
  explicit symbol_map(std::vector<market::instrument_id> instruments) : instruments_{std::move(instruments)} {}

  /// What `symbol` may mean, the likeliest first: the instrument of that id, else those of that symbol, else those of which id or symbol is `plain`
  /// the same ("BTC/USDT" and "btc-usdt" count as "BTCUSDT"), with a market before without. Empty: unknown.
  [[nodiscard]] std::vector<market::instrument_id>
  candidates(std::string_view symbol, const std::function<bool(const market::instrument_id&)>& has_market) const;

  [[nodiscard]] const std::vector<market::instrument_id>& all() const noexcept { return instruments_; }

private:
  std::vector<market::instrument_id> instruments_;
};

} // namespace troupe::trade2026
