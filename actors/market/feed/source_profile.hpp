#pragma once
// What a data file is, told from its path: format, instrument, interval, time zone and price scale.
// Everything may be overridden by configuration. Pure; any thread.

#include "actors/market/messages.hpp"
#include "runtime/core/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace troupe::feed {

enum class source_format : std::uint8_t {
  capture,    // "<ns> <json>" lines
  trade_bars, // time, open, high, low, close, volume
  quote_bars  // time, bid open/high/low/close, bid size, ask open/high/low/close, ask size
};

struct source_overrides {
  std::optional<source_format> format;
  std::optional<market::instrument_id> instrument; // "SYMBOL.VENUE"
  std::optional<std::string> source_symbol;        // as the messages of a capture write it
  std::optional<std::chrono::minutes> utc_offset;  // of the times in a bar file
  std::optional<std::int64_t> price_divisor;       // >= 1
};

struct source_profile {
  source_format format = source_format::capture;
  market::instrument_id instrument;
  std::string source_symbol;
  // The rest only for bars.
  std::chrono::nanoseconds interval{};
  std::optional<std::chrono::year_month_day> day; // minute files: their day; daily files name it in every row
  std::chrono::minutes utc_offset{};
  std::int64_t price_divisor = 1;
};

/// Understands "VENUE_symbol_YYYYMMDD.jsonl[.gz]" (captures),
/// "VENUE/symbol/YYYYMMDD_symbol_minute_KIND.csv[.gz]" and "VENUE_symbol_daily_KIND.csv[.gz]" with KIND trade
/// or quote. Errors: invalid_argument, saying what could not be told and which override says it.
[[nodiscard]] result<source_profile> describe_source(const std::filesystem::path& path,
                                                     const source_overrides& overrides = {});

} // namespace troupe::feed
