// I8: no order of a halted scope, without a lease or too late, or at a venue in dispute.

#include "tests/tools/journals.hpp"

using namespace troupe;
using namespace troupe::check;
using namespace troupe::check::test;
using enum venue::exec_type;

TEST_SUITE_BEGIN("tools/check");

TEST_CASE("I8: an order of a halted account is found; what was decided under the lease before the halt is not") {
  desk_journals d;
  d.risk(risk::halted{{risk::halt_scope::account, "alpha", "test", {"operator:ana"}, at(0), {}}});
  d.accept(1, d.request("c1")); // version 0: the lease before
  CHECK(violated(d.check()) == "");
  CHECK(d.check().halts.note == "1 halt, the latest order under a lease before one 1000 ms behind it");
  d.limits_version = 1;
  d.accept(2, d.request("c2"));
  const auto found = d.check();
  CHECK(violated(found) == "I8");
  CHECK(says(found.halts, "was opened while account alpha was halted"));
}

TEST_CASE("I8: a halt that ends frees its scope, but only an operator ends it") {
  desk_journals d;
  const risk::halted halt{{risk::halt_scope::firm, "", "test", {"supervisor"}, at(0), {}}};
  d.risk(halt);
  d.risk(risk::resume_approved{risk::halt_scope::firm, "", {"operator:ana"}});
  d.risk(risk::resumed{risk::halt_scope::firm, "", {{"operator:ana"}, {"operator:bob"}}});
  d.limits_version = 2;
  d.accept(1, d.request("c1"));
  CHECK(violated(d.check()) == "");
  d.risk(halt);
  d.risk(risk::resumed{risk::halt_scope::firm, "", {{"http"}}});
  CHECK(says(d.check().halts, "is resumed by http, who is no operator"));
}

TEST_CASE("I8: an order without a live lease is found") {
  desk_journals d;
  d.lease_until = d.decided_boot;
  d.accept(1, d.request("c1"));
  CHECK(says(d.check().halts, "without a live lease"));
}

TEST_CASE("I8: what a venue opens or replaces after its lease or age ran out is found; at that very instant it is in time") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  d.decided_boot = d.lease_until;
  d.venue_opens(r, d.report("4", 2, new_, "0", "0", "2"));
  auto said = d.report("5", 2, replaced, "0", "0", "3");
  said.revision = 1;
  d.venue_replaces(said, "3");
  CHECK(violated(d.check()) == "");
  d.decided_boot += nanoseconds{1};
  said.id = {"6"};
  said.revision = 2;
  d.venue_replaces(said, "4");
  CHECK(violated(d.check()) == "I8");
  CHECK(says(d.check().halts, "is replaced 1 ns after its lease or age ran out"));

  auto e = honest_desk();
  e.accept(2, r);
  e.decided_boot = e.lease_until + nanoseconds{1};
  e.venue_opens(r, e.report("4", 2, new_, "0", "0", "2"));
  CHECK(violated(e.check()) == "I8");
  CHECK(says(e.check().halts, "is opened 1 ns after its lease or age ran out"));
}

TEST_CASE("I8: an order at a venue in dispute is found, until the dispute is closed") {
  desk_journals d;
  const auto turn = [&](oms::event e) {
    oms_turn t;
    t.decided_at = at(1);
    t.decided_boot = d.decided_boot;
    t.command = oms::close_dispute{};
    t.events.push_back(std::move(e));
    d.write<oms_stored>(*d.desk, slot_name(slot()), t);
  };
  turn(oms::account_disputed{{}, {"OTHER"}, id(9), {"x"}, at(1)});
  d.accept(1, d.request("c1"));
  CHECK(violated(d.check()) == "");
  turn(oms::account_disputed{{}, {"SIM"}, id(9), {"x"}, at(1)});
  d.accept(2, d.request("c2"));
  CHECK(violated(d.check()) == "I8");
  CHECK(says(d.check().halts, "was opened while its venue was in dispute"));
  turn(oms::dispute_closed{oms::disputed_venue({"SIM"}), at(1)});
  d.accept(3, d.request("c3"));
  CHECK(d.check().halts.violations == 1);
}
