// Limits that are changed while running: whose they are, which version they were made of, and what is removed again.

#include "tests/actors/trading/risk/firm.hpp"

using namespace troupe;
using namespace troupe::risk;
using namespace troupe::risk::test;

TEST_SUITE_BEGIN("risk");

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
