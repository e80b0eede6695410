#include "actors/trading/risk/core.hpp"

#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

#include <algorithm>
#include <random>

using namespace troupe;
using namespace troupe::risk;

TEST_SUITE_BEGIN("risk");

namespace {

struct firm {
  explicit firm(configuration c = {}) : core{std::move(c)} {}

  template <class C>
  risk_reply operator()(const C& command, const char* who = "operator:ana") {
    core::output out;
    actor::turn_context ctx;
    ctx.message.principal = {who};
    ctx.decided_at = time_from_ns(1723118400000000000);
    const auto reply = core.decide(state, view, command, ctx, out);
    recorded = out.record || !out.events.empty();
    actor::archive closed;
    for (const auto& e : out.events) {
      core.evolve(state, e, closed);
      events.push_back(e);
    }
    return reply;
  }
  lease ask(const lease_request& r, boot_ns now, bool has_space = true) {
    core::output out;
    actor::turn_context ctx;
    ctx.has_space = has_space;
    ctx.decided_boot = now;
    const auto granted = core.decide(state, view, r, ctx, out);
    recorded = !out.events.empty();
    actor::archive closed;
    for (const auto& e : out.events) {
      core.evolve(state, e, closed);
      events.push_back(e);
    }
    return granted;
  }
  /// From a slot that has the newest lease it was granted.
  lease grant(std::uint32_t slot, std::int64_t exposure, boot_ns now, std::uint64_t epoch = 1, std::int64_t wanted = 0) {
    return ask({slot, epoch, {price::whole(exposure)}, {price::whole(wanted)}, view.last_number, now}, now);
  }
  [[nodiscard]] int128 budgets() const {
    int128 sum = 0;
    for (const auto& [slot, b] : state.budgets) sum += b.units;
    return sum;
  }

  risk::core core;
  risk::state state;
  risk::view view;
  std::vector<event> events;
  bool recorded = false;
};

boot_ns at_ms(std::int64_t ms) { return boot_ns{std::chrono::milliseconds{ms}}; }

} // namespace

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

TEST_CASE("limits: set for an account or for all others; what is negative is named altogether") {
  firm f;
  limits l;
  l.order_quantity_max = quantity::whole(5);
  CHECK(f(set_limits{account_id{"alpha"}, l}).limits_version == 1);
  CHECK(f(set_limits{account_id{"alpha"}, l}).verdict == verdict::unchanged);
  CHECK(f(set_limits{{}, limits{}}).verdict == verdict::unchanged); // the configured ones
  CHECK(f(set_limits{{}, l}).limits_version == 2);
  const auto shown = f.core.answer(f.state, f.view, risk_query{});
  CHECK(shown.fallback == l);
  CHECK(shown.accounts.at({"alpha"}) == l);
  const auto before = f.state;
  l.position_max = quantity::whole(-1);
  l.mark_age_max = nanoseconds{-1};
  const auto refused = f(set_limits{{}, l});
  CHECK(refused.verdict == verdict::refused);
  CHECK(refused.reason == "must not be negative: position_max, mark_age_max");
  CHECK(f(set_limits{account_id{}, limits{}}).verdict == verdict::refused);
  CHECK(f.state == before);
}

TEST_CASE("limits: what was set while running stands over the configuration") {
  configuration c;
  c.accounts[{"alpha"}].open_orders_max = 1;
  firm f{c};
  CHECK(f.grant(0, 0, at_ms(0)).accounts.at({"alpha"}).open_orders_max == 1);
  f(set_limits{account_id{"alpha"}, limits{}});
  CHECK(f.grant(0, 0, at_ms(0)).accounts.at({"alpha"}).open_orders_max == 100);
}

TEST_CASE("limits: of two changes that were made of the same version the second changes nothing and says so; made again of the new version both are in force") {
  firm f;
  auto first = limits{}, second = limits{};
  first.open_orders_max = 7;
  second.position_max = quantity::whole(5);
  CHECK(f(change_limits{{}, first, 0}).verdict == verdict::done);
  const auto before = f.state;
  const auto late = f(change_limits{{}, second, 0});
  CHECK(late.verdict == verdict::conflict);
  CHECK(late.limits_version == 1);
  CHECK(late.reason == "limits were changed since version 0, or risk has started since; they are at version 1, and nothing was changed now: read the limits again");
  CHECK(f.recorded);
  CHECK(f.state == before);
  second.open_orders_max = 7;
  CHECK(f(change_limits{{}, second, 1}).verdict == verdict::done);
  CHECK(f.core.answer(f.state, f.view, risk_query{}).fallback == second);
  CHECK(f(change_limits{{}, first, 1}).verdict == verdict::conflict);
  CHECK(f(change_limits{{}, first, 3}).verdict == verdict::conflict); // that there has not been
  CHECK(f(change_limits{{}, first, std::nullopt}).verdict == verdict::done); // who expects nothing is not asked
  const auto wrong = f.state;
  first.position_max = quantity::whole(-1);
  CHECK(f(change_limits{{}, first, 3}).reason == "must not be negative: position_max");
  CHECK(f.state == wrong);
}

TEST_CASE("limits: a halt, its end or a block since the version that was read is no reason to refuse a change; limits are, also those of another account") {
  firm f;
  limits l;
  l.open_orders_max = 7;
  REQUIRE(f(change_limits{{}, l, 0}).limits_version == 1);
  f(halt_command{halt_scope::account, "alpha", "loss"});
  f(block_instrument{{"BTCUSDT.SIM"}, true});
  f(resume_command{halt_scope::account, "alpha"});
  REQUIRE(f.state.version == 4);
  l.open_orders_max = 8;
  CHECK(f(change_limits{{}, l, 1}).limits_version == 5);
  for (const std::uint64_t late : {0u, 1u, 4u, 6u}) CHECK(f(change_limits{account_id{"beta"}, l, late}).verdict == verdict::conflict);
  f(halt_command{halt_scope::account, "alpha", "loss"});
  CHECK(f(change_limits{account_id{"beta"}, l, 5}).limits_version == 7);
  f(halt_command{halt_scope::account, "gamma", "loss"});
  CHECK(f(change_limits{account_id{"beta"}, std::nullopt, 6}).verdict == verdict::conflict); // they were set with 7
  CHECK(f(change_limits{account_id{"beta"}, std::nullopt, 7}).limits_version == 9);
  CHECK(f(change_limits{account_id{"beta"}, l, 8}).verdict == verdict::conflict); // and removed with 9
}

TEST_CASE("limits: what was changed before risk started it does not know, and refuses a change that was made of an earlier version") {
  firm f;
  limits l;
  l.open_orders_max = 7;
  f(change_limits{{}, l, 0});
  f(halt_command{halt_scope::account, "alpha", "loss"});
  REQUIRE(f.state.version == 2);
  f.view = {};
  l.open_orders_max = 8;
  CHECK(f(change_limits{{}, l, 1}).verdict == verdict::conflict);
  CHECK(f(change_limits{{}, l, 2}).verdict == verdict::done);
}

TEST_CASE("limits: an account whose own are removed has those of all others again, also what was set for these meanwhile") {
  firm f;
  limits own, common;
  own.open_orders_max = 7;
  common.open_orders_max = 50;
  f(set_limits{account_id{"alpha"}, own});
  f(set_limits{account_id{"beta"}, own});
  f(set_limits{{}, common});
  const auto before = f.state;
  CHECK(f(change_limits{account_id{"alpha"}, std::nullopt, 2}).verdict == verdict::conflict);
  CHECK(f(change_limits{std::nullopt, std::nullopt, 3}).verdict == verdict::refused);
  CHECK(f(change_limits{account_id{}, std::nullopt, 3}).verdict == verdict::refused);
  CHECK(f.state == before);
  CHECK(f(change_limits{account_id{"alpha"}, std::nullopt, 3}).limits_version == 4);
  CHECK(f.events.back() == event{limits_reset{account_id{"alpha"}, 4}});
  const auto lease = f.grant(0, 0, at_ms(0));
  CHECK(lease.limits_version == 4);
  CHECK(lease.fallback == common);
  CHECK(lease.accounts == std::map<account_id, limits>{{account_id{"beta"}, own}});
  const auto again = f(change_limits{account_id{"alpha"}, std::nullopt, std::nullopt});
  CHECK(again.verdict == verdict::unchanged);
  CHECK(again.reason == "account alpha has no limits of its own");
  CHECK(f.recorded);
  CHECK(f.state.version == 4);
}

TEST_CASE("limits: what is removed of an account with configured limits is what was set while running") {
  configuration c;
  c.accounts[{"alpha"}].open_orders_max = 1;
  firm f{c};
  f(set_limits{account_id{"alpha"}, limits{}});
  CHECK(f(change_limits{account_id{"alpha"}, std::nullopt, std::nullopt}).verdict == verdict::done);
  CHECK(f.grant(0, 0, at_ms(0)).accounts.at({"alpha"}).open_orders_max == 1);
  CHECK(f(change_limits{account_id{"alpha"}, std::nullopt, std::nullopt}).reason == "account alpha has no limits of its own besides the configured ones");
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

namespace {

configuration firm_of(std::int64_t most, std::uint32_t slots) {
  configuration c;
  c.firm_exposure_max = price::whole(most);
  c.slots = slots;
  return c;
}

/// A slot as risk does not see it: it uses what any lease allows that reaches it, and its requests and leases get lost.
struct modelled_slot {
  std::uint32_t slot = 0;
  std::uint64_t epoch = 1;
  price exposure;
  std::uint64_t held = 0;
  price budget; // of the lease it holds
};

} // namespace

TEST_CASE("budgets: what the slots use never adds up to more than the firm's maximum, whatever gets lost and whoever restarts") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  firm f{firm_of(1000, 4)};
  std::vector<modelled_slot> slots{{0}, {1}, {2}, {3}};
  std::vector<std::pair<std::uint32_t, lease>> under_way;
  boot_ns now = at_ms(1);
  int128 most = 0;
  std::uint64_t lives = 1, useful = 0;
  const auto whole = [&](std::uint64_t limit) { return static_cast<std::int64_t>(random() % limit); };
  for (int i = 0; i < 20'000; ++i) {
    now += std::chrono::milliseconds{whole(100)};
    auto& s = slots[random() % 4];
    switch (random() % 8) {
    case 0: // takes on more, as the lease allows, however old the lease is
      if (s.exposure < s.budget) s.exposure = {s.exposure.units + whole(static_cast<std::uint64_t>(s.budget.units - s.exposure.units) + 1)}, ++useful;
      break;
    case 1: s.exposure = {whole(static_cast<std::uint64_t>(s.exposure.units) + 1)}; break;
    case 2:
      if (random() % 8 == 0) ++s.epoch, s.held = 0, s.budget = {};
      if (random() % 200 == 0) f.view = {}, f.view.last_number = ++lives << 32; // risk forgets who has asked
      break;
    case 3:
    case 4:
      if (!under_way.empty()) { // often the oldest, or a later one overtakes it, or it is lost
        const auto at = under_way.begin() + (random() % 2 == 0 ? 0 : static_cast<std::ptrdiff_t>(random() % under_way.size()));
        auto [to, l] = *at;
        under_way.erase(at);
        auto& m = slots[to];
        if (random() % 3 != 0 && l.epoch == m.epoch && l.number > m.held) m.held = l.number, m.budget = l.exposure_budget.value;
      }
      break;
    default: {
      auto& to = slots[s.slot];
      const auto wanted = random() % 4 == 0 ? price::whole(whole(600)) : price{};
      under_way.emplace_back(to.slot, f.ask({to.slot, to.epoch, {to.exposure}, {wanted}, to.held, now}, now));
    }
    }
    int128 used = 0;
    for (const auto& m : slots) used += m.exposure.units;
    REQUIRE(used <= price::whole(1000).units);
    REQUIRE(f.budgets() <= price::whole(1000).units);
    most = std::max(most, used);
  }
  CHECK(useful > 200);
  CHECK(most > price::whole(300).units); // and much of it can be used
}

TEST_CASE("budgets: slots begin with half an equal share; one that uses more is given more, and less when it is back") {
  firm f{firm_of(1000, 4)};
  for (std::uint32_t slot = 0; slot < 4; ++slot) CHECK(f.grant(slot, 0, at_ms(0)).exposure_budget.value == price::whole(125));
  for (std::uint32_t slot = 1; slot < 4; ++slot) CHECK(f.grant(slot, 0, at_ms(1000)).exposure_budget.value == price::whole(125));
  CHECK(f.grant(0, 20, at_ms(1000)).exposure_budget.value == price::whole(125)); // more than half is left
  CHECK_FALSE(f.recorded);
  CHECK(f.grant(0, 100, at_ms(1250)).exposure_budget.value == *price::parse("312.5")); // as much again and half a share of 900
  CHECK(f.recorded);
  CHECK(f.core.answer(f.state, f.view, risk_query{}).firm_exposure.value == price::whole(100));
  CHECK(f.core.answer(f.state, f.view, risk_query{}).firm_budgets.value == *price::parse("687.5"));
  CHECK(f.grant(0, 90, at_ms(1500)).exposure_budget.value == *price::parse("312.5"));
  CHECK_FALSE(f.recorded);
  CHECK(f.grant(0, 0, at_ms(1750)).exposure_budget.value == price::whole(125));
  CHECK_FALSE(f.recorded); // nobody has shown that it holds that
  CHECK(f.grant(0, 0, at_ms(2000)).exposure_budget.value == price::whole(125));
  CHECK(f.recorded);
  CHECK(f.budgets() == price::whole(500).units);
}

TEST_CASE("budgets: a smaller one counts when the slot has shown that it holds it, not before") {
  firm f{firm_of(1000, 2)};
  CHECK(f.grant(0, 0, at_ms(0)).exposure_budget.value == price::whole(250));
  CHECK(f.grant(1, 0, at_ms(0)).exposure_budget.value == price::whole(250));
  CHECK(f.grant(0, 0, at_ms(1100), 1, 700).exposure_budget.value == price::whole(750));
  const auto before = f.view.last_number;
  const auto smaller = f.ask({0, 1, {}, {}, before, at_ms(1200)}, at_ms(1200));
  CHECK(smaller.exposure_budget.value == price::whole(250));
  CHECK(f.state.budgets.at(0) == price::whole(750));
  CHECK(f.grant(1, 0, at_ms(1300), 1, 260).exposure_budget.value < price::whole(260)); // what was not shown is not lent
  CHECK(f.ask({0, 1, {price::whole(600)}, {}, before, at_ms(1400)}, at_ms(1400)).exposure_budget.value == price::whole(750)); // it never got it, and used the old
  f.grant(1, 0, at_ms(1450));
  CHECK(f.ask({0, 1, {}, {}, f.view.last_number, at_ms(1500)}, at_ms(1500)).exposure_budget.value == price::whole(250));
  CHECK(f.state.budgets.at(0) == price::whole(750));
  CHECK(f.ask({0, 1, {}, {}, f.view.last_number, at_ms(1600)}, at_ms(1600)).exposure_budget.value == price::whole(250));
  CHECK(f.state.budgets.at(0) == price::whole(250));
}

TEST_CASE("budgets: those of slots that are away are kept for them over a restart of risk, and the others trade on with theirs") {
  firm f{firm_of(1000, 2)};
  CHECK(f.grant(0, 0, at_ms(0), 1, 700).exposure_budget.value == price::whole(850));
  f.grant(1, 0, at_ms(0));
  const auto before = f.state;
  f.view = {};
  f.view.last_number = std::uint64_t{2} << 32;
  CHECK(f.grant(1, 50, at_ms(90'000)).exposure_budget.value == before.budgets.at(1));
  CHECK(f.grant(1, 50, at_ms(90'000), 1, 151).exposure_budget.value == before.budgets.at(1)); // the firm has 150 for it
  CHECK(f.grant(1, 50, at_ms(90'000), 1, 150).exposure_budget.value == price::whole(150));
  CHECK(f.grant(1, 150, at_ms(99'000), 1, 151).exposure_budget.value == price::whole(150)); // however long that lasts
  CHECK(f.state.budgets.at(0) == price::whole(850));
  CHECK(f.budgets() == price::whole(1000).units);
}

TEST_CASE("budgets: what idle slots hold is given back when another wants more than there is, and kept when nobody does") {
  firm f{firm_of(1000, 2)};
  for (const auto at : {at_ms(0), at_ms(1000), at_ms(9'000)})
    for (std::uint32_t slot = 0; slot < 2; ++slot) CHECK(f.grant(slot, 0, at).exposure_budget.value == price::whole(250));
  CHECK(f.grant(0, 0, at_ms(9'100), 1, 800).exposure_budget.value == price::whole(250));
  CHECK(f.grant(1, 0, at_ms(9'200)).exposure_budget.value == price::whole(50)); // half a share of the 200 that are left
  f.grant(1, 0, at_ms(9'300)); // it holds that now
  CHECK(f.grant(0, 0, at_ms(9'400), 1, 800).exposure_budget.value == price::whole(900));
  CHECK(f.grant(0, 800, at_ms(9'500), 1, 1000).exposure_budget.value == price::whole(900));
  CHECK(f.grant(1, 0, at_ms(9'600)).exposure_budget.value.is_zero()); // all of it, when an order takes all
  f.grant(1, 0, at_ms(9'700));
  CHECK(f.grant(0, 800, at_ms(9'800), 1, 1000).exposure_budget.value == price::whole(1000));
  CHECK(f.budgets() == price::whole(1000).units);
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

TEST_CASE("budgets: a risk actor whose folder is older than the leases that slots hold grants newer ones, and is shown nothing by old ones") {
  firm f{firm_of(1000, 2)};
  const auto held = std::uint64_t{7} << 32;
  CHECK(f.ask({0, 9, {}, {price::whole(900)}, held, at_ms(0)}, at_ms(0)).number == 0); // the firm is halted first
  const auto first = f.ask({0, 9, {}, {price::whole(900)}, held, at_ms(0)}, at_ms(0));
  CHECK(first.number > held);
  CHECK(first.exposure_budget.value == price::whole(950));
  CHECK(f.ask({0, 9, {}, {}, held, at_ms(1200)}, at_ms(1200)).exposure_budget.value == price::whole(250));
  f.ask({0, 9, {}, {}, held, at_ms(1300)}, at_ms(1300));
  CHECK(f.state.budgets.at(0) == price::whole(950)); // the smaller one was not shown
}

TEST_CASE("budgets: nothing is lent or taken back on the last of the disk") {
  firm f{firm_of(1000, 2)};
  f.grant(0, 0, at_ms(0));
  const auto budget = f.state.budgets.at(0);
  const auto l = f.ask({0, 1, {budget}, {price::whole(900)}, f.view.last_number, at_ms(100)}, at_ms(100), false);
  CHECK_FALSE(f.recorded);
  CHECK(l.exposure_budget.value == budget);
  CHECK(l.expires_at > at_ms(100));
}

TEST_CASE("budgets: a maximum that was lowered takes nothing back that is used, and lends nothing before enough is free") {
  firm f{firm_of(1000, 2)};
  CHECK(f.grant(0, 400, at_ms(0)).exposure_budget.value == price::whole(700));
  firm g{firm_of(500, 2)};
  g.state = f.state;
  CHECK(g.grant(0, 400, at_ms(0)).exposure_budget.value == price::whole(400)); // not the 700 on record: that is more than there is
  CHECK(g.grant(1, 0, at_ms(0)).exposure_budget.value.is_zero());
  CHECK(g.grant(0, 400, at_ms(1000)).exposure_budget.value == price::whole(400));
  CHECK(g.grant(1, 0, at_ms(1000)).exposure_budget.value == price::whole(25));
  CHECK(g.grant(0, 400, at_ms(1250)).exposure_budget.value == price::whole(450)); // half a share of 100 beside what others want
  CHECK(g.grant(1, 0, at_ms(1250)).exposure_budget.value == price::whole(25));
  CHECK(g.budgets() <= price::whole(500).units);
}

TEST_CASE("budgets: of a maximum that was lowered no leases ever add up to more, from the first on, though more is on record") {
  firm f{firm_of(1000, 4)};
  for (std::uint32_t slot = 0; slot < 4; ++slot) REQUIRE(f.grant(slot, 0, at_ms(0)).exposure_budget.value == price::whole(125));
  for (const bool has_space : {true, false}) {
    CAPTURE(has_space);
    firm g{firm_of(100, 4)};
    g.state = f.state;
    REQUIRE(g.budgets() == price::whole(500).units);
    std::map<std::uint32_t, lease> leases;
    for (int round = 0; round < 6; ++round)
      for (std::uint32_t slot = 0; slot < 4; ++slot) {
        const auto now = at_ms(250 * round + slot);
        const auto wanted = price::whole(round == 1 && slot == 2 ? 40 : 0); // an order that was refused
        auto& l = leases[slot];
        l = g.ask({slot, 1, {}, {wanted}, l.number, now}, now, has_space || round > 2);
        int128 lent = 0;
        for (const auto& [any, one] : leases) lent += one.exposure_budget.value.units;
        REQUIRE(lent <= price::whole(100).units);
        if (round == 0) CHECK(l.exposure_budget.value.is_zero());
      }
    CHECK(g.budgets() <= price::whole(100).units);
    for (const auto& [slot, l] : leases) {
      CHECK(l.exposure_budget.value.is_positive()); // there is something for everybody again
      CHECK(l.exposure_budget.value == g.state.budgets.at(slot));
      CHECK(l.exposure_reachable.value <= price::whole(100));
    }
  }
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
