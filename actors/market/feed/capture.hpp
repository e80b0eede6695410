#pragma once
// One line of a captured exchange stream ("<receive time in ns> <JSON message as received>") to typed values.
// Understands Binance (spot and USD-M futures: depth, bookTicker, trade, REST depth snapshot) and Hyperliquid
// (l2Book, trades). Owned by one feed; not thread-safe. A refused line leaves nothing behind.

#include "actors/market/book/depth.hpp"
#include "actors/market/feed/json_scanner.hpp"
#include "actors/market/messages.hpp"
#include "runtime/core/result.hpp"

#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::feed {

/// A valid message that says nothing to the book or the tape of trades: an unknown stream, a subscription's
/// answer, a trade that is no market trade (insurance fund).
struct ignored {
  std::string_view why; // a literal
};

struct trade_raw {
  std::uint64_t trade_id = 0;
  price last;    // > 0
  quantity size; // > 0
  market::side aggressor = market::side::buy;
  time_ns event_at{};
};

/// Borrowed from the parser: valid until its next call.
using captured_message = std::variant<ignored, const book::depth_delta*, const book::depth_snapshot*,
                                      const book::ticker*, std::span<const trade_raw>>;

struct captured {
  time_ns received_at{};   // the capturing machine's clock
  /// As the venue writes it ("BTCUSDT", "BTC"); empty in a REST snapshot, which has none. Borrowed from the
  /// line.
  std::string_view symbol;
  captured_message message;
  bool trade_ids_ascend = false; // then a trade whose id is not above the last one is a repetition
};

class capture_parser {
public:
  /// Decodes one line. The whole text is checked before anything is handed out. Errors: malformed, with the
  /// field and the reason; not retriable.
  [[nodiscard]] result<captured> parse(std::string_view line);
  /// The same for a message that came without a time in front, as from a socket.
  [[nodiscard]] result<captured> parse_message(std::string_view json, time_ns received_at);

private:
  struct fields;
  class reader;

  book::depth_delta delta_;
  book::depth_snapshot snapshot_;
  book::ticker ticker_;
  std::vector<trade_raw> trades_;
  std::vector<book::level> bids_; // of the line being read; swapped into the message it belongs to
  std::vector<book::level> asks_;
};

} // namespace troupe::feed
