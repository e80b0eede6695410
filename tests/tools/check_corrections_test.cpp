// What the checker says of corrections: an honest one is accepted with everything around it, and each planted violation is found.

#include "tests/tools/journals.hpp"

#include "actors/trading/oms/correction_rows.hpp"
#include "actors/trading/portfolio/state.hpp"

#include <functional>

using namespace troupe;
using namespace troupe::check;
using namespace troupe::check::test;

TEST_SUITE_BEGIN("tools/check corrections");

namespace {

std::vector<journal::side_put> puts_of(const std::function<void(actor::archive&)>& archive) {
  std::vector<actor::archive::row> rows;
  actor::archive open{rows};
  archive(open);
  std::vector<journal::side_put> puts;
  for (auto& row : rows) puts.push_back({row.table, row.key, row.value});
  return puts;
}

/// A desk that has bought 2 at 100, and what an operator does to it.
struct corrected_desk : desk_journals {
  corrected_desk() : desk_journals{honest_desk()} {}

  [[nodiscard]] static oms::position_corrected correction(const char* correction_id, const char* q, const char* after) {
    oms::position_corrected e;
    e.correction.tenant = tenant;
    e.correction.account = alpha;
    e.correction.id = {correction_id};
    e.correction.instrument = btc;
    e.correction.quantity = qty(q);
    e.correction.price = px("100");
    e.correction.reason = "statement";
    e.by = {"operator:ana"};
    e.quote = "USDT";
    e.position = qty(after);
    e.decided_at = at(3);
    return e;
  }
  void correct(const oms::position_corrected& e, bool has_row = true, const char* principal = "operator:ana") {
    oms_turn t;
    t.decided_at = at(3);
    t.decided_boot = decided_boot;
    t.principal = {principal};
    t.command = e.correction;
    t.events.push_back(e);
    write<oms_stored>(*desk, slot_name(slot()), t, has_row ? puts_of([&](auto& rows) { oms::archive_correction(e, rows); }) : std::vector<journal::side_put>{});
  }
  /// The venue fills `r`, of which no order of the slot has anything left, and the slot says so.
  void dispute(const venue::report& r) {
    const auto v = venue_fills(r);
    oms::fill_disputed e{sim, r, true, tenant, alpha, btc, side::buy, qty("2"), qty("2"), at(3)};
    oms_turn t;
    t.decided_at = at(3);
    t.decided_boot = decided_boot;
    t.inbox = actor::inbox_mark{actor_name{"venue/SIM"}, 1, v};
    t.command = actor::batch<venue::report>{{r}};
    t.events.push_back(e);
    t.events.push_back(oms::account_disputed{alpha, sim, r.order, r.id, at(3)});
    write<oms_stored>(*desk, slot_name(slot()), t, puts_of([&](auto& rows) { oms::archive_disputed_fill(e, rows); }));
  }
  [[nodiscard]] static oms::position_corrected booking(const venue::report& r, const char* after) {
    auto e = correction("", r.last_quantity.str().c_str(), after);
    e.correction.id = oms::booking_id(sim, r.id);
    e.correction.fee = {r.fee.units, "USDT"};
    e.correction.books = oms::booked_execution{sim, r.id, r.order};
    return e;
  }
};

/// The ids of the rules that do not hold.
std::string broken_rules(const check_report& r) {
  std::string ids;
  for (const auto* row : r.rows())
    if (row->violations > 0) ids += (ids.empty() ? "" : " ") + row->id;
  return ids;
}

bool tells(const invariant& row, const char* what) {
  return std::ranges::any_of(row.first, [&](const auto& sentence) { return sentence.find(what) != std::string::npos; });
}

} // namespace

TEST_CASE("check: positions that were corrected are the sums of fills and corrections, in the portfolio's checkpoint too") {
  corrected_desk d;
  d.correct(d.correction("k1", "-0.5", "1.5"));
  auto fee = d.correction("k2", "0", "1.5");
  fee.correction.price = {};
  fee.correction.fee = {30, "USDT"};
  d.correct(fee);
  CHECK(broken_rules(d.check()) == "");
  CHECK(d.check().fills == 2); // corrections are none

  portfolio::state s;
  s.streams[slot_name(slot())] = 6; // behind both
  const auto store = [&](corrected_desk& to, int128 units) {
    s.accounts[tenant][alpha].positions[btc] = {{static_cast<std::int64_t>(units)}, {15'000'000'000, "USDT"}, {0, "USDT"}, {14 + 30, "USDT"}, 2};
    s.accounts[tenant][alpha].cash[currency{"USDT"}] = {-15'000'000'000 - 44, "USDT"};
    std::string state;
    wire::encode(s, state);
    std::vector<journal::side_put> fills;
    for (const auto& [execution, size] : {std::pair{"2", "0.5"}, {"3", "1.5"}}) {
      portfolio::fill row;
      row.order = id(1);
      row.venue = sim;
      row.execution = {execution};
      row.quantity = qty(size);
      row.price = px("100");
      row.fee = {7, "USDT"};
      std::string value;
      wire::encode(row, value);
      fills.push_back({"fills", execution, value});
    }
    to.write_payload(*to.portfolio, actor_name{"portfolio"}, 1, "checkpoint", std::move(fills), state);
  };
  store(d, 150'000'000);
  CHECK(broken_rules(d.check()) == "");
  corrected_desk off;
  off.correct(off.correction("k1", "-0.5", "1.5"));
  off.correct(fee);
  store(off, 200'000'000); // of the fills alone
  CHECK(broken_rules(off.check()) == "I4");
  CHECK(tells(off.check().positions, "the fills and corrections add up to 1.5"));
}

TEST_CASE("check: a fill that was in dispute and was booked is counted once, at its venue too; not booked it is missing") {
  corrected_desk d;
  const auto said = d.report("9", 1, venue::exec_type::trade, "0.25", "2.25");
  d.dispute(said);
  CHECK(tells(d.check().venues, "it is in dispute, and no correction books it"));
  d.correct(d.booking(said, "2.25"));
  const auto booked = d.check();
  CHECK(booked.venues.violations == 1); // that the venue filled what was not open there
  CHECK(tells(booked.venues, "is filled at the venue while it is not open there"));
  CHECK(booked.executions.violations == 0);
  CHECK(booked.positions.violations == 0);
  CHECK(booked.replay.violations == 0);
}

TEST_CASE("check: each violation of what corrections must keep is found") {
  const auto said = corrected_desk::report("9", 1, venue::exec_type::trade, "0.25", "2.25");
  struct row { const char* rule; const char* sentence; std::function<void(corrected_desk&)> plant; };
  const row rows[] = {
    {"I4", "are held after it, it is 1.5", [](auto& d) { d.correct(d.correction("k1", "-0.5", "1.4")); }},
    {"I17", "is corrected in the name of operator:ana, and http asked", [](auto& d) { d.correct(d.correction("k1", "-0.5", "1.5"), true, "http"); }},
    {"I17", "is corrected by strategy/ma, who is no operator", [](auto& d) {
       auto e = d.correction("k1", "-0.5", "1.5");
       e.by = {"strategy/ma"};
       d.correct(e, true, "strategy/ma");
     }},
    {"I2", "is on record twice", [](auto& d) {
       d.correct(d.correction("k1", "-0.5", "1.5"));
       d.correct(d.correction("k1", "-0.5", "1"), false);
     }},
    {"I3", "which was in no dispute", [&](auto& d) { d.correct(d.booking(said, "2.25")); }},
    {"I3", "which was applied before", [](auto& d) { d.correct(d.booking(d.report("2", 1, venue::exec_type::trade, "0.5", "0.5"), "2.5")); }}, // a fill that its order has
    {"I3", "which was applied before", [&](auto& d) {
       d.dispute(said);
       d.correct(d.booking(said, "2.25"));
       d.correct(d.booking(said, "2.5"), false);
     }},
    {"I10", "1 corrections are on record, the table done holds 0", [](auto& d) { d.correct(d.correction("k1", "-0.5", "1.5"), false); }},
    {"V1", "says something else at the venue", [&](auto& d) {
       d.dispute(said);
       auto e = d.booking(said, "2.35");
       e.correction.quantity = qty("0.35");
       d.correct(e);
     }},
  };
  for (const auto& r : rows) {
    CAPTURE(r.sentence);
    corrected_desk d;
    r.plant(d);
    const auto found = d.check();
    bool is_found = false;
    for (const auto* rule : found.rows())
      if (rule->id == r.rule) is_found = rule->violations > 0 && tells(*rule, r.sentence);
    CHECK(is_found);
  }
}

TEST_SUITE_END();
