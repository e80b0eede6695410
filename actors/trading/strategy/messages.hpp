#pragma once
// What a strategy's stream says: its configuration, intents, own orders and the view of its query. Plain structs, owned
// by the strategy actor; any thread.

#include "actors/trading/ids.hpp"
#include "actors/trading/oms/messages.hpp"
#include "actors/trading/strategy/correction_messages.hpp"

#include <boost/describe.hpp>

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::strategy {

using namespace trading;

/// One strategy as configured. `name` is part of every client order id and of the stream, so it is never reused for
/// something else.
struct strategy_config {
  strategy_id name;
  std::string kind; // one of kind_names()
  tenant_id tenant{"main"};
  account_id account;
  trading::instrument instrument;
  std::map<std::string, std::string> parameters; // of the kind; decimals as text
};
BOOST_DESCRIBE_STRUCT(strategy_config, (), (name, kind, tenant, account, instrument, parameters))

// -- state ------------------------------------------------------------------------------------------------------------

/// What a replace asks for: the new total, filled part included, and the new limit.
struct order_change {
  order_id order;
  troupe::quantity quantity;
  price limit;
  friend bool operator==(const order_change&, const order_change&) = default;
};
BOOST_DESCRIBE_STRUCT(order_change, (), (order, quantity, limit))

/// An order of this strategy that is not finished.
struct own_order {
  oms::new_order request;
  order_id id;                // zero until the OMS answered
  order_status status = order_status::pending_new;
  troupe::quantity quantity;  // as replaced last
  std::optional<price> limit; // as replaced last
  troupe::quantity filled;
  bool cancel_asked = false;
  std::optional<order_change> replacing; // asked and not answered
  friend bool operator==(const own_order&, const own_order&) = default;

  [[nodiscard]] troupe::quantity leaves() const noexcept { return quantity - filled; }
};
BOOST_DESCRIBE_STRUCT(own_order, (), (request, id, status, quantity, limit, filled, cancel_asked, replacing))

/// Where a position is held: one account's, in one instrument.
struct place {
  tenant_id tenant;
  account_id account;
  instrument_id instrument;
  friend auto operator<=>(const place&, const place&) = default;
};
BOOST_DESCRIBE_STRUCT(place, (), (tenant, account, instrument))

/// What a strategy has at one place.
struct holding : place {
  troupe::quantity position; // signed; from this strategy's fills, and what operators corrected
  std::uint64_t fills = 0;
  std::map<client_order_id, own_order> orders;
  friend bool operator==(const holding&, const holding&) = default;
};
BOOST_DESCRIBE_STRUCT(holding, (place), (position, fills, orders))

struct strategy_state {
  std::uint64_t next_number = 1; // of the next client order id, never used twice
  std::vector<holding> holdings; // ascending by place; as many as it was ever configured to trade at
  std::vector<strategy_position_corrected> corrections; // the last `corrections_kept`, as they came
  friend bool operator==(const strategy_state&, const strategy_state&) = default;
};
BOOST_DESCRIBE_STRUCT(strategy_state, (), (next_number, holdings, corrections))

// -- events (stored: never edited; a change is a new version) -----------------------------------------------------------

struct submitted {
  oms::new_order order;
  friend bool operator==(const submitted&, const submitted&) = default;
};
BOOST_DESCRIBE_STRUCT(submitted, (), (order))

struct cancel_intended {
  client_order_id client_id;
  friend bool operator==(const cancel_intended&, const cancel_intended&) = default;
};
BOOST_DESCRIBE_STRUCT(cancel_intended, (), (client_id))

struct replace_intended {
  client_order_id client_id;
  order_change change;
  friend bool operator==(const replace_intended&, const replace_intended&) = default;
};
BOOST_DESCRIBE_STRUCT(replace_intended, (), (client_id, change))

/// The OMS said something about an own order.
struct update_folded {
  oms::order_update update;
  friend bool operator==(const update_folded&, const update_folded&) = default;
};
BOOST_DESCRIBE_STRUCT(update_folded, (), (update))

using strategy_event = std::variant<submitted, cancel_intended, replace_intended, update_folded, strategy_position_corrected>;

/// The book a turn decided on; none when it was not known.
struct strategy_inputs {
  std::optional<market::quote> book;
  tape_position tape; // of the event that led to the decision
  friend bool operator==(const strategy_inputs&, const strategy_inputs&) = default;
};
BOOST_DESCRIBE_STRUCT(strategy_inputs, (), (book, tape))

// -- commands ---------------------------------------------------------------------------------------------------------

/// Withdraw what is open at places that the strategy trades at no more. From its own node, at its start and until nothing is.
struct withdraw_elsewhere {
  friend bool operator==(const withdraw_elsewhere&, const withdraw_elsewhere&) = default;
};
BOOST_DESCRIBE_STRUCT(withdraw_elsewhere, (), ())

// -- queries ----------------------------------------------------------------------------------------------------------

struct strategy_query {};
BOOST_DESCRIBE_STRUCT(strategy_query, (), ())

/// Position, fills and orders are those of what it trades now.
struct strategy_view {
  strategy_id name;
  std::string kind;
  account_id account;
  instrument_id instrument;
  quantity position;
  std::uint64_t fills = 0;
  std::uint64_t next_number = 1;
  std::vector<own_order> orders;
  bool book_known = false;
  std::uint32_t refusals_in_row = 0;
  bool stopped = false;         // too many refusals: restart it when the cause is gone
  time_ns quiet_until{};        // backing off until then
  std::vector<holding> elsewhere; // what it traded before: positions that are left, orders that are not withdrawn yet
};
BOOST_DESCRIBE_STRUCT(strategy_view, (), (name, kind, account, instrument, position, fills, next_number, orders, book_known,
                                          refusals_in_row, stopped, quiet_until, elsewhere))

} // namespace troupe::strategy
