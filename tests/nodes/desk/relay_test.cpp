// What a feed's relay on another node gets when that node is slow, and when something is lost on the way.

#include "runtime/actor/send.hpp"
#include "tests/nodes/desk/simulated_cluster.hpp"

#include <caf/all.hpp>

#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t feeding = 0, relaying = 1; // nodes

/// Three nodes, the feed's a quote or trade a millisecond, nobody who trades by it.
struct relay_house {
  simulated_cluster c{1, {R"(feeds=[{"name":"walk","seed":7,"step_ms":1}])", "strategies=[]"}};
  relay_house() {
    for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
    c.run(500ms);
    REQUIRE(lagging() == 0);
    REQUIRE(board(relaying).tickers().size() == 3);
  }
  [[nodiscard]] const desk::mark_board& board(std::size_t node) { return *c.node(node).parts().board; }
  /// Quotes and trades.
  [[nodiscard]] std::uint64_t events(std::size_t node) {
    const auto n = board(node).counts();
    return n.quotes + n.trades;
  }
  /// Batches that a relay did not get because it had no credit.
  [[nodiscard]] std::uint64_t lagging() { return c.node(feeding).feeds()[0].second->dropped; }
  void check_same_quotes() {
    for (const auto& t : board(feeding).tickers()) {
      CAPTURE(t.instrument.value.str());
      const auto there = board(relaying).quote(t.instrument);
      REQUIRE(there);
      REQUIRE(t.quote);
      CHECK(static_cast<const market::quote&>(*there) == static_cast<const market::quote&>(*t.quote));
    }
  }
};

} // namespace

TEST_SUITE_BEGIN("desk/relay");

TEST_CASE_FIXTURE(relay_house, "a node that stands still has sixteen batches under way and no more; then it gets the last quote of each instrument and nothing between") {
  constexpr std::uint64_t window = 16, instruments = 3;
  const auto had = events(relaying);
  const auto lost = board(relaying).counts().books_lost;
  c.stand_still(relaying, true);
  c.run(1000ms);
  CHECK(events(feeding) - had >= 1000);
  CHECK(events(relaying) == had);
  CHECK(events(feeding) - had - lagging() == window);
  c.hold_feeds(true);
  c.stand_still(relaying, false);
  c.run(100ms);
  CHECK(events(relaying) == had + window + instruments);
  CHECK(board(relaying).counts().books_lost == lost + instruments);
  check_same_quotes();
  const auto dropped = lagging();
  c.hold_feeds(false);
  c.run(200ms); // and it keeps up as before
  c.hold_feeds(true);
  c.run(100ms);
  CHECK(lagging() == dropped);
  CHECK(board(relaying).counts().books_lost == lost + instruments);
  check_same_quotes();
}

TEST_CASE_FIXTURE(relay_house, "a batch that is lost on the way loses every book at its receiver, and each is trusted again from its next quote on") {
  const auto lost = board(relaying).counts().books_lost;
  c.network().refuses = [](std::string_view frame) { return frame.find("relay/walk") != std::string_view::npos; };
  c.run(5ms);
  const auto newest_lost = events(feeding); // the tape's position: one event a line
  CHECK(events(relaying) < newest_lost);
  c.network().refuses = nullptr;
  c.run(1500us); // one more batch
  CHECK(board(relaying).counts().books_lost == lost + 3);
  std::size_t untrusted = 0;
  for (const auto& t : board(relaying).tickers()) {
    if (!t.quote) ++untrusted;
    else CHECK(t.quote->tape.position > newest_lost);
  }
  CHECK(untrusted >= 1);
  c.run(100ms);
  c.hold_feeds(true);
  c.run(100ms);
  CHECK(board(relaying).counts().books_lost == lost + 3);
  check_same_quotes();
}

TEST_CASE("a quiet market's top does not grow old on another node while its book is told, and does when only trades are") {
  const temporary_directory dir;
  const auto file = dir.path() / "binance_usdm_btcusdt_20240101.jsonl";
  const auto begin = time_from_ns(1'704'067'199'000'000'000); // a second behind the beginning of the cluster's time
  {
    std::ofstream out{file};
    for (int i = 0; i <= 60; ++i) { // for two seconds the same top, then trades
      out << to_ns(begin + i * 50ms);
      if (i <= 40) out << R"( {"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":)" << i + 1 << R"(,"s":"BTCUSDT","b":"61800.4","B":"1","a":"61800.6","A":"1"}})" << '\n';
      else out << R"( {"stream":"btcusdt@trade","data":{"e":"trade","E":1704067201000,"T":1704067201000,"s":"BTCUSDT","t":)" << i << R"(,"p":"61800.5","q":"1","X":"MARKET","m":true}})" << '\n';
    }
  }
  simulated_cluster c{1, {R"(feeds=[{"name":"walk","file":")" + file.string() + R"(","instrument":"BTCUSDT.SIM"}])", "strategies=[]"}};
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
  const auto age = [&](std::size_t node) {
    const auto& parts = c.node(node).parts();
    const auto shown = parts.board->quote(market::instrument_id{"BTCUSDT.SIM"});
    REQUIRE(shown);
    return parts.env.clock->boot() - shown->heard_at;
  };
  c.run(2900ms);
  CHECK(age(feeding) <= 100ms);
  CHECK(age(relaying) <= 300ms); // told now and then
  c.run(1s);
  CHECK(age(feeding) >= 800ms);
  CHECK(age(relaying) >= 800ms);
}

TEST_CASE_FIXTURE(relay_house, "an inspection past its deadline is dropped and counted by a relay") {
  const auto& env = c.node(relaying).parts().env;
  const actor_name relay{"relay/walk"};
  caf::scoped_actor self{c.node(relaying).system()};
  const auto is_shown = [&](boot_ns deadline) {
    context asked;
    asked.request = 1;
    asked.deadline = deadline;
    actor::send_to(*self.ptr(), env.names->ref(relay), lane::data, asked, actor::inspect_request{});
    c.run(1ms);
    bool shown = false;
    self->receive([&](std::uint64_t, const actor::inspected&) { shown = true; }, caf::after(caf::timespan{0}) >> [] {});
    return shown;
  };
  CHECK(is_shown(env.clock->boot() + 1s));
  CHECK_FALSE(is_shown(env.clock->boot() - 1ns));
  CHECK(env.pulses->of(relay)->expired == 1);
}

TEST_SUITE_END();
