#pragma once
// Small captures of Binance's trade stream, whole or damaged.

#include "tests/support/test.hpp"

#include "runtime/core/time.hpp"

#include <fstream>
#include <map>
#include <string>

#include <zlib.h>

namespace troupe::test {

/// `lines` trades, `apart` from each other; `instead` replaces lines by number, from 1.
inline std::filesystem::path write_trades(const std::filesystem::path& folder, int lines, nanoseconds apart,
                                          const std::map<int, std::string>& instead = {}) {
  const auto file = folder / "binance_usdm_btcusdt_20240808.jsonl";
  std::ofstream out{file};
  for (int n = 1; n <= lines; ++n) {
    if (const auto other = instead.find(n); other != instead.end()) {
      out << other->second << '\n';
      continue;
    }
    out << 1723161255088169167 + (n - 1) * apart.count()
        << R"( {"stream":"btcusdt@trade","data":{"e":"trade","E":2,"T":1,"s":"BTCUSDT","t":)" << n
        << R"(,"p":"61800.5","q":"0.002","X":"MARKET","m":)" << (n % 2 ? "true" : "false") << "}}\n";
  }
  return file;
}

/// The file as gzip, without its last third.
inline std::filesystem::path cut_gzip(const std::filesystem::path& plain) {
  auto file = plain;
  file += ".gz";
  std::ifstream in{plain, std::ios::binary};
  gzFile out = gzopen(file.c_str(), "wb");
  REQUIRE(out != nullptr);
  char buffer[4096];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) REQUIRE(gzwrite(out, buffer, static_cast<unsigned>(in.gcount())) == in.gcount());
  gzclose(out);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) * 2 / 3);
  return file;
}

} // namespace troupe::test
