// What a look at the mark board publishes, whatever the board takes meanwhile.

#include "nodes/desk/api/market_stream.hpp"

#include "tests/support/test.hpp"

#include <nlohmann/json.hpp>

using namespace troupe;
using namespace troupe::desk;

namespace {

/// A board and the stream that looks at it. Without known symbols every value has one key, so a channel's sequence counts what it carried.
struct watched_board {
  std::shared_ptr<edge::stream_hub> hub = std::make_shared<edge::stream_hub>();
  std::shared_ptr<mark_board> board = std::make_shared<mark_board>(10);
  std::shared_ptr<last_values> tickers = std::make_shared<last_values>(), trades = std::make_shared<last_values>();
  market_stream stream{hub, board, {}, tickers, trades};

  watched_board() {
    for (const char* channel : {"tickers", trade2026_ticker_channel, trade2026_trade_channel}) hub->declare(channel, {});
  }
  void trade(const char* instrument, std::uint64_t id) {
    market::trade t;
    t.instrument = market::instrument_id{instrument};
    t.last = price::whole(100);
    t.size = quantity::whole(1);
    t.trade_id = id;
    board->take({{t}}, {});
  }
  /// The board takes a trade of BTCUSDT.SIM while the stream looks at it: behind the first ticker of `instrument`.
  void trade_during_look(const char* instrument, std::uint64_t id) {
    tickers->ask(instrument, [this, id](const edge::snapshot&) { trade("BTCUSDT.SIM", id); });
  }
  /// "3@1": the newest is trade 3, and one was published.
  [[nodiscard]] std::string look() {
    stream.publish_changes();
    std::string newest;
    trades->ask("BTCUSDT.SIM", [&](const edge::snapshot& now) {
      newest = nlohmann::json::parse(now.data)["trade_id"].get<std::string>() + "@" + std::to_string(now.sequence);
    });
    return newest;
  }
};

} // namespace

TEST_SUITE_BEGIN("nodes/api/market_stream");

TEST_CASE("a look publishes every trade since the one before it, and the first look only the newest") {
  watched_board b;
  for (std::uint64_t id : {1, 2, 3}) b.trade("BTCUSDT.SIM", id);
  CHECK(b.look() == "3@1");
  CHECK(b.look() == "3@1");
  for (std::uint64_t id : {4, 5}) b.trade("BTCUSDT.SIM", id);
  CHECK(b.look() == "5@3");
}

TEST_CASE("a trade that comes during a look is published once") {
  watched_board b;
  b.trade("BTCUSDT.SIM", 1);
  b.trade_during_look("BTCUSDT.SIM", 2);
  CHECK(b.look() == "2@1"); // ahead of the ticker, which says 1
  CHECK(b.look() == "2@1");
  b.trade("BTCUSDT.SIM", 3);
  b.trade("ADAUSDT.SIM", 1); // looked at first
  b.trade_during_look("ADAUSDT.SIM", 4);
  CHECK(b.look() == "4@4"); // with the one of ADAUSDT.SIM
  CHECK(b.look() == "4@4");
  b.trade("BTCUSDT.SIM", 5);
  CHECK(b.look() == "5@5");
}
