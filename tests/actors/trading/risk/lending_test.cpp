// What slots are lent of the firm's exposure: never more than there is, whatever gets lost, and given back when others want it.

#include "tests/actors/trading/risk/firm.hpp"

#include <algorithm>
#include <map>
#include <random>

using namespace troupe;
using namespace troupe::risk;
using namespace troupe::risk::test;

TEST_SUITE_BEGIN("risk");

namespace {

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
