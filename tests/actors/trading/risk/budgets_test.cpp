// Budgets over time: slots that ask as the wiring does, orders that come in between, and risk's own events, on virtual time.

#include "actors/trading/risk/budgets.hpp"
#include "actors/trading/risk/core.hpp"
#include "tests/support/test.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

using namespace troupe;
using namespace troupe::risk;

TEST_SUITE_BEGIN("risk/budgets");

namespace {

using std::chrono::milliseconds;

constexpr milliseconds renewal{250};

/// A slot as its wiring is: it asks every renewal, eight times as often while an order lacks budget, and at once when its lease carries less.
struct asking_slot {
  price used;
  price wanted;
  boot_ns wanted_until{};
  boot_ns asks_at{};
  std::uint64_t held = 0;
  price budget;
  price reachable;
  bool is_away = false;
};

class trading_firm {
public:
  explicit trading_firm(std::int64_t most, std::uint32_t slots = slot_count) : config_{configuration_of(most, slots)}, core_{config_}, slots_(slots) {
    for (std::uint32_t i = 0; i < slots; ++i) slots_[i].asks_at = now_ + milliseconds{3 * i};
  }

  /// Every slot asks when its time has come.
  void pass(milliseconds d) {
    for (const auto end = now_ + d; now_ < end; now_ += milliseconds{1})
      for (std::uint32_t i = 0; i < slots_.size(); ++i)
        if (!slots_[i].is_away && slots_[i].asks_at <= now_) ask(i);
  }

  /// True when the slot may use so much more; else it asks for that at once, as for an order that was refused. Less is always taken.
  bool take(std::uint32_t slot, std::int64_t more) {
    auto& s = slots_[slot];
    const price after{std::max<std::int64_t>(s.used.units + price::whole(more).units, 0)};
    if (more > 0 && after > s.budget) {
      s.wanted = now_ < s.wanted_until ? std::max(s.wanted, after) : after;
      s.wanted_until = now_ + std::chrono::seconds{5};
      s.asks_at = now_;
      return false;
    }
    s.used = after;
    if (s.used.units / 2 > s.budget.units / 3) s.asks_at = now_;
    return true;
  }
  /// Until it may; how long that took. Nothing comes of more than ten renewals.
  std::optional<milliseconds> until_taken(std::uint32_t slot, std::int64_t more) {
    for (milliseconds waited{0}; waited <= 10 * renewal; waited += milliseconds{5}) {
      if (take(slot, more)) return waited;
      pass(milliseconds{5});
    }
    return std::nullopt;
  }

  asking_slot& operator[](std::uint32_t slot) { return slots_[slot]; }
  /// Risk forgets who has asked.
  void restart_risk() {
    view_ = {};
    view_.last_number = ++lives_ << 40;
  }
  [[nodiscard]] price budget_on_record(std::uint32_t slot) const { return state_.budgets.at(slot); }
  [[nodiscard]] std::size_t changes() const { return changes_; }
  [[nodiscard]] int128 used() const {
    int128 sum = 0;
    for (const auto& s : slots_) sum += s.used.units;
    return sum;
  }
  [[nodiscard]] int128 budgets() const {
    int128 sum = 0;
    for (const auto& [slot, b] : state_.budgets) sum += b.units;
    return sum;
  }

private:
  static configuration configuration_of(std::int64_t most, std::uint32_t slots) {
    configuration c;
    c.firm_exposure_max = price::whole(most);
    c.slots = slots;
    return c;
  }

  void ask(std::uint32_t slot) {
    auto& s = slots_[slot];
    core::output out;
    actor::turn_context ctx;
    ctx.decided_boot = now_;
    const auto wanted = now_ < s.wanted_until ? s.wanted : price{};
    const auto l = core_.decide(state_, view_, lease_request{slot, 1, {s.used}, {wanted}, s.held, now_}, ctx, out);
    actor::archive closed;
    for (const auto& e : out.events) {
      core_.evolve(state_, e, closed);
      ++changes_;
      REQUIRE(std::holds_alternative<budget_set>(e));
      REQUIRE(budgets() <= config_.firm_exposure_max.units); // at every prefix
    }
    const auto on_record = state_.budgets.find(slot); // before it is used
    REQUIRE(l.exposure_budget.value <= (on_record == state_.budgets.end() ? price{} : on_record->second));
    REQUIRE(l.exposure_budget.value <= l.exposure_reachable.value);
    REQUIRE(l.firm_exposure_max.value == config_.firm_exposure_max);
    const bool has_less = l.exposure_budget.value < s.budget;
    s.held = l.number;
    s.budget = l.exposure_budget.value;
    s.reachable = l.exposure_reachable.value;
    const bool lacks = s.budget < wanted && wanted <= s.reachable;
    s.asks_at = now_ + (has_less ? milliseconds{1} : lacks ? renewal / 8 : renewal);
  }

  configuration config_;
  core core_;
  risk::state state_;
  risk::view view_;
  std::vector<asking_slot> slots_;
  boot_ns now_ = boot_ns{std::chrono::hours{1}};
  std::uint64_t lives_ = 1;
  std::size_t changes_ = 0;
};

/// What no other way of asking may take longer than: the others hear of it at their renewal, and give back.
constexpr milliseconds soon = 2 * renewal;

} // namespace

TEST_CASE("a fresh desk lends every slot what one account may use, where two thirds of an equal share reach for that, and half a share otherwise") {
  trading_firm ample{1'000'000'000}; // a share is 15,625,000; an account may use 10,000,000
  ample.pass(renewal);
  for (std::uint32_t i = 0; i < slot_count; ++i) CHECK(ample[i].budget == price::whole(10'000'000));
  trading_firm tight{100'000};
  tight.pass(renewal);
  for (std::uint32_t i = 0; i < slot_count; ++i) CHECK(tight[i].budget == *price::parse("781.25"));
}

TEST_CASE("with the defaults a burst of orders of one account is refused by no budget before the account's own limit, also on a fresh desk") {
  for (const milliseconds age : {milliseconds{250}, milliseconds{20'000}}) {
    CAPTURE(age.count());
    trading_firm house{1'000'000'000};
    house.pass(age);
    for (int order = 0; order < 10; ++order) CHECK(house.take(7, 22 * 44'900)); // 9,878,000 in no time
  }
}

TEST_CASE("one slot can have all of the firm's limit but what others use, within two renewals of the order that was refused") {
  for (const std::int64_t order : {1'000, 52'800, 66'000, 99'000, 100'000}) {
    CAPTURE(order);
    trading_firm house{100'000};
    house.pass(milliseconds{2'000});
    const auto waited = house.until_taken(5, order);
    REQUIRE(waited);
    CHECK(*waited <= soon);
    CHECK(house[5].budget >= price::whole(order));
  }
  trading_firm house{100'000};
  house.pass(milliseconds{2'000});
  REQUIRE(house.until_taken(1, 20'000));
  REQUIRE(house.until_taken(2, 300));
  house.pass(milliseconds{6'000});
  const auto waited = house.until_taken(5, 79'700);
  REQUIRE(waited);
  CHECK(*waited <= soon);
  CHECK(house.used() == price::whole(100'000).units);
  CHECK_FALSE(house.until_taken(1, 1)); // there is no more
  CHECK(house[1].reachable == price::whole(20'000)); // and the lease says so
}

TEST_CASE("three slots: one that wants all gets all but what the second uses; the third, which is away, keeps its budget") {
  trading_firm house{90'000, 3};
  house.pass(milliseconds{2'000});
  CHECK(house.take(1, 10'000));
  house.pass(milliseconds{500});
  house[2].is_away = true;
  const auto kept = house[2].budget;
  CHECK(kept == house.budget_on_record(2));
  house.pass(milliseconds{5'000}); // much longer than its lease
  const auto most = (price::whole(90'000 - 10'000) - kept).units / price::whole(1).units;
  CHECK_FALSE(house.until_taken(0, most + 1));
  CHECK(house[2].budget == house.budget_on_record(2));
  CHECK(house.budget_on_record(2) == kept);
  house.pass(milliseconds{6'000});
  const auto waited = house.until_taken(0, most);
  REQUIRE(waited);
  CHECK(*waited <= soon);
  CHECK(house.budget_on_record(1) >= price::whole(10'000));
  CHECK(house.budget_on_record(2) == kept);
  house[2].is_away = false; // back: what it does not use is lent as well
  CHECK(house.until_taken(0, 90'000 - 10'000 - most));
  CHECK(house.used() == price::whole(90'000).units);
}

TEST_CASE("a position that grows by equal orders is refused once, before the first, and no more until the firm is nearly full") {
  trading_firm house{100'000};
  house.pass(milliseconds{2'000});
  int refused = 0, taken = 0;
  for (int i = 0; taken < 38; ++i) { // 0.05 at 45,000 and a mark that moves by a hair
    REQUIRE(i < 45);
    if (house.take(5, 2'250 + (i % 3 == 0 ? 1 : i % 3 == 1 ? -1 : 0))) ++taken;
    else ++refused;
    house.pass(milliseconds{600});
  }
  CHECK(refused == 1);
}

TEST_CASE("what was lent to a slot that uses it no more is free for the others again") {
  trading_firm house{100'000};
  house.pass(milliseconds{2'000});
  REQUIRE(house.until_taken(5, 100'000));
  house.pass(milliseconds{6'000});
  CHECK_FALSE(house.take(6, 10));
  house.take(5, -100'000);
  house.pass(milliseconds{8'000});
  for (std::uint32_t i = 0; i < slot_count; ++i) {
    CAPTURE(i);
    CHECK(house[i].budget >= price::whole(390)); // at least half of what a fresh desk lends
    CHECK(house[i].budget <= price::whole(1'563));
  }
}

TEST_CASE("budgets of slots whose use moves to and fro a little stay as they are") {
  trading_firm house{1'000'000};
  house.pass(milliseconds{2'000});
  for (std::uint32_t i = 0; i < slot_count; i += 2) (void)house.until_taken(i, 5'000);
  house.pass(milliseconds{10'000});
  const auto before = house.changes();
  for (int round = 0; round < 200; ++round) {
    for (std::uint32_t i = 0; i < slot_count; i += 2) CHECK(house.take(i, round % 2 == 0 ? 300 : -300));
    house.pass(milliseconds{100});
  }
  CHECK(house.changes() == before);
}

TEST_CASE("risk that starts again changes no budget while nobody wants more, and takes from idle slots when all have asked") {
  trading_firm house{100'000};
  house.pass(milliseconds{2'000});
  REQUIRE(house.until_taken(5, 30'000));
  house.pass(milliseconds{8'000});
  const auto before = house.changes();
  house.restart_risk();
  house.pass(milliseconds{8'000});
  CHECK(house.changes() == before);
  house.restart_risk();
  CHECK_FALSE(house.take(5, 69'000));
  house.pass(milliseconds{500});
  CHECK(house.changes() == before); // some may use what they have
  const auto waited = house.until_taken(5, 69'000);
  REQUIRE(waited);
  CHECK(*waited <= milliseconds{500} + soon);
}

TEST_CASE("random orders, restarts of risk and slots that go away: budgets never add up to more, and who wants what nobody uses gets it") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
  for (int run = 0; run < 6; ++run) {
    const std::uint32_t slots = run % 2 == 0 ? 5 : slot_count;
    const std::int64_t most = run % 3 == 0 ? 20'000 : 700'000;
    trading_firm house{most, slots};
    house.pass(milliseconds{below(1'500)});
    for (int i = 0; i < 300; ++i) {
      const auto slot = static_cast<std::uint32_t>(below(slots));
      if (random() % 20 == 0) house[slot].is_away = !house[slot].is_away;
      if (random() % 100 == 0) house.restart_risk();
      if (!house[slot].is_away) house.take(slot, below(static_cast<std::uint64_t>(most) / 8) - most / 20);
      house.pass(milliseconds{below(60)});
    }
    for (std::uint32_t i = 0; i < slots; ++i) house[i].is_away = false;
    house.pass(milliseconds{8'000}); // nobody asks for anything any more
    const auto one = static_cast<std::uint32_t>(below(slots));
    const auto free = static_cast<std::int64_t>((price::whole(most).units - house.used()) / price::whole(1).units);
    if (free <= 0) continue;
    const auto waited = house.until_taken(one, free);
    REQUIRE(waited);
    CHECK(*waited <= soon);
    CHECK(house.used() == price::whole(most).units);
  }
}

namespace {

slot_leases asked(std::int64_t used, std::int64_t wanted = 0, boot_ns at = {}) {
  slot_leases l;
  l.exposure = price::whole(used);
  l.wanted = price::whole(wanted);
  l.heard_at = at;
  return l;
}

} // namespace

TEST_CASE("a part: what is used, what an order takes, and idle room that three quarters of what is left are spread as") {
  const pool shared{price::whole(1000), price::whole(1'000'000), 4, std::chrono::seconds{2}, 0};
  risk::state s;
  risk::view v;
  for (std::uint32_t i = 0; i < 4; ++i) {
    s.budgets[i] = price::whole(200);
    v.slots[i] = asked(i == 0 ? 200 : 0);
  }
  const auto part_at = [&](std::uint32_t slot) { return part_of(shared, s, v, slot, {}); };
  CHECK(part_at(0).base == price::whole(200).units);
  CHECK(part_at(0).idle == price::whole(300).units); // as much again, and half a share of 800
  CHECK(part_at(0).room == price::whole(400).units);
  CHECK(part_at(0).reachable == price::whole(1000).units);
  CHECK(part_at(1).idle == price::whole(100).units);
  CHECK(part_at(1).reachable == price::whole(800).units);
  CHECK(part_at(1).others_lack); // slot 0 has no idle room, and the 200 that are free are less than 300
  CHECK_FALSE(part_at(0).others_lack);

  v.slots[1] = asked(0, 700); // an order was refused: 100 are left to spread, and the level is what reaches for all
  CHECK(part_at(1).base == price::whole(700).units);
  CHECK(part_at(1).idle == price::whole(25).units);
  CHECK(part_at(2).idle == price::parse("12.5")->units); // half a share of them
  CHECK(part_at(2).promised == part_at(2).room); // of the 200 that are free and its own nothing is for it
  CHECK(part_at(0).promised == price::whole(400).units);

  v.slots[1] = asked(0, 801); // more than the others leave unused: nobody gives back for that
  CHECK(part_at(1).base == 0);
  CHECK(part_at(2).promised == 0);

  v.slots[1] = asked(0, 700);
  v.slots[3].heard_at = boot_ns{-std::chrono::seconds{3}}; // away: its budget is its own
  CHECK(part_at(1).reachable == price::whole(600).units);
  CHECK(part_at(1).base == 0);
}

TEST_SUITE_END();
