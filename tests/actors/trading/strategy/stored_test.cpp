// The strategy's stored events: bytes of version 1 never change.
#include "runtime/wire/wire.hpp"
#include "tests/actors/trading/strategy/strategy_run.hpp"
#include "tests/support/golden.hpp"

#include <set>

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("trading/strategy");

TEST_CASE("stored: events of version 1 have the released bytes, and those bytes are read back") {
  strategy_run s{quoter_config()};
  s.quote("99.9", "100.1");
  s.update(1, order_status::new_);
  s.quote("100", "100.2");
  s.update(1, order_status::partially_filled, "0.5");
  s.lose_book();
  s.correct({{"fix-1"}, {}, {}, s.core().config().instrument.id, qty("-0.5"), "compared with the books"});
  std::set<std::size_t> kinds;
  std::string written;
  for (const auto& event : s.history) {
    kinds.insert(event.index());
    std::string bytes;
    wire::encode(event, bytes);
    written += hex(bytes) + '\n';
    auto back = wire::decode<strategy_event>(bytes);
    REQUIRE(back);
    CHECK(*back == event);
  }
  CHECK(kinds.size() == std::variant_size_v<strategy_event>);
  check_golden("strategy/events.v1.hex", written);
  std::string bytes;
  wire::encode(s.state, bytes);
  CHECK(*wire::decode<strategy_state>(bytes) == s.state);
}
