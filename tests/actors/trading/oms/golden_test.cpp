// The stored bytes of every event, version 1, as first released. A failure here means that old journals cannot be read:
// add a new version and an upcast, never edit the file.

#include "tests/actors/trading/oms/slot.hpp"

#include "actors/trading/oms/done.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/support/golden.hpp"

#include <sstream>

using namespace troupe;
using namespace troupe::oms;
using namespace troupe::oms::test;
using troupe::test::check_golden;
using troupe::test::check_stored;
using troupe::test::golden_file;
using troupe::test::hex;
using troupe::test::unhex;

TEST_SUITE_BEGIN("oms/golden");

namespace {

/// One of every event, each field with a value of its own.
std::vector<std::pair<std::string, event>> every_event() {
  new_order r{{"main"}, {"alpha"}, {"c-1"}, btc, side::sell, order_type::limit, time_in_force::gtc, qty("0.5"),
              px("50000.1"), {"ma_cross"}};
  venue::report x{{"x1"}, order_id::make(17, 4711), venue::exec_type::trade, qty("0.2"), px("50000.2"), qty("0.3"),
                  qty("0.2"), money{-250000000, "USDT"}, true, 3, "because", time_from_ns(1723118400000000001),
                  {"usdm", 42}};
  const auto at = time_from_ns(1723118400000000002);
  const boot_ns until{nanoseconds{3600000000003}};
  const auto id = order_id::make(17, 4711);
  return {
    {"order_accepted", order_accepted{id, r, at, until, px("50000.3"), px("50000.4")}},
    {"order_rejected", order_rejected{id, r, refusal::price_collar, "too far", at}},
    {"cancel_requested", cancel_requested{id, at, btc}},
    {"replace_requested", replace_requested{id, 3, qty("0.7"), px("50000.5"), at, until, px("50000.6"), px("50000.7"), btc}},
    {"execution", execution{{"SIM"}, x, {"alpha"}, btc, side::sell, {"ma_cross"}, {"c-1"}, order_status::partially_filled,
                            at, {"main"}, "USDT", qty("0.3"), qty("0.2")}},
    {"order_lost", order_lost{id, {"SIM"}, at, {"ma_cross"}, {"c-1"}, btc, side::sell, order_status::canceled, qty("0.3")}},
    {"stray_order", stray_order{id, {"SIM"}, at}},
    {"command_refused", command_refused{{"ma_cross"}, id, {"c-1"}, btc, side::sell, order_status::new_,
                                        refusal::replace_pending, "not yet", qty("0.3"), qty("0.2"), at}},
    {"order_recovered", order_recovered{id, r, at}},
    {"numbers_skipped", numbers_skipped{{"SIM"}, 4712, at}},
    {"replace_recovered", replace_recovered{id, 3, qty("0.7"), px("50000.5"), at}},
    {"account_disputed", account_disputed{{"alpha"}, {"SIM"}, id, {"x1"}, at}},
    {"dispute_closed", dispute_closed{{"alpha"}, at}},
    {"order_withdrawn", order_withdrawn{id, at, btc, "firm is halted"}},
    {"position_corrected", position_corrected{{{"main"}, {"alpha"}, {"SIM/x1"}, btc, qty("-0.2"), px("50000.2"), money{250000000, "USDT"},
                                               booked_execution{{"SIM"}, {"x1"}, id}, "as the venue says"},
                                              {"operator:ana"}, "USDT", px("50000.4"), qty("0.3"), at}},
    {"fill_disputed", fill_disputed{{"SIM"}, x, true, {"main"}, {"alpha"}, btc, side::sell, qty("0.7"), qty("0.5"), at}},
  };
}

} // namespace

TEST_CASE("stored events: version 1 is written and read as it was released") {
  const auto all = every_event();
  CHECK(all.size() == std::variant_size_v<event>);
  for (const auto& [name, e] : all) {
    CAPTURE(name);
    std::string bytes;
    wire::encode(e, bytes);
    check_golden("oms/event-1/" + name + ".hex", hex(bytes) + '\n');
    const auto back = wire::decode<event>(bytes);
    REQUIRE(back);
    CHECK(*back == e);
  }
}

TEST_CASE("stored rows of the table done: version 2 is written and read as it was released, and version 1 is read") {
  check_stored<order>("oms/done_order.v1.txt");
  order finished;
  finished.id = order_id::make(17, 4711);
  finished.request.tenant = {"main"};
  finished.request.account = {"alpha"};
  finished.request.client_id = {"c-1"};
  std::vector<actor::archive::row> rows;
  actor::archive open{rows};
  archive_done({finished, {{"x1"}, {"x2"}}}, open);
  REQUIRE(rows.size() == 2);
  CHECK(decode_finished(rows[0].value) == finished_order{finished, {{"x1"}, {"x2"}}});
  CHECK(decode_done(rows[0].value) == finished);
  CHECK(decode_done_key(rows[1].value) == finished.id);
  std::string written;
  for (const auto& row : rows) written += row.table + ' ' + hex(row.key) + ' ' + hex(row.value) + '\n';
  check_golden("oms/done_rows.v2.txt", written);

  std::istringstream released{golden_file("oms/done_rows.v1.txt")};
  std::string table, key, value;
  REQUIRE(bool(released >> table >> key >> value));
  CHECK(key == hex(rows[0].key));
  CHECK(decode_finished(unhex(value)) == finished_order{finished, {}});
  CHECK(decode_done(unhex(value)) == finished);
  CHECK_FALSE(decode_finished(unhex(value) + "??"));
  REQUIRE(bool(released >> table >> key >> value));
  CHECK(key == hex(rows[1].key));
  CHECK(unhex(value) == rows[1].value);
}

TEST_CASE("every registered trading type survives a round trip") {
  std::size_t ours = 0;
  for (const auto& t : wire::registered_types()) {
    CAPTURE(t.name);
    CHECK(t.round_trip());
    ours += t.name.starts_with("oms.");
  }
  CHECK(ours >= 20);
}
