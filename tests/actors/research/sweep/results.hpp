#pragma once
// A result of a trial, for cases about rows.

#include "actors/research/sweep/messages.hpp"

namespace troupe::sweep {

/// Of the second trial of a grid: three fills, and every amount in one currency.
inline trial_result some_result() {
  trial_result r;
  r.index = 1;
  r.orders = 12;
  r.fills = 3;
  r.realized_pnl = "1.5 USDT";
  r.unrealized_pnl = "-2 USDT";
  r.fees = "0.1 USDT";
  r.journal_hash = "ab12";
  return r;
}

} // namespace troupe::sweep
