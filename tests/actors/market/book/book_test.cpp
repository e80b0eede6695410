#include "actors/market/batch.hpp"
#include "actors/market/book/book.hpp"
#include "tests/support/test.hpp"

#include <functional>
#include <map>
#include <random>

using namespace troupe;
using book::outcome;

TEST_SUITE_BEGIN("market/book");

namespace {

using levels = std::vector<book::level>;

book::level at(std::int64_t p, std::int64_t size) { return {price{p}, quantity{size}}; }

book::depth_snapshot snapshot(std::uint64_t id, levels bids, levels asks) { return {id, {}, std::move(bids), std::move(asks)}; }

/// As spot sends them: no previous id.
book::depth_delta delta(std::uint64_t first, std::uint64_t last, levels bids, levels asks, std::uint64_t previous = 0) {
  return {first, last, previous, time_from_ns(static_cast<std::int64_t>(last)), std::move(bids), std::move(asks)};
}

book::ticker ticker(std::uint64_t id, std::int64_t bid, std::int64_t bid_size, std::int64_t ask, std::int64_t ask_size) {
  return {id, {}, price{bid}, price{ask}, quantity{bid_size}, quantity{ask_size}};
}

std::vector<std::int64_t> shown(const book::top& t) {
  return {t.bid.units, t.bid_size.units, t.ask.units, t.ask_size.units, static_cast<std::int64_t>(t.update_id)};
}
using shows = std::vector<std::int64_t>;

book::book synced(std::uint64_t id = 100) {
  book::book b;
  REQUIRE(b.apply(snapshot(id, {at(50, 5), at(49, 4)}, {at(52, 2), at(53, 3)})) == outcome::changed);
  return b;
}

} // namespace

TEST_CASE("a snapshot gives the levels and the top; a delta changes, adds and removes levels") {
  auto b = synced();
  CHECK(shown(b.merged()) == shows{50, 5, 52, 2, 100});
  CHECK(b.apply(delta(101, 103, {at(50, 0), at(51, 7), at(10, 0)}, {at(53, 9)})) == outcome::changed);
  CHECK(shown(b.merged()) == shows{51, 7, 52, 2, 103});
  CHECK(b.bids(10) == levels{at(51, 7), at(49, 4)});
  CHECK(b.asks(10) == levels{at(52, 2), at(53, 9)});
  CHECK(b.asks(1) == levels{at(52, 2)});
  CHECK(b.bids(0).empty());
}

TEST_CASE("a delta far from the top says nothing new") {
  auto b = synced();
  CHECK(b.apply(delta(101, 101, {at(40, 1)}, {})) == outcome::unchanged);
  CHECK(b.merged().update_id == 101);
}

TEST_CASE("a side nobody offers has price and size zero") {
  auto b = synced();
  CHECK(b.apply(delta(101, 101, {at(50, 0), at(49, 0)}, {})) == outcome::changed);
  CHECK(shown(b.merged()) == shows{0, 0, 52, 2, 101});
}

TEST_CASE("which delta continues a book") {
  struct row { const char* what; bool behind_a_delta; book::depth_delta next; book::state then; std::uint64_t id; };
  const row rows[] = {
    {"spot: the next id", true, delta(111, 115, {}, {}), book::state::synced, 115},
    {"spot: one id is missing", true, delta(112, 115, {}, {}), book::state::lost, 110},
    {"spot: overlaps a delta", true, delta(110, 115, {}, {}), book::state::lost, 110},
    {"spot: a repetition", true, delta(105, 110, {}, {}), book::state::synced, 110},
    {"spot: overlaps the snapshot", false, delta(95, 105, {}, {}), book::state::synced, 105},
    {"spot: begins right behind the snapshot", false, delta(101, 105, {}, {}), book::state::synced, 105},
    {"spot: begins too far behind the snapshot", false, delta(102, 105, {}, {}), book::state::lost, 100},
    {"spot: inside the snapshot", false, delta(95, 100, {}, {}), book::state::synced, 100},
    {"futures: names the one before, ids jump", true, delta(150, 155, {}, {}, 110), book::state::synced, 155},
    {"futures: another was before", true, delta(111, 155, {}, {}, 109), book::state::lost, 110},
    {"futures: the one before is behind ours", true, delta(150, 155, {}, {}, 112), book::state::lost, 110},
    {"futures: a repetition", true, delta(105, 110, {}, {}, 104), book::state::synced, 110},
    {"futures: the snapshot lies inside", false, delta(95, 105, {}, {}, 94), book::state::synced, 105},
    {"futures: the snapshot lies between two", false, delta(103, 105, {}, {}, 99), book::state::synced, 105},
    {"futures: the one before is behind the snapshot", false, delta(103, 105, {}, {}, 101), book::state::lost, 100},
  };
  for (const auto& r : rows) {
    CAPTURE(r.what);
    auto b = synced();
    if (r.behind_a_delta) REQUIRE(b.apply(delta(101, 110, {}, {}, r.next.previous_update_id ? 100 : 0)) == outcome::unchanged);
    CHECK((b.apply(r.next) == outcome::lost) == (r.then == book::state::lost));
    CHECK(b.current() == r.then);
    CHECK(b.known() == (r.then == book::state::synced));
    CHECK(b.depth_update_id() == r.id);
    CHECK(b.counts().gaps == (r.then == book::state::lost ? 1 : 0));
  }
}

TEST_CASE("deltas before the snapshot are kept and applied to it, those it contains left out") {
  book::book b;
  CHECK(b.apply(delta(90, 98, {at(1, 1)}, {})) == outcome::unchanged);
  CHECK(b.apply(delta(99, 104, {at(50, 0)}, {})) == outcome::unchanged); // overlaps the snapshot that comes
  CHECK_FALSE(b.known());
  CHECK(b.apply(snapshot(100, {at(50, 5), at(49, 4)}, {at(52, 2)})) == outcome::changed);
  CHECK(shown(b.merged()) == shows{49, 4, 52, 2, 104});
  CHECK(b.bids(9) == levels{at(49, 4)}); // the stale one did not show up
  CHECK(b.apply(delta(105, 105, {at(51, 1)}, {})) == outcome::changed);
}

TEST_CASE("a snapshot older than what was kept for it changes nothing; a newer one fits") {
  book::book b;
  CHECK(b.apply(delta(110, 115, {}, {at(60, 1)})) == outcome::unchanged);
  CHECK(b.apply(snapshot(100, {at(50, 5)}, {at(52, 2)})) == outcome::unchanged);
  CHECK(b.current() == book::state::waiting);
  CHECK(b.bids(5).empty());
  CHECK(b.counts().unfit_snapshots == 1);
  CHECK(b.apply(snapshot(112, {at(50, 5)}, {at(52, 2)})) == outcome::changed);
  CHECK(b.depth_update_id() == 115);
}

TEST_CASE("after a gap there is no top until a snapshot fits, whatever tickers say") {
  auto b = synced();
  CHECK(b.apply(delta(105, 106, {at(51, 1)}, {})) == outcome::lost);
  CHECK_FALSE(b.known());
  CHECK(b.bids(5).empty());
  CHECK(b.apply(ticker(107, 51, 1, 52, 2)) == outcome::unchanged);
  CHECK(b.apply(delta(107, 108, {}, {at(52, 8)})) == outcome::unchanged);
  CHECK_FALSE(b.known());
  CHECK(b.apply(snapshot(105, {at(50, 5)}, {at(52, 2)})) == outcome::changed);
  CHECK(shown(b.merged()) == shows{51, 1, 52, 8, 108}); // with what came meanwhile
  CHECK(b.counts().gaps == 1);
}

TEST_CASE("depth and ticker: the greatest update id wins, and only a change is told") {
  auto b = synced();
  CHECK(b.apply(ticker(99, 48, 1, 60, 1)) == outcome::unchanged);  // older than the depth
  CHECK(b.apply(ticker(100, 48, 1, 60, 1)) == outcome::unchanged); // as old
  CHECK(b.apply(ticker(105, 51, 1, 52, 2)) == outcome::changed);
  CHECK(shown(b.merged()) == shows{51, 1, 52, 2, 105});
  CHECK(b.apply(ticker(106, 51, 1, 52, 2)) == outcome::unchanged); // the same prices and sizes
  CHECK(b.merged().update_id == 106);
  CHECK(b.apply(ticker(104, 40, 1, 52, 2)) == outcome::unchanged); // arrived late
  CHECK(b.apply(delta(101, 103, {at(51, 3)}, {})) == outcome::unchanged); // the depth is still behind the ticker
  CHECK(shown(b.merged()) == shows{51, 1, 52, 2, 106});
  CHECK(b.apply(delta(104, 107, {at(51, 2)}, {})) == outcome::changed); // and overtakes it
  CHECK(shown(b.merged()) == shows{51, 2, 52, 2, 107});
  CHECK(b.counts().stale_tickers == 3);
}

TEST_CASE("without any depth the ticker alone gives the top, and an older snapshot does not take it back") {
  book::book b;
  CHECK(b.apply(ticker(105, 51, 1, 52, 2)) == outcome::changed);
  CHECK(b.known());
  CHECK(b.current() == book::state::waiting);
  CHECK(b.apply(snapshot(100, {at(50, 5)}, {at(52, 2)})) == outcome::unchanged);
  CHECK(b.current() == book::state::synced);
  CHECK(shown(b.merged()) == shows{51, 1, 52, 2, 105});
}

TEST_CASE("what contradicts itself is refused and changes nothing") {
  auto b = synced();
  const auto before = shown(b.merged());
  CHECK(b.apply(ticker(200, 52, 1, 52, 1)) == outcome::refused);
  CHECK(b.apply(ticker(200, 53, 1, 52, 1)) == outcome::refused);
  CHECK(b.apply(snapshot(200, {at(50, 1), at(55, 1)}, {at(54, 1)})) == outcome::refused);
  CHECK(shown(b.merged()) == before);
  CHECK(b.depth_update_id() == 100);
  CHECK(b.apply(delta(101, 101, {}, {})) == outcome::unchanged);
}

TEST_CASE("levels that cross or lock after a delta are lost, not traded on") {
  for (const std::int64_t bid : {52, 53}) {
    auto b = synced();
    CHECK(b.apply(delta(101, 101, {at(bid, 1)}, {})) == outcome::lost);
    CHECK(b.current() == book::state::lost);
    CHECK(b.counts().crossings == 1);
    CHECK(b.counts().gaps == 0);
    CHECK(b.apply(snapshot(101, {at(50, 1)}, {at(51, 1)})) == outcome::changed);
  }
}

TEST_CASE("a snapshot older than the book is left out, a newer one replaces it") {
  auto b = synced();
  REQUIRE(b.apply(delta(101, 110, {at(51, 1)}, {})) == outcome::changed);
  CHECK(b.apply(snapshot(105, {at(10, 1)}, {at(11, 1)})) == outcome::unchanged);
  CHECK(b.counts().stale_snapshots == 1);
  CHECK(b.apply(snapshot(120, {at(10, 1)}, {at(11, 1)})) == outcome::changed);
  CHECK(shown(b.merged()) == shows{10, 1, 11, 1, 120});
  CHECK(b.apply(delta(111, 119, {at(51, 1)}, {})) == outcome::unchanged); // inside it
  CHECK(b.apply(delta(120, 125, {at(9, 1)}, {})) == outcome::unchanged);
  CHECK(b.depth_update_id() == 125);
}

TEST_CASE("a restart of the source forgets everything, also update ids") {
  auto b = synced();
  REQUIRE(b.apply(ticker(105, 51, 1, 52, 2)) == outcome::changed);
  CHECK(b.forget() == outcome::lost);
  CHECK(b.forget() == outcome::unchanged);
  CHECK(b.apply(ticker(3, 51, 1, 52, 2)) == outcome::changed);
  CHECK(b.apply(snapshot(5, {at(50, 5)}, {at(52, 2)})) == outcome::changed);
}

TEST_CASE("levels and kept deltas stay within their limits; what is nearest to the top stays") {
  book::limits small;
  small.levels_per_side = 3;
  small.pending_deltas = 2;
  small.pending_levels = 10;
  book::book b{small};
  for (std::uint64_t id = 1; id <= 5; ++id) b.apply(delta(id, id, {at(static_cast<std::int64_t>(id), 1)}, {}));
  CHECK(b.counts().dropped_deltas == 3);
  CHECK(b.apply(snapshot(2, {}, {at(100, 1)})) == outcome::unchanged); // the third is missing
  CHECK(b.apply(snapshot(3, {}, {at(100, 1), at(101, 1), at(102, 1), at(103, 1)})) == outcome::changed);
  CHECK(b.asks(9) == levels{at(100, 1), at(101, 1), at(102, 1)});
  b.apply(delta(6, 6, {at(8, 1), at(9, 1)}, {}));
  CHECK(b.bids(9) == levels{at(9, 1), at(8, 1), at(5, 1)});
  CHECK(b.counts().dropped_levels == 2);

  book::book by_levels{small};
  by_levels.apply(delta(1, 1, levels(6, at(1, 1)), {}));
  by_levels.apply(delta(2, 2, levels(6, at(1, 1)), {}));
  CHECK(by_levels.counts().dropped_deltas == 1);
}

TEST_CASE("a snapshot may list its levels in any order, also with empty ones") {
  book::book b;
  b.apply(snapshot(1, {at(3, 1), at(5, 2), at(4, 0), at(1, 7)}, {at(9, 1), at(7, 2), at(8, 0)}));
  CHECK(b.bids(9) == levels{at(5, 2), at(3, 1), at(1, 7)});
  CHECK(b.asks(9) == levels{at(7, 2), at(9, 1)});
}

TEST_CASE("a book never shows what the exchange did not, whatever is lost or repeated on the way") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
  std::uint64_t compared = 0;
  std::uint64_t losses = 0;
  for (int round = 0; round < 100; ++round) {
    const bool futures = random() % 2 == 0;
    // The exchange: every update has an id and sets one level; bids stay below 500, asks above.
    std::map<std::int64_t, std::int64_t, std::greater<>> bids;
    std::map<std::int64_t, std::int64_t> asks;
    std::map<std::uint64_t, std::pair<levels, levels>> history; // all levels at the end of each delta
    const auto all = [](const auto& side) {
      levels out;
      for (const auto& [p, size] : side) out.push_back(at(p, size));
      return out;
    };
    book::book b;
    std::uint64_t id = 1000;
    std::uint64_t previous = 1000;
    history[id] = {{}, {}};
    for (int step = 0; step < 200; ++step) {
      if (futures) id += random() % 50; // ids of other symbols
      auto change = delta(id + 1, 0, {}, {}, futures ? previous : 0);
      for (std::int64_t n = 1 + below(5); n > 0; --n) {
        ++id;
        const bool bid = random() % 2 == 0;
        const auto p = bid ? 400 + below(99) : 501 + below(99);
        const auto size = below(4);
        (bid ? change.bids : change.asks).push_back(at(p, size));
        if (bid) size == 0 ? void(bids.erase(p)) : void(bids[p] = size);
        else size == 0 ? void(asks.erase(p)) : void(asks[p] = size);
      }
      change.last_update_id = previous = id;
      history[id] = {all(bids), all(asks)};
      const auto fate = random() % 40;
      if (fate != 0) losses += b.apply(change) == outcome::lost;
      if (fate == 1) losses += b.apply(change) == outcome::lost;
      if (step % 25 == 7) { // the answer to a request of some time ago
        auto then = std::prev(history.end());
        for (auto back = below(4); back > 0 && then != history.begin(); --back) --then;
        b.apply(snapshot(then->first, then->second.first, then->second.second));
      }
      if (b.current() != book::state::synced) continue;
      ++compared;
      REQUIRE(history.count(b.depth_update_id()) == 1);
      const auto& truth = history.at(b.depth_update_id());
      REQUIRE(b.bids(1000) == truth.first);
      REQUIRE(b.asks(1000) == truth.second);
    }
  }
  CHECK(compared > 5000);
  CHECK(losses > 50);
}

TEST_CASE("what a batch brings about has a cause: the newest place on a tape, also behind a book that was only taken away") {
  market::quote early, late;
  early.tape = {"walk", 7};
  late.tape = {"walk", 9};
  const market::book_lost taken{};
  CHECK(market::cause_of({{taken, early, late}}) == cause_id{"walk", 9});
  CHECK(market::cause_of({{late, taken}}) == cause_id{"walk", 9});
  CHECK(market::cause_of({{taken}}) == cause_id{"feed", 0});
}

TEST_SUITE_END();
