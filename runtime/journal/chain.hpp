#pragma once
// Walks the records of one stream and checks what makes them a history: adjacency, owner, hash chain. Shared
// by both journals and the tools. One walk belongs to one thread.

#include "runtime/journal/journal.hpp"

#include <optional>

namespace troupe::journal {

class chain_walk {
public:
  /// Begins behind `anchor`, the record at `from` - 1; nothing when `from` is 1.
  chain_walk(const stream_name& stream, std::uint64_t from, std::optional<std::string_view> anchor)
      : stream_{stream}, next_{from}, previous_{anchor ? sha256(*anchor) : sha256_digest{}} {}

  /// Decodes the record stored at `sequence`. Errors: corrupt, sequence_gap, naming stream and sequence.
  [[nodiscard]] result<record_view> step(std::uint64_t sequence, std::string_view bytes);

  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
  /// Hash of the last record stepped over.
  [[nodiscard]] const sha256_digest& chain() const noexcept { return previous_; }

private:
  stream_name stream_;
  std::uint64_t next_;
  std::uint64_t epoch_ = 0;
  sha256_digest previous_;
};

} // namespace troupe::journal
