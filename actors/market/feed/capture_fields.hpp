#pragma once
// The keys of captured messages: from the text of a key to a number, and back for complaints. Pure; any
// thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::feed {

/// Every field any understood message has. The same letter means the same in all of Binance's streams, except
/// `b` and `a`, which are a price in bookTicker and levels in depth.
enum class field : std::uint8_t {
  stream, event, event_time, match_time, symbol, trade_id, trade_price, trade_size, order_type, buyer_is_maker,
  first_id, last_id, previous_id, bid, bid_size, ask, ask_size, snapshot_id, bids, asks,
  channel, coin, price_text, size_text, taker, trade_number, time, levels, data,
  unknown
};
inline constexpr auto field_count = static_cast<std::size_t>(field::unknown);

inline constexpr std::array<std::string_view, field_count> field_names = {
  "stream", "e", "E", "T", "s", "t", "p", "q", "X", "m", "U", "u", "pu", "b", "B", "a", "A", "lastUpdateId", "bids",
  "asks", "channel", "coin", "px", "sz", "side", "tid", "time", "levels", "data"};

inline constexpr auto one_letter_fields = [] {
  std::array<field, 128> table{};
  for (auto& entry : table) entry = field::unknown;
  for (std::size_t i = 0; i < field_count; ++i)
    if (field_names[i].size() == 1) table[static_cast<unsigned char>(field_names[i][0])] = static_cast<field>(i);
  return table;
}();

/// `unknown` for keys nobody reads.
[[nodiscard]] inline field field_of(std::string_view key) noexcept {
  if (key.size() == 1) {
    const auto c = static_cast<unsigned char>(key[0]);
    return c < one_letter_fields.size() ? one_letter_fields[c] : field::unknown;
  }
  for (std::size_t i = 0; i < field_count; ++i)
    if (field_names[i] == key) return static_cast<field>(i);
  return field::unknown;
}

[[nodiscard]] inline std::string_view name_of(field f) noexcept { return field_names[static_cast<std::size_t>(f)]; }

} // namespace troupe::feed
