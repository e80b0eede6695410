#pragma once
// Rows of side tables that are on their way to the disk: a look-up sees them before the table does. Owned by one shell.

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace troupe::actor {

class unflushed_rows {
public:
  /// Written with turn `sequence`; a later row of the key replaces it.
  void put(std::uint64_t sequence, const std::string& table, const std::string& key, const std::string& value) {
    const auto [at, is_new] = rows_.try_emplace(key);
    const bool is_in_line = !is_new && at->second.sequence == sequence;
    at->second = {sequence, table, value};
    if (!is_in_line) order_.emplace_back(sequence, &at->first);
  }
  /// Nothing when the row is not under way: it may be in the table.
  [[nodiscard]] const std::string* find(const std::string& table, const std::string& key) const {
    const auto it = rows_.find(key);
    return it != rows_.end() && it->second.table == table ? &it->second.value : nullptr;
  }
  /// Everything up to `durable` is in the tables.
  void forget(std::uint64_t durable) {
    for (; !order_.empty() && order_.front().first <= durable; order_.pop_front()) {
      const auto it = rows_.find(*order_.front().second);
      if (it->second.sequence == order_.front().first) rows_.erase(it); // else a later turn's, which is in line as well
    }
  }

private:
  struct row {
    std::uint64_t sequence = 0;
    std::string table;
    std::string value;
  };
  std::unordered_map<std::string, row> rows_; // by key; a core's tables do not share keys
  std::deque<std::pair<std::uint64_t, const std::string*>> order_; // their keys, which stay where they are
};

} // namespace troupe::actor
