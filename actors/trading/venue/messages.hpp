#pragma once
// The venue contract: what an OMS slot tells a venue and what comes back. The simulator speaks it today, FIX sessions
// and broker adapters later. Commands travel as effects of a slot's stream, reports as effects of the venue's stream,
// so both directions are delivered at least once and folded exactly once (runtime/actor).

#include "actors/trading/ids.hpp"
#include "runtime/core/bounded.hpp"

#include <boost/describe.hpp>

#include <optional>
#include <variant>
#include <vector>

namespace troupe::venue {

using namespace trading;

/// FIX NewOrderSingle (D). A repeated `id` is refused, never executed twice.
struct submit {
  order_id id;
  account_id account;
  instrument_id instrument;
  trading::side side = trading::side::buy;
  order_type type = order_type::market;
  time_in_force tif = time_in_force::day;
  troupe::quantity quantity;
  std::optional<price> limit; // of a market order: the worst price it may take, beyond which it waits as before a refresh
  boot_ns valid_until{}; // lease and age: later than this nothing leaves for the market (report `not_sent`)
  friend bool operator==(const submit&, const submit&) = default;
};
BOOST_DESCRIBE_STRUCT(submit, (), (id, account, instrument, side, type, tif, quantity, limit, valid_until))

/// FIX OrderCancelRequest (F). Always allowed: no lease, no age limit.
struct cancel {
  order_id id;
  friend bool operator==(const cancel&, const cancel&) = default;
};
BOOST_DESCRIBE_STRUCT(cancel, (), (id))

/// FIX OrderCancelReplaceRequest (G). `quantity` is the new total, filled part included. The order keeps its queue place
/// only when the price stays and the quantity shrinks.
struct replace {
  order_id id;
  std::uint32_t revision = 0; // counts the replaces of this order, from 1
  troupe::quantity quantity;
  std::optional<price> limit;
  boot_ns valid_until{};
  friend bool operator==(const replace&, const replace&) = default;
};
BOOST_DESCRIBE_STRUCT(replace, (), (id, revision, quantity, limit, valid_until))

using command = std::variant<submit, cancel, replace>;

/// What one turn says to one slot has to fit into a message between nodes (16 MiB): a turn closes at most so many orders.
inline constexpr std::uint32_t closed_in_a_turn_max = 10'000;

/// FIX OrderMassCancelRequest (q): every open order of one slot, asked for by its node when the slot was given up and can ask for nothing itself. Each is canceled with
/// `reason`; the slot folds the reports when it runs again. Repeating it is harmless.
struct mass_cancel {
  std::uint32_t slot = 0;
  std::uint64_t epoch = 0; // of the life that was given up; of a slot that was heard with a higher one nothing is canceled
  text<63> reason;
};
BOOST_DESCRIBE_STRUCT(mass_cancel, (), (slot, epoch, reason))

/// FIX OrderMassCancelReport (r).
struct mass_cancel_report {
  std::uint32_t affected = 0; // canceled by this turn, at most closed_in_a_turn_max
  std::uint32_t left = 0;     // ask again while above zero
  friend bool operator==(const mass_cancel_report&, const mass_cancel_report&) = default;
};
BOOST_DESCRIBE_STRUCT(mass_cancel_report, (), (affected, left))

/// FIX ExecType (150).
enum class exec_type : std::uint8_t {
  new_,             // accepted by the venue
  trade,            // filled in part or whole
  canceled,         // by request or mass cancel, IOC/FOK remainder
  replaced,
  rejected,         // the venue refused the order
  cancel_rejected,  // unknown or finished order; `revision` 0
  replace_rejected,
  expired,          // DAY order at the end of the day
  not_sent,         // the gateway refused it before the market: lease or age ran out
};
BOOST_DESCRIBE_ENUM(exec_type, new_, trade, canceled, replaced, rejected, cancel_rejected, replace_rejected, expired,
                    not_sent)

/// FIX ExecutionReport (8).
struct report {
  execution_id id;
  order_id order;
  exec_type type = exec_type::new_;
  quantity last_quantity; // of this trade
  price last_price;
  quantity cumulative;    // filled so far
  quantity leaves;        // still open
  money fee;              // of this trade; positive is paid, in the quote currency
  bool maker = false;
  std::uint32_t revision = 0;
  text<63> reason;        // for people, when refused
  time_ns transacted_at{};
  tape_position tape;     // what the market had said
  friend bool operator==(const report&, const report&) = default;
};
BOOST_DESCRIBE_STRUCT(report, (), (id, order, type, last_quantity, last_price, cumulative, leaves, fee, maker, revision,
                                   reason, transacted_at, tape))

/// Query: one order as the venue sees it.
struct order_query {
  order_id id;
  std::uint64_t epoch = 0; // of the order's slot; a lower one than seen is refused (`fenced`)
};
BOOST_DESCRIBE_STRUCT(order_query, (), (id, epoch))

/// What became of an id, as far as the venue remembers: finished orders leave its state.
enum class order_standing : std::uint8_t { never_received, open, finished };
BOOST_DESCRIBE_ENUM(order_standing, never_received, open, finished)

/// Query: every open order of one slot, for reconciliation.
struct open_orders_query {
  std::uint32_t slot = 0;
  std::uint64_t epoch = 0; // of the asking slot; a lower one than seen is refused (empty answer, `fenced` true)
};
BOOST_DESCRIBE_STRUCT(open_orders_query, (), (slot, epoch))

struct venue_order {
  submit request;           // quantity and limit as replaced last
  quantity cumulative;
  quantity leaves;
  std::uint32_t revision = 0;
  quantity queue_ahead;     // displayed size that must trade before a resting order does
  friend bool operator==(const venue_order&, const venue_order&) = default;
};
BOOST_DESCRIBE_STRUCT(venue_order, (), (request, cumulative, leaves, revision, queue_ahead))

/// The reply to order_query. `order` is there when it is open; a finished one is found in fills_since.
struct order_view {
  order_standing standing = order_standing::never_received;
  std::optional<venue_order> order;
  bool fenced = false; // then the rest says nothing
};
BOOST_DESCRIBE_STRUCT(order_view, (), (standing, order, fenced))

struct open_orders {
  venue_id venue;
  bool fenced = false;
  std::vector<venue_order> orders;
  /// Highest order number of the slot the venue ever received: what is above was never sent.
  std::uint64_t highest_number = 0;
  /// The venue's stream sequence this answer reflects.
  std::uint64_t sequence = 0;
  /// Reports for the slot that it has not acknowledged: above zero the answer is early, ask again.
  std::uint64_t unacknowledged = 0;
};
BOOST_DESCRIBE_STRUCT(open_orders, (), (venue, fenced, orders, highest_number, sequence, unacknowledged))

/// Query: what the venue did for one slot behind a sequence of its stream, for reconciliation.
struct fills_since_query {
  std::uint32_t slot = 0;
  std::uint64_t epoch = 0;       // of the asking slot; a lower one than seen is refused (`fenced`)
  std::uint64_t last_number = 0; // of the orders the slot has on record
  std::uint64_t sequence = 0;    // what came before is folded
  bounded<std::uint32_t, 1, 10000> limit{1000};
};
BOOST_DESCRIBE_STRUCT(fills_since_query, (), (slot, epoch, last_number, sequence, limit))

/// The reply: orders as they came in and were changed, and reports, both in the order they were made. Ask again from `sequence` while `more`. Empty when the
/// slot has acknowledged nothing that it does not know and has every order on record.
struct fills_since {
  venue_id venue;
  bool fenced = false;
  std::uint64_t epoch = 0;     // the highest the venue was told of the slot; also by its commands, when it is fenced or has nothing on record
  std::uint64_t after = 0;     // the query's sequence
  std::uint64_t acknowledged = 0;   // what the slot has acknowledged of the stream: more than it knows when its journal is older
  std::uint64_t highest_number = 0; // of the slot's orders that the venue ever received
  std::vector<submit> orders;  // those that opened; and for each report `replaced` one with id, quantity and limit from then on, and no account
  std::vector<report> reports;
  std::uint64_t sequence = 0;  // everything up to here has been looked at
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(fills_since, (), (venue, fenced, epoch, after, acknowledged, highest_number, orders, reports, sequence, more))
/// Of a page's orders: one that came in before, as a replace left it.
[[nodiscard]] inline bool is_change(const submit& of_page) noexcept { return of_page.account.value.empty(); }

} // namespace troupe::venue
