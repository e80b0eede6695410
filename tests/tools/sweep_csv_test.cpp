#include "actors/research/sweep/grid.hpp"
#include "tests/actors/research/sweep/results.hpp"
#include "tests/support/test.hpp"
#include "tools/troupe/sweep_csv.hpp"

using namespace troupe;
using namespace troupe::cli;

TEST_SUITE_BEGIN("tools/sweep_csv");

namespace {

sweep::trial_result traded_trial() {
  auto r = sweep::some_result();
  r.worker = node_name{"local-1"};
  return r;
}

std::string csv_of(const sweep::trial_result& r) { return csv_row(sweep::parse_grid({"strategy.ma.fast=5,10"}).value(), r); }

} // namespace

TEST_CASE("an amount is a number without its currency; over several currencies each names its own") {
  auto r = traded_trial();
  CHECK(csv_of(r) == "1,10,done,12,3,-0.6,1.5,-2,0.1,USDT,ab12,local-1,");
  r.reason = "say \"no\", then";
  CHECK(csv_of(r) == "1,10,done,12,3,-0.6,1.5,-2,0.1,USDT,ab12,local-1,\"say \"\"no\"\", then\"");
  r = traded_trial();
  r.realized_pnl = "1.5 INR, 3 USDT";
  CHECK(csv_of(r) == "1,10,done,12,3,,\"1.5 INR, 3 USDT\",-2 USDT,0.1 USDT,,ab12,local-1,");
}

TEST_CASE("of what is held in a lost book no number is made: net and unrealized are empty, what is known stays a number") {
  auto r = traded_trial();
  r.unrealized_pnl = "0 USDT, unknown of 1 position";
  CHECK(csv_of(r) == "1,10,done,12,3,,1.5,,0.1,USDT,ab12,local-1,");
}
