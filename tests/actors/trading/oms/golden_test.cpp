// The stored bytes of every event, version 1, as first released. A failure here means that old journals cannot be read:
// add a new version and an upcast, never edit the file.

#include "tests/actors/trading/oms/slot.hpp"

#include "runtime/wire/wire.hpp"

#include <fstream>

using namespace troupe;
using namespace troupe::oms;
using namespace troupe::oms::test;

TEST_SUITE_BEGIN("oms/golden");

namespace {

std::string hex(const std::string& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : bytes) {
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  return out;
}

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
  };
}

} // namespace

TEST_CASE("stored events: version 1 is written and read as it was released") {
  const auto folder = troupe::test::source_dir() / "tests" / "golden" / "oms" / "event-1";
  const auto all = every_event();
  CHECK(all.size() == std::variant_size_v<event>);
  for (const auto& [name, e] : all) {
    CAPTURE(name);
    std::string bytes;
    wire::encode(e, bytes);
    std::ifstream file{folder / (name + ".hex")};
    CHECK_MESSAGE(file.is_open(), "no golden bytes of " << name << ": " << hex(bytes));
    std::string released;
    file >> released;
    CHECK(hex(bytes) == released);
    const auto back = wire::decode<event>(bytes);
    REQUIRE(back);
    CHECK(*back == e);
  }
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
