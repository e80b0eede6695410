// Any bytes as a snapshot of an actor's state, a turn, or a row of the table of finished orders: refused with a reason, or decoded to a
// value that encodes to bytes which decode to an equal one, and which can be shown as JSON. The first byte says which of them ('O', 'K', 'V'
// for a snapshot of OMS, risk and venue; 'o', 'k', 'v' for a turn; 'd' for a row, 'c' for a client's key).

#include "actors/trading/oms/done.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tools/check/stored.hpp"

using namespace troupe;

namespace {

template <class T>
void check_value(std::string_view bytes) {
  const auto value = wire::decode<T>(bytes);
  if (!value) {
    FUZZ_CHECK(value.error().code == errc::malformed || value.error().code == errc::out_of_range);
    FUZZ_CHECK(!value.error().message.empty());
    return;
  }
  std::string once, twice;
  wire::encode(*value, once);
  const auto back = wire::decode<T>(once);
  FUZZ_CHECK(back.has_value());
  wire::encode(*back, twice); // equal values, equal bytes
  FUZZ_CHECK(twice == once);
  const auto shown = wire::to_json(*value);
  FUZZ_CHECK(wire::parse_json(shown, {.depth_max = 64, .values_max = SIZE_MAX}).has_value());
  FUZZ_CHECK(wire::to_json(*back) == shown);
}

/// A state is compared by its own equality as well.
template <class Stored>
void check_state(std::string_view bytes) {
  check_value<actor::shell_state<Stored>>(bytes);
  const auto value = wire::decode<actor::shell_state<Stored>>(bytes);
  if (!value) return;
  std::string once;
  wire::encode(*value, once);
  if constexpr (std::equality_comparable<typename Stored::state>)
    FUZZ_CHECK(wire::decode<actor::shell_state<Stored>>(once)->core == value->core);
}

void check_row(std::string_view bytes) {
  const auto row = oms::decode_finished(bytes);
  if (!row) FUZZ_CHECK(!row.error().message.empty());
  else FUZZ_CHECK(oms::decode_done(bytes) == row->order);
  check_value<oms::order>(bytes); // of earlier builds
  check_value<oms::finished_order>(bytes);
}

void check_client_key(std::string_view bytes) {
  const auto order = oms::decode_done_key(bytes);
  if (!order) FUZZ_CHECK(!order.error().message.empty());
  else FUZZ_CHECK(oms::done_order_key(*order) == bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0]) {
  case 'O': check_state<check::oms_stored>(bytes); break;
  case 'K': check_state<check::risk_stored>(bytes); break;
  case 'V': check_state<check::venue_stored>(bytes); break;
  case 'o': check_value<check::oms_turn>(bytes); break;
  case 'k': check_value<check::risk_turn>(bytes); break;
  case 'v': check_value<check::venue_turn>(bytes); break;
  case 'd': check_row(bytes); break;
  case 'c': check_client_key(bytes); break;
  default: break;
  }
  return 0;
}
