#include "actors/market/feed/source_profile.hpp"

#include "runtime/core/split.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

namespace troupe::feed {
namespace {

/// How a vendor's folder name becomes a venue, and what the numbers below it mean.
struct bar_vendor {
  std::string_view folder;
  std::string_view venue;
  std::chrono::minutes utc_offset;
  std::int64_t price_divisor;
};
constexpr bar_vendor vendors[] = {
  {"coinbase", "COINBASE", std::chrono::minutes{0}, 1},
  {"binance", "BINANCE_SPOT", std::chrono::minutes{0}, 1},
  {"bybit", "BYBIT_SPOT", std::chrono::minutes{0}, 1},
  {"oanda", "OANDA", std::chrono::minutes{0}, 1},
  {"india", "NSE", std::chrono::minutes{330}, 10'000}, // Asia/Kolkata has had no other offset since 1945
};

std::string upper(std::string_view s) {
  std::string out{s};
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::optional<std::chrono::year_month_day> parse_day(std::string_view s) noexcept {
  unsigned n = 0;
  if (s.size() != 8) return std::nullopt;
  const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (code != std::errc{} || end != s.data() + s.size()) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year{static_cast<int>(n / 10000)},
                                        std::chrono::month{n / 100 % 100}, std::chrono::day{n % 100}};
  const bool fits = day.ok() && day.year() >= std::chrono::year{1700} && day.year() <= std::chrono::year{2200}; // nanoseconds in 64 bits end in 2262
  return fits ? std::optional{day} : std::nullopt;
}

struct guess {
  std::optional<source_format> format;
  std::string symbol;
  std::string venue;
};

/// binance_usdm_btcusdt_20240808.jsonl: everything before the symbol is the venue.
void guess_capture(const std::vector<std::string_view>& parts, guess& g) {
  if (parts.size() < 3 || !parse_day(parts.back())) return;
  g.symbol = upper(parts[parts.size() - 2]);
  for (std::size_t i = 0; i + 2 < parts.size(); ++i) g.venue += (i == 0 ? "" : "_") + upper(parts[i]);
}

void guess_bars(const std::vector<std::string_view>& parts, const std::filesystem::path& path, guess& g,
                source_profile& profile) {
  if (parts.size() < 4) return;
  const auto kind = parts[parts.size() - 1];
  const auto period = parts[parts.size() - 2];
  if (kind == "trade") g.format = source_format::trade_bars;
  if (kind == "quote") g.format = source_format::quote_bars;
  g.symbol = upper(parts[1]);
  std::string folder;
  if (period == "daily") {
    profile.interval = std::chrono::days{1};
    folder = parts[0];
  } else if (period == "minute") {
    profile.interval = std::chrono::minutes{1};
    profile.day = parse_day(parts[0]);
    folder = path.parent_path().parent_path().filename().string();
  }
  for (const auto& v : vendors) {
    if (v.folder != folder) continue;
    g.venue = v.venue;
    profile.utc_offset = v.utc_offset;
    profile.price_divisor = v.price_divisor;
  }
}

/// Hyperliquid names the coin alone; its perpetuals are quoted in USD.
std::string symbol_on_the_wire(std::string_view symbol, std::string_view venue) {
  if (venue == "HYPERLIQUID" && symbol.size() > 3 && symbol.ends_with("USD")) symbol.remove_suffix(3);
  return std::string{symbol};
}

result<void> name_instrument(const guess& g, const source_overrides& overrides, const std::string& file,
                             source_profile& profile) {
  if (overrides.instrument) {
    profile.instrument = *overrides.instrument;
  } else {
    const auto id = decltype(market::instrument_id::value)::make(g.symbol + "." + g.venue);
    if (g.symbol.empty() || g.venue.empty() || !id)
      return fail(errc::invalid_argument, "the name of " + file + " tells no instrument; give one as SYMBOL.VENUE");
    profile.instrument = {*id};
  }
  const auto whole = profile.instrument.value.view();
  const auto dot = whole.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == whole.size())
    return fail(errc::invalid_argument, "an instrument is written SYMBOL.VENUE, not '" + std::string{whole} + "'");
  profile.source_symbol =
    overrides.source_symbol.value_or(symbol_on_the_wire(whole.substr(0, dot), whole.substr(dot + 1)));
  return {};
}

} // namespace

result<source_profile> describe_source(const std::filesystem::path& path, const source_overrides& overrides) {
  const std::string file = path.filename().string();
  std::string_view stem = file;
  if (stem.ends_with(".gz")) stem.remove_suffix(3);
  source_profile profile;
  guess g;
  if (stem.ends_with(".jsonl")) {
    g.format = source_format::capture;
    guess_capture(split(stem.substr(0, stem.size() - 6), '_'), g);
  } else if (stem.ends_with(".csv")) {
    guess_bars(split(stem.substr(0, stem.size() - 4), '_'), path, g, profile);
  }
  if (overrides.format) g.format = overrides.format;
  if (!g.format)
    return fail(errc::invalid_argument, "the name of " + file + " tells no format; expected .jsonl for a capture, " +
                                          "_trade.csv or _quote.csv for bars (each also with .gz)");
  profile.format = *g.format;
  if (auto named = name_instrument(g, overrides, file, profile); !named) return named.error();
  if (overrides.utc_offset) profile.utc_offset = *overrides.utc_offset;
  if (overrides.price_divisor) profile.price_divisor = *overrides.price_divisor;
  if (profile.price_divisor < 1) return fail(errc::invalid_argument, "a price divisor is at least 1");
  if (profile.format == source_format::capture) return profile;
  if (profile.interval.count() == 0)
    return fail(errc::invalid_argument, "the name of " + file + " tells no interval; expected _minute_ or _daily_");
  if (profile.interval < std::chrono::days{1} && !profile.day)
    return fail(errc::invalid_argument, "the name of " + file + " tells no day; expected YYYYMMDD in front");
  return profile;
}

} // namespace troupe::feed
