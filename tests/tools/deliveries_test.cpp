// I14: answers to requests, and what actors have acknowledged to each other. Each case keeps the rule first and breaks one thing of it then.

#include "tests/tools/journals.hpp"

using namespace troupe;
using namespace troupe::check;
using namespace troupe::check::test;
using enum venue::exec_type;

TEST_SUITE_BEGIN("tools/check");

namespace {

const actor_name exchange{"venue/SIM"};

/// A turn of the slot that neither asks nor tells anybody anything, and says what was acknowledged.
void idle(desk_journals& d, std::vector<journal::cursor> acknowledged) {
  oms_turn t;
  t.command = actor::batch<venue::report>{};
  d.acknowledged = std::move(acknowledged);
  d.write<oms_stored>(*d.desk, slot_name(slot()), t);
}

invariant found_drained(const desk_journals& d) {
  check_options options;
  options.drained = true;
  return d.check(options).answers;
}

void ask(desk_journals& d, const char* refusal, bool happens) {
  oms_turn t;
  t.command = oms::cancel_order{id(1)};
  t.refusal = refusal;
  if (happens) t.events.push_back(oms::command_refused{});
  d.write<oms_stored>(*d.desk, slot_name(slot()), t);
}

} // namespace

TEST_CASE("I14: what is acknowledged was sent and folded, in both directions") {
  const auto d = honest_desk();
  const auto without = [] {
    desk_journals plain;
    plain.accept(1, plain.request("c1"));
    return plain.check().answers.checked;
  }();
  const auto r = d.check();
  CHECK(violated(r) == "");
  CHECK(r.answers.checked >= without + 5); // two cursors: sent, ascending; the venue's also folded
  CHECK(found_drained(d).checked == r.answers.checked + 1);
}

TEST_CASE("I14: an acknowledgement of what was never sent is found, also to a sender that has many other turns") {
  desk_journals d;
  d.accept(1, d.request("c1"));
  idle(d, {});
  idle(d, {{exchange, 1}});
  CHECK(violated(d.check()) == "");
  idle(d, {{exchange, 2}});
  CHECK(violated(d.check()) == "I14");
  CHECK(says(d.check().answers, "venue/SIM has acknowledged up to turn 2, it was sent nothing behind turn 1"));
  desk_journals e;
  idle(e, {{actor_name{"strategy/mm"}, 1}}); // its own turn, which was not durable
  CHECK(violated(e.check()) == "I14");
}

TEST_CASE("I14: where an earlier life of the sender ended may be acknowledged whole") {
  desk_journals d;
  d.accept(1, d.request("c1"));
  idle(d, {});
  d.restart(*d.desk, slot_name(slot()));
  idle(d, {{exchange, 2}});
  CHECK(violated(d.check()) == "");
  idle(d, {{exchange, 3}});
  CHECK(violated(d.check()) == "I14");
}

TEST_CASE("I14: an acknowledgement that goes back is found") {
  desk_journals d;
  d.accept(1, d.request("c1"));
  d.accept(2, d.request("c2"));
  idle(d, {{exchange, 2}});
  CHECK(violated(d.check()) == "");
  idle(d, {{exchange, 1}});
  CHECK(violated(d.check()) == "I14");
  CHECK(says(d.check().answers, "up to turn 1, and before that up to 2"));
}

TEST_CASE("I14: what is acknowledged and not folded is found, unless the receiver has started since from what may be older") {
  auto d = honest_desk();
  d.accept(2, d.request("c2"));
  const auto sent = d.last_accepted;
  idle(d, {{exchange, sent}});
  const auto found = d.check();
  CHECK(violated(found) == "I14");
  CHECK(says(found.answers, ("venue/SIM has acknowledged to " + slot_name(slot()).value.str() + " what it sent up to turn " + std::to_string(sent)).c_str()));
  d.restart(*d.venues, exchange);
  CHECK(violated(d.check()) == "");
}

TEST_CASE("I14: what a slot has acknowledged to its venue is compared when the node has drained, and may be newer than the look before") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  const auto v = d.venue_opens(r, d.report("4", 2, new_, "0", "0", "2"));
  d.acknowledged = {{slot_name(slot()), v}};
  d.venue_fills(d.report("5", 2, trade, "1", "1", "1"));
  CHECK(violated(d.check()) == "");
  CHECK(found_drained(d).violations == 1);
  CHECK(says(found_drained(d), "has acknowledged to venue/SIM what it sent up to turn 4, and has folded up to 3"));
}

TEST_CASE("I14: a strategy's cursors and marks are looked at as well") {
  auto d = honest_desk();
  auto r = d.request("c2");
  r.strategy = {"mm"};
  const actor_name strategy{"strategy/mm"};
  const auto write = [&](std::uint64_t folded) {
    strategy_turn t;
    if (folded != 0) t.inbox = actor::inbox_mark{slot_name(slot()), 1, folded};
    d.write<strategy_stored>(*d.desk, strategy, t);
  };
  write(0);
  d.accept(2, r);
  const auto sent = d.last_accepted;
  write(sent);
  idle(d, {{strategy, sent}});
  CHECK(found_drained(d).violations == 0);
  r.client_id = {"c3"};
  d.accept(3, r);
  idle(d, {{strategy, d.last_accepted}});
  CHECK(found_drained(d).violations == 1);
  write(d.last_accepted);
  CHECK(found_drained(d).violations == 0);
  d.acknowledged = {{slot_name(slot()), 4}};
  write(0); // its own fourth turn, which was not durable
  CHECK(violated(d.check()) == "I14");
  CHECK(says(d.check().answers, "strategy/mm turn 4"));
}

TEST_CASE("I14: an order that is answered twice is found") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  CHECK(violated(d.check()) == "");
  d.accept(2, r);
  CHECK(d.check().answers.violations == 1);
  CHECK(says(d.check().answers, "is answered again"));
}

TEST_CASE("I14: a request on record has events or an answer, and not neither or both") {
  auto d = honest_desk();
  ask(d, R"({"refused":"unknown_order"})", false);
  ask(d, "", true);
  CHECK(violated(d.check()) == "");
  auto unanswered = honest_desk();
  ask(unanswered, "", false);
  CHECK(violated(unanswered.check()) == "I14");
  CHECK(says(unanswered.check().answers, "a request has no answer"));
  auto twice = honest_desk();
  ask(twice, "refused", true);
  CHECK(violated(twice.check()) == "I14");
  CHECK(says(twice.check().answers, "a request has two answers"));
  desk_journals risk_too;
  risk_turn t;
  t.command = risk::halt_command{};
  risk_too.write<risk_stored>(*risk_too.desk, actor_name{"risk"}, t);
  CHECK(violated(risk_too.check()) == "I14");
}

TEST_SUITE_END();
