// Corrections at the edge: how a request becomes a command of the slot, what its answer means, and the lists behind it.

#include "nodes/desk/api/corrections.hpp"

#include "actors/trading/oms/correction_rows.hpp"
#include "nodes/desk/api/pages.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

#include <set>

using namespace troupe;
using namespace troupe::desk;

TEST_SUITE_BEGIN("nodes/api/corrections");

namespace {

const trading::instrument_id corrected_instrument{"BTCUSDT.SIM"};

instrument_table one_instrument() {
  return {{corrected_instrument, {corrected_instrument, {"SIM"}, *price::parse("0.1"), *quantity::parse("0.001"), "USDT"}}};
}

v1::correction_request asked_by_hand() {
  v1::correction_request r;
  r.account.value = {"alpha"};
  r.correction_id.emplace().value = {"k1"};
  r.instrument = corrected_instrument;
  r.quantity = quantity::parse("-0.5");
  r.price.emplace().value = *price::parse("50000");
  r.reason.value = {"statement"};
  return r;
}

v1::correction_request asked_to_book() {
  v1::correction_request r;
  r.account.value = {"alpha"};
  r.instrument = corrected_instrument;
  r.execution_id.emplace().value = {"x1"};
  r.reason.value = {"compared"};
  return r;
}

/// A sale of 0.7 at 50001 that no order could take.
oms::fill_disputed disputed_sale(const char* execution = "x1", std::uint32_t slot = trading::slot_of({"main"}, {"alpha"})) {
  oms::fill_disputed d;
  d.venue = {"SIM"};
  d.report.id = {execution};
  d.report.order = trading::order_id::make(slot, 4);
  d.report.type = venue::exec_type::trade;
  d.report.last_quantity = *quantity::parse("0.7");
  d.report.last_price = *price::parse("50001");
  d.report.fee = {*parse_scaled("0.25"), "USDT"};
  d.from_own_venue = true;
  d.tenant = {"main"};
  d.account = {"alpha"};
  d.instrument = corrected_instrument;
  d.side = trading::side::sell;
  d.ordered = *quantity::parse("0.5");
  return d;
}

std::set<std::string> wrong_fields(const error& e) {
  std::set<std::string> names;
  for (const auto& f : e.fields) names.insert(f.field);
  return names;
}

/// Rows of corrections and disputes as slots write them.
struct correction_store {
  std::shared_ptr<journal::journal> journal = troupe::journal::make_memory_journal();

  void put(std::vector<actor::archive::row> rows) {
    const journal::stream_name stream{"oms/0"};
    auto head = journal->open_stream(stream);
    REQUIRE(head);
    troupe::journal::append_request r;
    r.stream = stream;
    r.epoch = head->epoch;
    r.first_sequence = head->sequence + 1;
    troupe::journal::record_header h;
    h.stream = stream;
    h.sequence = r.first_sequence;
    h.epoch = r.epoch;
    h.previous = head->chain;
    troupe::journal::encode_record(h, "turn", r.records.emplace_back());
    for (auto& row : rows) r.side.push_back({row.table, row.key, row.value});
    bool written = false;
    journal->append(std::move(r), [&](result<std::uint64_t> done) { written = done.has_value(); });
    REQUIRE(written);
  }
};

oms::position_corrected stored_correction(const char* account, const char* name) {
  oms::position_corrected e;
  e.correction.tenant = {"main"};
  e.correction.account = {text<32>{account}};
  e.correction.id = {text<48>{name}};
  e.by = {"operator:ana"};
  return e;
}

} // namespace

TEST_CASE("a correction by hand is the command that the request says") {
  const auto c = correction_of(asked_by_hand(), one_instrument(), {});
  REQUIRE(c);
  CHECK(*c == oms::correct_position{{"main"}, {"alpha"}, {"k1"}, corrected_instrument, *quantity::parse("-0.5"), *price::parse("50000"), {}, {}, "statement"});
  auto fee = asked_by_hand();
  fee.quantity.reset();
  fee.price.reset();
  fee.fee = price::parse("-1.5");
  const auto money_alone = correction_of(fee, one_instrument(), {});
  REQUIRE(money_alone);
  CHECK(money_alone->quantity.is_zero());
  CHECK(money_alone->fee.units == *parse_scaled("-1.5"));
}

TEST_CASE("a booking is the fill as its venue reported it, and only what that did not say has to be given") {
  const auto d = disputed_sale();
  const auto c = correction_of(asked_to_book(), one_instrument(), d);
  REQUIRE(c);
  CHECK(c->id == oms::booking_id({"SIM"}, {"x1"}));
  CHECK(c->books == oms::booked_execution{{"SIM"}, {"x1"}, d.report.order});
  CHECK(c->quantity == *quantity::parse("-0.7")); // sold
  CHECK(c->price == *price::parse("50001"));
  CHECK(c->fee.units == *parse_scaled("0.25"));
  auto said_again = asked_to_book();
  said_again.quantity = quantity::parse("-0.7");
  said_again.price.emplace().value = *price::parse("50001");
  said_again.fee = price::parse("0.25");
  CHECK(correction_of(said_again, one_instrument(), d) == *c);

  auto without_price = d;
  without_price.report.last_price = {};
  CHECK(wrong_fields(correction_of(asked_to_book(), one_instrument(), without_price).error()) == std::set<std::string>{"price"});
  CHECK(correction_of(said_again, one_instrument(), without_price)->price == *price::parse("50001"));
  auto in_euro = d;
  in_euro.report.fee.ccy = "EUR";
  CHECK(wrong_fields(correction_of(asked_to_book(), one_instrument(), in_euro).error()) == std::set<std::string>{"fee"});
  auto without_size = d;
  without_size.report.last_quantity = {};
  CHECK(wrong_fields(correction_of(asked_to_book(), one_instrument(), without_size).error()) == std::set<std::string>{"quantity"});
  auto bought = said_again; // of an order that sells
  bought.quantity = quantity::parse("0.7");
  CHECK(wrong_fields(correction_of(bought, one_instrument(), without_size).error()) == std::set<std::string>{"quantity"});
}

TEST_CASE("a booking of an order that nobody knows needs its side, and takes no other quantity than the venue's") {
  auto d = disputed_sale();
  d.tenant = {};
  d.account = {};
  d.instrument = {};
  auto r = asked_to_book();
  CHECK(wrong_fields(correction_of(r, one_instrument(), d).error()) == std::set<std::string>{"quantity"});
  r.quantity = quantity::parse("0.7");
  CHECK(correction_of(r, one_instrument(), d)->quantity == *quantity::parse("0.7"));
  r.quantity = quantity::parse("-0.7");
  CHECK(correction_of(r, one_instrument(), d)->quantity == *quantity::parse("-0.7"));
  r.quantity = quantity::parse("0.8");
  CHECK(wrong_fields(correction_of(r, one_instrument(), d).error()) == std::set<std::string>{"quantity"});
}

TEST_CASE("what contradicts the venue's report, or itself, is refused with every field that is wrong") {
  struct row { std::set<std::string> fields; void (*bend)(v1::correction_request&); };
  const row of_bookings[] = {
    {{"correction_id"}, [](auto& r) { r.correction_id.emplace().value = {"k1"}; }},
    {{"account"}, [](auto& r) { r.account.value = {"beta"}; }},
    {{"account"}, [](auto& r) { r.tenant.value.value = {"other"}; }},
    {{"quantity"}, [](auto& r) { r.quantity = quantity::parse("0.7"); }},
    {{"quantity", "price", "fee"}, [](auto& r) {
       r.quantity = quantity::parse("-0.6");
       r.price.emplace().value = *price::parse("50002");
       r.fee = price::parse("0");
     }},
  };
  for (const auto& w : of_bookings) {
    auto r = asked_to_book();
    w.bend(r);
    const auto c = correction_of(r, one_instrument(), disputed_sale());
    REQUIRE_FALSE(c);
    CHECK(c.error().code == errc::invalid_argument);
    CHECK(wrong_fields(c.error()) == w.fields);
  }
  const auto unknown = correction_of(asked_to_book(), one_instrument(), {});
  CHECK(unknown.error().code == errc::not_found);
  auto elsewhere = disputed_sale();
  elsewhere.instrument = {"ETHUSDT.SIM"};
  CHECK(wrong_fields(correction_of(asked_to_book(), one_instrument(), elsewhere).error()) == std::set<std::string>{"instrument"});

  auto without_id = asked_by_hand();
  without_id.correction_id.reset();
  without_id.venue = trading::venue_id{"SIM"};
  CHECK(wrong_fields(correction_of(without_id, one_instrument(), {}).error()) == std::set<std::string>{"correction_id", "venue"});
  auto of_nothing = asked_by_hand();
  of_nothing.instrument = {"DOGE.SIM"};
  CHECK(wrong_fields(correction_of(of_nothing, one_instrument(), {}).error()) == std::set<std::string>{"instrument"});
  CHECK(wrong_fields(venue_to_book(of_nothing, one_instrument()).error()) == std::set<std::string>{"instrument"});
  CHECK(venue_to_book(asked_to_book(), one_instrument()) == trading::venue_id{"SIM"});
  CHECK(venue_to_book(without_id, one_instrument()) == trading::venue_id{"SIM"});
}

TEST_CASE("of an instrument that is not configured any more the account's position says the currency, also when it is flat; without one there is nothing to correct") {
  portfolio::position_view other, flat;
  other.instrument = {"ETHUSDT.SIM"};
  other.cost_basis = {1, "EUR"};
  flat.instrument = corrected_instrument;
  flat.realized = {5, "USDT"};
  CHECK_FALSE(instrument_held({}, corrected_instrument).has_value());
  CHECK_FALSE(instrument_held({other}, corrected_instrument).has_value());
  const auto held = instrument_held({other, flat}, corrected_instrument);
  REQUIRE(held.has_value());
  CHECK(held->id == corrected_instrument);
  CHECK(held->quote == "USDT");
  CHECK(held->venue == trading::venue_named_by(corrected_instrument));
  flat.realized = {};
  CHECK_FALSE(instrument_held({flat}, corrected_instrument).has_value()); // in what its money is nobody knows
}

TEST_CASE("every refusal of a slot is an error that fits it") {
  using enum oms::correction_refusal;
  struct row { oms::correction_refusal refusal; errc code; const char* field; };
  const row rows[] = {{not_authorised, errc::not_authorised, ""}, {conflict, errc::conflict, ""}, {already_applied, errc::conflict, ""}, {disk_full, errc::disk_full, ""},
                      {bad_id, errc::invalid_argument, "correction_id"}, {unknown_instrument, errc::invalid_argument, "instrument"},
                      {nothing_to_correct, errc::invalid_argument, "quantity"}, {out_of_range, errc::invalid_argument, "quantity"},
                      {bad_price, errc::invalid_argument, "price"}, {bad_fee, errc::invalid_argument, "fee"}, {no_reason, errc::invalid_argument, "reason"}};
  CHECK_FALSE(failure_of(oms::correction_ack{}));
  for (const auto& r : rows) {
    const auto why = failure_of(oms::correction_ack{{"k1"}, r.refusal, "because", {}, {}});
    REQUIRE(why);
    CHECK(why->code == r.code);
    if (*r.field) CHECK(why->fields == std::vector<field_error>{{r.field, "because"}});
    else CHECK(why->message == "because");
  }
}

TEST_CASE("corrections come in pages whose cursor leads to exactly the rest, of an account, and of the slots that are wanted") {
  correction_store s;
  std::vector<actor::archive::row> rows;
  actor::archive open{rows};
  std::set<std::string> written;
  for (const char* account : {"alpha", "beta", "gamma"})
    for (int i = 0; i < 4; ++i) {
      auto e = stored_correction(account, (std::string{account} + std::to_string(i)).c_str());
      if (i == 3) {
        e.correction.books = oms::booked_execution{{"SIM"}, {text<31>{account}}, {}};
        e.correction.id = oms::booking_id({"SIM"}, {text<31>{account}});
      }
      written.insert(e.correction.id.value.str());
      oms::archive_correction(e, open);
    }
  oms::archive_disputed_fill(disputed_sale(), open); // of the other list
  s.put(std::move(rows));
  std::set<std::string> read;
  std::string from;
  std::size_t pages = 0;
  for (bool more = true; more; ++pages) {
    const auto page = read_corrections(*s.journal, from, {}, 5);
    REQUIRE(page);
    for (const auto& e : page->rows) CHECK(read.insert(e.correction.id.value.str()).second);
    more = page->next.has_value();
    if (more) from = *key_of(cursor_of(*page->next));
  }
  CHECK(pages == 3);
  CHECK(read == written);
  order_scope of_beta;
  of_beta.account = trading::account_id{"beta"};
  CHECK(read_corrections(*s.journal, {}, of_beta, 100)->rows.size() == 4);
  const auto slot = trading::slot_of({"main"}, {"alpha"});
  const auto others = read_corrections(*s.journal, {}, {}, 100, ~(std::uint64_t{1} << slot));
  for (const auto& e : others->rows) CHECK(e.correction.account.value.view() != "alpha");
}

TEST_CASE("disputed fills are listed as their venue reported them, and by whom they were booked since") {
  correction_store s;
  std::vector<actor::archive::row> rows;
  actor::archive open{rows};
  const auto slot = trading::slot_of({"main"}, {"alpha"});
  auto unknown = disputed_sale("x3");
  unknown.account = {};
  auto strange = disputed_sale("x4", 200); // an order number that no slot of anybody has
  for (const auto& d : {disputed_sale("x1"), disputed_sale("x2"), unknown, strange}) oms::archive_disputed_fill(d, open);
  auto booked = stored_correction("alpha", "SIM/x1");
  booked.correction.books = oms::booked_execution{{"SIM"}, {"x1"}, disputed_sale().report.order};
  oms::archive_correction(booked, open);
  s.put(std::move(rows));

  const auto all = read_disputed_fills(*s.journal, {}, {}, 100);
  REQUIRE(all);
  REQUIRE(all->rows.size() == 3);
  const auto first = v1::view_of(all->rows[0]), second = v1::view_of(all->rows[1]), third = v1::view_of(all->rows[2]);
  CHECK(first.execution_id.value.view() == "x1");
  CHECK(first.booked_as == booked.correction.id);
  CHECK(first.booked_by == booked.by);
  CHECK(first.side == trading::side::sell);
  CHECK(first.quantity == *quantity::parse("0.7"));
  CHECK(first.price == *price::parse("50001"));
  CHECK(first.account == trading::account_id{"alpha"});
  CHECK_FALSE(second.booked_as);
  CHECK_FALSE(third.account);
  CHECK_FALSE(third.side);
  order_scope of_alpha;
  of_alpha.account = trading::account_id{"alpha"};
  CHECK(read_disputed_fills(*s.journal, {}, of_alpha, 100)->rows.size() == 2);
  const auto page = read_disputed_fills(*s.journal, {}, {}, 1);
  REQUIRE(page->next);
  CHECK(read_disputed_fills(*s.journal, *page->next, {}, 100)->rows.size() == 2);

  CHECK(disputed_fill_of(*s.journal, slot, {"SIM"}, {"x2"}).value() == disputed_sale("x2"));
  CHECK_FALSE(disputed_fill_of(*s.journal, slot, {"SIM"}, {"x9"}).value());
  CHECK_FALSE(disputed_fill_of(*s.journal, slot, {"OTHER"}, {"x2"}).value());
}

TEST_CASE("the longest cursor of a correction that can be asked for fits where cursors are taken") {
  auto e = stored_correction("", "");
  e.correction.tenant = {text<16>{std::string(16, 't')}};
  e.correction.account = {text<32>{std::string(32, 'a')}};
  e.correction.id = {text<48>{std::string(32, 'k')}}; // as v1::correction_request takes it
  CHECK(cursor_in("corrections", oms::correction_key(e.correction)).size() <= v1::page_cursor::size_max);
  CHECK(cursor_in("disputes", oms::disputed_fill_key(1, {text<15>{std::string(15, 'v')}}, {text<31>{std::string(31, 'x')}})).size() <= v1::page_cursor::size_max);
}

TEST_SUITE_END();
