// Any bytes as a request body: parsed, or refused with a reason; what is accepted is written such that it reads as equal.

#include "actors/platform/trade2026/messages.hpp"
#include "actors/trading/oms/messages.hpp"
#include "runtime/wire/json_value.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace troupe;

namespace {

template <class T>
void decode(const wire::json_value& value) {
  auto strict = wire::from_json<T>(value);
  wire::json_decoding counting{wire::unknown_fields::count, 0};
  auto lenient = wire::from_json<T>(value, counting);
  if (!strict) {
    FUZZ_CHECK(!strict.error().message.empty() || !strict.error().fields.empty());
    // Only unknown fields may make the difference.
    if (lenient) FUZZ_CHECK(counting.unknown_seen > 0);
    return;
  }
  FUZZ_CHECK(lenient.has_value());
  const auto text = wire::to_json(*strict);
  const auto again = wire::parse_json(text);
  FUZZ_CHECK(again.has_value());
  const auto back = wire::from_json<T>(*again);
  FUZZ_CHECK(back.has_value());
  FUZZ_CHECK(wire::to_json(*back) == text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = wire::parse_json({reinterpret_cast<const char*>(data), size});
  if (!value) {
    FUZZ_CHECK(!value.error().message.empty());
    return 0;
  }
  decode<oms::new_order>(*value);
  decode<oms::replace_order>(*value);
  decode<trade2026::order_request>(*value);
  return 0;
}
