#pragma once
// The market side as an actor: reads its source up to the present, puts what it received on the tape and the board, builds
// bars, and publishes batches to subscribers with credit. It has no history of its own; the tape is it. Pump it with
// `feed_due`: live it does so itself, a deterministic driver does it step by step.

#include "nodes/desk/config.hpp"
#include "nodes/desk/parts.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk {

/// What others may know about a feed while it runs. Thread-safe.
struct feed_progress {
  std::atomic<std::int64_t> next_due_ns{0}; // received_at of the next entry, on the feed's clock; INT64_MAX at the end
  std::atomic<bool> ended{false};
  std::atomic<std::uint64_t> lines{0};
  std::atomic<std::uint64_t> quotes{0};
  std::atomic<std::uint64_t> trades{0};
  std::atomic<std::uint64_t> bars{0};
  std::atomic<std::uint64_t> books_lost{0};
  std::atomic<std::uint64_t> bad_lines{0};
  std::atomic<std::uint64_t> dropped{0};   // batches a subscriber without credit did not get
  std::atomic<std::uint64_t> tape_position{0};

  /// The source starts from its beginning.
  void restart() {
    std::lock_guard guard{mutex_};
    failure_.reset();
    bad_.clear();
    ended = false;
  }
  /// The source could not be read to its end.
  void fail(const error& why) {
    std::lock_guard guard{mutex_};
    failure_ = why;
  }
  [[nodiscard]] std::optional<error> failure() const {
    std::lock_guard guard{mutex_};
    return failure_;
  }
  /// "FILE line N: reason", of the first that could not be read.
  void tell_bad_line(std::string text) {
    std::lock_guard guard{mutex_};
    bad_.push_back(std::move(text));
  }
  [[nodiscard]] std::vector<std::string> told_bad_lines() const {
    std::lock_guard guard{mutex_};
    return bad_;
  }

private:
  mutable std::mutex mutex_;
  std::optional<error> failure_;
  std::vector<std::string> bad_;
};

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
  std::vector<actor_name> subscribers;
};

[[nodiscard]] feed_options feed_options_of(const configuration& c, const feed_section& f);
[[nodiscard]] started start_feed(caf::actor_system&, shared_parts&, const feed_options&, std::shared_ptr<feed_progress>);

/// When the source's first entry was received: where a deterministic run's clock begins. Errors: as the file's.
[[nodiscard]] result<time_ns> first_entry_at(const feed_options&);
/// Deterministic runs: take everything that is due at the clock's time.
void pump_feed(caf::actor_system&, shared_parts&, const text<15>& name);

} // namespace troupe::desk
