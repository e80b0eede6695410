#pragma once
// The durable journal's class: a bounded queue in front of two threads that take turns. One writes what is queued into
// the log and the memtables while the other waits for the disk to have the group before it; groups become durable in
// the order they were written, and until then nobody reads them. Private to this folder (it includes RocksDB).
// Members belong to whoever holds the mutex above them, the writer's to the thread whose turn it is to write.

#include "runtime/journal/commit_batch.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/rocks_open.hpp"
#include "runtime/journal/snapshot_family.hpp"
#include "runtime/journal/space_watch.hpp"

#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <span>
#include <thread>

namespace troupe::journal {

/// Remembers the first error of RocksDB's own threads until the writer asks: acting here would be under
/// RocksDB's lock.
class background_errors final : public rocksdb::EventListener {
public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    std::lock_guard guard{mutex_};
    if (!first_) first_ = layout::to_error(*status, "RocksDB's background work");
    seen_.store(true, std::memory_order_release);
  }
  [[nodiscard]] std::optional<error> first() const {
    if (!seen_.load(std::memory_order_acquire)) return std::nullopt;
    std::lock_guard guard{mutex_};
    return first_;
  }

private:
  std::atomic<bool> seen_{false};
  mutable std::mutex mutex_;
  std::optional<error> first_;
};

/// What waits in the queue: an append, or a call that must be answered behind everything queued before it.
struct job {
  enum class kind : std::uint8_t { append, open, barrier };
  kind what = kind::append;
  append_request request;
  completion done;
  stream_head* opened = nullptr;                   // open: where to put the head
  std::vector<stream_head>* listed = nullptr;      // barrier: where to put all heads, if asked
  std::promise<std::optional<error>>* answered = nullptr;
  result<std::uint64_t> outcome = std::uint64_t{0};
  std::size_t bytes = 0;
};

/// What was written together, on its way to the disk.
struct group {
  std::vector<job> work;
  std::optional<error> failure;                      // it could not be written, and nothing behind it is
  bool has_changes = false;
  std::shared_ptr<const rocksdb::Snapshot> state;    // with changes: what may be read once they are durable
  frontier_mark mark;
  std::uint64_t turns = 0;
  std::uint64_t bytes = 0;
};

class rocks_journal final : public journal {
public:
  rocks_journal(rocks_options options, std::unique_ptr<rocksdb::Env> env,
                std::shared_ptr<background_errors> background, opened_store opened, std::shared_ptr<space_watch> space)
      : options_{std::move(options)}, env_{std::move(env)}, background_{std::move(background)},
        store_{std::move(opened.store)}, space_{std::move(space)}, streams_{options_.tables},
        batch_{*store_, streams_, opened.last}, write_options_{} {
    write_options_.sync = false; // the sync is a step of its own
  }

  ~rocks_journal() override;

  /// Loads heads and starts the writer. Errors: corrupt, io_error.
  result<void> start(const std::optional<frontier_mark>& frontier, renewed_snapshots snapshots);

  result<stream_head> open_stream(const stream_name& stream) override;
  void append(append_request request, completion done) override;
  result<void> flush() override;
  result<std::vector<stream_head>> heads() const override;

  result<void> read(const stream_name& stream, std::uint64_t from,
                    const std::function<bool(const record_view&)>& visit) const override {
    return store_->read(stream, from, visit);
  }
  result<std::optional<snapshot>> load_snapshot(const stream_name& stream, std::uint64_t at_most) const override {
    return store_->load_whole_snapshot(stream, at_most, [this](const error& e) {
      ++snapshots_damaged_;
      note("journal: passed by what is damaged: " + e.message);
    });
  }
  result<std::optional<std::string>> get(std::string_view table, std::string_view key) const override {
    return store_->get(table, key);
  }
  result<void> scan(std::string_view table, std::string_view from,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return store_->scan(table, from, visit);
  }
  statistics stats() const override {
    return {turns_.load(std::memory_order_relaxed), flushes_.load(std::memory_order_relaxed), bytes_.load(std::memory_order_relaxed),
            queued_.load(std::memory_order_relaxed), busy_for(), flush_time_.read(), flush_turns_.read(), snapshots_damaged_.load(std::memory_order_relaxed)};
  }
  bool has_space() const noexcept override { return space_->has_space(); }

  /// While the lock lives nobody else copies this journal. Taken before hold_writes.
  [[nodiscard]] std::unique_lock<std::mutex> hold_copies() { return std::unique_lock{copying_}; }
  /// While the lock lives nothing is written: whoever holds several journals copies them at one instant.
  [[nodiscard]] std::unique_lock<std::mutex> hold_writes() { return std::unique_lock{writing_}; }
  /// Makes a checkpoint in `directory`/db. Safe beside the writer.
  [[nodiscard]] result<void> make_checkpoint(const std::filesystem::path& directory);
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return options_.directory; }
  void note(const std::string& text) const {
    if (options_.log) options_.log(text);
  }

private:
  // On the caller's thread.
  [[nodiscard]] std::optional<error> call(job waiting);
  [[nodiscard]] std::optional<error> enqueue(job& next, bool bounded);
  [[nodiscard]] std::chrono::steady_clock::time_point due_of(const job& next) const;
  [[nodiscard]] std::vector<job> take_queue();
  void run_inline(job next);

  [[nodiscard]] nanoseconds busy_for() const noexcept;

  // On the writing threads.
  using busy_since = std::atomic<std::chrono::steady_clock::time_point>; // the clock's zero: it is not
  void write_until_stopped(busy_since& busy);
  [[nodiscard]] std::optional<std::vector<job>> take_work();
  void hand_over(group written);
  [[nodiscard]] group write(std::vector<job> work);
  void process(std::vector<job>& work);
  [[nodiscard]] std::optional<error> put_in_log(group& next);
  void make_durable();
  [[nodiscard]] std::optional<error> sync(std::span<group> groups);
  void settle(std::vector<job>& work, const std::optional<error>& failure);
  void die(const error& failure, std::span<group> groups);
  void look_around();
  void write_out();
  void point(std::string_view name) const {
    if (options_.crash_point) options_.crash_point(name);
  }

  rocks_options options_;
  std::unique_ptr<rocksdb::Env> env_;
  std::shared_ptr<background_errors> background_;
  std::unique_ptr<rocks_store> store_;
  std::shared_ptr<space_watch> space_;
  std::optional<frontier_file> frontier_;

  // The writer's.
  stream_table streams_;
  commit_batch batch_;
  rocksdb::WriteOptions write_options_;
  std::optional<error> unwritten_; // why nothing more is written
  std::mutex writing_;             // around every write; see hold_writes
  std::mutex copying_;             // see hold_copies
  std::mutex inline_mutex_;        // sync = false: whoever holds it is the writer

  std::mutex syncing_; // taken by each writer behind its write, so that groups are answered in their order
  std::chrono::steady_clock::time_point frontier_synced_{};
  std::chrono::steady_clock::time_point space_looked_{};
  bool compacting_ = true;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<job> queue_;
  std::vector<group> written_; // waiting for a sync
  std::chrono::steady_clock::time_point due_ = std::chrono::steady_clock::time_point::max(); // the queue is taken then
  std::size_t queue_bytes_ = 0;
  int asleep_ = 0;          // threads with nothing to do
  bool is_writing_ = false; // one of them has its turn to write
  bool stopping_ = false;
  std::optional<error> dead_; // set by whoever syncs

  std::atomic<std::uint64_t> turns_{0}, flushes_{0}, bytes_{0}, queued_{0};
  mutable std::atomic<std::uint64_t> snapshots_damaged_{0};
  duration_tally flush_time_;
  size_tally flush_turns_;
  std::array<std::thread, 2> writers_;
  std::array<busy_since, 2> busy_{}; // by writer
};

} // namespace troupe::journal
