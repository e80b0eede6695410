#pragma once
// Rows of a bar file to market::bar, and for quote bars also the closing quote. Pure. Owned by one feed; not
// thread-safe.

#include "actors/market/feed/counters.hpp"
#include "actors/market/feed/source_profile.hpp"
#include "actors/market/messages.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::feed {

/// A size to 1e-8, half-even: bar files hold sums made in binary floating point ("8.880099999999999").
/// Nothing when the text is not a plain decimal number of at least 0 or leaves the range.
[[nodiscard]] std::optional<quantity> parse_size(std::string_view text) noexcept;

class bar_decoder {
public:
  /// Requires a profile of bars.
  explicit bar_decoder(source_profile profile);

  /// Decodes one row and appends what it says to `out`: a bar of trades; or, of quotes, the quote standing at
  /// the end of the interval and a bar of mid prices with volume 0 and no trades. Returns when the desk may
  /// know it: the end of the interval. A bad row changes nothing and is counted under `number`.
  time_ns line(std::string_view row, std::uint64_t number, const market::tape_position& at,
               std::vector<market::event>& out);
  time_ns unreadable(std::uint64_t number, std::string reason);

  [[nodiscard]] const counters& counts() const noexcept { return counts_; }

private:
  struct ohlc;

  [[nodiscard]] result<time_ns> opening(std::string_view cell) const;
  [[nodiscard]] result<ohlc> prices(std::span<const std::string_view> cells) const;
  [[nodiscard]] result<void> decode(std::string_view row, std::uint64_t number, const market::tape_position& at,
                                    std::vector<market::event>& out);
  [[nodiscard]] market::bar bar_of(const ohlc& p, time_ns opened_at, const market::tape_position& at) const;

  source_profile profile_;
  counters counts_;
  time_ns last_opened_{time_ns::min()};
  time_ns received_at_{};
};

} // namespace troupe::feed
