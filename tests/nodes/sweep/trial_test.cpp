// One trial: the same as the command a person runs, whatever the folder; and what makes none.

#include "actors/research/sweep/grid.hpp"
#include "nodes/sweep/feed_cache.hpp"
#include "nodes/sweep/trial.hpp"
#include "tests/support/market.hpp"
#include "tests/support/node_process.hpp"

#include <fstream>
#include <iterator>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::sweep_node;

TEST_SUITE_BEGIN("sweep/trial");

namespace {

std::string desk_json() {
  std::ifstream in{source_dir() / "config/desk.json"};
  return {std::istreambuf_iterator<char>{in}, {}};
}

sweep::description describe(const std::vector<std::string>& words, const std::filesystem::path& feed) {
  sweep::description d;
  d.axes = sweep::parse_grid(words).value();
  d.configuration = desk_json();
  if (!feed.empty()) d.feed = sweep::feed_file{feed_path_of(feed), {}, 0};
  return d;
}

} // namespace

TEST_CASE("a trial gives what troupe-node --until-done gives with the same parameters, wherever the feed lies") {
  temporary_directory here, there;
  const auto feed = write_market(here.path(), 200);
  const auto other = there.path() / feed.filename();
  std::filesystem::copy_file(feed, other);
  const auto d = describe({"strategy.ma.fast=3", "strategy.ma.slow=4,8", "oms.order_age_max_ms=1000"}, feed);
  const auto r = trial_runner{d, feed}.run(1);
  CHECK(r.status == sweep::trial_status::done);
  CHECK(r.index == 1);
  CHECK(r.fills > 0);
  CHECK(r.fees.find("USDT") != std::string::npos);
  std::string output;
  REQUIRE(run_program("troupe-node", {"--config", (source_dir() / "config/desk.json").string(), "--until-done", "--feed", other.string(), "--set",
                                      R"(strategies.0.parameters=["fast=3","slow=8","quantity=0.01","bar_seconds=1"])", "--set", "oms.order_age_max_ms=1000"},
                      output) == 0);
  CHECK(json_field(output, "journal_hash") == r.journal_hash);
  CHECK(json_field(output, "orders") == std::to_string(r.orders));
  CHECK(json_field(output, "realized_pnl") == r.realized_pnl);
  CHECK(json_field(output, "unrealized_pnl") == r.unrealized_pnl);
  CHECK(output.find("\"fees\":\"" + r.fees + "\",\"warnings\"") != std::string::npos); // each position has fees as well
  auto again = trial_runner{d, other}.run(1);
  again.took_us = r.took_us;
  CHECK(again == r);
  CHECK(trial_runner{d, feed}.run(0).journal_hash != r.journal_hash); // else nothing was set
  CHECK(r.reason.empty());
}

TEST_CASE("a trial that is done and may have traded nothing says why, as the command does") {
  temporary_directory here;
  const auto feed = write_market(here.path(), 200);
  const auto r = trial_runner{describe({"strategy.ma.bar_seconds=7"}, feed), feed}.run(0);
  CHECK(r.status == sweep::trial_status::done);
  CHECK_MESSAGE(r.reason.starts_with("strategy ma waits for bars of 7 s of BTCUSDT.BINANCE_USDM, and none came"), r.reason);
}

TEST_CASE("parameters that make no strategy or no configuration are refused with the reason, which is the same everywhere") {
  temporary_directory here;
  const auto feed = write_market(here.path(), 10);
  const auto result_of = [&](const std::vector<std::string>& words) { return trial_runner{describe(words, feed), feed}.run(0); };
  auto r = result_of({"strategy.ma.fast=20", "strategy.ma.slow=20"});
  CHECK(r.status == sweep::trial_status::refused);
  CHECK(r.reason == "strategies[0].parameters: the strategy ma cannot be built; parameters.slow must be greater than fast");
  CHECK(r.journal_hash.empty());
  CHECK(r.reason.find(here.path().string()) == std::string::npos);
  r = result_of({"risk.lease_ms=1"});
  CHECK(r.status == sweep::trial_status::refused);
  CHECK(r.reason.find("lease_ms") != std::string::npos);
  CHECK(result_of({"strategy.nobody.fast=1"}).reason.find("there are ma, mm") != std::string::npos);
  CHECK(trial_runner{describe({"oms.order_age_max_ms=1000"}, {}), {}}.run(0).reason.find("never ends") != std::string::npos);
}

TEST_CASE("a feed that is damaged fails the trial with the line, and not with where it lies here") {
  temporary_directory here;
  const auto feed = here.path() / "binance_usdm_btcusdt_20240808.jsonl.gz";
  std::ofstream{feed} << "this is no gzip";
  const auto r = trial_runner{describe({"strategy.ma.fast=3"}, feed), feed}.run(0);
  CHECK(r.status == sweep::trial_status::failed);
  CHECK_FALSE(r.reason.empty());
  CHECK(r.reason.find(here.path().string()) == std::string::npos);
}

TEST_CASE("a reason that is cut is the same however long the path is at which the feed lies here") {
  temporary_directory dir;
  const auto name = "binance_usdm_btcusdt_20240808.jsonl.gz";
  const auto deep = dir.path() / std::string(200, 'a') / std::string(200, 'b');
  std::filesystem::create_directories(deep);
  const auto reason_at = [&](const std::filesystem::path& folder) {
    std::ofstream{folder / name} << "this is no gzip";
    return trial_runner{describe({"strategy.ma.fast=3"}, folder / name), folder / name}.run(0).reason;
  };
  const auto reason = reason_at(dir.path());
  CHECK(reason.find(name) != std::string::npos);
  CHECK(reason_at(deep) == reason);
}

TEST_CASE("a strategy's parameter takes the place of the configured one, or is added; other keys stay as they are") {
  const auto base = base_configuration(describe({}, {}), {}).value();
  CHECK(overrides_of(base, {{"strategy.ma.fast", "7"}, {"strategy.ma.side", "long_only"}, {"risk.lease_ms", "900"}, {"strategy.mm.size", "1"}}).value() ==
        std::vector<std::string>{"risk.lease_ms=900",
                                 R"(strategies.0.parameters=["fast=7","slow=20","quantity=0.01","bar_seconds=1","side=long_only"])",
                                 R"(strategies.1.parameters=["spread_ticks=2","size=1","position_max=0.1","skew_ticks=1"])"});
}

TEST_CASE("a key that no trial could use is refused before the sweep begins; one that some could use is not") {
  const auto why = [](const std::vector<std::string>& words) {
    const auto checked = check_keys(describe(words, {}), {});
    return checked ? std::string{} : to_string(checked.error());
  };
  CHECK(why({"strategy.ma.fast=1,2", "risk.lease_ms=900", "risk.open_orders_max=-5:5:5"}).empty());
  const auto both = why({"risk.leese_ms=1,2", "strategy.nobody.fast=1"});
  CHECK(both.find("risk.leese_ms: ") != std::string::npos);
  CHECK(both.find("lease_ms") != std::string::npos); // did you mean
  CHECK(both.find("there are ma, mm") != std::string::npos);
}

TEST_CASE("a grid of which no trial makes a desk is refused before the sweep begins, with the first reason; one that works is enough") {
  const auto why = [](const std::vector<std::string>& words) {
    const auto checked = check_keys(describe(words, {}), {});
    return checked ? std::string{} : to_string(checked.error());
  };
  CHECK(why({"strategy.ma.nope=1,2"}).find("none of 2 trials could run: ") != std::string::npos);
  CHECK(why({"strategy.ma.nope=1,2"}).find("nope") != std::string::npos);
  CHECK(why({"strategy.ma.fast=abc,def"}).find("none of 2 trials could run: ") != std::string::npos);
  CHECK(why({"strategy.ma.fast=30:60:10", "strategy.ma.slow=10,20,31"}).empty()); // 30 and 31
}

TEST_CASE("the end of a bar file's name keeps the folders that tell what it is") {
  CHECK(feed_path_of("/data/ticks/binance_usdm_btcusdt_20240808.jsonl.gz") == "binance_usdm_btcusdt_20240808.jsonl.gz");
  CHECK(feed_path_of("/data/coinbase/ethusd/20180405_ethusd_minute_quote.csv") == "coinbase/ethusd/20180405_ethusd_minute_quote.csv");
}

TEST_SUITE_END();
