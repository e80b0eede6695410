#include "actors/market/book/book.hpp"
#include "actors/market/feed/capture.hpp"
#include "actors/market/feed/line_source.hpp"
#include "tests/support/test.hpp"

#include <map>

using namespace troupe;

TEST_SUITE_BEGIN("market/book");

namespace {

/// What one capture showed: every ticker by update id, the top of the levels and the merged top after every
/// delta.
struct observation {
  std::map<std::uint64_t, book::ticker> tickers;
  std::vector<book::top> depth_tops;
  std::vector<book::top> merged_tops;
  book::counters counts;
};

observation observe(const std::filesystem::path& capture) {
  observation seen;
  book::book kept;
  feed::capture_parser parser;
  auto source = feed::line_source::open(capture).value();
  feed::source_line line;
  while (source.next(line).value()) {
    const auto got = parser.parse(line.text).value();
    if (const auto* snapshot = std::get_if<const book::depth_snapshot*>(&got.message)) kept.apply(**snapshot);
    if (const auto* ticker = std::get_if<const book::ticker*>(&got.message)) {
      seen.tickers[(*ticker)->update_id] = **ticker;
      kept.apply(**ticker);
    }
    if (const auto* delta = std::get_if<const book::depth_delta*>(&got.message)) {
      kept.apply(**delta);
      if (kept.current() != book::state::synced) continue;
      seen.depth_tops.push_back(kept.depth_top());
      seen.merged_tops.push_back(kept.merged());
    }
  }
  seen.counts = kept.counts();
  return seen;
}

} // namespace

TEST_CASE("after every depth update our top equals the ticker of the greatest update id not above it, in every capture") {
  const auto data = test::market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  const std::string captures[] = {"binance_usdm_btcusdt_20240808.jsonl.gz", "binance_spot_btcusdt_20240808.jsonl.gz",
                                  "binance_spot_ethusdt_20240808.jsonl.gz"};
  for (const auto& name : captures) {
    CAPTURE(name);
    const auto seen = observe(data / "ticks" / name);
    std::uint64_t compared = 0;
    for (const auto& ours : seen.depth_tops) {
      CAPTURE(ours.update_id);
      auto theirs = seen.tickers.upper_bound(ours.update_id);
      if (theirs == seen.tickers.begin()) continue; // no ticker is that old
      --theirs;
      REQUIRE(ours.bid.str() == theirs->second.bid.str());
      REQUIRE(ours.bid_size.str() == theirs->second.bid_size.str());
      REQUIRE(ours.ask.str() == theirs->second.ask.str());
      REQUIRE(ours.ask_size.str() == theirs->second.ask_size.str());
      ++compared;
    }
    MESSAGE(name << ": " << compared << " of " << seen.depth_tops.size() << " depth updates compared");
    CHECK(compared > 3000);
    CHECK(compared == seen.depth_tops.size());
    CHECK(seen.counts.gaps == 0);
    CHECK(seen.counts.crossings == 0);
    CHECK(seen.counts.snapshots == 1);

    std::uint64_t last = 0;
    for (const auto& merged : seen.merged_tops) {
      REQUIRE(merged.update_id >= last); // the merged top never goes back
      last = merged.update_id;
      REQUIRE(merged.bid < merged.ask);
    }
  }
}

TEST_SUITE_END();
