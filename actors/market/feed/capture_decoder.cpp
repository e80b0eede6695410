#include "actors/market/feed/capture_decoder.hpp"

#include <tuple>
#include <utility>

namespace troupe::feed {
namespace {

const char* const crossed = "the best bid is not below the best ask";

std::string too_large(const told_id& wrong) {
  return "the id " + std::to_string(wrong.id) + " is too large: many lines behind it, each newer than the one before, have smaller ones";
}

} // namespace

capture_decoder::capture_decoder(market::instrument_id instrument, std::string source_symbol, book::limits bounds)
    : instrument_(instrument), source_symbol_(std::move(source_symbol)), book_(bounds) {}

time_ns capture_decoder::unreadable(std::uint64_t number, std::string reason) {
  ++counts_.lines;
  counts_.bad(number, std::move(reason));
  return received_at_;
}

time_ns capture_decoder::line(std::string_view text, std::uint64_t number, const market::tape_position& at,
                              std::vector<market::event>& out) {
  const auto got = parser_.parse(text);
  if (!got) return unreadable(number, got.error().message);
  ++counts_.lines;
  if (got->received_at < received_at_)
    ++counts_.clock_steps_back;
  else
    received_at_ = got->received_at;
  if (const auto wrong = received_.see({static_cast<std::uint64_t>(to_ns(got->received_at)), number})) {
    counts_.bad(wrong->line, "the receive time is ahead of those of many lines behind it, for which time stands still");
    received_ = {};
  }

  if (std::holds_alternative<ignored>(got->message)) {
    ++counts_.ignored;
    return received_at_;
  }
  if (!got->symbol.empty() && got->symbol != source_symbol_) {
    ++counts_.other_symbols;
    return received_at_;
  }
  if (const auto* trades = std::get_if<std::span<const trade_raw>>(&got->message))
    publish(*trades, got->trade_ids_ascend, number, at, out);
  else if (const auto* delta = std::get_if<const book::depth_delta*>(&got->message))
    take(**delta, {(*delta)->last_update_id, number}, order_.deltas, &order_.snapshots, at, out);
  else if (const auto* snapshot = std::get_if<const book::depth_snapshot*>(&got->message))
    take(**snapshot, {(*snapshot)->last_update_id, number}, order_.snapshots, nullptr, at, out);
  else if (const auto* best = std::get_if<const book::ticker*>(&got->message))
    take(**best, {(*best)->update_id, number}, order_.tickers, nullptr, at, out);
  return received_at_;
}

/// Behind an id that was too large the book is not known: it begins anew, as behind a restart of the source.
template <class Message>
void capture_decoder::take(const Message& message, const told_id& told, id_order& order, const id_order* above, const market::tape_position& at,
                           std::vector<market::event>& out) {
  auto did = book_.apply(message);
  if (did != book::outcome::refused) {
    if (const auto wrong = order.see(told, above)) {
      counts_.bad(wrong->line, too_large(*wrong));
      order_ = {};
      std::ignore = order.see(told);
      publish(book_.forget(), told.line, at, out);
      did = book_.apply(message);
    }
  }
  publish(did, told.line, at, out);
}

void capture_decoder::publish(book::outcome did, std::uint64_t number, const market::tape_position& at,
                              std::vector<market::event>& out) {
  switch (did) {
  case book::outcome::unchanged: return;
  case book::outcome::refused: return counts_.bad(number, crossed);
  case book::outcome::lost:
    ++counts_.books_lost;
    out.emplace_back(market::book_lost{instrument_, received_at_, at});
    return;
  case book::outcome::changed: break;
  }
  const auto& best = book_.merged();
  ++counts_.quotes;
  out.emplace_back(market::quote{instrument_, best.bid, best.ask, best.bid_size, best.ask_size, best.update_id,
                                 best.event_at, received_at_, at});
}

void capture_decoder::publish(std::span<const trade_raw> trades, bool ids_ascend, std::uint64_t number, const market::tape_position& at,
                              std::vector<market::event>& out) {
  for (const auto& t : trades) {
    if (ids_ascend && is_repeated({t.trade_id, number})) {
      ++counts_.repeated_trades;
      continue;
    }
    ++counts_.trades;
    out.emplace_back(
      market::trade{instrument_, t.last, t.size, t.aggressor, t.trade_id, t.event_at, received_at_, at});
  }
}

bool capture_decoder::is_repeated(const told_id& trade) {
  const bool is_old = trade.id <= trade_ids_.greatest().id;
  const auto wrong = trade_ids_.see(trade);
  if (!wrong) return is_old;
  counts_.bad(wrong->line, too_large(*wrong));
  trade_ids_ = {};
  std::ignore = trade_ids_.see(trade);
  return false;
}

} // namespace troupe::feed
