// The venue's stored events: bytes of version 1 never change.
#include "runtime/wire/wire.hpp"
#include "tests/actors/trading/venue/venue_run.hpp"
#include "tests/support/golden.hpp"

#include <set>

using namespace troupe;
using namespace troupe::test;

namespace {

/// A day on which every kind of event happens.
std::vector<simulator_event> eventful_day() {
  venue_run v{venue_config(-20, 400)};
  v.turn(slot_opened{3, 2});
  v.quote("99", "2", "100", "2");
  v.send(limit_order(1, side::buy, "5", "100", time_in_force::day));
  v.send(limit_order(1, side::buy, "5", "100", time_in_force::day));
  v.send(limit_order(1, side::buy, "5", "100.05"));
  v.send(limit_order(2, side::sell, "1", "100.05"));
  v.quote("99", "2", "100.1", "2");
  v.trade(side::sell, "1.5", "99.9");
  v.send(replace{order_id::make(3, 1), 1, qty("4"), px("99.9"), boot_ns::max()});
  v.send(cancel{order_id::make(3, 8)});
  v.now += nanoseconds{5};
  v.turn(day_closed{v.now});
  return v.history;
}

} // namespace

TEST_SUITE_BEGIN("trading/venue");

TEST_CASE("stored: events of version 1 have the released bytes, and those bytes are read back") {
  const auto events = eventful_day();
  std::set<std::size_t> kinds;
  std::string written;
  for (const auto& event : events) {
    kinds.insert(event.index());
    std::string bytes;
    wire::encode(event, bytes);
    written += hex(bytes) + '\n';
    auto back = wire::decode<simulator_event>(bytes);
    REQUIRE(back);
    CHECK(*back == event);
  }
  CHECK(kinds.size() == std::variant_size_v<simulator_event>);
  check_golden("venue/events.v1.hex", written);
}

TEST_CASE("stored: state, inputs and every contract type survive a round trip") {
  venue_run v;
  v.quote("99", "2", "100", "2");
  v.turn(slot_opened{3, 2});
  v.send(limit_order(1, side::buy, "5", "100"));
  v.send(limit_order(2, side::sell, "5", "101"));
  std::string bytes;
  wire::encode(v.state, bytes);
  auto back = wire::decode<simulator_state>(bytes);
  REQUIRE(back);
  CHECK(*back == v.state);
  bytes.clear();
  wire::encode(v.inputs, bytes);
  CHECK(*wire::decode<simulator_inputs>(bytes) == v.inputs);
  auto json = wire::parse_json(wire::to_json(v.state));
  REQUIRE(json);
  auto read = wire::from_json<simulator_state>(*json);
  REQUIRE_MESSAGE(read.has_value(), to_string(read.error()));
  CHECK(*read == v.state);
  std::size_t ours = 0;
  for (const auto& t : wire::registered_types()) {
    CAPTURE(t.name);
    CHECK(t.round_trip());
    ours += t.name.starts_with("venue.");
  }
  CHECK(ours >= 24);
}
