// I7: no order beyond the limits, the configuration or the budget that were in force when it was taken.

#include "tests/tools/journals.hpp"

using namespace troupe;
using namespace troupe::check;
using namespace troupe::check::test;

TEST_SUITE_BEGIN("tools/check");

TEST_CASE("I7: an order beyond the limits in force at its version is found, a later change does not excuse it") {
  risk::limits narrow;
  narrow.position_max = qty("3");
  desk_journals d;
  d.risk(risk::limits_set{alpha, narrow, 1});
  d.limits_version = 1;
  d.accept(1, d.request("c1"));
  CHECK(violated(d.check()) == "");
  d.accept(2, d.request("c2")); // 2 + 2 > 3
  d.risk(risk::limits_set{alpha, risk::limits{}, 2});
  const auto found = d.check();
  CHECK(violated(found) == "I7");
  CHECK(says(found.exposure, "position and open orders of its side 4, allowed are 3"));
}

TEST_CASE("I7: behind a reset of an account's limits those of all others count, and a reset of what was never set is found") {
  risk::limits narrow, wide;
  narrow.position_max = qty("3");
  wide.position_max = qty("5");
  desk_journals d;
  d.risk(risk::limits_set{alpha, narrow, 1});
  d.risk(risk::limits_set{std::nullopt, wide, 2});
  d.risk(risk::limits_reset{alpha, 3});
  d.limits_version = 3;
  d.accept(1, d.request("c1"));
  d.accept(2, d.request("c2")); // 2 + 2: within the common ones
  CHECK(violated(d.check()) == "");
  d.limits_version = 2;
  d.accept(3, d.request("c3")); // decided under the account's own, which were in force then
  CHECK(violated(d.check()) == "I7");
  CHECK(says(d.check().exposure, "position and open orders of its side 6, allowed are 3"));
  desk_journals e;
  e.risk(risk::limits_reset{alpha, 1});
  CHECK(violated(e.check()) == "I8");
  CHECK(says(e.check().halts, "the limits of account alpha are removed, and none were set"));
  desk_journals f;
  f.risk(risk::limits_set{alpha, narrow, 1});
  f.risk(risk::limits_reset{alpha, 3});
  CHECK(says(f.check().halts, "limits version 3 follows 1"));
}

TEST_CASE("I7: configured limits count when they are given, and are named as missing when not") {
  desk_journals d;
  d.accept(1, d.request("c1"));
  CHECK(d.check().exposure.note.find("1 orders were taken under configured limits") == 0);
  check_options options;
  options.configured = risk::limits{};
  options.configured->exposure_max.value = px("199");
  CHECK(violated(d.check(options)) == "I7"); // 2 x 100
  options.configured->exposure_max.value = px("200");
  CHECK(violated(d.check(options)) == "");
}

TEST_CASE("I7: an order is judged by what was configured when it was decided: neither a narrower configuration of later accuses it nor a wider one excuses it") {
  desk_journals d;
  d.accept(1, d.request("c1")); // 2 x 100
  const auto then = d.hybrid_time;
  trading::start_settings wide{1}, narrow{1};
  wide.limits.exposure_max.value = px("200");
  narrow.limits.exposure_max.value = px("199");
  const auto from = [](trading::start_settings s, std::uint64_t since) {
    s.since = since;
    return s;
  };
  check_options options;
  options.in_force = {{from(wide, 1), from(narrow, then + 1)}};
  CHECK(violated(d.check(options)) == "");
  CHECK(d.check(options).exposure.note == "");
  options.configured = narrow.limits; // of today
  CHECK(violated(d.check(options)) == "");
  options.in_force = {{from(narrow, 1), from(wide, then + 1)}};
  options.configured = wide.limits;
  const auto found = d.check(options);
  CHECK(violated(found) == "I7");
  CHECK(says(found.exposure, "was taken with account exposure 200, allowed are 199"));
  options.in_force = {{from(narrow, then), from(wide, then + 1)}}; // from that very turn on
  CHECK(violated(d.check(options)) == "I7");
  options.in_force = {{from(narrow, then + 1)}}; // nobody remembers what it was before
  CHECK(violated(d.check(options)) == "");
  options.configured.reset();
  CHECK(d.check(options).exposure.note.find("1 orders were taken under configured limits") == 0);
  options.in_force = {{from(narrow, 1)}, {from(wide, 1)}}; // nodes start anew one after the other
  CHECK(violated(d.check(options)) == "");
  d.risk(risk::limits_set{alpha, narrow.limits, 1}); // what a command has set counts more, from its version on
  d.limits_version = 1;
  d.accept(2, d.request("c2"));
  options.in_force = {{from(wide, 1)}};
  CHECK(violated(d.check(options)) == "I7");
  CHECK(d.check(options).exposure.violations == 1); // the second
}

TEST_CASE("I7: an order beyond the slot's budget on record at its hybrid time is found, and one of a slot that has none") {
  desk_journals d;
  d.risk(d.budget("300"));
  d.slot_exposure = px("100");
  d.accept(1, d.request("c1")); // 100 + 2 x 100
  CHECK(violated(d.check()) == "");
  d.risk(d.budget("299"));
  d.accept(2, d.request("c2"));
  d.risk(d.budget("1000"));
  d.accept(3, d.request("c3"));
  const auto found = d.check();
  CHECK(violated(found) == "I7");
  CHECK(found.exposure.violations == 1);
  CHECK(says(found.exposure, "was taken with slot exposure 300, its budget then was 299"));
  desk_journals without{false};
  without.risk(without.budget("300", (slot() + 1) % slot_count));
  without.accept(1, without.request("c1"));
  CHECK(violated(without.check()) == "I7");
  CHECK(says(without.check().exposure, "and the slot had no budget then"));
}

TEST_CASE("I7: orders of a build that kept no budgets are counted and not compared; those behind the first budget are") {
  desk_journals d{false};
  d.accept(1, d.request("c1"));
  CHECK(violated(d.check()) == "");
  CHECK(d.check().exposure.note.find("1 orders were taken before any budget was on record") != std::string::npos);
  d.risk(d.budget("300"));
  d.slot_exposure = px("200");
  d.accept(2, d.request("c2"));
  CHECK(violated(d.check()) == "I7");
  CHECK(d.check().exposure.violations == 1);
}

TEST_CASE("I7: what happened in the same microsecond has no order: either budget will do") {
  desk_journals d;
  d.risk(d.budget("100"));
  d.accept(1, d.request("c1")); // takes 200
  CHECK(violated(d.check()) == "I7");
  d.hybrid_time -= 1'000'000 - 500; // half a microsecond behind the order
  d.risk(d.budget("400"));
  CHECK(violated(d.check()) == "");
}

TEST_CASE("I7: a budget that was raised beyond the firm's maximum is found; one that was lowered is not asked") {
  desk_journals d;
  const auto other = (slot() + 1) % slot_count;
  d.risk(d.budget("600", slot(), "1000"));
  d.risk(d.budget("400", other, "1000"));
  CHECK(violated(d.check()) == "");
  d.risk(d.budget("350", other, "900")); // the firm's was lowered
  CHECK(violated(d.check()) == "");
  d.risk(d.budget("360", other, "900"));
  const auto found = d.check();
  CHECK(violated(found) == "I7");
  CHECK(says(found.exposure, "all slots may use 960, the firm's maximum is 900"));
}
