#include "actors/market/feed/bar_decoder.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>

namespace troupe::feed {
namespace {

constexpr std::size_t trade_cells = 6;
constexpr std::size_t quote_cells = 11;

std::size_t split_cells(std::string_view row, std::array<std::string_view, quote_cells + 1>& cells) noexcept {
  std::size_t count = 0;
  while (count < cells.size()) {
    const auto comma = row.find(',');
    cells[count++] = row.substr(0, comma);
    if (comma == std::string_view::npos) break;
    row.remove_prefix(comma + 1);
  }
  return count;
}

bool number(std::string_view s, std::int64_t& out) noexcept {
  const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), out);
  return !s.empty() && s[0] != '-' && code == std::errc{} && end == s.data() + s.size();
}

price middle(price bid, price ask) noexcept {
  return {static_cast<std::int64_t>(divide(int128{bid.units} + ask.units, 2, rounding::half_even))};
}

} // namespace

std::optional<quantity> parse_size(std::string_view text) noexcept {
  const auto point = text.find('.');
  constexpr std::size_t kept = 8;
  if (text.empty() || text[0] == '-') return std::nullopt;
  if (point == std::string_view::npos || text.size() - point - 1 <= kept) return quantity::parse(text);
  const auto rest = text.substr(point + 1 + kept);
  if (rest.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  auto size = quantity::parse(text.substr(0, point + 1 + kept));
  if (!size) return std::nullopt;
  const bool above_half =
    rest[0] > '5' || (rest[0] == '5' && rest.find_first_not_of('0', 1) != std::string_view::npos);
  const bool tie_to_even = rest[0] == '5' && !above_half && size->units % 2 != 0;
  return above_half || tie_to_even ? checked_add(*size, quantity{1}) : size;
}

struct bar_decoder::ohlc {
  price open;
  price high;
  price low;
  price close;
};

bar_decoder::bar_decoder(source_profile profile) : profile_(std::move(profile)) {
  TROUPE_ASSERT(profile_.format != source_format::capture && profile_.interval.count() > 0, "the profile is of bars");
}

time_ns bar_decoder::unreadable(std::uint64_t number, std::string reason) {
  ++counts_.lines;
  counts_.bad(number, std::move(reason));
  return received_at_;
}

time_ns bar_decoder::line(std::string_view row, std::uint64_t number, const market::tape_position& at,
                          std::vector<market::event>& out) {
  if (auto done = decode(row, number, at, out); !done) return unreadable(number, done.error().message);
  ++counts_.lines;
  return received_at_;
}

/// Milliseconds since midnight in minute files, "YYYYMMDD HH:MM" in daily ones.
result<time_ns> bar_decoder::opening(std::string_view cell) const {
  using namespace std::chrono;
  const auto wrong = [](const char* what) { return fail(errc::malformed, what); };
  sys_time<nanoseconds> local{};
  std::int64_t n = 0;
  if (profile_.day) {
    if (!number(cell, n) || n >= 86'400'000) return wrong("the time must be milliseconds since midnight");
    local = sys_days{*profile_.day} + milliseconds{n};
    if (nanoseconds{milliseconds{n}} % profile_.interval != nanoseconds{})
      return wrong("the time is no minute's start");
  } else {
    std::int64_t h = 0;
    std::int64_t m = 0;
    if (cell.size() != 14 || cell[8] != ' ' || cell[11] != ':' || !number(cell.substr(0, 8), n) ||
        !number(cell.substr(9, 2), h) || !number(cell.substr(12), m) || h > 23 || m > 59)
      return wrong("the time must be YYYYMMDD HH:MM");
    const year_month_day day{year{static_cast<int>(n / 10000)}, month{static_cast<unsigned>(n / 100 % 100)},
                             std::chrono::day{static_cast<unsigned>(n % 100)}};
    // Nanoseconds since 1970 in 64 bits end in 2262 and begin in 1677.
    if (!day.ok() || day.year() < year{1700} || day.year() > year{2200}) return wrong("the day does not exist");
    local = sys_days{day} + hours{h} + minutes{m};
  }
  return local - profile_.utc_offset;
}

result<bar_decoder::ohlc> bar_decoder::prices(std::span<const std::string_view> cells) const {
  std::array<price, 4> p;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const auto parsed = price::parse(cells[i]);
    if (!parsed || !parsed->is_positive() || parsed->units % profile_.price_divisor != 0)
      return fail(errc::malformed, "'" + std::string{cells[i].substr(0, 40)} + "' is no price above 0 and at most 92233720368, exact at 1e-8");
    p[i] = price{parsed->units / profile_.price_divisor};
  }
  const ohlc bar{p[0], p[1], p[2], p[3]};
  if (bar.low > std::min(bar.open, bar.close) || bar.high < std::max(bar.open, bar.close))
    return fail(errc::malformed, "open and close must lie between low and high");
  return bar;
}

market::bar bar_decoder::bar_of(const ohlc& p, time_ns opened_at, const market::tape_position& at) const {
  market::bar bar;
  bar.instrument = profile_.instrument;
  bar.interval_ns = profile_.interval.count();
  bar.opened_at = opened_at;
  bar.open = p.open, bar.high = p.high, bar.low = p.low, bar.close = p.close;
  bar.tape = at;
  return bar;
}

result<void> bar_decoder::decode(std::string_view row, std::uint64_t number, const market::tape_position& at,
                                 std::vector<market::event>& out) {
  const bool quotes = profile_.format == source_format::quote_bars;
  std::array<std::string_view, quote_cells + 1> cells;
  if (const auto count = split_cells(row, cells); count != (quotes ? quote_cells : trade_cells))
    return fail(errc::malformed, quotes ? "a row of quotes has 11 cells" : "a row of trades has 6 cells");
  const auto opened_at = opening(cells[0]);
  if (!opened_at) return opened_at.error();
  if (*opened_at <= last_opened_) return fail(errc::malformed, "the time is not after the row before");
  const auto first = prices(std::span{cells}.subspan(1, 4));
  if (!first) return first.error();
  const auto first_size = parse_size(cells[5]);
  const auto second_size = quotes ? parse_size(cells[10]) : first_size;
  if (!first_size || !second_size) return fail(errc::malformed, "a size must be a decimal number between 0 and 92233720368");

  const time_ns closed_at = *opened_at + profile_.interval;
  if (!quotes) {
    auto bar = bar_of(*first, *opened_at, at);
    bar.volume = *first_size;
    out.emplace_back(bar);
  } else {
    const auto ask = prices(std::span{cells}.subspan(6, 4));
    if (!ask) return ask.error();
    if (first->close >= ask->close) return fail(errc::malformed, "the closing bid is not below the closing ask");
    out.emplace_back(market::quote{profile_.instrument, first->close, ask->close, *first_size, *second_size, number,
                                   closed_at, closed_at, at});
    out.emplace_back(bar_of({middle(first->open, ask->open), middle(first->high, ask->high),
                             middle(first->low, ask->low), middle(first->close, ask->close)},
                            *opened_at, at));
    ++counts_.quotes;
  }
  ++counts_.bars;
  last_opened_ = *opened_at;
  received_at_ = closed_at;
  return {};
}

} // namespace troupe::feed
