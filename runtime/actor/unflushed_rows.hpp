#pragma once
// Rows of side tables that are on their way to the disk: a look-up sees them before the table does. Owned by one shell.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::actor {

/// Rows are numbered from 1 as they come and go in that order, so the table in front of them is never cleared: it leads to the newest row of each hash,
/// each row to the one before it, and a number that is gone ends the way.
class unflushed_rows {
public:
  /// Written with turn `sequence`, which is not below those before; a later row of the key replaces it.
  void put(std::uint64_t sequence, const std::string& table, const std::string& key, const std::string& value) {
    if (rows_.size() >= newest_.size()) widen();
    rows_.emplace_back(sequence, hash_of(key), std::uint64_t{0}, table, key, value);
    lead_to(gone_ + rows_.size());
  }
  /// Nothing when the row is not under way: it may be in the table.
  [[nodiscard]] const std::string* find(const std::string& table, const std::string& key) const {
    if (rows_.empty()) return nullptr;
    const auto hash = hash_of(key);
    for (auto number = newest_[place_of(hash)]; number > gone_; number = at(number).before)
      if (const auto& r = at(number); r.hash == hash && r.key == key) return r.table == table ? &r.value : nullptr;
    return nullptr;
  }
  /// Everything up to `durable` is in the tables.
  void forget(std::uint64_t durable) {
    for (; !rows_.empty() && rows_.front().sequence <= durable; rows_.pop_front()) ++gone_;
  }

private:
  struct row {
    std::uint64_t sequence = 0;
    std::size_t hash = 0;
    std::uint64_t before = 0; // the next older row in the same place of `newest_`; 0 or gone: none
    std::string table;
    std::string key; // a core's tables do not share keys
    std::string value;
  };
  static std::size_t hash_of(std::string_view key) noexcept { return std::hash<std::string_view>{}(key); }
  [[nodiscard]] std::size_t place_of(std::size_t hash) const noexcept { return hash & (newest_.size() - 1); }
  [[nodiscard]] const row& at(std::uint64_t number) const { return rows_[number - gone_ - 1]; }

  void lead_to(std::uint64_t number) {
    auto& r = rows_[number - gone_ - 1];
    r.before = std::exchange(newest_[place_of(r.hash)], number);
  }
  void widen() {
    newest_.assign(std::max<std::size_t>(16, 2 * newest_.size()), 0);
    for (auto number = gone_ + 1; number <= gone_ + rows_.size(); ++number) lead_to(number);
  }

  std::deque<row> rows_;
  std::uint64_t gone_ = 0;             // number of the last row that was forgotten
  std::vector<std::uint64_t> newest_; // by hash; a power of two, and at least as many as there have been rows at once
};

} // namespace troupe::actor
