#pragma once
// The durable events of one OMS slot, each once and in order: from the messages that the slot publishes, and from the
// journal where messages are missing. Owned by one actor; its thread only, which waits for the disk while it catches up.
// No CAF.

#include "actors/trading/oms/messages.hpp"
#include "runtime/actor/messages.hpp"
#include "runtime/core/result.hpp"
#include "runtime/journal/journal.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace troupe::desk {

class slot_events {
public:
  using fold_function = std::function<void(std::uint64_t sequence, const oms::event&)>;

  /// Begins behind turn `upto`.
  slot_events(std::shared_ptr<const journal::journal> j, actor_name stream, std::uint64_t upto, fold_function fold)
    : journal_{std::move(j)}, stream_{stream}, upto_{upto}, fold_{std::move(fold)} {}

  /// Folds what is new in `message`; what lies between it and our position is read first. Errors: as catch_up.
  [[nodiscard]] result<void> take(const actor::published<oms::event>& message);
  /// Folds what the journal has behind our position, up to turn `at_most`. Errors: what the journal says, schema_mismatch,
  /// malformed.
  [[nodiscard]] result<void> catch_up(std::uint64_t at_most = UINT64_MAX);
  /// Everything up to this turn was folded.
  [[nodiscard]] std::uint64_t upto() const noexcept { return upto_; }

private:
  std::shared_ptr<const journal::journal> journal_;
  actor_name stream_;
  std::uint64_t upto_;
  fold_function fold_;
};

} // namespace troupe::desk
