// What people stop and let go on: halts, their end by those who have to approve it, blocked instruments.

#include "tests/actors/trading/risk/firm.hpp"

#include <algorithm>
#include <string>

using namespace troupe;
using namespace troupe::risk;
using namespace troupe::risk::test;

TEST_SUITE_BEGIN("risk");

TEST_CASE("halt: journaled with its principal; twice is unchanged and keeps the first") {
  firm f;
  const auto done = f(halt_command{halt_scope::account, "alpha", "loss"});
  CHECK(done.verdict == verdict::done);
  CHECK(done.limits_version == 1);
  REQUIRE(f.state.halts.size() == 1);
  CHECK(f.state.halts[0].halted_by == principal_id{"operator:ana"});
  const auto before = f.state;
  const auto again = f(halt_command{halt_scope::account, "alpha", "other"}, "operator:bo");
  CHECK(again.verdict == verdict::unchanged);
  CHECK(again.reason == "account alpha is halted already by operator:ana: loss");
  CHECK(f.state == before);
  CHECK(f.recorded);
  CHECK(f(halt_command{halt_scope::account, "beta", "loss"}).verdict == verdict::done);
}

TEST_CASE("halt and resume: a malformed key is refused and changes nothing") {
  firm f;
  struct row { halt_scope scope; const char* key; };
  const row rows[] = {{halt_scope::firm, "x"}, {halt_scope::account, ""}, {halt_scope::strategy, ""},
                      {halt_scope::venue, "MUCH_TOO_LONG_FOR_A_VENUE"}, {halt_scope::instrument, ""}};
  for (const auto& r : rows) {
    CAPTURE(r.key);
    for (const auto& reply : {f(halt_command{r.scope, r.key, "x"}), f(resume_command{r.scope, r.key})}) {
      CHECK(reply.verdict == verdict::refused);
      CHECK_FALSE(reply.reason.empty());
    }
    CHECK(f.recorded);
    CHECK(f.state == risk::state{});
  }
}

TEST_CASE("resume: one principal lifts a scope, only the firm's needs two different ones") {
  firm f;
  f(halt_command{halt_scope::account, "alpha", "loss"});
  CHECK(f(resume_command{halt_scope::account, "alpha"}, "").verdict == verdict::refused);
  CHECK(f(resume_command{halt_scope::account, "alpha"}).verdict == verdict::done);
  CHECK(f(resume_command{halt_scope::account, "alpha"}).verdict == verdict::unchanged);
  CHECK(f.state.halts.empty());

  f(halt_command{halt_scope::firm, "", "drill"});
  const auto first = f(resume_command{});
  CHECK(first.verdict == verdict::approval_recorded);
  CHECK(first.reason == "1 more of 2 different principals must approve");
  const auto before = f.state;
  CHECK(f(resume_command{}).verdict == verdict::approval_recorded);
  CHECK(f.state == before);
  CHECK(f.state.halts.size() == 1);
  CHECK(f(resume_command{}, "operator:bo").verdict == verdict::done);
  CHECK(f.state.halts.empty());
  const auto* last = std::get_if<resumed>(&f.events.back());
  REQUIRE(last);
  CHECK(last->approved_by == std::vector<principal_id>{{"operator:ana"}, {"operator:bo"}});
}

TEST_CASE("resume: a configuration with one approval needs one; a new halt starts without approvals") {
  configuration c;
  c.firm_approvals = 1;
  firm f{c};
  f(halt_command{halt_scope::firm, "", "drill"});
  CHECK(f(resume_command{}).verdict == verdict::done);

  firm two;
  two(halt_command{halt_scope::firm, "", "one"});
  two(resume_command{});
  two(resume_command{}, "operator:bo");
  two(halt_command{halt_scope::firm, "", "two"});
  CHECK(two(resume_command{}, "operator:bo").verdict == verdict::approval_recorded);
}

TEST_CASE("halt: one that is halted already, whose end somebody has approved, is halted anew: who approved did not know of this") {
  firm f;
  f(halt_command{halt_scope::firm, "", "one"});
  CHECK(f(resume_command{}).verdict == verdict::approval_recorded);
  CHECK(f(halt_command{halt_scope::firm, "", "two"}, "operator:bo").verdict == verdict::done);
  REQUIRE(f.state.halts.size() == 1);
  CHECK(f.state.halts[0].reason == "two");
  CHECK(f(resume_command{}, "operator:bo").verdict == verdict::approval_recorded);
  CHECK(f(resume_command{}).verdict == verdict::done);
}

TEST_CASE("halt: beyond a thousand at once it is the firm that is halted") {
  firm f;
  const auto account = [&](int n) { return f(halt_command{halt_scope::account, text<32>{"a" + std::to_string(n)}, "loss"}); };
  for (int n = 0; n < 1000; ++n) CHECK(account(n).verdict == verdict::done);
  CHECK(account(5).verdict == verdict::unchanged);
  CHECK(account(1000).verdict == verdict::done);
  CHECK(account(1001).verdict == verdict::unchanged);
  REQUIRE(f.state.halts.size() == 1001);
  CHECK(std::ranges::count(f.state.halts, halt_scope::firm, &halt::scope) == 1);
}

TEST_CASE("block: an instrument once, and back") {
  firm f;
  CHECK(f(block_instrument{{"BTCUSDT.SIM"}, true}).verdict == verdict::done);
  CHECK(f(block_instrument{{"BTCUSDT.SIM"}, true}).verdict == verdict::unchanged);
  CHECK(f(block_instrument{{"ETHUSDT.SIM"}, false}).verdict == verdict::unchanged);
  CHECK(f(block_instrument{{}, true}).verdict == verdict::refused);
  CHECK(f.grant(0, 0, at_ms(0)).blocked == std::vector<instrument_id>{{"BTCUSDT.SIM"}});
  CHECK(f(block_instrument{{"BTCUSDT.SIM"}, false}).verdict == verdict::done);
  CHECK(f.grant(0, 0, at_ms(0)).blocked.empty());
}
