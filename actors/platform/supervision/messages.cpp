#include "actors/platform/supervision/messages.hpp"

#include "actors/platform/supervision/core.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::supervision::report)
TROUPE_WIRE(troupe::supervision::recorded_reply)
TROUPE_WIRE(troupe::supervision::recorded)
TROUPE_WIRE(troupe::supervision::core::event)
TROUPE_WIRE(troupe::supervision::child)
TROUPE_WIRE(troupe::supervision::state)
TROUPE_WIRE(troupe::supervision::inputs)

namespace troupe::supervision {

std::string shortened(std::string_view reason) {
  if (reason.size() <= reason_max) return std::string{reason};
  constexpr std::size_t continued_max = 3; // bytes of a character behind its first one; what has more is no UTF-8
  auto end = reason_max;
  const auto is_continued = [&] { return (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80; };
  while (is_continued() && reason_max - end < continued_max) --end;
  return std::string{reason.substr(0, is_continued() ? reason_max : end)};
}

} // namespace troupe::supervision
