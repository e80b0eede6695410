#pragma once
// Lines of one instrument's captured stream to what the desk hears: quotes of the merged top, trades, lost
// books. Holds the book. Pure: the times come from the lines. Owned by one feed; not thread-safe.

#include "actors/market/book/book.hpp"
#include "actors/market/feed/capture.hpp"
#include "actors/market/feed/counters.hpp"
#include "actors/market/feed/id_order.hpp"
#include "actors/market/messages.hpp"

#include <string>
#include <vector>

namespace troupe::feed {

class capture_decoder {
public:
  /// `source_symbol` is the instrument's symbol as the venue writes it; messages of others are counted and
  /// left out.
  capture_decoder(market::instrument_id instrument, std::string source_symbol, book::limits bounds = {});

  /// Decodes a line that begins with its receive time and appends what it says to `out`. Returns the time the
  /// line was received; it never goes back. A bad line changes nothing and is counted under `number`. That an id was too large is known when many lines
  /// behind it have smaller ones: it is counted under its own number then, and the book is lost, or the trades go on.
  time_ns line(std::string_view text, std::uint64_t number, const market::tape_position& at,
               std::vector<market::event>& out);
  /// Counts a line that could not even be read.
  time_ns unreadable(std::uint64_t number, std::string reason);

  [[nodiscard]] const book::book& levels() const noexcept { return book_; }
  [[nodiscard]] const counters& counts() const noexcept { return counts_; }

private:
  void publish(book::outcome did, std::uint64_t number, const market::tape_position& at,
               std::vector<market::event>& out);
  void publish(std::span<const trade_raw> trades, bool ids_ascend, std::uint64_t number, const market::tape_position& at,
               std::vector<market::event>& out);
  /// `order` is of the message's kind; what is not above the greatest of `above` is old as well.
  template <class Message>
  void take(const Message&, const told_id&, id_order& order, const id_order* above, const market::tape_position& at, std::vector<market::event>& out);
  [[nodiscard]] bool is_repeated(const told_id& trade);

  market::instrument_id instrument_;
  std::string source_symbol_;
  capture_parser parser_;
  book::book book_;
  counters counts_;
  time_ns received_at_{};
  struct {
    id_order tickers, deltas, snapshots;
  } order_; // of the update ids
  id_order trade_ids_;
  id_order received_; // their times as ids
};

} // namespace troupe::feed
