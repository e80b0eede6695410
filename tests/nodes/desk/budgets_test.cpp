// The firm's limit as accounts meet it, on a whole desk: risk, 64 slots and their renewals on virtual time, on one node and on three.

#include "actors/trading/risk/core.hpp"
#include "runtime/actor/recover.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/nodes/desk/simulated_cluster.hpp"
#include "tests/nodes/desk/small_desk.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("desk/budgets");

namespace {

constexpr auto renewals = 500ms; // two

/// A buy that rests below the market, so that what it takes of the budget is quantity x limit.
oms::new_order resting(const char* account, const std::string& client, const char* quantity_of, const char* limit) {
  return {{"main"}, {account}, {client}, btc_sim, trading::side::buy, trading::order_type::limit, trading::time_in_force::day,
          *quantity::parse(quantity_of), *price::parse(limit), {}};
}
oms::order_ack rest(small_desk& d, const char* account, const std::string& client, const char* quantity_of, const char* limit) {
  const auto o = resting(account, client, quantity_of, limit);
  return d.ask<oms::order_ack>(trading::slot_name(trading::slot_of(o.tenant, o.account)), o);
}

struct attempt {
  bool is_taken = false;
  nanoseconds waited{0};
  std::string refused; // the first time
};

/// Under a new client id every 20 ms, for at most two seconds.
attempt insist(small_desk& d, const char* account, const std::string& client, const char* quantity_of, const char* limit) {
  attempt a;
  for (int i = 0; a.waited <= 2s; ++i, a.waited += 20ms) {
    const auto ack = rest(d, account, client + "-" + std::to_string(i), quantity_of, limit);
    if (ack.refusal == oms::refusal::none) {
      a.is_taken = true;
      return a;
    }
    CHECK(ack.refusal == oms::refusal::firm_exposure);
    if (a.refused.empty()) a.refused = ack.reason;
    d.pass(20ms);
  }
  return a;
}

} // namespace

TEST_CASE("with the defaults ten orders of one account in a burst, up to its own limit, are all taken") {
  small_desk d{{}};
  d.start(noon);
  for (int i = 0; i < 10; ++i) {
    const auto ack = rest(d, "a", "o" + std::to_string(i), "22", "44900"); // 987,800 each
    CHECK_MESSAGE(ack.refusal == oms::refusal::none, ack.reason);
  }
  const auto beyond = rest(d, "a", "one more", "22", "44900");
  CHECK(beyond.refusal == oms::refusal::exposure_max); // its own
}

TEST_CASE("one account can use all of the firm's limit; then the others are told that the firm has no more, and get it back when it is free") {
  small_desk d{{}, {"risk.firm_exposure_max=100000"}};
  d.start(noon);
  REQUIRE(trading::slot_of({"main"}, {"a"}) != trading::slot_of({"main"}, {"b"}));
  const auto most = insist(d, "a", "most", "1.65", "40000");
  REQUIRE(most.is_taken);
  CHECK(most.refused == "slot needs 66000, has 781 of the firm's 100000 now: repeat with new client id");
  CHECK(most.waited <= renewals);
  const auto rest_of_it = insist(d, "a", "rest", "0.85", "40000");
  REQUIRE(rest_of_it.is_taken);
  CHECK(rest_of_it.waited <= renewals);
  d.pass(renewals);
  const auto seen = d.ask<risk::risk_view>(desk::risk_name, risk::risk_query{});
  CHECK(seen.firm_exposure.value == price::whole(100'000));
  CHECK(seen.firm_budgets.value == price::whole(100'000));

  d.show("44999", "45001");
  const auto other = rest(d, "b", "small", "0.01", "40000");
  CHECK(other.refusal == oms::refusal::firm_exposure);
  CHECK(other.reason == "the firm's exposure would be 100400, above its limit of 100000");
  CHECK(rest(d, "a", "more", "0.01", "40000").reason == "the firm's exposure would be 100400, above its limit of 100000");

  for (int i = 0; i < 100; ++i) { // whichever attempt it was that was taken
    oms::cancel_order c;
    c.tenant = {"main"};
    c.account = {"a"};
    c.client_id = {"rest-" + std::to_string(i)};
    (void)d.ask<oms::order_ack>(small_desk::slot(), c);
  }
  d.pass(1s);
  d.show("44999", "45001");
  const auto again = insist(d, "b", "again", "0.01", "40000");
  CHECK_MESSAGE(again.waited <= renewals, again.refused);
  const auto after = d.ask<risk::risk_view>(desk::risk_name, risk::risk_query{});
  CHECK(after.firm_budgets.value <= after.firm_exposure_max.value);
}

namespace {

/// Asks as the edge does: until a deadline, and without standing still meanwhile.
class waiting_client {
public:
  explicit waiting_client(small_desk& d) : desk_{d}, self_{d.node().system()} {}

  template <class C>
  void ask(std::uint64_t number, const C& command, nanoseconds patience) {
    context c;
    c.cause = {"waiting", number};
    c.principal = principal_id{"test"};
    c.request = number;
    c.deadline = desk_.node().driver_clock().boot() + patience;
    desk_.node().parts().env.names->ref(small_desk::slot())->enqueue(
      caf::make_mailbox_element(caf::actor_cast<caf::strong_actor_ptr>(self_), caf::make_message_id(), {}, c, command), nullptr);
    desk_.pass({});
  }
  /// What has been answered by now.
  std::optional<oms::order_ack> answered(std::uint64_t number) {
    for (bool more = true; more;) {
      more = false;
      self_->receive([&](std::uint64_t n, const oms::order_ack& a) { more = answers_.emplace(n, a).second; },
                     [&](const actor::unanswered& u) { more = unanswered_.insert(u.number).second; }, caf::after(caf::timespan{0}) >> [] {});
    }
    const auto at = answers_.find(number);
    return at == answers_.end() ? std::nullopt : std::optional{at->second};
  }
  /// Whether it was said by now that nobody answers.
  bool is_unanswered(std::uint64_t number) { return !answered(number) && unanswered_.contains(number); }

private:
  small_desk& desk_;
  caf::scoped_actor self_;
  std::map<std::uint64_t, oms::order_ack> answers_;
  std::set<std::uint64_t> unanswered_;
};

std::size_t open_of_slot(small_desk& d) { return d.ask<oms::orders_view>(small_desk::slot(), oms::orders_query{}).orders.size(); }

/// Takes more of the firm's 100,000 than idle slots leave: they have to give back first.
const auto nearly_all = [] { return resting("a", "one", "1.65", "40000"); };

} // namespace

TEST_CASE("an order that lacks budget is not refused while its client has time: risk is asked, and it is taken under the id that it has, once") {
  small_desk d{{}, {"risk.firm_exposure_max=100000"}};
  d.start(noon);
  waiting_client client{d};
  client.ask(1, resting("a", "small", "0.5", "40000"), 5s);
  REQUIRE(client.answered(1)); // of what is free: at once
  CHECK(client.answered(1)->refusal == oms::refusal::none);

  client.ask(2, resting("a", "large", "1.2", "40000"), 5s);
  client.ask(3, resting("a", "large", "1.2", "40000"), 5s); // again meanwhile
  client.ask(4, resting("a", "beyond", "2.5", "40000"), 5s); // more than the firm has
  REQUIRE(client.answered(4));
  CHECK(client.answered(4)->refusal == oms::refusal::firm_exposure);
  CHECK_FALSE(client.answered(2));
  CHECK(open_of_slot(d) == 1);
  d.pass(renewals);
  REQUIRE(client.answered(2));
  REQUIRE(client.answered(3));
  CHECK(client.answered(2)->refusal == oms::refusal::none);
  CHECK(*client.answered(3) == *client.answered(2));
  CHECK(open_of_slot(d) == 2);
}

TEST_CASE("an order that lacks budget is decided when half of its client's time is over, whatever risk has lent by then") {
  small_desk d{{}, {"risk.firm_exposure_max=100000"}};
  d.start(noon);
  waiting_client client{d};
  client.ask(1, nearly_all(), 10ms);
  CHECK_FALSE(client.answered(1));
  d.pass(5ms);
  REQUIRE(client.answered(1));
  CHECK(client.answered(1)->refusal == oms::refusal::firm_exposure);
  CHECK(client.answered(1)->reason.starts_with("slot needs 66000, has "));
  d.pass(renewals);
  CHECK(open_of_slot(d) == 0);
}

TEST_CASE("of an order that lacks budget: a cancel by its client's id, or of all, decides it first, a halt refuses it, and others pass it") {
  small_desk d{{}, {"risk.firm_exposure_max=100000"}};
  d.start(noon);
  waiting_client client{d};
  client.ask(1, nearly_all(), 5s);
  client.ask(2, resting("a", "small", "0.01", "40000"), 5s);
  REQUIRE(client.answered(2));
  CHECK(client.answered(2)->refusal == oms::refusal::none);
  SUBCASE("cancelled") {
    client.ask(3, oms::cancel_order{{}, {"main"}, {"a"}, {"one"}}, 5s);
    REQUIRE(client.answered(1));
    CHECK(client.answered(1)->refusal == oms::refusal::firm_exposure);
    CHECK(client.answered(3)->refusal == oms::refusal::order_finished);
  }
  SUBCASE("all of the account are cancelled") {
    const auto asks = [&](const char* account, bool to_cancel) {
      return d.ask<oms::orders_view>(small_desk::slot(), oms::orders_query{trading::tenant_id{"main"}, trading::account_id{account}, {}, {100}, false, to_cancel}).orders.size();
    };
    CHECK(asks("a", false) == 1);
    CHECK(asks("b", true) == 0);
    CHECK_FALSE(client.answered(1)); // a list decides nothing, and neither does a cancel of others
    CHECK(asks("a", true) == 1);
    REQUIRE(client.answered(1));
    CHECK(client.answered(1)->refusal == oms::refusal::firm_exposure);
  }
  SUBCASE("halted") {
    CHECK_FALSE(client.answered(1));
    CHECK(d.ask<risk::risk_reply>(desk::risk_name, risk::halt_command{risk::halt_scope::account, {"a"}, {"test"}}).verdict == risk::verdict::done);
    d.pass(renewals);
    REQUIRE(client.answered(1));
    CHECK(client.answered(1)->refusal == oms::refusal::halted);
  }
}

TEST_CASE("a cancel by a client's id decides no order that waits under the same id of the same account of another tenant") {
  small_desk d{{}, {"risk.firm_exposure_max=100000"}};
  d.start(noon);
  // An account that the other tenant has in the same slot.
  trading::account_id account;
  for (int i = 0; account.value.empty(); ++i)
    if (const trading::account_id a{text<32>{std::to_string(i)}}; trading::slot_name(trading::slot_of({"other"}, a)) == small_desk::slot()) account = a;
  auto order = nearly_all();
  order.tenant = {"other"};
  order.account = account;
  waiting_client client{d};
  client.ask(1, order, 5s);
  client.ask(2, oms::cancel_order{{}, {"main"}, account, {"one"}}, 5s);
  REQUIRE(client.answered(2));
  CHECK(client.answered(2)->refusal == oms::refusal::unknown_order);
  CHECK_FALSE(client.answered(1));
  client.ask(3, oms::cancel_order{{}, {"other"}, account, {"one"}}, 5s);
  REQUIRE(client.answered(1));
  CHECK(client.answered(1)->refusal == oms::refusal::firm_exposure);
}

namespace {

/// In memory, and at a word none of its rows can be read.
class unreadable_journal final : public journal::journal {
public:
  bool is_unreadable = false;

  result<troupe::journal::stream_head> open_stream(const troupe::journal::stream_name& s) override { return kept_->open_stream(s); }
  void append(troupe::journal::append_request r, troupe::journal::completion done) override { kept_->append(std::move(r), std::move(done)); }
  result<void> flush() override { return kept_->flush(); }
  result<void> read(const troupe::journal::stream_name& s, std::uint64_t from, const std::function<bool(const troupe::journal::record_view&)>& v) const override {
    return kept_->read(s, from, v);
  }
  result<std::optional<troupe::journal::snapshot>> load_snapshot(const troupe::journal::stream_name& s, std::uint64_t at_most) const override {
    return kept_->load_snapshot(s, at_most);
  }
  result<std::optional<std::string>> get(std::string_view table, std::string_view key) const override {
    if (is_unreadable) return fail(errc::io_error, "the disk cannot be read");
    return kept_->get(table, key);
  }
  result<void> scan(std::string_view table, std::string_view from, const std::function<bool(std::string_view, std::string_view)>& v) const override {
    return kept_->scan(table, from, v);
  }
  result<std::vector<troupe::journal::stream_head>> heads() const override { return kept_->heads(); }
  troupe::journal::statistics stats() const override { return kept_->stats(); }
  bool has_space() const noexcept override { return kept_->has_space(); }

private:
  std::unique_ptr<journal> kept_ = troupe::journal::make_memory_journal();
};

} // namespace

TEST_CASE("when a look-up fails while orders that lack budget are decided, each of those who wait is told at once that nobody answers") {
  small_desk d{{}, {"risk.firm_exposure_max=100000"}};
  const auto disk = std::make_shared<unreadable_journal>();
  d.stores.journal = disk;
  d.start(noon);
  waiting_client client{d};
  for (std::uint64_t i = 1; i <= 3; ++i) client.ask(i, resting("a", "o" + std::to_string(i), "1.65", "40000"), 5s);
  for (std::uint64_t i = 1; i <= 3; ++i) CHECK_FALSE(client.is_unanswered(i));
  disk->is_unreadable = true;
  d.pass(renewals);
  for (std::uint64_t i = 1; i <= 3; ++i) CHECK(client.is_unanswered(i));
}

TEST_CASE("a slot keeps 64 orders that lack budget waiting; one beyond is decided at once") {
  small_desk d{{}, {"risk.firm_exposure_max=100000"}};
  d.start(noon);
  waiting_client client{d};
  for (std::uint64_t i = 1; i <= 65; ++i) client.ask(i, resting("a", "o" + std::to_string(i), "1.65", "40000"), 5s);
  CHECK_FALSE(client.answered(64));
  REQUIRE(client.answered(65));
  CHECK(client.answered(65)->refusal == oms::refusal::firm_exposure);
  d.pass(renewals);
  std::size_t taken = 0;
  for (std::uint64_t i = 1; i <= 65; ++i) {
    REQUIRE(client.answered(i));
    if (client.answered(i)->refusal == oms::refusal::none) ++taken;
  }
  CHECK(taken == 1); // the first: the others are more than the firm has
  CHECK(client.answered(1)->refusal == oms::refusal::none);
}

TEST_CASE("a dry run that is refused for the budget asks for it: the order itself passes two renewals later under the id that it has") {
  small_desk d{{}, {"risk.firm_exposure_max=100000"}};
  d.start(noon);
  const auto order = resting("a", "one", "1.65", "40000");
  const auto check = [&] {
    auto& clock = d.node().driver_clock();
    return d.ask<oms::check_view>(small_desk::slot(), oms::check_query{order, clock.now(), clock.boot()});
  };
  CHECK(check().refusal == oms::refusal::firm_exposure);
  d.pass(renewals);
  CHECK(check().refusal == oms::refusal::none);
  CHECK(d.ask<oms::order_ack>(small_desk::slot(), order).refusal == oms::refusal::none);
}

TEST_CASE("a position that grows by equal orders is refused before the first of them at most, also while the mark moves") {
  small_desk d{{}, {"risk.firm_exposure_max=100000"}};
  d.start(noon);
  int refused = 0;
  for (int i = 0; i < 15; ++i) {
    d.show(i % 2 == 0 ? "44999" : "44989", i % 2 == 0 ? "45001" : "45011");
    if (rest(d, "a", "o" + std::to_string(i), "0.05", i % 2 == 0 ? "44990" : "44910").refusal != oms::refusal::none) ++refused;
    d.pass(600ms);
  }
  CHECK(refused == 1);
}

namespace {

/// As node a, which runs risk, has them on record.
std::map<std::uint32_t, price> budgets_on_record(const simulated_cluster& c) {
  const auto known = actor::read_state<risk::core>(*c.backup(0), risk::core{risk::configuration{}}, desk::risk_name);
  REQUIRE(known);
  return known->state.core.budgets;
}

} // namespace

TEST_CASE("three nodes: one that is away keeps the budgets of its slots while those of the others are lent more, and every invariant holds when it is back") {
  simulated_cluster c{5, {"risk.firm_exposure_max=6400"}}; // 50 a slot to begin with; an order takes 400 to 500
  for (std::size_t i = 0; i < simulated_cluster::size; ++i) c.start(i);
  c.run(2500ms);
  const auto before = budgets_on_record(c);
  REQUIRE(before.size() == trading::slot_count);
  std::vector<std::uint32_t> away, here;
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot)
    (c.node(0).nodes().node_of(trading::slot_name(slot)) == c.name(2) ? away : here).push_back(slot);
  REQUIRE_FALSE(away.empty());
  REQUIRE_FALSE(here.empty());
  c.kill(2);
  c.run(3s); // longer than two leases
  for (int i = 0; i < 40; ++i) {
    c.place(static_cast<std::size_t>(i % 2), "away-" + std::to_string(i));
    c.run(100ms);
  }
  const auto meanwhile = budgets_on_record(c);
  for (const auto slot : away) CHECK(meanwhile.at(slot) == before.at(slot));
  CHECK(std::ranges::any_of(here, [&](std::uint32_t slot) { return meanwhile.at(slot) > price::whole(400); }));

  c.start(2);
  c.run(2s);
  for (int i = 0; i < 5 && c.unknown() > 0; ++i) {
    c.ask_again();
    c.run(500ms);
  }
  c.run(1500ms);
  c.hold_feeds(true);
  c.run(500ms);
  CHECK(c.unknown() == 0);
  CHECK(c.violations() == ""); // I7: each order within the budget of its slot, all budgets within the limit, at every prefix
}

TEST_SUITE_END();
