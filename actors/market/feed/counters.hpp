#pragma once
// What a feed counted, and the bad lines it met: by number and reason, the first hundred kept. Owned by one
// feed.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace troupe::feed {

struct bad_line {
  std::uint64_t number = 0; // 1-based line in the file, or count of messages on the stream
  std::string reason;
  friend bool operator==(const bad_line&, const bad_line&) = default;
};

struct counters {
  static constexpr std::size_t bad_lines_kept = 100;

  std::uint64_t lines = 0;
  std::uint64_t quotes = 0;
  std::uint64_t trades = 0;
  std::uint64_t bars = 0;
  std::uint64_t books_lost = 0;
  std::uint64_t ignored = 0;         // valid, but nothing we use
  std::uint64_t other_symbols = 0;   // valid, of another instrument
  std::uint64_t repeated_trades = 0; // trade id not above the last one
  std::uint64_t clock_steps_back = 0; // receive times before the one of an earlier line
  std::uint64_t bad_lines = 0;
  std::vector<bad_line> first_bad_lines;

  void bad(std::uint64_t number, std::string reason) {
    ++bad_lines;
    if (first_bad_lines.size() < bad_lines_kept) first_bad_lines.push_back({number, std::move(reason)});
  }
};

} // namespace troupe::feed
