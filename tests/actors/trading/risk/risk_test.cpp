#include "actors/trading/risk/core.hpp"

#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

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
  lease grant(std::uint32_t slot, std::int64_t exposure, boot_ns now, std::uint64_t epoch = 1, std::int64_t held = 0) {
    return core.grant(state, view, {slot, epoch, {price::whole(exposure)}, {price::whole(held)}, now}, now);
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
  CHECK(f(resume_command{}).verdict == verdict::unchanged);
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

TEST_CASE("lease: ends on the clock of the slot's host, counted from when it asked, and risk reckons with no earlier end") {
  configuration c;
  c.firm_exposure_max = price::whole(1000);
  c.slots = 1;
  firm f{c};
  const auto far = at_ms(50'000); // that host has been up for longer
  const auto lease = f.core.grant(f.state, f.view, {3, 1, {}, {}, far}, at_ms(100));
  CHECK(lease.expires_at == far + std::chrono::seconds{1});
  CHECK(lease.exposure_budget.value == price::whole(1000));
  CHECK(f.grant(4, 0, at_ms(1099)).exposure_budget.value.is_zero()); // slot 3 may still use it
  CHECK(f.grant(4, 0, at_ms(1100)).exposure_budget.value == price::whole(1000));
  // What is pushed 300 ms later ends no later than 300 ms later there.
  CHECK(f.view.slots.at(3).clock_ahead == far - at_ms(100));
}

TEST_CASE("lease: a deposed owner of a slot gets one that has run out") {
  firm f;
  f.grant(3, 0, at_ms(100), 5);
  const auto stale = f.grant(3, 0, at_ms(200), 4);
  CHECK(stale.expires_at == boot_ns{});
  CHECK(stale.exposure_budget.value.is_zero());
}

TEST_CASE("lease: after risk alone restarted, a slot gets no more than it holds until the forgotten ones ran out") {
  firm f;
  f.view.forgotten_until = at_ms(1000);
  CHECK(f.grant(1, 0, at_ms(0)).exposure_budget.value.is_zero());
  CHECK(f.grant(2, 0, at_ms(0), 1, 500).exposure_budget.value == price::whole(500));
  CHECK(f.grant(1, 0, at_ms(0)).collecting_until == at_ms(1000)); // so that a refusal can say why and for how long
  CHECK(f.grant(1, 0, at_ms(1000)).exposure_budget.value.is_positive());
  CHECK(f.grant(1, 0, at_ms(1000)).collecting_until == boot_ns{});
}

TEST_CASE("budgets: those that may still be in use never add up to more than the firm's maximum") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  configuration c;
  c.firm_exposure_max = price::whole(1000);
  c.slots = 4;
  firm f{c};
  struct held { std::uint32_t slot; price budget; boot_ns until; };
  std::vector<held> all; // every lease ever granted: the checker's own memory
  boot_ns now = at_ms(1);
  std::uint64_t useful = 0;
  for (int i = 0; i < 5000; ++i) {
    now += std::chrono::milliseconds{random() % 200};
    const auto slot = static_cast<std::uint32_t>(random() % 4);
    const auto l = f.grant(slot, static_cast<std::int64_t>(random() % 400), now);
    useful += l.exposure_budget.value.is_positive();
    all.push_back({slot, l.exposure_budget.value, l.expires_at});
    std::erase_if(all, [&](const held& h) { return h.until <= now; });
    std::map<std::uint32_t, price> most;
    for (const auto& h : all) most[h.slot] = std::max(most[h.slot], h.budget);
    std::int64_t sum = 0;
    for (const auto& [s, b] : most) sum += b.units;
    REQUIRE(sum <= c.firm_exposure_max.units);
    REQUIRE(f.view.slots.at(slot).leases.size() <= 20);
  }
  CHECK(useful > 2500);
}

TEST_CASE("budgets: slots that use little share evenly, one that uses more gets it on top") {
  configuration c;
  c.firm_exposure_max = price::whole(1000);
  c.slots = 4;
  firm f{c};
  for (std::uint32_t slot = 0; slot < 4; ++slot) CHECK(f.grant(slot, 0, at_ms(0)).exposure_budget.value == price::whole(250));
  CHECK(f.grant(0, 200, at_ms(2000)).exposure_budget.value == price::whole(400));
  CHECK(f.core.answer(f.state, f.view, risk_query{}).firm_exposure.value == price::whole(200));
}

TEST_CASE("replay of the stored events gives the same state") {
  firm f;
  f(halt_command{halt_scope::firm, "", "drill"});
  f(halt_command{halt_scope::account, "alpha", "loss"});
  f(resume_command{});
  f(set_limits{account_id{"alpha"}, limits{}});
  f(block_instrument{{"BTCUSDT.SIM"}, true});
  f(resume_command{halt_scope::account, "alpha"});
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
  CHECK(f.events.size() == 6);
  std::string snapshot;
  wire::encode(f.state, snapshot);
  CHECK(wire::decode<risk::state>(snapshot).value() == f.state);
}
