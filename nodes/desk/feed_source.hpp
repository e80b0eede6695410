#pragma once
// Where a feed's entries come from: a file, or the random walk.

#include "actors/market/feed/replay.hpp"
#include "actors/market/simulator/random_walk.hpp"
#include "nodes/desk/feed_actor.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk {

/// One entry of a source, owned: the replay's own view ends at its next call.
struct feed_entry {
  time_ns at{};
  std::string raw;
  std::vector<market::event> events;
  bool confirms_top = false; // it told the top of the book, changed or as it was
};

/// A file or the random walk, one entry at a time.
class feed_source {
public:
  static result<std::unique_ptr<feed_source>> open(const feed_options& o, time_ns begin);
  explicit feed_source(const feed_options& o) : options_{o} {}

  result<void> rewind(time_ns begin);

  /// Null at the end.
  result<std::optional<feed_entry>> next();
  [[nodiscard]] const book::book* levels() const { return replay_ ? replay_->levels() : nullptr; }
  [[nodiscard]] std::optional<market::instrument_id> instrument() const {
    return replay_ ? std::optional{replay_->profile().instrument} : std::nullopt;
  }
  [[nodiscard]] const feed::counters* counts() const { return replay_ ? &replay_->counts() : nullptr; }

private:
  feed_options options_;
  std::optional<feed::replay> replay_;
  std::optional<simulator::random_walk> walk_;
  std::uint64_t walked_ = 0;
};

} // namespace troupe::desk
