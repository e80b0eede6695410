#pragma once
// A small market that moves, so that strategies trade: Binance's ticker and trades by turns, a wave of whole ticks.

#include "tests/support/test.hpp"

#include <fstream>
#include <string>

namespace troupe::test {

/// `lines` of them, 250 ms apart, as a capture in `folder`.
inline std::filesystem::path write_market(const std::filesystem::path& folder, int lines) {
  const auto file = folder / "binance_usdm_btcusdt_20240808.jsonl";
  std::ofstream out{file};
  for (int n = 0; n < lines; ++n) {
    const int phase = n % 40;
    const int ticks = 618000 + 10 * (phase < 20 ? phase : 40 - phase) + 3 * (n / 40); // in tenths
    const auto price = [](int t) { return std::to_string(t / 10) + "." + std::to_string(t % 10); };
    const auto at_ms = 1723161255000 + std::int64_t{n} * 250;
    const auto times = R"("E":)" + std::to_string(at_ms) + R"(,"T":)" + std::to_string(at_ms);
    out << at_ms << "000000";
    if (n % 2 == 0)
      out << R"( {"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":)" << 100 + n << R"(,"s":"BTCUSDT","b":")" << price(ticks - 1)
          << R"(","B":"2.5","a":")" << price(ticks + 1) << R"(","A":"2.5",)" << times << "}}\n";
    else
      out << R"( {"stream":"btcusdt@trade","data":{"e":"trade",)" << times << R"(,"s":"BTCUSDT","t":)" << n << R"(,"p":")" << price(ticks)
          << R"(","q":"0.002","X":"MARKET","m":true}})" << '\n';
  }
  return file;
}

} // namespace troupe::test
