#pragma once
// What a desk was configured with, start by start, as far as no turn says it: limits of accounts, what protects market orders, and what
// instruments are quoted in. Pure: text in, text out; a live node keeps it as a file of its data folder. Any thread.

#include "actors/trading/ids.hpp"
#include "actors/trading/risk/messages.hpp"
#include "runtime/core/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::trading {

struct start_settings {
  std::uint64_t since = 0; // hybrid time: turns of the node from here on were decided with it
  risk::limits limits;     // of accounts until a command sets others
  std::uint32_t market_protection_bps = 0;
  std::map<instrument_id, currency> quotes; // of everything that was ever listed
  friend bool operator==(const start_settings&, const start_settings&) = default;
};

/// Of a data folder.
inline constexpr const char* start_settings_file = "settings";
/// Only changes are kept, the newest ones.
inline constexpr std::size_t start_settings_max = 1000;

/// A line of JSON each.
[[nodiscard]] std::string to_text(const std::vector<start_settings>& all);
/// Errors: malformed, with the line.
[[nodiscard]] result<std::vector<start_settings>> start_settings_from(std::string_view text);

/// What was in force at `hybrid_time`; null before the first. `all` ascends by `since`.
[[nodiscard]] const start_settings* in_force(const std::vector<start_settings>& all, std::uint64_t hybrid_time) noexcept;

/// Adds `now`, from `now.since` on, when it differs from the last; instruments that are not listed any more keep their quote. True when it did.
bool note(std::vector<start_settings>& all, start_settings now);

} // namespace troupe::trading
