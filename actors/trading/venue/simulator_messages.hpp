#pragma once
// What only the simulated venue says: its timer commands, stored events, state and the views of its queries. The
// contract every venue shares is in messages.hpp. Plain structs, owned by the venue actor; any thread.

#include "actors/trading/venue/messages.hpp"

#include <boost/describe.hpp>

#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace troupe::venue {

// -- commands ---------------------------------------------------------------------------------------------------------

/// Timer, at 00:00 UTC: of the DAY orders accepted before `closed_at` the first `closed_in_a_turn_max` expire. Repeating it is harmless.
struct day_closed {
  time_ns closed_at{};
};
BOOST_DESCRIBE_STRUCT(day_closed, (), (closed_at))

/// An OMS slot opened its stream with this epoch. Queries of a lower epoch are fenced from then on.
struct slot_opened {
  std::uint32_t slot = 0;
  std::uint64_t epoch = 0;
};
BOOST_DESCRIBE_STRUCT(slot_opened, (), (slot, epoch))

// -- state ------------------------------------------------------------------------------------------------------------

/// Displayed size of one side that takers have used. It is used once: until the side shows something else.
struct used_display {
  troupe::price price;
  quantity size; // displayed
  quantity used; // never above `size`
  friend bool operator==(const used_display&, const used_display&) = default;
};
BOOST_DESCRIBE_STRUCT(used_display, (), (price, size, used))

struct working_order {
  venue_order order;
  /// Time priority: lower came first. A replace that loses its place gets a new one.
  std::uint64_t arrival = 0;
  /// It takes what is displayed, refresh by refresh, until a book that it does not cross is shown; false: it rests.
  bool taking = false;
  /// `order.queue_ahead` is known: the order's price has been the best of its side. Before, it fills only from trades
  /// through its price.
  bool placed = false;
  time_ns accepted_at{};
  execution_id accepted_as; // the report a repeated submit is answered with
  friend bool operator==(const working_order&, const working_order&) = default;
};
BOOST_DESCRIBE_STRUCT(working_order, (), (order, arrival, taking, placed, accepted_at, accepted_as))

/// A DAY order of a day that is over at `closed_at`.
[[nodiscard]] inline bool ends_with_day(const working_order& w, time_ns closed_at) noexcept {
  return w.order.request.tif == time_in_force::day && w.accepted_at < closed_at;
}

/// What the venue remembers of one instrument. Each open order is in exactly one of the lists, by arrival.
struct instrument_book {
  std::vector<order_id> taking;
  std::map<price, std::vector<order_id>> buys;  // resting
  std::map<price, std::vector<order_id>> sells; // resting
  used_display bid;                             // as a sell order used it last
  used_display ask;                             // as a buy order used it last
  friend bool operator==(const instrument_book&, const instrument_book&) = default;
};
BOOST_DESCRIBE_STRUCT(instrument_book, (), (taking, buys, sells, bid, ask))

/// What the venue has seen of one OMS slot.
struct slot_seen {
  std::uint64_t epoch = 0;
  std::uint64_t highest_number = 0;
  friend bool operator==(const slot_seen&, const slot_seen&) = default;
};
BOOST_DESCRIBE_STRUCT(slot_seen, (), (epoch, highest_number))

struct simulator_state {
  std::map<order_id, working_order> open;
  std::map<instrument_id, instrument_book> books;
  std::map<std::uint32_t, slot_seen> slots;
  std::uint64_t next_execution = 1;
  std::uint64_t next_arrival = 1;
  std::uint64_t sequence = 0; // of the last turn with events
  friend bool operator==(const simulator_state&, const simulator_state&) = default;
};
BOOST_DESCRIBE_STRUCT(simulator_state, (), (open, books, slots, next_execution, next_arrival, sequence))

// -- events (stored: never edited; a change is a new version) -----------------------------------------------------------

/// The order works. Report: new_.
struct order_opened {
  submit request;
  venue::report report;
  bool taking = false;
  std::uint64_t sequence = 0;
  friend bool operator==(const order_opened&, const order_opened&) = default;
};
BOOST_DESCRIBE_STRUCT(order_opened, (), (request, report, taking, sequence))

/// The order never works: rejected by the venue or stopped at the gateway. Report: rejected or not_sent.
struct order_refused {
  venue::report report;
  std::uint64_t sequence = 0;
  friend bool operator==(const order_refused&, const order_refused&) = default;
};
BOOST_DESCRIBE_STRUCT(order_refused, (), (report, sequence))

/// A submit with an id that works already: answered with the first report again, nothing else.
struct submit_repeated {
  venue::report report;
  std::uint64_t sequence = 0;
  friend bool operator==(const submit_repeated&, const submit_repeated&) = default;
};
BOOST_DESCRIBE_STRUCT(submit_repeated, (), (report, sequence))

/// The order took displayed size. `display` is the opposite best after it. Report: trade, as taker.
struct display_taken {
  venue::report report;
  used_display display;
  std::uint64_t sequence = 0;
  friend bool operator==(const display_taken&, const display_taken&) = default;
};
BOOST_DESCRIBE_STRUCT(display_taken, (), (report, display, sequence))

/// A public trade reached the resting order. Report: trade, as maker.
struct resting_filled {
  venue::report report;
  price traded_at;
  quantity traded_size; // of the public trade
  std::uint64_t trade_id = 0;
  std::uint64_t sequence = 0;
  friend bool operator==(const resting_filled&, const resting_filled&) = default;
};
BOOST_DESCRIBE_STRUCT(resting_filled, (), (report, traded_at, traded_size, trade_id, sequence))

/// The order rests with this much displayed size ahead of it.
struct queue_placed {
  order_id order;
  quantity ahead;
  bool placed = true; // false: it rests behind the best price, its place is not known yet
  std::uint64_t sequence = 0;
  friend bool operator==(const queue_placed&, const queue_placed&) = default;
};
BOOST_DESCRIBE_STRUCT(queue_placed, (), (order, ahead, placed, sequence))

/// The order is finished before it was filled. Report: canceled or expired.
struct order_closed {
  venue::report report;
  std::uint64_t sequence = 0;
  friend bool operator==(const order_closed&, const order_closed&) = default;
};
BOOST_DESCRIBE_STRUCT(order_closed, (), (report, sequence))

/// Quantity and limit changed. Report: replaced.
struct order_replaced {
  venue::report report;
  troupe::quantity quantity; // the new total
  std::optional<price> limit;
  bool kept_place = false;
  bool taking = false; // when the place was lost
  std::uint64_t sequence = 0;
  friend bool operator==(const order_replaced&, const order_replaced&) = default;
};
BOOST_DESCRIBE_STRUCT(order_replaced, (), (report, quantity, limit, kept_place, taking, sequence))

/// A cancel or replace that changes nothing. Report: cancel_rejected, replace_rejected, or not_sent.
struct change_refused {
  venue::report report;
  std::uint64_t sequence = 0;
  friend bool operator==(const change_refused&, const change_refused&) = default;
};
BOOST_DESCRIBE_STRUCT(change_refused, (), (report, sequence))

/// A slot's epoch rose.
struct epoch_raised {
  std::uint32_t slot = 0;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  friend bool operator==(const epoch_raised&, const epoch_raised&) = default;
};
BOOST_DESCRIBE_STRUCT(epoch_raised, (), (slot, epoch, sequence))

using simulator_event = std::variant<order_opened, order_refused, submit_repeated, display_taken, resting_filled,
                                     queue_placed, order_closed, order_replaced, change_refused, epoch_raised>;

/// The book of an instrument as a command found it.
struct book_read {
  instrument_id instrument;
  bool known = false;
  price bid;
  price ask;
  quantity bid_left; // displayed and not used yet
  quantity ask_left;
  tape_position tape;
  friend bool operator==(const book_read&, const book_read&) = default;
};
BOOST_DESCRIBE_STRUCT(book_read, (), (instrument, known, bid, ask, bid_left, ask_left, tape))

/// What a turn read besides state and command.
struct simulator_inputs {
  std::vector<book_read> books; // one for each instrument its commands were about, as first read
  tape_position tape;           // of the last market event, when market data caused the turn
  friend bool operator==(const simulator_inputs&, const simulator_inputs&) = default;
};
BOOST_DESCRIBE_STRUCT(simulator_inputs, (), (books, tape))

} // namespace troupe::venue
