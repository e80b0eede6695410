// I17: who is behind what needs an operator. Each case keeps the rule first and breaks one thing of it then.

#include "tests/tools/journals.hpp"

using namespace troupe;
using namespace troupe::check;
using namespace troupe::check::test;

TEST_SUITE_BEGIN("tools/check");

namespace {

const principal_id ana{"operator:ana"}, bob{"operator:bob"}, web{"http"};

risk::halted halt_of(risk::halt_scope scope, const char* key, const principal_id& by) { return {{scope, key, "test", by, at(0), {}}}; }

check_report check_with(const desk_journals& d, std::size_t firm_approvals) {
  check_options options;
  options.firm_approvals = firm_approvals;
  return d.check(options);
}

/// The firm is halted and ana has approved the end of that.
desk_journals approved_by_ana() {
  desk_journals d;
  d.risk(halt_of(risk::halt_scope::firm, "", web));
  d.risk(risk::resume_approved{risk::halt_scope::firm, "", ana});
  return d;
}

/// A turn of a slot that withdraws its order for a halt, as `who` halted it.
void withdraw(desk_journals& d, std::uint64_t number, const oms::enforce_halt& halt, const principal_id& who) {
  oms_turn t;
  t.principal = who;
  t.command = halt;
  t.events.push_back(oms::order_withdrawn{id(number), at(3), btc, {"halted"}});
  d.write<oms_stored>(*d.desk, slot_name(slot()), t);
}

void operate(desk_journals& d, operations::kind kind, const principal_id& asked, const principal_id& by) {
  operations_turn t;
  t.principal = asked;
  t.events.push_back(operations::recorded{1, {kind, "oms/7", {}}, by, at(1)});
  d.write<operations_stored>(*d.desk, actor_name{"operations"}, t);
}

template <class Event>
void place(desk_journals& d, const Event& e, const principal_id& asked) {
  placement_turn t;
  t.principal = asked;
  t.events.push_back(e);
  d.write<placement_stored>(*d.desk, actor_name{"placement/a"}, t);
}

} // namespace

TEST_CASE("I17: what operators did with a halt, limits and an instrument is whole, and anybody may stop") {
  auto d = approved_by_ana();
  d.risk(risk::resumed{risk::halt_scope::firm, "", {ana, bob}});
  d.risk(risk::limits_set{alpha, risk::limits{}, 3});
  d.risk(risk::instrument_blocked{btc, true, 4}, web);
  d.risk(risk::instrument_blocked{btc, false, 5});
  const auto r = check_with(d, 2);
  CHECK(violated(r) == "");
  CHECK(r.audit.checked >= 15);
  CHECK(r.audit.note.empty());
  CHECK(d.check().audit.note.find("give --config") != std::string::npos);
}

TEST_CASE("I17: a halt of the firm that fewer operators lift than the configuration asks for is found, any other needs one") {
  auto d = approved_by_ana();
  d.risk(risk::resumed{risk::halt_scope::firm, "", {ana, bob}});
  CHECK(violated(check_with(d, 3)) == "I17");
  CHECK(says(check_with(d, 3).audit, "is lifted by 2 of the 3 operators that it takes"));
  desk_journals one;
  one.risk(halt_of(risk::halt_scope::account, "alpha", web));
  one.risk(risk::resumed{risk::halt_scope::account, "alpha", {ana}});
  CHECK(violated(check_with(one, 3)) == "");
}

TEST_CASE("I17: approvals that are not on record, or were before the scope was halted anew, are found") {
  desk_journals d;
  d.risk(halt_of(risk::halt_scope::firm, "", web));
  d.risk(risk::resumed{risk::halt_scope::firm, "", {ana, bob}});
  CHECK(violated(check_with(d, 2)) == "I17");
  CHECK(says(check_with(d, 2).audit, "with 2 approvals, on record are 1"));
  auto anew = approved_by_ana();
  anew.risk(halt_of(risk::halt_scope::firm, "", web));
  anew.risk(risk::resumed{risk::halt_scope::firm, "", {ana, bob}});
  CHECK(violated(check_with(anew, 2)) == "I17");
}

TEST_CASE("I17: a lift by nobody who is an operator, in another's name or by no request is found") {
  desk_journals d;
  d.risk(halt_of(risk::halt_scope::account, "alpha", web));
  d.cause = {"oms/7", 3};
  d.risk(risk::resumed{risk::halt_scope::account, "alpha", {ana}});
  CHECK(violated(d.check()) == "I17");
  CHECK(says(d.check().audit, "is lifted by no request: its cause is oms/7 3"));

  desk_journals e;
  e.risk(halt_of(risk::halt_scope::account, "alpha", web));
  e.risk(risk::resumed{risk::halt_scope::account, "alpha", {ana}}, bob);
  CHECK(violated(e.check()) == "I17");

  desk_journals f;
  f.risk(halt_of(risk::halt_scope::account, "alpha", web));
  f.risk(risk::resumed{risk::halt_scope::account, "alpha", {web}});
  CHECK(says(f.check().audit, "is lifted by http, who is no operator"));

  desk_journals g;
  g.risk(risk::resumed{risk::halt_scope::account, "alpha", {ana}});
  CHECK(says(g.check().audit, "the halt of account alpha is lifted, which is not on record"));
}

TEST_CASE("I17: a halt by nobody, or in the name of somebody who did not ask, is found; risk halts in its own name") {
  desk_journals d;
  d.risk(halt_of(risk::halt_scope::firm, "", risk::own_principal), principal_id{});
  CHECK(violated(d.check()) == "");
  d.risk(halt_of(risk::halt_scope::venue, "SIM", principal_id{}));
  CHECK(violated(d.check()) == "I17");
  CHECK(says(d.check().audit, "venue SIM is halted by nobody"));
  desk_journals e;
  e.risk(halt_of(risk::halt_scope::venue, "SIM", ana), web);
  CHECK(says(e.check().audit, "venue SIM is halted in the name of operator:ana, and http asked"));
}

TEST_CASE("I17: limits that somebody without a key has set, and an instrument that was unblocked so, are found") {
  desk_journals d;
  d.risk(risk::limits_set{std::nullopt, risk::limits{}, 1}, web);
  CHECK(violated(d.check()) == "I17");
  CHECK(says(d.check().audit, "limits of all other accounts are set by http, who is no operator"));
  desk_journals removed;
  removed.risk(risk::limits_set{alpha, risk::limits{}, 1});
  removed.risk(risk::limits_reset{alpha, 2});
  CHECK(violated(removed.check()) == "");
  removed.risk(risk::limits_set{alpha, risk::limits{}, 3});
  removed.risk(risk::limits_reset{alpha, 4}, web);
  CHECK(violated(removed.check()) == "I17");
  CHECK(says(removed.check().audit, "limits of account alpha are removed by http, who is no operator"));
  desk_journals e;
  e.risk(risk::instrument_blocked{btc, true, 1}, principal_id{});
  CHECK(says(e.check().audit, "is blocked by nobody"));
  desk_journals f;
  f.risk(risk::instrument_blocked{btc, true, 1}, web);
  CHECK(violated(f.check()) == "");
  f.risk(risk::instrument_blocked{btc, false, 2}, web);
  CHECK(violated(f.check()) == "I17");
  CHECK(says(f.check().audit, "is unblocked by http, who is no operator"));
}

TEST_CASE("I17: an order that is withdrawn for a halt that is not on record, or was another's, or for none, is found") {
  const oms::enforce_halt halt{risk::halt_scope::account, "alpha"};
  const auto opened = [] {
    desk_journals d;
    d.accept(1, d.request("c1"));
    d.risk(halt_of(risk::halt_scope::account, "alpha", web));
    return d;
  };
  auto d = opened();
  withdraw(d, 1, halt, web);
  CHECK(violated(d.check()) == "");
  auto by_another = opened();
  withdraw(by_another, 1, halt, ana);
  CHECK(violated(by_another.check()) == "I17");
  CHECK(says(by_another.check().audit, "for the halt of account alpha by operator:ana, which is not on record"));
  auto of_another = opened();
  withdraw(of_another, 1, {risk::halt_scope::firm, ""}, web);
  CHECK(violated(of_another.check()) == "I17");
  auto for_none = opened();
  oms_turn t;
  t.command = oms::cancel_order{};
  t.events.push_back(oms::order_withdrawn{id(1), at(3), btc, {"no reason"}});
  for_none.write<oms_stored>(*for_none.desk, slot_name(slot()), t);
  CHECK(violated(for_none.check()) == "I17");
  CHECK(says(for_none.check().audit, "is withdrawn for no halt"));
}

TEST_CASE("I17: all orders of a slot are withdrawn at their venue in somebody's name") {
  desk_journals d;
  venue_turn t;
  t.command = venue::mass_cancel{slot(), 1, "given up"};
  t.principal = {"supervisor"};
  d.write<venue_stored>(*d.venues, actor_name{"venue/SIM"}, t);
  CHECK(violated(d.check()) == "");
  t.principal = {};
  d.write<venue_stored>(*d.venues, actor_name{"venue/SIM"}, t);
  CHECK(violated(d.check()) == "I17");
}

TEST_CASE("I17: what is done to a node is an operator's, a fault anybody's with a name, and each for a request") {
  desk_journals d;
  operate(d, operations::kind::restart, ana, ana);
  operate(d, operations::kind::backup, ana, ana);
  operate(d, operations::kind::fault, web, web);
  CHECK(violated(d.check()) == "");
  operate(d, operations::kind::log_level, web, web);
  CHECK(violated(d.check()) == "I17");
  CHECK(says(d.check().audit, "log_level of oms/7 is asked for by http, who is no operator"));
  desk_journals e;
  operate(e, operations::kind::restart, bob, ana);
  CHECK(violated(e.check()) == "I17");
  desk_journals f;
  f.cause = {};
  operate(f, operations::kind::restart, ana, ana);
  CHECK(says(f.check().audit, "by no request: its cause is none"));
}

TEST_CASE("I17: a slot that is fetched and a node that leaves are an operator's, on every node of the desk") {
  desk_journals d, other;
  place(d, placement::fetch_begun{7, {"b"}, ana}, ana);
  place(d, placement::left{ana, at(1)}, ana);
  place(d, placement::fetch_ended{7, "no"}, principal_id{"placement"}); // asks nobody
  CHECK(violated(d.check()) == "");
  operate(d, operations::kind::restart, ana, ana);
  operate(other, operations::kind::restart, web, web); // a stream of the same name: each node has its own
  CHECK(violated(check_journals({*d.desk, *d.venues, {}, {d.desk.get(), other.desk.get()}}, {})) == "I17");
  place(d, placement::fetch_begun{8, {"b"}, web}, web);
  CHECK(says(d.check().audit, "slot 8 is fetched by http, who is no operator"));
  desk_journals e;
  place(e, placement::left{bob, at(1)}, ana);
  CHECK(violated(e.check()) == "I17");
}

TEST_SUITE_END();
