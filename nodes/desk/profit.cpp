#include "nodes/desk/profit.hpp"

#include "runtime/core/counted.hpp"

#include <array>
#include <map>

namespace troupe::desk {

profit profit_of(const portfolio::positions_view& positions) {
  std::map<currency, std::array<money, 3>> sums;
  std::uint64_t unknown = 0;
  for (const auto& p : positions.positions) {
    auto& of = sums[p.realized.ccy];
    of[0] += p.realized;
    if (p.unrealized) of[1] += *p.unrealized;
    else if (!p.quantity.is_zero()) ++unknown;
    of[2] += p.fees;
  }
  profit out;
  const auto join = [](std::string& to, const money& m, const currency& ccy) { to += (to.empty() ? "" : ", ") + m.str() + " " + ccy.str(); };
  for (const auto& [ccy, of] : sums) {
    join(out.realized, of[0], ccy);
    join(out.unrealized, of[1], ccy);
    join(out.fees, of[2], ccy);
  }
  if (unknown > 0) out.unrealized += ", unknown of " + counted(unknown, "position");
  return out;
}

} // namespace troupe::desk
