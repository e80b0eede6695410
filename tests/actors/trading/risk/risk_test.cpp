// Leases, a folder that is older than what slots hold, and replay.

#include "runtime/wire/wire.hpp"
#include "tests/actors/trading/risk/firm.hpp"

using namespace troupe;
using namespace troupe::risk;
using namespace troupe::risk::test;

TEST_SUITE_BEGIN("risk");

TEST_CASE("lease: carries every halt and the version that grows with each change; never extends by itself") {
  firm f;
  const auto first = f.grant(3, 0, at_ms(100));
  CHECK(first.slot == 3);
  CHECK(first.limits_version == 0);
  CHECK(first.expires_at == at_ms(1100));
  f(halt_command{halt_scope::firm, "", "drill"});
  const auto second = f.grant(3, 0, at_ms(200));
  CHECK(second.limits_version == 1);
  CHECK(second.halts == f.state.halts);
  f(resume_command{});
  f(resume_command{}, "operator:bo");
  CHECK(f.grant(3, 0, at_ms(300)).limits_version == 2);
}

TEST_CASE("lease: ends on the clock of the slot's host, counted from when it asked; so does one that is pushed") {
  firm f;
  const auto far = at_ms(50'000); // that host has been up for longer
  CHECK(f.ask({3, 1, {}, {}, 0, far}, at_ms(100)).expires_at == far + std::chrono::seconds{1});
  CHECK(f.view.slots.at(3).clock_ahead == far - at_ms(100));
  const auto pushed = f.core.renewed(f.state, f.view, 3, far + std::chrono::milliseconds{300});
  CHECK(pushed.expires_at == far + std::chrono::milliseconds{1300});
  CHECK(pushed.exposure_budget.value == f.state.budgets.at(3));
}

TEST_CASE("lease: a deposed owner of a slot gets one that has run out") {
  firm f;
  f.grant(3, 0, at_ms(100), 5);
  const auto stale = f.grant(3, 0, at_ms(200), 4);
  CHECK(stale.expires_at == boot_ns{});
  CHECK(stale.exposure_budget.value.is_zero());
}

TEST_CASE("lease: names the life of the slot that asked, also when it is pushed") {
  firm f;
  CHECK(f.grant(3, 0, at_ms(100), 5).epoch == 5);
  CHECK(f.core.renewed(f.state, f.view, 3, at_ms(150)).epoch == 5);
  f.grant(3, 0, at_ms(200), 6);
  CHECK(f.core.renewed(f.state, f.view, 3, at_ms(250)).epoch == 6);
}

TEST_CASE("restored: a slot with a newer lease than risk has on record halts the firm, before anything is granted, until people lift that") {
  firm f{firm_of(1000, 2)};
  f.grant(1, 0, at_ms(0));
  const auto held = std::uint64_t{7} << 32;
  const auto none = f.ask({0, 9, {}, {}, held, at_ms(0)}, at_ms(0));
  CHECK(none.number == 0);
  CHECK(none.expires_at == boot_ns{});
  REQUIRE(f.state.halts.size() == 1);
  CHECK(f.state.halts[0].scope == halt_scope::firm);
  CHECK(f.state.halts[0].halted_by == principal_id{"risk"});
  const auto halted = f.ask({0, 9, {}, {}, held, at_ms(10)}, at_ms(10));
  CHECK(halted.number > held);
  CHECK(halted.halts == f.state.halts);
  CHECK(f.events.size() == 3); // two budgets and one halt
  f(resume_command{halt_scope::firm, {}}, "operator:ana");
  f(resume_command{halt_scope::firm, {}}, "operator:bo");
  CHECK(f.state.halts.empty());
  CHECK(f.ask({0, 9, {}, {}, halted.number, at_ms(20)}, at_ms(20)).expires_at > at_ms(20));
  CHECK(f.state.halts.empty());
}

TEST_CASE("restored: a slot with newer limits than risk has on record halts the firm, once; one with limits that are on record does not") {
  firm f;
  f(block_instrument{{"BTCUSDT.SIM"}, true});
  REQUIRE(f.state.version == 1);
  const auto tell = [&](std::uint64_t version) {
    core::output out;
    f.core.decide(f.state, f.view, newer_limits{3, version}, actor::turn_context{}, out);
    actor::archive closed;
    for (const auto& e : out.events) f.core.evolve(f.state, e, closed);
    return out.events.size();
  };
  CHECK(tell(1) == 0);
  CHECK(tell(2) == 1);
  REQUIRE(f.state.halts.size() == 1);
  CHECK(f.state.halts[0].scope == halt_scope::firm);
  CHECK(tell(12) == 0);
  f(resume_command{halt_scope::firm, {}}, "operator:ana");
  f(resume_command{halt_scope::firm, {}}, "operator:bo");
  f(halt_command{halt_scope::firm, {}, "drill"});
  CHECK(tell(f.state.version + 1) == 1); // who lifts the drill says nothing about what is missing
  CHECK(f.state.halts[0].halted_by == own_principal);
}

TEST_CASE("replay of the stored events gives the same state") {
  firm f;
  f(halt_command{halt_scope::firm, "", "drill"});
  f(halt_command{halt_scope::account, "alpha", "loss"});
  f(resume_command{});
  f(set_limits{account_id{"alpha"}, limits{}});
  f(change_limits{account_id{"beta"}, limits{}, std::nullopt});
  f(change_limits{account_id{"alpha"}, std::nullopt, std::nullopt});
  f(block_instrument{{"BTCUSDT.SIM"}, true});
  f(resume_command{halt_scope::account, "alpha"});
  f.grant(3, 0, at_ms(0));
  risk::state replayed;
  for (const auto& e : f.events) {
    std::string bytes;
    wire::encode(e, bytes);
    const auto back = wire::decode<event>(bytes).value();
    CHECK(back == e);
    actor::archive closed;
    f.core.evolve(replayed, back, closed);
  }
  CHECK(replayed == f.state);
  CHECK(f.events.size() == 9);
  std::string snapshot;
  wire::encode(f.state, snapshot);
  CHECK(wire::decode<risk::state>(snapshot).value() == f.state);
}
