// What an operator says a strategy holds.
#include "tests/actors/trading/strategy/strategy_run.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("trading/strategy");

namespace {

correct_strategy_position fix(std::string_view id, std::string_view change) {
  return {{id}, {}, {}, {"BTCUSDT.SIM"}, qty(change), "compared with the books"};
}

} // namespace

TEST_CASE("correct: the position changes by what the operator says, and the strategy trades by it") {
  strategy_run s{quoter_config()};
  s.stand();
  const auto ack = s.correct(fix("k1", "2"));
  CHECK(ack.refusal == oms::correction_refusal::none);
  CHECK(ack.position == qty("2"));
  CHECK(ack.decided_at == s.now);
  CHECK(s.view().position == qty("2"));
  CHECK(s.view().fills == 0); // it is none
  CHECK(told(s.quote("99.9", "100.1")) == "cancel quoter-1"); // at its position_max it buys no more
  CHECK(s.correct(fix("k2", "-0.5")).position == qty("1.5"));
  const auto& e = std::get<strategy_position_corrected>(s.history.back());
  CHECK(e.by == principal_id{"operator:ana"});
  CHECK(e.correction.account == account_id{"alpha"});
  CHECK(e.correction.tenant == tenant_id{"main"});
  CHECK(s.state == s.replayed());
  s.restart();
  CHECK(s.view().position == qty("1.5"));
}

TEST_CASE("correct: the same id and words again are answered as first and change nothing, over a restart too; other words are a conflict") {
  strategy_run s{quoter_config()};
  const auto first = s.correct(fix("k1", "0.5"));
  s.now += std::chrono::hours{1};
  s.correct(fix("k2", "1"));
  s.restart();
  const auto before = s.state;
  const auto events = s.history.size();
  CHECK(s.correct(fix("k1", "0.5")) == first);
  CHECK_FALSE(s.recorded);
  const auto other = s.correct(fix("k1", "0.6"));
  CHECK(other.refusal == oms::correction_refusal::conflict);
  CHECK(other.reason == "correction k1 is on record with another body");
  CHECK(s.recorded);
  auto words = fix("k1", "0.5");
  words.reason = "something else";
  CHECK(s.correct(words).refusal == oms::correction_refusal::conflict);
  CHECK(s.state == before);
  CHECK(s.history.size() == events);
}

TEST_CASE("correct: what is refused changes nothing and says why") {
  strategy_run s{quoter_config()};
  s.stand();
  s.update(1, order_status::filled, "1");
  const auto before = s.state;
  const auto check = [&](const correct_strategy_position& asked, oms::correction_refusal why, const char* who = "operator:ana", bool has_space = true) {
    const auto ack = s.correct(asked, who, has_space);
    CHECK(ack.refusal == why);
    CHECK_FALSE(ack.reason.empty());
    CHECK(s.recorded == has_space);
    CHECK(s.state == before);
  };
  using enum oms::correction_refusal;
  for (const char* who : {"http", "strategy/quoter", "supervisor", "operator", ""}) check(fix("k1", "1"), not_authorised, who);
  check(fix("k1", "1"), disk_full, "operator:ana", false);
  check(fix("", "1"), bad_id);
  check(fix(" ", "1"), bad_id);
  auto asked = fix("k1", "1");
  asked.reason = " ";
  check(asked, no_reason);
  asked = fix("k1", "1");
  asked.instrument = {"ETHUSDT.SIM"};
  check(asked, unknown_instrument);
  asked = fix("k1", "1");
  asked.account = {"gamma"};
  check(asked, unknown_instrument);
  check(fix("k1", "92233720368"), out_of_range);
  CHECK(s.state == s.replayed());
}

TEST_CASE("correct: what it traded before can be corrected as well, and what it trades now before its first order") {
  strategy_run s{quoter_config()};
  s.stand();
  s.update(1, order_status::filled, "1");
  auto other = quoter_config();
  other.instrument.id = {"ETHUSDT.SIM"};
  s.restart(other);
  CHECK(s.correct(fix("k1", "-1")).position == qty("0"));
  CHECK(s.held().position.is_zero());
  auto here = fix("k2", "0.25");
  here.instrument = {"ETHUSDT.SIM"};
  CHECK(s.correct(here).position == qty("0.25"));
  CHECK(s.view().position == qty("0.25"));
  CHECK(s.held_at({{"main"}, {"alpha"}, {"BTCUSDT.SIM"}}).position.is_zero());
  CHECK(s.state == s.replayed());
}

TEST_CASE("correct: what is open must fit on top of it, and at the edge of what can be counted a strategy goes on trading towards its limit") {
  strategy_run s{quoter_config()};
  s.stand();
  CHECK(s.correct(fix("k1", "92233720368")).refusal == oms::correction_refusal::out_of_range); // its bid of 1 may fill
  CHECK(s.correct(fix("k1", "-92233720368")).refusal == oms::correction_refusal::out_of_range);
  CHECK(s.correct(fix("k1", "92233720367")).refusal == oms::correction_refusal::none);
  CHECK(told(s.quote("99.9", "100.1")) == "cancel quoter-1");
  s.update(1, order_status::filled, "1");
  CHECK(s.held().position == qty("92233720368"));
  CHECK(told(s.quote("100", "100.2")) == "replace 2 to 1@100.3");

  strategy_run cross{ma_config()};
  REQUIRE(cross.correct(fix("k1", "-92233720368")).refusal == oms::correction_refusal::none);
  cross.quote("99.9", "100.1");
  for (const auto* close : {"100", "101"}) cross.bar(close);
  CHECK(told(cross.bar("103")) == "cross-1 buy 92233720368.547 market"); // as much as one order can say
}

TEST_CASE("correct: zero is on record as well: somebody has looked") {
  strategy_run s{quoter_config()};
  CHECK(s.correct(fix("k1", "0")).refusal == oms::correction_refusal::none);
  CHECK(s.view().position.is_zero());
  CHECK(s.state.corrections.size() == 1);
}

TEST_CASE("correct: the last ids are kept and no more") {
  strategy_run s{quoter_config()};
  for (std::size_t n = 0; n < corrections_kept + 3; ++n) s.correct(fix("k" + std::to_string(n), "0.001"));
  CHECK(s.state.corrections.size() == corrections_kept);
  CHECK(s.state.corrections.front().correction.id == correction_id{"k3"});
  const auto before = s.state;
  s.correct(fix("k3", "0.001"));
  CHECK(s.state == before);
  CHECK(s.state == s.replayed());
}
