#pragma once
// What a sweep is, what its workers say to the orchestrator, and what is kept of it. Plain structs; any thread.

#include "runtime/core/ids.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::sweep {

/// More are refused: a million rows are 300 MB of journal, and nobody reads them.
inline constexpr std::uint64_t trials_max = 1'000'000;
/// Trials a worker may hold, and results it may bring at once. Bounds a message: a row is some 300 bytes, a frame 1 MiB.
inline constexpr std::uint32_t window_max = 1024;
/// Workers of one sweep. With the window it bounds what the orchestrator remembers about who has what.
inline constexpr std::size_t workers_max = 256;
/// In whose name results of other sweeps are brought. It runs nothing, so it takes no worker's place.
inline constexpr node_name brought_from_earlier{"earlier"};
/// Longer reasons are cut.
inline constexpr std::size_t reason_bytes_max = 400;
/// Bytes of a feed in one message.
inline constexpr std::uint32_t chunk_bytes = 256 << 10;

/// SHA-256 of some content in lower-case hexadecimal: what it is called everywhere.
using content_hash = strong_id<struct content_hash_tag, text<64>>;

// -- what a sweep is --------------------------------------------------------------------------------------------------

/// One parameter and the values it takes, ordered. One value: the same in every trial.
struct axis {
  std::string key;
  std::vector<std::string> values;
  friend bool operator==(const axis&, const axis&) = default;
};
BOOST_DESCRIBE_STRUCT(axis, (), (key, values))

/// The market every trial replays. `path` is the end of its name, which tells what the file is.
struct feed_file {
  std::string path; // relative, at most three parts
  content_hash hash;
  std::uint64_t size = 0;
  friend bool operator==(const feed_file&, const feed_file&) = default;
};
BOOST_DESCRIBE_STRUCT(feed_file, (), (path, hash, size))

/// desk: the deterministic desk, until its feed is done. idle: nothing but waiting, dying or hanging as its parameters
/// say; for measuring and testing the sweep itself.
enum class trial_kind : std::uint8_t { desk, idle };
BOOST_DESCRIBE_ENUM(trial_kind, desk, idle)

/// All that decides what the trials give, and nothing else: equal descriptions, equal tables.
struct description {
  trial_kind kind = trial_kind::desk;
  std::vector<axis> axes;             // ordered by key
  std::string configuration;          // of the desk, JSON with comments
  std::vector<std::string> overrides; // "key=value" over it, the same in every trial
  std::optional<feed_file> feed;      // nothing: the configuration's own
  std::string build;                  // version and commit of the code that runs it
  friend bool operator==(const description&, const description&) = default;
};
BOOST_DESCRIBE_STRUCT(description, (), (kind, axes, configuration, overrides, feed, build))

/// How its trials are treated; does not change what they give.
struct treatment {
  std::uint32_t timeout_ms = 600'000; // of one trial
  std::uint32_t attempts_max = 3;     // a trial that ended its runner so often has failed
  friend bool operator==(const treatment&, const treatment&) = default;
};
BOOST_DESCRIBE_STRUCT(treatment, (), (timeout_ms, attempts_max))

// -- results ----------------------------------------------------------------------------------------------------------

/// done: it ran. refused: its parameters make no desk. failed: it could not be brought to its end. All three are final.
enum class trial_status : std::uint8_t { done, refused, failed };
BOOST_DESCRIBE_ENUM(trial_status, done, refused, failed)

/// What came of one trial. Stored. All but `worker` and `took_us` is the same wherever and whenever it ran.
struct trial_result {
  std::uint64_t index = 0; // in the grid
  trial_status status = trial_status::done;
  std::string reason; // why it was refused or failed; of one that is done why it may have traded nothing, else empty
  std::uint64_t orders = 0;
  std::uint64_t fills = 0;
  std::string realized_pnl; // "12.5 USDT, -3 INR"
  std::string unrealized_pnl;
  std::string fees;
  std::string journal_hash; // hexadecimal
  node_name worker;
  std::uint64_t took_us = 0;
  friend bool operator==(const trial_result&, const trial_result&) = default;
};
BOOST_DESCRIBE_STRUCT(trial_result, (), (index, status, reason, orders, fills, realized_pnl, unrealized_pnl, fees, journal_hash, worker, took_us))

// -- commands and answers ---------------------------------------------------------------------------------------------

struct begin {
  description what;
  treatment how;
};
BOOST_DESCRIBE_STRUCT(begin, (), (what, how))
/// `refused` says why not: it is another sweep than the one that began here.
struct begin_reply {
  std::string refused;
  std::uint64_t trials = 0;
};
BOOST_DESCRIBE_STRUCT(begin_reply, (), (refused, trials))

/// A trial ended the process that ran it, or did not end in time.
struct crash {
  std::uint64_t index = 0;
  std::string reason;
  friend bool operator==(const crash&, const crash&) = default;
};
BOOST_DESCRIBE_STRUCT(crash, (), (index, reason))

/// A worker's whole situation: what it brings, what it still has, and how much more it can take. Whatever was given to it
/// before and is in none of the three is lost and goes to somebody else.
struct work_request {
  node_name worker;
  content_hash sweep; // the identity it works for
  std::vector<trial_result> results;
  std::vector<crash> crashes;
  std::vector<std::uint64_t> holds;
  std::uint32_t wants = 0;
  std::string problem; // why it cannot run any; empty: it can
};
BOOST_DESCRIBE_STRUCT(work_request, (), (worker, sweep, results, crashes, holds, wants, problem))
struct work {
  bool is_known = false; // false: the sweep it works for is not the one here; ask for the plan
  bool is_complete = false;
  std::vector<std::uint64_t> trials;
};
BOOST_DESCRIBE_STRUCT(work, (), (is_known, is_complete, trials))

/// The link to a worker is down.
struct worker_lost {
  node_name worker;
};
BOOST_DESCRIBE_STRUCT(worker_lost, (), (worker))

struct plan_query {};
BOOST_DESCRIBE_STRUCT(plan_query, (), ())
struct plan {
  bool has_begun = false;
  content_hash sweep;
  description what;
  treatment how;
};
BOOST_DESCRIBE_STRUCT(plan, (), (has_begun, sweep, what, how))

struct progress_query {};
BOOST_DESCRIBE_STRUCT(progress_query, (), ())
struct worker_view {
  node_name worker;
  std::uint64_t holds = 0;
  std::uint64_t finished = 0; // since the orchestrator started
};
BOOST_DESCRIBE_STRUCT(worker_view, (), (worker, holds, finished))
struct progress {
  std::uint64_t trials = 0;
  std::uint64_t done = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  std::uint64_t repeated = 0; // results that came again; counted, never recorded
  std::vector<worker_view> workers;

  [[nodiscard]] std::uint64_t finished() const noexcept { return done + refused + failed; }
};
BOOST_DESCRIBE_STRUCT(progress, (), (trials, done, refused, failed, repeated, workers))

/// A piece of the feed, from `offset`.
struct chunk_request {
  content_hash feed;
  std::uint64_t offset = 0;
};
BOOST_DESCRIBE_STRUCT(chunk_request, (), (feed, offset))
struct chunk {
  std::uint64_t offset = 0;
  std::string bytes;   // `chunk_bytes` but for the last
  std::string refused; // why there are none
};
BOOST_DESCRIBE_STRUCT(chunk, (), (offset, bytes, refused))

// -- events (stored: never edited; a change is a new version) -----------------------------------------------------------

struct begun {
  description what;
  treatment how;
  friend bool operator==(const begun&, const begun&) = default;
};
BOOST_DESCRIBE_STRUCT(begun, (), (what, how))
/// Each for the first time.
struct trials_finished {
  std::vector<trial_result> results;
  friend bool operator==(const trials_finished&, const trials_finished&) = default;
};
BOOST_DESCRIBE_STRUCT(trials_finished, (), (results))
struct trial_crashed {
  crash what;
  node_name worker;
  friend bool operator==(const trial_crashed&, const trial_crashed&) = default;
};
BOOST_DESCRIBE_STRUCT(trial_crashed, (), (what, worker))

using sweep_event = std::variant<begun, trials_finished, trial_crashed>;

// -- state ------------------------------------------------------------------------------------------------------------

/// Which trials are finished, a bit each; what came of them is in the table "done", not in memory.
struct sweep_state {
  bool has_begun = false;
  description what;
  treatment how;
  content_hash identity;
  std::uint64_t trials = 0;
  std::vector<std::uint64_t> finished;
  std::uint64_t done = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  std::map<std::uint64_t, std::uint32_t> crashes; // of trials that crashed and are not finished
  friend bool operator==(const sweep_state&, const sweep_state&) = default;

  [[nodiscard]] bool is_finished(std::uint64_t index) const {
    return index / 64 < finished.size() && (finished[index / 64] >> (index % 64) & 1) != 0;
  }
  [[nodiscard]] std::uint64_t finished_count() const noexcept { return done + refused + failed; }
};
BOOST_DESCRIBE_STRUCT(sweep_state, (), (has_begun, what, how, identity, trials, finished, done, refused, failed, crashes))

struct sweep_inputs {};
BOOST_DESCRIBE_STRUCT(sweep_inputs, (), ())

/// Where the results lie, beside the turns of the sweep's journal.
inline constexpr const char* table = "done";
/// A trial's key there: ten digits, so that keys are ordered as the grid is.
[[nodiscard]] std::string row_key(std::uint64_t index);

} // namespace troupe::sweep
