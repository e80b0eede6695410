#pragma once
// What a captured market showed after each of its lines, read a second time without any code of the feed or the book:
// another JSON parser, plain maps of levels, the greatest update id wins. Slow and obvious on purpose.

#include "runtime/core/decimal.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace troupe::test {

/// The best of one side. `number` counts how often the side showed something else: one display is used once.
struct shown_side {
  price at;
  quantity size;
  std::uint64_t number = 0;
};
struct shown_top {
  shown_side bid, ask;
};

class market_oracle {
public:
  /// The top after line `n` is `after(n)`, lines counted from 1.
  explicit market_oracle(const std::filesystem::path& capture);
  [[nodiscard]] const shown_top& after(std::uint64_t line) const { return tops_.at(line); }
  [[nodiscard]] std::uint64_t lines() const { return tops_.size() - 1; }

private:
  void take(const nlohmann::json& message);
  void apply(const nlohmann::json& delta);
  void show(std::uint64_t update_id, price bid, quantity bid_size, price ask, quantity ask_size);
  void show_levels(std::uint64_t update_id);

  std::map<price, quantity> bids_, asks_;
  bool has_snapshot_ = false;
  std::uint64_t levels_id_ = 0;
  std::uint64_t shown_id_ = 0;
  std::vector<nlohmann::json> early_; // deltas before the snapshot
  shown_top top_;
  std::vector<shown_top> tops_;
};

} // namespace troupe::test
