#pragma once
// The ordered, durable log of turns (design 4). One journal per store; nobody else writes turns. The interface has two
// implementations: RocksDB with two threads that take turns (`rocks_journal.hpp`), and memory (`memory_journal.hpp`).
// Thread-safety: every member may be called from any thread. Completions run on a thread of the journal (memory: on
// the caller's), must be short and must not call back into `append` synchronously.

#include "runtime/core/context.hpp"
#include "runtime/core/hash.hpp"
#include "runtime/core/result.hpp"
#include "runtime/core/tally.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::journal {

/// One stream per actor instance: "oms/17". Sequences start at 1 and have no gap.
using stream_name = actor_name;

/// The place of an effect's receiver: everything up to `sequence` (inclusive) was acknowledged by `receiver`.
struct cursor {
  actor_name receiver;
  std::uint64_t sequence = 0;
  friend bool operator==(const cursor&, const cursor&) = default;
};

/// The fixed part of a record. `docs/formats/journal.md` gives the bytes.
struct record_header {
  stream_name stream;
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  std::uint32_t schema = 0;        // names the layout of the payload; see wire/stored.hpp
  std::uint64_t hybrid_time = 0;   // hybrid logical clock: nanoseconds of decided_at, raised past everything seen
  cause_id cause;
  sha256_digest previous;          // of the whole record before it in the stream; zero for sequence 1
  std::vector<cursor> acknowledged; // only the cursors that moved in this turn
  friend bool operator==(const record_header&, const record_header&) = default;
};

struct record_view {
  record_header header;
  std::string_view payload; // valid during the callback only
  std::string_view bytes;   // the whole record as stored, header included
};

/// Appends header and payload in the stored layout. Deterministic: equal input, equal bytes.
void encode_record(const record_header& header, std::string_view payload, std::string& out);
/// Checks magic, lengths and checksum. Errors: corrupt.
[[nodiscard]] result<record_view> decode_record(std::string_view bytes);

/// What is written beside turns in the same batch: finished orders and other things that left a core's memory.
/// `table` is "done" or another name of the configuration; keys are ordered by bytes.
struct side_put {
  std::string table;
  std::string key;
  std::string value;
};

/// A state that may be loaded instead of folding from the start. `state` was reached by folding up to `sequence`.
struct snapshot {
  std::uint64_t sequence = 0;
  sha256_digest chain;      // hash of the record at `sequence`
  std::uint32_t schema = 0;
  std::string state;
};

/// Records of one stream, ascending and adjacent, to be made durable together.
struct append_request {
  stream_name stream;
  std::uint64_t epoch = 0;
  std::uint64_t first_sequence = 0;
  std::vector<std::string> records;  // each from encode_record
  std::vector<side_put> side;
  std::optional<snapshot> state;     // stored behind the records it contains
  bool urgent = true;                // false: nothing leaves when it is durable, so it may wait for company
  /// The records are another store's: each keeps the epoch it was written in, none above `epoch`, which is the stream's from then on,
  /// so that whoever opens it next is above every writer there was. They must continue the chain of what is here. May have none.
  bool is_copy = false;
};

/// Where a stream stands. Zero length: never written.
struct stream_head {
  stream_name stream;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  sha256_digest chain;
  friend bool operator==(const stream_head&, const stream_head&) = default;
};

/// Called once per append_request: the sequence up to which the stream is durable, or why it is not and never will
/// be by this request. Errors: fenced (stand down), sequence_gap (our bug), io_error (the journal is dead).
using completion = std::function<void(result<std::uint64_t>)>;

struct statistics {
  std::uint64_t turns = 0;    // records made durable since start
  std::uint64_t flushes = 0;  // synced writes since start
  std::uint64_t bytes = 0;
  std::uint64_t queued = 0;   // requests waiting now
  nanoseconds busy_for{};     // what is being made durable now has taken as long; zero: nothing is
  duration_tally::counts flush_time{}; // of synced writes
  size_tally::counts flush_turns{};    // turns that shared one
  std::uint64_t snapshots_damaged = 0; // passed by since start, or streams of which some were lost at it
};

class journal {
public:
  virtual ~journal() = default;

  /// Raises the stream's epoch and answers, behind the flush of everything queued before, where it stands. The caller
  /// writes with the returned epoch; every lower one is refused from now on. Errors: io_error.
  [[nodiscard]] virtual result<stream_head> open_stream(const stream_name& stream) = 0;

  /// Queues the request and returns at once; `done` is called when it is durable or refused.
  virtual void append(append_request request, completion done) = 0;

  /// Blocks until everything queued before the call is durable. Errors: io_error.
  [[nodiscard]] virtual result<void> flush() = 0;

  /// Visits durable records of `stream` from sequence `from` ascending until `visit` returns false or the end.
  /// Errors: corrupt, sequence_gap, io_error, all naming stream and sequence.
  [[nodiscard]] virtual result<void> read(const stream_name& stream, std::uint64_t from,
                                          const std::function<bool(const record_view&)>& visit) const = 0;

  /// The newest whole snapshot at or below `at_most`, if any: turns say the same, so a damaged one stops nobody.
  [[nodiscard]] virtual result<std::optional<snapshot>> load_snapshot(const stream_name& stream,
                                                                      std::uint64_t at_most) const = 0;

  [[nodiscard]] virtual result<std::optional<std::string>> get(std::string_view table, std::string_view key) const = 0;
  /// Visits keys >= `from` ascending until `visit` returns false.
  [[nodiscard]] virtual result<void> scan(std::string_view table, std::string_view from,
                                          const std::function<bool(std::string_view key, std::string_view value)>&
                                            visit) const = 0;

  /// Heads of all streams, ordered by name.
  [[nodiscard]] virtual result<std::vector<stream_head>> heads() const = 0;
  [[nodiscard]] virtual statistics stats() const = 0;

  /// False while free space is below the reserve: new orders are refused with disk_full, everything else still commits.
  [[nodiscard]] virtual bool has_space() const noexcept = 0;
};

/// SHA-256 over the sorted list (stream, length, chain head): equal for equal histories, whatever the batches,
/// snapshots, epochs of other runs or wall time. Streams without a record do not enter.
[[nodiscard]] sha256_digest journal_hash(std::vector<stream_head> heads);

} // namespace troupe::journal
