#pragma once
// The market side as an actor: reads its source up to the present, puts what it received on the tape and the board, builds
// bars, and publishes batches to subscribers with credit. It has no history of its own; the tape is it. Pump it with
// `feed_due`: live it does so itself, a deterministic driver does it step by step.

#include "nodes/desk/config.hpp"
#include "nodes/desk/feed_progress.hpp"
#include "nodes/desk/parts.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace troupe::desk {

struct feed_options {
  text<15> name;
  std::string file; // empty: random walk
  std::string instrument;
  double speed = 1.0;
  bool repeat = false;
  std::uint64_t seed = 1;
  nanoseconds step = std::chrono::milliseconds{10};
  std::uint64_t quotes = 0;
  nanoseconds bar_interval = std::chrono::seconds{1};
  std::filesystem::path tape_directory; // empty: no tape
  bool may_block = false;               // on the tape's disk: it has a thread of its own then
  std::vector<actor_name> subscribers;
};

[[nodiscard]] feed_options feed_options_of(const configuration& c, const feed_section& f);
[[nodiscard]] started start_feed(caf::actor_system&, shared_parts&, const feed_options&, std::shared_ptr<feed_progress>);

/// When the source's first entry was received: where a deterministic run's clock begins. Errors: as the file's.
[[nodiscard]] result<time_ns> first_entry_at(const feed_options&);
/// Deterministic runs: take everything that is due at the clock's time.
void pump_feed(caf::actor_system&, shared_parts&, const text<15>& name);

} // namespace troupe::desk
