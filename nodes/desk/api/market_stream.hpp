#pragma once
// Publishes what changed on the mark board since the last look: native tickers, and tickers and trades in Trade2026's
// form. Owned by the order stream's actor; its thread only. No CAF.

#include "actors/platform/trade2026/symbols.hpp"
#include "nodes/desk/api/last_values.hpp"
#include "nodes/desk/mark_board.hpp"
#include "runtime/edge/stream_hub.hpp"

#include <map>
#include <memory>

namespace troupe::desk {

/// Channels behind Trade2026's WebSocket paths, keyed by symbol and by instrument id.
inline constexpr const char* trade2026_ticker_channel = "trade2026.tickers";
inline constexpr const char* trade2026_trade_channel = "trade2026.trades";

/// How often the board is looked at: prices on the streams are at most this old.
inline constexpr nanoseconds market_look_interval = std::chrono::milliseconds{100};

class market_stream {
public:
  market_stream(std::shared_ptr<edge::stream_hub> hub, std::shared_ptr<mark_board> board, trade2026::symbol_map symbols,
                std::shared_ptr<last_values> tickers, std::shared_ptr<last_values> trades)
    : hub_{std::move(hub)}, board_{std::move(board)}, symbols_{std::move(symbols)}, tickers_{std::move(tickers)},
      trades_{std::move(trades)} {}

  void publish_changes();

private:
  struct seen {
    std::optional<market::quote> quote;
    std::optional<market::trade> last;      // as the ticker showed it
    std::optional<market::trade> published; // may be newer: the board goes on while it is looked at
  };

  /// Publishes what is newer than `published` and moves it to the newest.
  void publish_trades(const market::instrument_id& instrument, std::optional<market::trade>& published);
  /// Keys of the instrument: its id, and its bare symbol when that means this instrument.
  template <class F>
  void for_each_key(const market::instrument_id& instrument, F&& f) const;

  std::shared_ptr<edge::stream_hub> hub_;
  std::shared_ptr<mark_board> board_;
  trade2026::symbol_map symbols_;
  std::shared_ptr<last_values> tickers_, trades_;
  std::map<market::instrument_id, seen> seen_;
};

} // namespace troupe::desk
