#pragma once
// Orders as a client, a strategy and the journal see them. Field and status names are FIX's.

#include "actors/trading/ids.hpp"
#include "actors/trading/oms/correction_messages.hpp"
#include "actors/trading/risk/messages.hpp"
#include "actors/trading/venue/messages.hpp"

#include <boost/describe.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::oms {

using namespace trading;

// -- commands (ask from the edge; effects of a strategy's stream) -----------------------------------------------------

/// Opens an order. Idempotent by (tenant, account, client_id): the same body gives the first answer again, another body
/// is a conflict and changes nothing.
struct new_order {
  tenant_id tenant;
  account_id account;
  client_order_id client_id;
  instrument_id instrument;
  trading::side side = trading::side::buy;
  order_type type = order_type::limit;
  time_in_force tif = time_in_force::day;
  troupe::quantity quantity;
  std::optional<price> limit;   // required for limit, refused for market
  strategy_id strategy;
  friend bool operator==(const new_order&, const new_order&) = default;
};
BOOST_DESCRIBE_STRUCT(new_order, (), (tenant, account, client_id, instrument, side, type, tif, quantity, limit, strategy))

/// Withdraws an order. Passes without a lease, under every halt and on a full disk. Repeating it is harmless.
struct cancel_order {
  order_id order;                              // or, when zero, the client's id:
  tenant_id tenant;
  account_id account;
  client_order_id client_id;
};
BOOST_DESCRIBE_STRUCT(cancel_order, (), (order, tenant, account, client_id))

/// Changes quantity (the new total, filled part included) and price. Pre-trade risk applies to the change.
struct replace_order {
  order_id order;
  troupe::quantity quantity;
  std::optional<price> limit; // absent: the price stays
};
BOOST_DESCRIBE_STRUCT(replace_order, (), (order, quantity, limit))

using order_command = std::variant<new_order, cancel_order, replace_order>;

/// Asks the venues to cancel what a halt leaves open, so many orders a turn; the slot's node says it until none is left. The principal is who
/// halted. Without effect unless the slot's lease holds that halt.
struct enforce_halt {
  risk::halt_scope scope = risk::halt_scope::firm;
  text<32> key;
};
BOOST_DESCRIBE_STRUCT(enforce_halt, (), (scope, key))

/// The halt of a disputed account, or of a venue (disputed_name), is on record. From the slot's node.
struct close_dispute {
  account_id account;
};
BOOST_DESCRIBE_STRUCT(close_dispute, (), (account))

/// Why nothing was done, or why an order was rejected before the venue saw it.
enum class refusal : std::uint8_t {
  none,
  // about the request
  unknown_order, order_finished, conflict, unknown_instrument, price_missing, price_forbidden, off_tick, off_lot,
  quantity_below_filled, replace_pending,
  // pre-trade risk
  no_lease, halted, blocked, order_quantity_max, order_notional_max, position_max, exposure_max, open_orders_max,
  order_rate_max, price_collar, no_mark, firm_exposure,
  // the machine
  disk_full,
  // later than the answer
  venue_rejected, not_sent, venue_unknown,
};
BOOST_DESCRIBE_ENUM(refusal, none, unknown_order, order_finished, conflict, unknown_instrument, price_missing,
                    price_forbidden, off_tick, off_lot, quantity_below_filled, replace_pending, no_lease, halted, blocked,
                    order_quantity_max, order_notional_max, position_max, exposure_max, open_orders_max, order_rate_max,
                    price_collar, no_mark, firm_exposure, disk_full, venue_rejected, not_sent, venue_unknown)

/// Why an order that was lost ended.
inline constexpr text<95> venue_unknown_sentence{"the venue does not know the order"};

/// True for refusals of pre-trade risk: an order is on record with status rejected.
[[nodiscard]] constexpr bool is_risk_refusal(refusal r) noexcept {
  return r >= refusal::no_lease && r <= refusal::firm_exposure;
}

/// The answer to all three commands. A repeated new order gets exactly the first answer; a repeated cancel or replace
/// changes nothing and is answered with the order as it is.
struct order_ack {
  order_id order;
  client_order_id client_id;
  order_status status = order_status::pending_new;
  oms::refusal refusal = oms::refusal::none;
  std::string reason; // one sentence with the numbers that decided
  time_ns created_at{}; // of the order; zero when there is none
  friend bool operator==(const order_ack&, const order_ack&) = default;
};
BOOST_DESCRIBE_STRUCT(order_ack, (), (order, client_id, status, refusal, reason, created_at))

// -- state ------------------------------------------------------------------------------------------------------------

struct order {
  order_id id;
  new_order request;          // as first asked: repeats are compared with it
  order_status status = order_status::pending_new;
  troupe::quantity quantity;  // as replaced last
  std::optional<price> limit;
  troupe::quantity filled;
  money filled_notional;      // sum of price x quantity; its quotient by `filled` is the average price
  money fee;
  std::uint32_t revision = 0; // replaces accepted by the venue
  std::uint32_t revision_asked = 0; // replaces sent; a refused one's number is not used again
  bool cancel_asked = false;
  oms::refusal refusal = oms::refusal::none;
  text<95> reason;
  time_ns created_at{};
  time_ns updated_at{};
  std::uint32_t fills = 0;
  price reserve;              // the open part counts towards exposure at this
  friend bool operator==(const order&, const order&) = default;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, request, status, quantity, limit, filled, filled_notional, fee, revision,
                                  revision_asked, cancel_asked, refusal, reason, created_at, updated_at, fills,
                                  reserve))

/// Of two orders the one that changed later, or has the greater id.
[[nodiscard]] inline bool is_newer(const order& a, const order& b) noexcept {
  return a.updated_at != b.updated_at ? a.updated_at > b.updated_at : b.id < a.id;
}

// -- events -----------------------------------------------------------------------------------------------------------

/// The order is on record and on its way to the venue.
struct order_accepted {
  order_id id;
  new_order request;
  time_ns decided_at{};
  boot_ns valid_until{};
  price reserve; // limit, or what a market order may cost: the open part counts towards exposure at it
  price mark;    // the position counts at it from now on; zero: unknown
  friend bool operator==(const order_accepted&, const order_accepted&) = default;
};
BOOST_DESCRIBE_STRUCT(order_accepted, (), (id, request, decided_at, valid_until, reserve, mark))
/// Pre-trade risk refused it: on record, finished, never sent.
struct order_rejected {
  order_id id;
  new_order request;
  oms::refusal refusal = oms::refusal::none;
  text<95> reason;
  time_ns decided_at{};
  friend bool operator==(const order_rejected&, const order_rejected&) = default;
};
BOOST_DESCRIBE_STRUCT(order_rejected, (), (id, request, refusal, reason, decided_at))
struct cancel_requested {
  order_id id;
  time_ns decided_at{};
  instrument_id instrument; // names the venue, so that what leaves needs no order table
  friend bool operator==(const cancel_requested&, const cancel_requested&) = default;
};
BOOST_DESCRIBE_STRUCT(cancel_requested, (), (id, decided_at, instrument))
struct replace_requested {
  order_id id;
  std::uint32_t revision = 0;
  troupe::quantity quantity;
  std::optional<price> limit;
  time_ns decided_at{};
  boot_ns valid_until{};
  price reserve; // as in order_accepted
  price mark;
  instrument_id instrument;
  friend bool operator==(const replace_requested&, const replace_requested&) = default;
};
BOOST_DESCRIBE_STRUCT(replace_requested, (), (id, revision, quantity, limit, decided_at, valid_until, reserve, mark,
                                              instrument))
/// The venue said something about an open order.
struct execution {
  venue_id venue;
  venue::report report;
  account_id account;         // copied from the order, so that a projection needs no order table
  instrument_id instrument;
  trading::side side = trading::side::buy;
  strategy_id strategy;
  client_order_id client_id;
  order_status status = order_status::new_; // the order's after this
  time_ns decided_at{};
  tenant_id tenant;
  currency quote;             // the instrument's: what notional and fee are in
  quantity filled;            // the order's after this
  quantity leaves;
  friend bool operator==(const execution&, const execution&) = default;
};
BOOST_DESCRIBE_STRUCT(execution, (), (venue, report, account, instrument, side, strategy, client_id, status, decided_at,
                                      tenant, quote, filled, leaves))
/// Reconciliation: the venue does not know an order we thought it had. It ends as rejected when the venue never
/// acknowledged it, else as canceled; the refusal is venue_unknown.
struct order_lost {
  order_id id;
  venue_id venue;
  time_ns decided_at{};
  strategy_id strategy;
  client_order_id client_id;
  instrument_id instrument;
  trading::side side = trading::side::buy;
  order_status status = order_status::rejected; // the order's after this
  quantity filled;
  friend bool operator==(const order_lost&, const order_lost&) = default;
};
BOOST_DESCRIBE_STRUCT(order_lost, (), (id, venue, decided_at, strategy, client_id, instrument, side, status, filled))
/// Reconciliation: the venue has an open order of this slot that is not open here. It is cancelled there.
struct stray_order {
  order_id id;
  venue_id venue;
  time_ns decided_at{};
  friend bool operator==(const stray_order&, const stray_order&) = default;
};
BOOST_DESCRIBE_STRUCT(stray_order, (), (id, venue, decided_at))
/// A strategy's command that changed nothing. People get the refusal as their answer; a strategy has no answer, so it
/// is on record here and reaches it as an order_update. Without a refusal: the order is as the replace wants it already.
struct command_refused {
  strategy_id strategy;
  order_id order;             // zero when there is none
  client_order_id client_id;
  instrument_id instrument;
  trading::side side = trading::side::buy;
  order_status status = order_status::rejected; // the order's; rejected when there is none
  oms::refusal refusal = oms::refusal::none;
  text<95> reason;
  quantity filled;
  quantity leaves;
  time_ns decided_at{};
  friend bool operator==(const command_refused&, const command_refused&) = default;
};
BOOST_DESCRIBE_STRUCT(command_refused, (), (strategy, order, client_id, instrument, side, status, refusal, reason, filled,
                                            leaves, decided_at))

/// Reconciliation: the venue opened an order of this slot that the journal does not hold, because it is older than the venue's. What only
/// we knew of it is gone: the client's id, the strategy, a tenant other than the slot's own. Its reports follow as executions.
struct order_recovered {
  order_id id;
  new_order request;
  time_ns decided_at{};
  friend bool operator==(const order_recovered&, const order_recovered&) = default;
};
BOOST_DESCRIBE_STRUCT(order_recovered, (), (id, request, decided_at))
/// Reconciliation: the venue has seen order numbers that are not on record here. They are not given out again.
struct numbers_skipped {
  venue_id venue;
  std::uint64_t upto = 0;
  time_ns decided_at{};
  friend bool operator==(const numbers_skipped&, const numbers_skipped&) = default;
};
BOOST_DESCRIBE_STRUCT(numbers_skipped, (), (venue, upto, decided_at))

/// Reconciliation: the venue took a replace that is not on record here. The report that says so follows as an execution.
struct replace_recovered {
  order_id id;
  std::uint32_t revision = 0;
  troupe::quantity quantity;
  std::optional<price> limit;
  time_ns decided_at{};
  friend bool operator==(const replace_recovered&, const replace_recovered&) = default;
};
BOOST_DESCRIBE_STRUCT(replace_recovered, (), (id, revision, quantity, limit, decided_at))

/// A venue counts other fills than we do: a report that cannot be true of an order that is open or finished here, a sum of fills that is not ours, or an order that it had
/// and has no more without having said how it ended (`execution` is "order ID" then). The account is to be halted. Without an account: a fill of an order that nobody here knows,
/// and the venue is to be halted.
struct account_disputed {
  account_id account;
  venue_id venue;
  order_id order;
  execution_id execution;
  time_ns decided_at{};
  friend bool operator==(const account_disputed&, const account_disputed&) = default;
};
BOOST_DESCRIBE_STRUCT(account_disputed, (), (account, venue, order, execution, decided_at))

/// What a dispute is kept under until it is closed: its account, or, without one, its venue by the name of that one's actor, "venue/SIM". An account that was called so
/// would be taken for the venue, and opens no order (is_reserved).
[[nodiscard]] inline account_id disputed_venue(const venue_id& v) { return {text<32>{venue_actor(v).value.view()}}; }
[[nodiscard]] inline account_id disputed_name(const account_disputed& e) { return e.account.value.empty() ? disputed_venue(e.venue) : e.account; }
/// The venue under such a name; nothing for an account.
[[nodiscard]] inline std::optional<venue_id> venue_in_dispute(const account_id& name) { return venue_called(name.value.view()); }

/// Its halt is on record.
struct dispute_closed {
  account_id account;
  time_ns decided_at{};
  friend bool operator==(const dispute_closed&, const dispute_closed&) = default;
};
BOOST_DESCRIBE_STRUCT(dispute_closed, (), (account, decided_at))
/// As cancel_requested, by a halt.
struct order_withdrawn {
  order_id id;
  time_ns decided_at{};
  instrument_id instrument;
  text<95> reason; // which halt, and whose; the order shows it from now on
  friend bool operator==(const order_withdrawn&, const order_withdrawn&) = default;
};
BOOST_DESCRIBE_STRUCT(order_withdrawn, (), (id, decided_at, instrument, reason))

using event = std::variant<order_accepted, order_rejected, cancel_requested, replace_requested, execution, order_lost,
                           stray_order, command_refused, order_recovered, numbers_skipped, replace_recovered,
                           account_disputed, dispute_closed, order_withdrawn, position_corrected, fill_disputed>;

// -- to a strategy (effects of the slot's stream) ---------------------------------------------------------------------

struct order_update {
  order_id order;
  client_order_id client_id;
  instrument_id instrument;
  trading::side side = trading::side::buy;
  order_status status = order_status::pending_new;
  oms::refusal refusal = oms::refusal::none;
  quantity last_quantity; // of a fill, else zero
  price last_price;
  quantity filled;
  quantity leaves;
  money fee;                // of this fill
  execution_id execution;
  friend bool operator==(const order_update&, const order_update&) = default;
};
BOOST_DESCRIBE_STRUCT(order_update, (), (order, client_id, instrument, side, status, refusal, last_quantity, last_price,
                                         filled, leaves, fee, execution))

// -- queries ----------------------------------------------------------------------------------------------------------

struct order_query {
  order_id id;
};
BOOST_DESCRIBE_STRUCT(order_query, (), (id))
/// The order that was placed under a client's own id, open or finished.
struct client_order_query {
  tenant_id tenant; // empty: the slot's own
  account_id account;
  client_order_id client_id;
};
BOOST_DESCRIBE_STRUCT(client_order_query, (), (tenant, account, client_id))
struct orders_query {
  std::optional<tenant_id> tenant;
  std::optional<account_id> account;
  order_id after;                             // cursor: ids above this one; zero from the start
  bounded<std::uint32_t, 1, 1000> limit{100};
  bool newest = false;                        // those that changed last, newest first
  bool to_cancel = false;                     // of whoever cancels what is found: new orders that wait for budget are decided first
};
BOOST_DESCRIBE_STRUCT(orders_query, (), (tenant, account, after, limit, newest, to_cancel))
struct orders_view {
  std::vector<order> orders; // open ones, but of client_order_query; ascending by id unless the newest were asked for
};
BOOST_DESCRIBE_STRUCT(orders_view, (), (orders))
/// The slot's own decide as a dry run: what a new order would be answered now. A query has no turn, so whoever asks
/// says what time it is and whether the journal has room.
struct check_query {
  new_order request;
  time_ns asked_at{};
  boot_ns asked_boot{};
  bool has_space = true;
};
BOOST_DESCRIBE_STRUCT(check_query, (), (request, asked_at, asked_boot, has_space))
struct check_view {
  oms::refusal refusal = oms::refusal::none;
  std::string reason;
  std::vector<std::string> warnings; // above 80 % of a limit
};
BOOST_DESCRIBE_STRUCT(check_view, (), (refusal, reason, warnings))

} // namespace troupe::oms
