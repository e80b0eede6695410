// What a start must put right that nobody was there to do: a midnight that passed, instants of a clock that is gone.

#include "runtime/actor/recover.hpp"
#include "tests/nodes/desk/small_desk.hpp"

#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("desk/restart");

TEST_CASE("a DAY order does not outlive a midnight that passed while the node was down; a GTC order does") {
  temporary_directory dir;
  small_desk d{dir.path() / "data"};
  d.start(noon);
  const auto day = d.buy("day").order, gtc = d.buy("gtc", "44000", trading::time_in_force::gtc).order;
  CHECK(d.look(day).status == oms::order_status::new_);
  d.stop();
  d.start(noon + 1h); // the same day: it stays
  CHECK(d.look(day).status == oms::order_status::new_);
  d.stop();
  d.start(noon + 24h);
  CHECK(d.look(day).status == oms::order_status::expired);
  CHECK(d.look(gtc).status == oms::order_status::new_);
}

TEST_CASE("a midnight while the node runs ends DAY orders too") {
  small_desk d{{}};
  d.start(noon + 12h - 10s);
  const auto day = d.buy("day").order;
  d.pass(8s);
  CHECK(d.look(day).status == oms::order_status::new_);
  d.pass(2s);
  CHECK(d.look(day).status == oms::order_status::expired);
}

TEST_CASE("a midnight that the wall clock jumps over ends DAY orders within two seconds, whatever delay was meant to wait for it") {
  small_desk d{{}};
  d.start(noon);
  const auto day = d.buy("day").order;
  d.pass(2s);
  CHECK(d.look(day).status == oms::order_status::new_);
  d.node().driver_clock().set(noon + 25h); // no timer knows
  d.pass(2s);
  CHECK(d.look(day).status == oms::order_status::expired);
}

namespace {

/// An accepted order that never reached the venue, and what becomes of it at the next start.
oms::order order_after(const std::string& next_boot, time_ns next_start) {
  temporary_directory dir;
  small_desk d{dir.path() / "data", {"risk.lease_ms=60000", "oms.order_age_max_ms=60000"}};
  d.start(noon, "first-boot");
  d.node().parts().env.names->bind(actor_name{"venue/SIM"}, nullptr);
  const auto id = d.buy("unsent").order;
  CHECK(d.look(id).status == oms::order_status::pending_new);
  d.stop();
  d.start(next_start, next_boot);
  d.pass(1s);
  return d.look(id);
}

} // namespace

TEST_CASE("an order that had not left goes out after a restart of the process, and never after one of the machine") {
  // Virtual boot time is the virtual clock: the earlier start below is a clock that began anew.
  CHECK(order_after("first-boot", noon + 10s).status == oms::order_status::new_);
  const auto late = order_after("second-boot", noon - 1h);
  CHECK(late.status == oms::order_status::rejected);
  CHECK(late.refusal == oms::refusal::not_sent);
}

TEST_CASE("an order beyond the slot's budget is refused once; when it comes again the firm has lent more") {
  temporary_directory dir;
  small_desk d{dir.path() / "data", {"risk.firm_exposure_max=6400"}}; // 50 a slot to begin with
  d.start(noon);
  const auto first = d.buy("one"); // 440
  CHECK(first.refusal == oms::refusal::firm_exposure);
  CHECK(first.reason == "slot needs 440, has 50 of the firm's 6400 now: repeat with new client id");
  d.pass(300ms); // a renewal
  CHECK(d.buy("two").refusal == oms::refusal::none);
  d.stop();
  d.start(noon + 1h);
  const auto view = d.ask<risk::risk_view>(actor_name{"risk"}, risk::risk_query{});
  CHECK(view.firm_exposure.value == price::whole(440));
  CHECK(view.firm_budgets.value > price::whole(440 + 63 * 20));
  CHECK(view.firm_budgets.value <= view.firm_exposure_max.value);
}

namespace {

/// As if it were the venue's next turn behind the one that took the order.
void report_fill(small_desk& d, trading::order_id order, const char* size) {
  venue::report fill;
  fill.id = {"x-1"};
  fill.order = order;
  fill.type = venue::exec_type::trade;
  fill.last_quantity = *quantity::parse(size);
  fill.last_price = price::whole(44'000);
  actor::inbox<venue::report> said;
  said.from = actor_name{"venue/SIM"};
  said.epoch = said.previous = 1;
  said.items = {{2, fill, {}, {}}};
  d.node().parts().env.names->ref(small_desk::slot())->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, said), nullptr);
  d.pass(1s);
}

} // namespace

TEST_CASE("a fill that cannot be true halts its account, also when the node ended before risk had heard of it") {
  for (const bool is_risk_there : {true, false}) {
    CAPTURE(is_risk_there);
    temporary_directory dir;
    small_desk d{dir.path() / "data"};
    d.start(noon);
    const auto open = d.buy("one").order;
    if (!is_risk_there) d.node().parts().env.names->bind(desk::risk_name, nullptr);
    report_fill(d, open, "0.02");
    CHECK(d.look(open).filled == quantity{});
    if (!is_risk_there) {
      d.stop();
      d.start(noon + 1h);
    }
    const auto view = d.ask<risk::risk_view>(desk::risk_name, risk::risk_query{});
    REQUIRE(view.halts.size() == 1);
    CHECK(view.halts[0].scope == risk::halt_scope::account);
    CHECK(view.halts[0].key == "a");
    CHECK(view.halts[0].reason == text<95>{"fill x-1 at SIM of order " + to_text(open) + " is in no position: buy 0.02 at 44000"});
    CHECK(d.buy("two").refusal == oms::refusal::halted);
    const auto slot = actor::read_state<oms::core>(*d.node().parts().journal, oms::core{oms::configuration{}}, small_desk::slot());
    REQUIRE(slot);
    CHECK(slot->state.core.disputed.empty()); // said once
  }
}

TEST_CASE("a slot that starts takes nothing of its venue before it has caught up with it, and everything then") {
  temporary_directory dir;
  small_desk d{dir.path() / "data"};
  d.start(noon);
  const auto open = d.buy("one").order;
  auto& names = *d.node().parts().env.names;
  names.bind(actor_name{"venue/SIM"}, nullptr); // so that nobody answers what it did since
  caf::anon_send_exit(static_cast<actor::stable_ref*>(caf::actor_cast<caf::abstract_actor*>(names.ref(small_desk::slot())))->target(), caf::exit_reason::kill);
  d.pass(2s);
  report_fill(d, open, "0.01");
  CHECK(d.look(open).filled == quantity{});
  d.stop();
  d.start(noon + 1min);
  report_fill(d, open, "0.01");
  CHECK(d.look(open).filled == *quantity::parse("0.01"));
}

TEST_CASE("a slot that was given up stays so for the life that was, whose handler may return, and until a later one has agreed with its venues") {
  small_desk d{{}};
  d.start(noon);
  auto& parts = d.node().parts();
  const auto slot = trading::slot_of({"main"}, {"a"});
  const auto is_given_up = [&] { return (parts.given_up.load() >> slot & 1) != 0; };
  const auto behind = [&](const actor_name& name) {
    return static_cast<actor::stable_ref*>(caf::actor_cast<caf::abstract_actor*>(parts.env.names->ref(name)))->target();
  };
  parts.give_up(slot);
  d.pass(2s);
  CHECK(is_given_up());
  const actor_name venue{"venue/SIM"};
  const auto agrees = behind(venue);
  parts.env.names->bind(venue, nullptr);
  caf::anon_send_exit(behind(small_desk::slot()), caf::exit_reason::kill);
  d.pass(3s);
  REQUIRE(behind(small_desk::slot()) != nullptr); // the next life
  CHECK(is_given_up());
  parts.env.names->bind(venue, agrees);
  d.pass(6s);
  CHECK_FALSE(is_given_up());
}

TEST_CASE("the boot file: the same start keeps what it noted, another, none or a damaged file makes every turn older") {
  temporary_directory dir;
  const auto open = [&](const std::string& id, std::uint64_t length) {
    auto b = desk::host_boot::open(dir.path(), id, {{actor_name{"oms/3"}, 1, length, {}}, {actor_name{"feed/a b"}, 1, 2, {}}});
    REQUIRE(b);
    CHECK(b->decided_before(actor_name{"oms/4"}) == 0);
    return std::pair{b->decided_before(actor_name{"oms/3"}), b->decided_before(actor_name{"feed/a b"})};
  };
  CHECK(open("one", 7) == std::pair{7ul, 2ul});  // a folder without the file: written by nobody knows whom
  CHECK(open("one", 9) == std::pair{7ul, 2ul});  // 8 and 9 were decided by this start
  CHECK(open("two", 12) == std::pair{12ul, 2ul});
  CHECK(open("two", 13) == std::pair{12ul, 2ul});
  std::filesystem::resize_file(dir.path() / "host_boot", std::filesystem::file_size(dir.path() / "host_boot") - 2);
  CHECK(open("two", 14) == std::pair{14ul, 2ul});
  CHECK(open("", 15) == std::pair{15ul, 2ul}); // a machine that does not tell
  CHECK(open("", 16) == std::pair{16ul, 2ul});
}
