#include "tools/benchmarks/bench.hpp"
#include "tools/benchmarks/overtaking.hpp"

namespace troupe::bench {

figures lanes(const settings&) {
  constexpr std::uint64_t flood = 1'000'000;
  const auto r = overtake(flood);
  const auto ms = [](nanoseconds d) { return std::chrono::duration<double, std::milli>(d).count(); };
  return {{"flood of one slot", static_cast<double>(flood), "orders"},
          {"cancel behind the flood: answered after", ms(r.cancel_took), "ms"},
          {"cancel behind the flood: handled before it", static_cast<double>(r.handled_at_cancel), "messages"},
          {"halt behind the flood: in force after", ms(r.halt_took), "ms"},
          {"halt behind the flood: handled before it", static_cast<double>(r.handled_at_halt), "messages"}};
}

} // namespace troupe::bench
