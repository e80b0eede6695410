#pragma once
// What others may know about a feed while it runs. Written by the feed, read by the edge, readiness and the summary.

#include "actors/market/messages.hpp"
#include "runtime/core/error.hpp"

#include <boost/describe.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::desk {

/// connecting: nothing has come yet. gap: an instrument's book is lost until a snapshot fits. ended: the source is at its
/// end, and nothing more comes. failed: the source could not be read on, or the feed itself was given up.
enum class feed_status : std::uint8_t { connecting, streaming, gap, ended, failed };
BOOST_DESCRIBE_ENUM(feed_status, connecting, streaming, gap, ended, failed)
/// As JSON has it.
[[nodiscard]] constexpr std::string_view name_of(feed_status s) noexcept {
  constexpr std::string_view names[] = {"CONNECTING", "STREAMING", "GAP", "ENDED", "FAILED"};
  return names[static_cast<std::size_t>(s)];
}

/// What a run until done was told of one instrument.
struct told_of_instrument {
  std::uint64_t quotes = 0;
  std::uint64_t sized_quotes = 0; // with a size on either side
  std::set<nanoseconds> bars;     // their lengths
};

/// Thread-safe.
struct feed_progress {
  std::atomic<std::int64_t> next_due_ns{0}; // received_at of the next entry, on the feed's clock; INT64_MAX at the end
  std::atomic<bool> begun{false};           // since its last start
  std::atomic<bool> ended{false};           // nothing more comes, whatever the reason
  // These only grow, over restarts of the feed and repetitions of its file too, but for `gaps` and `tape_position`.
  std::atomic<std::uint64_t> lines{0};
  std::atomic<std::uint64_t> quotes{0};
  std::atomic<std::uint64_t> trades{0};
  std::atomic<std::uint64_t> bars{0};
  std::atomic<std::uint64_t> books_lost{0};
  std::atomic<std::uint64_t> gaps{0}; // instruments whose book is lost at this moment
  std::atomic<std::uint64_t> bad_lines{0};
  std::atomic<std::uint64_t> other_symbols{0}; // lines of other instruments, left out
  std::atomic<std::uint64_t> dropped{0};   // batches a subscriber without credit did not get
  std::atomic<std::uint64_t> tape_position{0};
  std::map<market::instrument_id, told_of_instrument> told; // by a deterministic run, which has one thread; else empty

  /// The source starts from its beginning.
  void restart() {
    std::lock_guard guard{mutex_};
    failure_.reset();
    bad_.clear();
    begun = ended = false;
    gaps = 0;
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
  [[nodiscard]] feed_status status() const {
    if (failure()) return feed_status::failed;
    if (ended) return feed_status::ended;
    if (!begun) return feed_status::connecting;
    return gaps > 0 ? feed_status::gap : feed_status::streaming;
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

} // namespace troupe::desk
