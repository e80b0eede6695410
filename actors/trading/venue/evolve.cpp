// What each stored event does to the venue's state. Live turns and replay share it; a turn in the making uses it too,
// on its own copy of the orders it touches.

#include "actors/trading/venue/core.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>

namespace troupe::venue {

namespace {

using state = simulator_state;

working_order& open_order(state& now, const order_id& id) {
  const auto found = now.open.find(id);
  TROUPE_ASSERT(found != now.open.end(), "an event about an order finds it open");
  return found->second;
}

std::map<price, std::vector<order_id>>& resting(instrument_book& book, side s) {
  return s == side::buy ? book.buys : book.sells;
}

void list(state& now, const working_order& w) {
  auto& book = now.books[w.order.request.instrument];
  if (w.taking) book.taking.push_back(w.order.request.id);
  else resting(book, w.order.request.side)[*w.order.request.limit].push_back(w.order.request.id);
}

void unlist(state& now, const working_order& w) {
  const auto& r = w.order.request;
  auto& book = now.books[r.instrument];
  if (w.taking) {
    std::erase(book.taking, r.id);
    return;
  }
  auto& prices = resting(book, r.side);
  const auto level = prices.find(*r.limit);
  if (level == prices.end()) return;
  std::erase(level->second, r.id);
  if (level->second.empty()) prices.erase(level);
}

void close(state& now, const order_id& id) {
  unlist(now, open_order(now, id));
  now.open.erase(id);
}

void received(state& now, const order_id& id) {
  auto& seen = now.slots[id.slot()];
  seen.highest_number = std::max(seen.highest_number, id.number());
}

void fill(state& now, const report& r) {
  auto& order = open_order(now, r.order).order;
  order.cumulative = r.cumulative;
  order.leaves = r.leaves;
  ++now.next_execution;
  if (r.leaves.is_zero()) close(now, r.order);
}

void apply(state& now, const order_opened& e) {
  auto& w = now.open[e.request.id];
  w.order.request = e.request;
  w.order.leaves = e.request.quantity;
  w.arrival = now.next_arrival++;
  w.taking = e.taking;
  w.accepted_at = e.report.transacted_at;
  w.accepted_as = e.report.id;
  list(now, w);
  received(now, e.request.id);
  ++now.next_execution;
}

void apply(state& now, const order_refused& e) {
  received(now, e.report.order);
  ++now.next_execution;
}

void apply(state&, const submit_repeated&) {}

void apply(state& now, const display_taken& e) {
  const auto& r = open_order(now, e.report.order).order.request;
  auto& book = now.books[r.instrument];
  (r.side == side::buy ? book.ask : book.bid) = e.display;
  fill(now, e.report);
}

void apply(state& now, const resting_filled& e) {
  auto& w = open_order(now, e.report.order);
  w.placed = true; // who is filled as maker has nobody ahead
  w.order.queue_ahead = {};
  fill(now, e.report);
}

void apply(state& now, const queue_placed& e) {
  auto& w = open_order(now, e.order);
  if (w.taking) {
    unlist(now, w);
    w.taking = false;
    list(now, w);
  }
  w.placed = e.placed;
  w.order.queue_ahead = e.ahead;
}

void apply(state& now, const order_closed& e) {
  close(now, e.report.order);
  ++now.next_execution;
}

void apply(state& now, const order_replaced& e) {
  auto& w = open_order(now, e.report.order);
  if (!e.kept_place) unlist(now, w);
  w.order.request.quantity = e.quantity;
  w.order.request.limit = e.limit;
  w.order.leaves = e.report.leaves;
  w.order.revision = e.report.revision;
  if (!e.kept_place) {
    w.order.queue_ahead = {};
    w.placed = false;
    w.taking = e.taking;
    w.arrival = now.next_arrival++;
    list(now, w);
  }
  ++now.next_execution;
}

void apply(state& now, const change_refused&) { ++now.next_execution; }

void apply(state& now, const epoch_raised& e) { now.slots[e.slot].epoch = e.epoch; }

} // namespace

void simulator::evolve(state& now, const event& happened, actor::archive&) const {
  std::visit(
    [&](const auto& e) {
      apply(now, e);
      now.sequence = e.sequence;
    },
    happened);
}

} // namespace troupe::venue
