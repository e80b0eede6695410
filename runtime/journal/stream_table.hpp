#pragma once
// Where every stream stands, and the one rule which requests may be appended: both journals refuse alike
// because both ask here. Not thread-safe: owned by the thread that writes.

#include "runtime/journal/journal.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::journal {

struct stream_state {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::string last_record;              // its hash is the chain head, computed only when somebody asks
  std::vector<std::uint64_t> snapshots; // ascending
};

/// How many snapshots of a stream are kept: the newest, and the one before in case the newest cannot be read.
inline constexpr std::size_t snapshots_kept = 2;

class stream_table {
public:
  explicit stream_table(std::vector<std::string> tables) : tables_{std::move(tables)} {}

  /// The stream's state when `request` continues it; a copy's epoch is then the stream's. Errors (nothing is changed): fenced,
  /// sequence_gap, corrupt (a copy that does not continue the chain), invalid_argument (unknown table, snapshot ahead of its records).
  [[nodiscard]] result<stream_state*> admit(const append_request& request);

  [[nodiscard]] stream_state& at(const stream_name& stream) { return streams_[stream]; }
  [[nodiscard]] const std::vector<std::string>& tables() const noexcept { return tables_; }
  [[nodiscard]] bool has_table(std::string_view table) const noexcept;
  /// Ordered by name.
  [[nodiscard]] std::vector<stream_head> heads() const;

private:
  [[nodiscard]] result<void> admit_beside(const append_request& request, std::uint64_t next) const;

  std::vector<std::string> tables_;
  std::unordered_map<stream_name, stream_state> streams_;
};

[[nodiscard]] stream_head head_of(const stream_name& stream, const stream_state& state);

} // namespace troupe::journal
