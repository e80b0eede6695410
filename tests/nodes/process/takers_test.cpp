// A whole captured market through the command a person runs, then its journals against the capture itself: what takers
// paid and how much they took, by a reader of the market that shares no code with the feed.

#include "tests/nodes/process/market_oracle.hpp"
#include "tests/support/node_process.hpp"

#include "runtime/journal/reader.hpp"
#include "tools/check/streams.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// Every trade of the OMS streams, in the order of its slot.
std::vector<oms::execution> trades_in(const std::filesystem::path& data_dir) {
  auto journal = journal::open_for_reading(data_dir / "journal");
  REQUIRE(journal);
  std::vector<oms::execution> all;
  check::check_report report;
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot)
    check::read_turns<check::oms_stored>(**journal, trading::slot_name(slot), report, [&](const journal::record_header&, const check::oms_turn& t) {
      for (const auto& e : t.events)
        if (const auto* x = std::get_if<oms::execution>(&e); x && x->report.type == venue::exec_type::trade) all.push_back(*x);
    });
  CHECK(report.holds());
  return all;
}

} // namespace

TEST_SUITE_BEGIN("process/takers");

TEST_CASE("in each captured market every invariant holds, and no taker fills better than the best or above the displayed size") {
  const auto data = market_data();
  if (data.empty()) TROUPE_SKIP("no market data");
  // The maker of config/desk.json, and a taker who wants more than what is displayed.
  const std::string strategies = R"(strategies=[
    {"name":"greedy","kind":"ma_cross","account":"greedy","parameters":["fast=2","slow=4","quantity=5","bar_seconds=1"]},
    {"name":"mm","kind":"quoter","account":"mm","parameters":["spread_ticks=2","size=0.01","position_max=0.1","skew_ticks=1"]}])";
  for (const std::string name : {"binance_usdm_btcusdt_20240808.jsonl.gz", "binance_spot_btcusdt_20240808.jsonl.gz",
                                 "binance_spot_ethusdt_20240808.jsonl.gz"}) {
    CAPTURE(name);
    const auto capture = data / "ticks" / name;
    temporary_directory dir;
    const auto config = (source_dir() / "config/desk.json").string();
    std::string output;
    const int code = run_program("troupe-node", {"--config", config, "--set", strategies, "--until-done", "--feed", capture.string(),
                                                 "--data-dir", dir.path().string()}, output);
    REQUIRE_MESSAGE(code == 0, output);
    CHECK(json_field(output, "positions_equal_fills") == "true");
    std::string checked;
    const int holds = run_program("troupe", {"check", "invariants", "--data-dir", dir.path().string(), "--config", config, "--drained"}, checked);
    CHECK_MESSAGE(holds == 0, checked);

    const market_oracle market{capture};
    CHECK(market.lines() > 30'000);
    std::map<std::pair<bool, std::uint64_t>, quantity> taken; // of each display, by side and number
    std::uint64_t takes = 0, emptied = 0;
    for (const auto& t : trades_in(dir.path())) {
      if (t.report.maker) continue;
      ++takes;
      CAPTURE(t.report.id.value.str());
      CAPTURE(t.report.tape.position);
      REQUIRE(t.report.tape.position >= 1);
      REQUIRE(t.report.tape.position <= market.lines());
      const bool buys = t.side == trading::side::buy;
      const auto& top = market.after(t.report.tape.position);
      const auto& opposite = buys ? top.ask : top.bid;
      REQUIRE((buys ? t.report.last_price >= opposite.at : t.report.last_price <= opposite.at)); // never better
      REQUIRE(t.report.last_price == opposite.at);                                              // nor at what was not shown
      auto& used = taken[{buys, opposite.number}];
      used += t.report.last_quantity;
      REQUIRE(used <= opposite.size);
      if (used == opposite.size) ++emptied;
    }
    MESSAGE(name << ": " << takes << " takes of " << json_field(output, "fills") << " fills, " << emptied << " took all that was displayed");
    CHECK(takes > 50);
    CHECK(emptied > 5);
  }
}
