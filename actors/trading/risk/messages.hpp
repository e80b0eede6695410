#pragma once
// Limits, halts and leases. The risk actor owns all three; a slot without a live lease opens nothing.

#include "actors/trading/ids.hpp"
#include "runtime/core/bounded.hpp"
#include "runtime/core/context.hpp"

#include <boost/describe.hpp>

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::risk {

using namespace trading;

/// What a halt stops. `firm` has an empty key; the others name what they stop.
enum class halt_scope : std::uint8_t { strategy, account, instrument, venue, firm };
BOOST_DESCRIBE_ENUM(halt_scope, strategy, account, instrument, venue, firm)

/// One halt in force. Unique by (scope, key): halting twice keeps the first.
struct halt {
  halt_scope scope = halt_scope::firm;
  text<32> key;
  text<95> reason;
  principal_id halted_by;
  time_ns halted_at{};
  std::vector<principal_id> approvals; // who has asked to lift it, in order
  friend bool operator==(const halt&, const halt&) = default;
};
BOOST_DESCRIBE_STRUCT(halt, (), (scope, key, reason, halted_by, halted_at, approvals))

/// Pre-trade limits of one account; amounts in the instrument's quote currency. Zero means nothing is allowed.
struct limits {
  troupe::quantity order_quantity_max = quantity::whole(1000);
  as_number<price> order_notional_max{price::whole(1'000'000)};   // quantity x price of one order
  troupe::quantity position_max = quantity::whole(10'000);        // |position + open orders on that side|
  /// Gross: |positions| at mark + open orders, except what of an order would only close a position. An order that
  /// does not raise it passes even above the limit, so that a position can always be closed.
  as_number<price> exposure_max{price::whole(10'000'000)};
  std::uint32_t open_orders_max = 100;                            // per account
  std::uint32_t orders_per_second_max = 10'000;                   // per account
  /// A limit price may not be worse than the opposite best by more than this; hundredths of a percent of the mark.
  std::uint32_t price_collar_bps = 1000;
  /// Market orders and collars need a mark not older than this.
  nanoseconds mark_age_max = std::chrono::seconds{10};
  friend bool operator==(const limits&, const limits&) = default;
};
BOOST_DESCRIBE_STRUCT(limits, (), (order_quantity_max, order_notional_max, position_max, exposure_max, open_orders_max,
                                   orders_per_second_max, price_collar_bps, mark_age_max))

/// Everything a slot may decide with until `expires_at`. Replaces the lease before; sent in the control lane.
struct lease {
  std::uint32_t slot = 0;
  std::uint64_t number = 0;         // grows with every lease risk ever grants, over its restarts
  std::uint64_t limits_version = 0;
  boot_ns expires_at{};             // on the slot's clock: counted from when it asked, so never later than risk reckons
  as_number<price> exposure_budget; // gross exposure of the whole slot, in quote currency; part of the firm's
  limits fallback;                  // for accounts without their own
  std::map<account_id, limits> accounts;
  std::vector<halt> halts;             // ascending by scope and key
  std::vector<instrument_id> blocked;
  std::uint64_t epoch = 0; // of the slot's life that asked: one that was meant for an earlier life does not count
  as_number<price> firm_exposure_max;  // what the budget is a part of
  as_number<price> exposure_reachable; // at least the budget: what it could become if the other slots kept what they use only, those away their budgets
  friend bool operator==(const lease&, const lease&) = default;
};
BOOST_DESCRIBE_STRUCT(lease, (), (slot, number, limits_version, expires_at, exposure_budget, fallback, accounts, halts, blocked, epoch,
                             firm_exposure_max, exposure_reachable))

/// Ask, from a slot, well inside the lease: renew.
struct lease_request {
  std::uint32_t slot = 0;
  std::uint64_t epoch = 0;
  as_number<price> exposure; // what the slot uses now
  as_number<price> wanted;   // what it would use if an order that was refused for its budget came again; zero: none was
  std::uint64_t held = 0;    // number of the newest lease it has; it will never use an earlier one
  /// On the slot's clock, which on another host is another clock: the lease ends on that one.
  boot_ns asked_at{};
};
BOOST_DESCRIBE_STRUCT(lease_request, (), (slot, epoch, exposure, wanted, held, asked_at))

/// Of the halt that risk itself puts on the firm, when slots show that its journal is not the newest.
inline constexpr principal_id own_principal{"risk"};

/// From a slot that was granted a lease of older limits than it holds, and did not take it.
struct newer_limits {
  std::uint32_t slot = 0;
  std::uint64_t limits_version = 0; // of the lease it holds
};
BOOST_DESCRIBE_STRUCT(newer_limits, (), (slot, limits_version))

// -- commands (ask) ---------------------------------------------------------------------------------------------------

/// Stops a scope at once. The principal is in the context. Never refused, except for a malformed key.
struct halt_command {
  halt_scope scope = halt_scope::firm;
  text<32> key;
  text<95> reason;
};
BOOST_DESCRIBE_STRUCT(halt_command, (), (scope, key, reason))

/// Lifts a halt. A firm halt needs `firm_approvals` different principals; others need one.
struct resume_command {
  halt_scope scope = halt_scope::firm;
  text<32> key;
};
BOOST_DESCRIBE_STRUCT(resume_command, (), (scope, key))

/// Sets the limits of an account, or the fallback when `account` is empty; whatever was set since the asker looked. In turns of builds that had no change_limits.
struct set_limits {
  std::optional<account_id> account;
  limits value;
};
BOOST_DESCRIBE_STRUCT(set_limits, (), (account, value))

/// Sets the limits of an account, or the fallback when `account` is empty; or removes those that were set for an account, so that it has those it would have
/// had without. With `expected_version` only while no limits were changed since that version; halts and blocks, which raise it as well, do not count. What
/// was changed before risk started it does not know: then only the version it began with and those behind it will do.
struct change_limits {
  std::optional<account_id> account;
  std::optional<limits> value; // absent: what was set for `account` is removed
  std::optional<std::uint64_t> expected_version;
};
BOOST_DESCRIBE_STRUCT(change_limits, (), (account, value, expected_version))

/// Blocks or unblocks an instrument for new orders.
struct block_instrument {
  instrument_id instrument;
  bool blocked = true;
};
BOOST_DESCRIBE_STRUCT(block_instrument, (), (instrument, blocked))

/// `conflict`: nothing was changed, because limits were, or may have been, since the version that was expected.
enum class verdict : std::uint8_t { done, unchanged, approval_recorded, refused, conflict };
BOOST_DESCRIBE_ENUM(verdict, done, unchanged, approval_recorded, refused, conflict)

struct risk_reply {
  risk::verdict verdict = risk::verdict::done;
  std::string reason; // what is missing or wrong
  std::uint64_t limits_version = 0;
  friend bool operator==(const risk_reply&, const risk_reply&) = default;
};
BOOST_DESCRIBE_STRUCT(risk_reply, (), (verdict, reason, limits_version))

// -- events -----------------------------------------------------------------------------------------------------------

struct halted {
  risk::halt halt;
  friend bool operator==(const halted&, const halted&) = default;
};
BOOST_DESCRIBE_STRUCT(halted, (), (halt))
struct resume_approved {
  halt_scope scope = halt_scope::firm;
  text<32> key;
  principal_id by;
  friend bool operator==(const resume_approved&, const resume_approved&) = default;
};
BOOST_DESCRIBE_STRUCT(resume_approved, (), (scope, key, by))
struct resumed {
  halt_scope scope = halt_scope::firm;
  text<32> key;
  std::vector<principal_id> approved_by;
  friend bool operator==(const resumed&, const resumed&) = default;
};
BOOST_DESCRIBE_STRUCT(resumed, (), (scope, key, approved_by))
struct limits_set {
  std::optional<account_id> account;
  limits value;
  std::uint64_t version = 0;
  friend bool operator==(const limits_set&, const limits_set&) = default;
};
BOOST_DESCRIBE_STRUCT(limits_set, (), (account, value, version))
struct instrument_blocked {
  instrument_id instrument;
  bool blocked = true;
  std::uint64_t version = 0;
  friend bool operator==(const instrument_blocked&, const instrument_blocked&) = default;
};
BOOST_DESCRIBE_STRUCT(instrument_blocked, (), (instrument, blocked, version))
/// What a slot may use of the firm's exposure from now on. A larger one is on record before a lease carries it; a smaller one when the
/// slot has shown that it holds no larger lease any more.
struct budget_set {
  std::uint32_t slot = 0;
  as_number<price> budget;
  as_number<price> firm_exposure_max; // in force then: raised budgets never add up to more
  friend bool operator==(const budget_set&, const budget_set&) = default;
};
BOOST_DESCRIBE_STRUCT(budget_set, (), (slot, budget, firm_exposure_max))

/// The account has no limits of its own any more, besides configured ones.
struct limits_reset {
  account_id account;
  std::uint64_t version = 0;
  friend bool operator==(const limits_reset&, const limits_reset&) = default;
};
BOOST_DESCRIBE_STRUCT(limits_reset, (), (account, version))

using event = std::variant<halted, resume_approved, resumed, limits_set, instrument_blocked, budget_set, limits_reset>;

// -- queries ----------------------------------------------------------------------------------------------------------

struct risk_query {};
BOOST_DESCRIBE_STRUCT(risk_query, (), ())
struct risk_view {
  std::uint64_t limits_version = 0;
  as_number<price> firm_exposure_max;
  as_number<price> firm_exposure; // as the slots reported last
  as_number<price> firm_budgets;  // what all slots together may use without asking
  limits fallback;
  std::map<account_id, limits> accounts;
  std::vector<halt> halts;
  std::vector<instrument_id> blocked;
};
BOOST_DESCRIBE_STRUCT(risk_view, (), (limits_version, firm_exposure_max, firm_exposure, firm_budgets, fallback, accounts, halts, blocked))

} // namespace troupe::risk
