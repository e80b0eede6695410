#pragma once
// What a slot's stream adds up to (state), what it is told and forgets (view), and what a turn read (inputs).
// Everything is bounded by what is open: finished orders and flat holdings leave.

#include "actors/market/batch.hpp"
#include "actors/trading/oms/messages.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace troupe::oms {

/// What one open order adds to its side of a holding.
struct lot {
  price reserve;
  troupe::quantity quantity;
  friend auto operator<=>(const lot&, const lot&) = default;
};
BOOST_DESCRIBE_STRUCT(lot, (), (reserve, quantity))

/// One account's stake in one instrument. Prices and notionals are in the instrument's quote currency.
struct holding {
  quantity position;       // signed: the sum of fills
  quantity open_buy;       // still open on that side, a pending replace at its larger size
  quantity open_sell;
  money open_buy_notional; // the same at the orders' reserve prices
  money open_sell_notional;
  price valued_at;         // the position counts at it: last fill, or mark of the last accepted order
  std::vector<lot> buys; // of the open orders of that side, ascending by reserve and quantity
  std::vector<lot> sells;
  friend bool operator==(const holding&, const holding&) = default;
};
BOOST_DESCRIBE_STRUCT(holding, (), (position, open_buy, open_sell, open_buy_notional, open_sell_notional, valued_at, buys, sells))

struct account {
  std::uint32_t open_orders = 0;
  money exposure; // sum over holdings; quote currencies count at par
  std::map<instrument_id, holding> holdings;
  std::map<client_order_id, order_id> keys; // of open orders; those of finished ones are in the table "done"
  std::int64_t rate_second = 0;             // seconds since 1970
  std::uint32_t rate_count = 0;             // orders and replaces accepted in that second
  friend bool operator==(const account&, const account&) = default;
};
BOOST_DESCRIBE_STRUCT(account, (), (open_orders, exposure, holdings, keys, rate_second, rate_count))

/// An open order with what only matters while it is open.
struct working {
  oms::order order;
  std::vector<execution_id> executions; // of its fills, sorted; there are at most as many as lots
  std::vector<execution_id> answers;    // the last of its other reports, as they came
  quantity asked_quantity; // the replace that is on its way; zero: none
  std::optional<price> asked_limit;
  price asked_reserve;
  std::vector<execution_id> disputed; // the first of its fills that it could not take, as they came; what its venue says besides pushes none out
  friend bool operator==(const working&, const working&) = default;

  [[nodiscard]] bool replace_pending() const noexcept { return asked_quantity.is_positive(); }
};
BOOST_DESCRIBE_STRUCT(working, (), (order, executions, answers, asked_quantity, asked_limit, asked_reserve, disputed))

/// A working order remembers so many reports that are not fills. A venue repeats what was said last, not what was said all day.
inline constexpr std::size_t answers_kept = 32;
/// So many fills in dispute it remembers, and for good. One that has had so many takes no fill any more: it may be one that it does not remember.
inline constexpr std::size_t disputes_kept = 32;

struct account_key {
  tenant_id tenant;
  account_id account;
  friend bool operator==(const account_key&, const account_key&) = default;
};
BOOST_DESCRIBE_STRUCT(account_key, (), (tenant, account))

struct state {
  std::uint64_t last_number = 0; // of the order ids given out
  std::map<order_id, working> orders;
  std::map<tenant_id, std::map<account_id, account>> accounts;
  money exposure; // of the whole slot
  account_key looked_at; // the last account that was looked at for whether it may be forgotten
  std::map<account_id, execution_id> disputed; // to be halted for what a venue reported: accounts, and venues by disputed_name
  friend bool operator==(const state&, const state&) = default;
};
BOOST_DESCRIBE_STRUCT(state, (), (last_number, orders, accounts, exposure, looked_at, disputed))

/// An order that its venue would not cancel is asked for less and less often: each time is a turn here and there.
struct refused_withdrawal {
  boot_ns not_before{};
  nanoseconds pause{0};
};

/// Volatile: empty after a restart, so that nothing opens before risk and market have spoken again.
struct view {
  std::uint64_t epoch = 0; // of this life of the slot
  std::optional<risk::lease> lease;
  /// Of the newest lease that was taken, also when that was dropped since: none before it is used any more, and risk reckons with that.
  std::uint64_t newest_lease = 0;
  std::uint64_t newest_limits = 0; // their version in it
  std::uint64_t newer_limits = 0; // what risk is to be told when it granted older ones; zero: nothing
  std::map<instrument_id, market::heard_quote> marks;
  /// What the slot would use with the largest order that its budget did not allow; risk is asked for that much until then.
  price wanted;
  boot_ns wanted_until{};
  std::map<order_id, refused_withdrawal> refused_withdrawals; // while there is a halt; the other orders under it do not wait for these
  // Reports that changed nothing, for metrics:
  std::uint64_t repeated_reports = 0;
  std::uint64_t late_reports = 0;       // of orders that are not open, fills apart
  std::uint64_t impossible_reports = 0; // overfill, a fill of what is not open, wrong revision, no size: somebody must look
};

/// What a decision read besides state and command. Zero where it read nothing.
struct inputs {
  std::uint64_t limits_version = 0;
  boot_ns lease_expires_at{};
  price bid;
  price ask;
  std::uint64_t update_id = 0;
  tape_position tape;
  money account_exposure; // before the order, at the marks of that moment
  money slot_exposure;
  friend bool operator==(const inputs&, const inputs&) = default;
};
BOOST_DESCRIBE_STRUCT(inputs, (), (limits_version, lease_expires_at, bid, ask, update_id, tape, account_exposure,
                                   slot_exposure))

} // namespace troupe::oms
