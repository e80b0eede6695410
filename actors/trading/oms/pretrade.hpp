#pragma once
// Pre-trade risk: one walk through every limit, against the slot's own state and its lease. Pure; used by decide and by
// the dry run alike.
//
// Order of the checks, the first that fails decides: lease; halts (firm, venue, instrument, account, strategy); blocked;
// quantity of the order; mark; collar; notional; open orders of the account; position; exposure of the account; budget
// of the slot; rate of the account.

#include "actors/trading/oms/core.hpp"

#include <string>
#include <vector>

namespace troupe::oms {

/// What is to be opened, or changed to.
struct intention {
  const new_order& request; // who, what, which side
  const instrument& what;
  troupe::quantity quantity;   // of the whole order
  std::optional<price> limit;  // absent: market
  const working* replaces = nullptr; // the order as it is, when this is a change of it
};

struct pretrade_verdict {
  oms::refusal refusal = oms::refusal::none;
  std::string reason;    // at most 95 characters, with the numbers that decided
  price reserve;         // the open part counts at it: the limit, or what a market buy may cost; a sale at the market if that is higher
  price mark;            // the position counts at it
  boot_ns valid_until{}; // end of the lease or of the order's age, what comes first
  price wanted;          // refused as FIRM_EXPOSURE: the budget it would have taken; asked of risk, so that a repeat may pass
};

/// The worst price that a market order may take when `best` is the best of the other side: so many basis points beyond it, on the tick and
/// away from the market, at least one tick and never more than a price can be.
[[nodiscard]] price worst_price(side s, price best, price tick, std::uint32_t bps) noexcept;

/// `warnings`, when given, receives a sentence for every limit used above 80 %.
[[nodiscard]] pretrade_verdict pretrade(const configuration& c, const state& s, const view& v, const intention& asked,
                                        time_ns now, boot_ns now_boot, inputs& read,
                                        std::vector<std::string>* warnings = nullptr);

} // namespace troupe::oms
