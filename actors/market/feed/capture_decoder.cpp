#include "actors/market/feed/capture_decoder.hpp"

#include <utility>

namespace troupe::feed {
namespace {

const char* const crossed = "the best bid is not below the best ask";

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

  if (std::holds_alternative<ignored>(got->message)) {
    ++counts_.ignored;
    return received_at_;
  }
  if (!got->symbol.empty() && got->symbol != source_symbol_) {
    ++counts_.other_symbols;
    return received_at_;
  }
  if (const auto* trades = std::get_if<std::span<const trade_raw>>(&got->message))
    publish(*trades, got->trade_ids_ascend, at, out);
  else if (const auto* delta = std::get_if<const book::depth_delta*>(&got->message))
    publish(book_.apply(**delta), number, at, out);
  else if (const auto* snapshot = std::get_if<const book::depth_snapshot*>(&got->message))
    publish(book_.apply(**snapshot), number, at, out);
  else if (const auto* best = std::get_if<const book::ticker*>(&got->message))
    publish(book_.apply(**best), number, at, out);
  return received_at_;
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

void capture_decoder::publish(std::span<const trade_raw> trades, bool ids_ascend, const market::tape_position& at,
                              std::vector<market::event>& out) {
  for (const auto& t : trades) {
    if (ids_ascend && t.trade_id <= last_trade_id_) {
      ++counts_.repeated_trades;
      continue;
    }
    last_trade_id_ = t.trade_id;
    ++counts_.trades;
    out.emplace_back(
      market::trade{instrument_, t.last, t.size, t.aggressor, t.trade_id, t.event_at, received_at_, at});
  }
}

} // namespace troupe::feed
