// A violation of each rule is planted and found. Exposure, halts and the venues have files of their own.

#include "tests/tools/journals.hpp"

#include "actors/trading/portfolio/state.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "tools/check/joined_journal.hpp"

#include <fstream>

using namespace troupe;
using namespace troupe::check;
using namespace troupe::check::test;
using enum venue::exec_type;

TEST_SUITE_BEGIN("tools/check");

namespace {

/// What is found when the journals of these two nodes are looked at as one desk's.
check_report check_both(const desk_journals& one, const desk_journals& other) {
  const auto desk = join({one.desk.get(), other.desk.get()});
  return check_journals({*desk, *one.venues, {}}, {});
}

} // namespace

TEST_CASE("check: an honest desk has no violation, and everything was looked at") {
  const auto d = honest_desk();
  check_options options;
  options.drained = true;
  options.acknowledged = {{"c1", id(1)}};
  options.configured = risk::limits{};
  const auto r = d.check(options);
  CHECK(violated(r) == "");
  CHECK(r.orders == 1);
  CHECK(r.fills == 2);
  CHECK(r.orders_open == 0);
  for (const auto* row : r.rows()) {
    CAPTURE(row->id);
    CHECK(row->checked > 0);
  }
}

TEST_CASE("I1: an acknowledged order that is not on record, or another client's, is found") {
  const auto d = honest_desk();
  check_options options;
  options.acknowledged = {{"c1", id(1)}, {"c2", id(2)}};
  CHECK(violated(d.check(options)) == "I1");
  options.acknowledged = {{"other", id(1)}};
  CHECK(violated(d.check(options)) == "I1");
}

TEST_CASE("I1: a skipped order number is found") {
  auto d = honest_desk();
  d.accept(3, d.request("c3"));
  CHECK(violated(d.check()) == "I1");
}

TEST_CASE("I1 and I2: one client id with two orders is found, on record and in acknowledgements") {
  auto d = honest_desk();
  d.accept(2, d.request("c1"));
  const auto r = d.check();
  CHECK(r.client_ids.violations == 1);
  CHECK(says(r.client_ids, "client id c1 of account alpha"));
  auto e = honest_desk();
  e.accept(2, e.request("c2"));
  check_options options;
  options.acknowledged = {{"c1", id(1)}, {"c1", id(2)}};
  CHECK(e.check(options).client_ids.violations == 1);
}

TEST_CASE("I2: an order without a client id repeats nothing") {
  auto d = honest_desk();
  d.accept(2, d.request(""));
  d.accept(3, d.request(""));
  CHECK(violated(d.check()) == "");
}

TEST_CASE("I3: an execution that is applied twice is found") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  const auto fill = d.report("9", 2, trade, "0.5", "0.5", "1.5");
  d.apply(d.execution(r, fill, order_status::partially_filled, "0.5", "1.5"), 10);
  d.apply(d.execution(r, fill, order_status::partially_filled, "1", "1"), 11);
  const auto found = d.check();
  CHECK(found.executions.violations == 1);
  CHECK(says(found.executions, "SIM/9"));
}

TEST_CASE("I3: effects that are folded again are found") {
  auto d = honest_desk();
  const auto r = d.request("c2");
  d.accept(2, r);
  d.apply(d.execution(r, d.report("9", 2, new_, "0", "0", "2"), order_status::new_, "0", "2"), 3); // the venue's turn 3 was folded
  CHECK(says(d.check().executions, "effects of venue/SIM up to 3"));
}

TEST_CASE("I4: a checkpoint of the portfolio that is not the sum of the fills is found") {
  auto d = honest_desk();
  portfolio::state s;
  s.streams[slot_name(slot())] = 3; // up to the first fill
  auto& p = s.accounts[tenant][alpha].positions[btc];
  p = {qty("0.5"), {5'000'000'000, "USDT"}, {0, "USDT"}, {7, "USDT"}, 1};
  s.accounts[tenant][alpha].cash[currency{"USDT"}] = {-5'000'000'007, "USDT"};
  portfolio::fill row;
  row.order = id(1);
  row.venue = sim;
  row.execution = {"2"};
  row.quantity = qty("0.5");
  row.price = px("100");
  row.fee = {7, "USDT"};
  const auto store = [&](desk_journals& to) {
    std::string state, value;
    wire::encode(s, state);
    wire::encode(row, value);
    to.write_payload(*to.portfolio, actor_name{"portfolio"}, 1, "checkpoint", {{"fills", "k", value}}, state);
  };
  store(d);
  CHECK(violated(d.check()) == "");

  auto wrong_position = honest_desk();
  p.quantity = qty("0.6");
  store(wrong_position);
  CHECK(violated(wrong_position.check()) == "I4");
  p.quantity = qty("0.5");
  auto wrong_cash = honest_desk();
  s.accounts[tenant][alpha].cash[currency{"USDT"}].units += 1;
  store(wrong_cash);
  CHECK(violated(wrong_cash.check()) == "I4");
  s.accounts[tenant][alpha].cash[currency{"USDT"}].units -= 1;
  auto shifted = honest_desk();
  p.cost_basis.units = -1;
  p.realized.units = -5'000'000'001; // in sum it is right
  store(shifted);
  CHECK(says(shifted.check().positions, "is 0.5 with a cost basis of -0.00000001"));
  p.cost_basis.units = 5'000'000'000;
  p.realized.units = 0;
  auto foreign_row = honest_desk();
  row.execution = {"77"};
  store(foreign_row);
  CHECK(violated(foreign_row.check()) == "I4");
}

TEST_CASE("I5: an overfilled order is found, though both sides agree") {
  desk_journals d;
  const auto r = d.request("c1");
  d.accept(1, r);
  const auto opened = d.report("1", 1, new_, "0", "0", "2"), fill = d.report("2", 1, trade, "3", "3", "0");
  auto v = d.venue_opens(r, opened);
  d.apply(d.execution(r, opened, order_status::new_, "0", "2"), v);
  v = d.venue_fills(fill);
  d.apply(d.execution(r, fill, order_status::filled, "3", "0"), v, d.done(1, r, order_status::filled, "3"));
  const auto found = d.check();
  CHECK(found.quantities.violations >= 2); // in the slot and at the venue
  CHECK(says(found.quantities, "is overfilled: 3 on top of 0 of 2"));
}

TEST_CASE("I6: no way leads out of a final state, and none where the state machine has none") {
  auto d = honest_desk();
  const auto r = d.request("c1");
  d.apply(d.execution(r, d.report("9", 1, canceled), order_status::canceled, "2", "0"), 10);
  CHECK(says(d.check().transitions, "has an execution, but it is filled"));

  desk_journals e;
  e.accept(1, r);
  e.apply(e.execution(r, e.report("1", 1, new_, "0", "0", "2"), order_status::filled, "0", "2"), 1);
  CHECK(says(e.check().transitions, "goes from pending_new to filled by new_"));
}

TEST_CASE("I9: two nodes that have both written to one slot are found, though each journal is whole; a copy that stopped is not") {
  auto home = honest_desk(), former = honest_desk();
  home.accept(2, home.request("c2"));
  CHECK(violated(check_both(home, former)) == "");
  former.accept(2, former.request("c3")); // as many turns
  const auto both = "two nodes have written " + slot_name(slot()).value.str();
  CHECK(violated(former.check()) == "");
  for (int longer = 0; longer < 2; ++longer) {
    const auto found = check_both(home, former);
    CHECK(found.chains.violations == 1);
    CHECK(says(found.chains, both.c_str()));
    CHECK(says(check_both(former, home).chains, both.c_str()));
    home.accept(3, home.request("c4"));
  }
}

TEST_CASE("I9: a turn that cannot be decoded is found and named") {
  auto d = honest_desk();
  d.write_payload(*d.desk, slot_name(slot()), actor::turn_schema<oms_stored>(), "garbage");
  const auto found = d.check();
  CHECK(found.chains.violations == 1);
  CHECK(says(found.chains, "turn 5"));
}

TEST_CASE("I10: a finished order that is missing from its table is found, and a snapshot that differs from its turns") {
  desk_journals d;
  const auto r = d.request("c1");
  d.accept(1, r);
  d.apply(d.execution(r, d.report("1", 1, rejected), order_status::rejected, "0", "0"), 1); // no rows
  CHECK(d.check().replay.violations == 2); // the order and its key
  CHECK(says(d.check().replay, "has finished 1 orders, the table done holds 0"));

  desk_journals e;
  e.accept(1, r);
  actor::shell_state<oms_stored> state;
  state.core.last_number = 2;
  std::string snapshot, payload;
  wire::encode(state, snapshot);
  oms_turn nothing;
  nothing.command = oms::cancel_order{};
  wire::encode(nothing, payload);
  e.write_payload(*e.desk, slot_name(slot()), actor::turn_schema<oms_stored>(), payload, {}, snapshot);
  const auto found = e.check();
  CHECK(says(found.replay, "its last order number is 2"));
  CHECK(says(found.replay, "0 open orders, the turns leave 1"));
}

TEST_CASE("I10: a row of a finished order that names other executions than its turns is found; one that names none is an earlier build's") {
  struct row { std::vector<execution_id> executions; std::uint32_t fills; bool is_wrong; };
  for (const auto& r : {row{{{"2"}, {"3"}}, 2, false}, row{{{"2"}}, 2, true}, row{{{"1"}, {"2"}, {"3"}}, 2, true}, row{{{"2"}, {"4"}}, 2, true}, row{{}, 2, false}}) {
    CAPTURE(r.executions.size());
    auto rows = desk_journals::done(1, desk_journals{}.request("c1"), order_status::filled, "2");
    auto finished = oms::finished_order{oms::decode_done(rows[0].value).value(), r.executions};
    finished.order.fills = r.fills;
    rows[0].value.clear();
    wire::encode(finished, rows[0].value);
    const auto found = honest_desk(std::move(rows)).check();
    CHECK(violated(found) == (r.is_wrong ? "I10" : ""));
    CHECK(says(found.replay, "differs from its turns") == r.is_wrong);
  }
}

TEST_CASE("a folder opened for reading shows what is durable, refuses to write and leaves no trace") {
  troupe::test::temporary_directory folder;
  journal::rocks_options o;
  o.directory = folder.path() / "journal";
  o.write_buffer_bytes = 1 << 20;
  o.reserve_bytes = o.ballast_bytes = 0;
  CHECK(journal::open_for_reading(o.directory).error().code == errc::not_found);
  auto writer = std::move(journal::open_rocks_journal(o).value());
  desk_journals d;
  d.write_payload(*writer, actor_name{"risk"}, 1, "a turn", {{"done", "k", "v"}}, "a state");
  auto reader = journal::open_for_reading(o.directory);
  REQUIRE(reader);
  CHECK((*reader)->heads().value() == writer->heads().value());
  CHECK((*reader)->get("done", "k").value() == "v");
  CHECK((*reader)->load_snapshot(actor_name{"risk"}, UINT64_MAX).value()->state == "a state");
  std::string payload;
  REQUIRE((*reader)->read(actor_name{"risk"}, 1, [&](const journal::record_view& r) { return !(payload = r.payload).empty(); }));
  CHECK(payload == "a turn");
  CHECK((*reader)->open_stream(actor_name{"risk"}).error().code == errc::unsupported);
  (*reader)->append({}, [](result<std::uint64_t> r) { CHECK(r.error().code == errc::unsupported); });
  CHECK(writer->heads().value()[0].epoch == 1);
}

TEST_CASE("acknowledgements: whole lines count, the one that was cut off does not, another form is refused") {
  troupe::test::temporary_directory folder;
  const auto file = folder.path() / "acked";
  const auto write = [&](const char* content) { std::ofstream{file, std::ios::trunc} << content; };
  write("a-1 17-1\n17-2\nx y 17-3\na-4 17-4");
  const auto read = read_acknowledgements(file);
  REQUIRE(read);
  REQUIRE(read->size() == 3);
  CHECK((*read)[0].client_id == "a-1");
  CHECK((*read)[1].client_id == "");
  CHECK((*read)[2].client_id == "x y");
  CHECK((*read)[2].order == order_id::make(17, 3));
  write("a-1 17-1\nnonsense\n");
  CHECK(read_acknowledgements(file).error().message.find(":2:") != std::string::npos);
  CHECK(read_acknowledgements(folder.path() / "none").error().code == errc::not_found);
}
