#include "runtime/journal/rocks_writer.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>

namespace troupe::journal {

namespace {

using steady = std::chrono::steady_clock;

/// How often an idle journal looks at the free space.
constexpr auto idle_look = std::chrono::milliseconds{100};

std::size_t size_of(const append_request& request) noexcept {
  std::size_t bytes = sizeof(job);
  for (const auto& record : request.records) bytes += record.size();
  for (const auto& side : request.side) bytes += side.key.size() + side.value.size();
  if (request.state) bytes += request.state->state.size();
  return bytes;
}

} // namespace

rocks_journal::~rocks_journal() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& writer : writers_)
    if (writer.joinable()) writer.join();
  // A clean close names the last commit on the disk; after a death the disk decides by itself.
  if (dead_ || !frontier_) return;
  if (!options_.sync && !store_->db().SyncWAL().ok()) return; // the frontier must not name what may not last
  static_cast<void>(frontier_->sync());
  if (options_.sync) write_out();
}

/// Makes tables of what is in the log, so that the next start need not. Everything is durable without it: when it fails, the
/// close has not.
void rocks_journal::write_out() {
  if (background_->first() || !space_->may_write(0)) return;
  rocksdb::FlushOptions all;
  all.allow_write_stall = true; // nobody writes any more
  store_->db().Flush(all, store_->handles()).PermitUncheckedError();
}

result<void> rocks_journal::start(const std::optional<frontier_mark>& frontier, renewed_snapshots snapshots) {
  snapshots_damaged_ = snapshots.damaged.size();
  auto epochs = store_->epochs();
  if (!epochs) return epochs.error();
  auto names = store_->streams();
  if (!names) return names.error();
  for (const auto& [stream, epoch] : *epochs) streams_.at(stream).epoch = epoch;
  for (const auto& stream : *names) {
    auto& state = streams_.at(stream);
    auto last = store_->last_record(stream);
    if (!last) return last.error();
    if (*last) std::tie(state.sequence, state.last_record) = std::move(**last);
    if (const auto kept = snapshots.kept.find(stream); kept != snapshots.kept.end()) state.snapshots = std::move(kept->second);
  }
  if (frontier && frontier->sequence > 0 && streams_.at(frontier->stream).sequence < frontier->sequence)
    return fail(errc::corrupt, "stream " + frontier->stream.value.str() + " ends at sequence " +
                                 std::to_string(streams_.at(frontier->stream).sequence) + " but sequence " +
                                 std::to_string(frontier->sequence) + " was durable");
  auto file = frontier_file::create(options_.directory / layout::frontier_name, batch_.mark());
  if (!file) return file.error();
  frontier_ = std::move(*file);
  frontier_synced_ = steady::now();
  if (options_.sync)
    for (std::size_t i = 0; i < writers_.size(); ++i) {
      writers_[i] = std::thread{[this, i] { write_until_stopped(busy_[i]); }};
      ::pthread_setname_np(writers_[i].native_handle(), "journal");
    }
  return {};
}

result<stream_head> rocks_journal::open_stream(const stream_name& stream) {
  stream_head head;
  job open;
  open.what = job::kind::open;
  open.request.stream = stream;
  open.opened = &head;
  if (auto failure = call(std::move(open))) return *failure;
  return head;
}

result<void> rocks_journal::flush() {
  job barrier;
  barrier.what = job::kind::barrier;
  if (auto failure = call(std::move(barrier))) return *failure;
  return {};
}

result<std::vector<stream_head>> rocks_journal::heads() const {
  std::vector<stream_head> heads;
  job barrier;
  barrier.what = job::kind::barrier;
  barrier.listed = &heads;
  // Asking goes through the queue, because streams belong to the writer; it changes nothing.
  if (auto failure = const_cast<rocks_journal*>(this)->call(std::move(barrier))) return *failure;
  return heads;
}

void rocks_journal::append(append_request request, completion done) {
  job next;
  next.bytes = size_of(request);
  next.request = std::move(request);
  next.done = std::move(done);
  if (!options_.sync) return run_inline(std::move(next));
  if (auto refused = enqueue(next, true)) next.done(*refused);
}

std::optional<error> rocks_journal::call(job waiting) {
  for (const auto& writer : writers_)
    TROUPE_ASSERT(std::this_thread::get_id() != writer.get_id(), "completions do not wait for the journal");
  std::promise<std::optional<error>> promise;
  auto answer = promise.get_future();
  waiting.answered = &promise;
  if (!options_.sync) run_inline(std::move(waiting));
  else if (auto refused = enqueue(waiting, false)) return refused;
  return answer.get();
}

std::optional<error> rocks_journal::enqueue(job& next, bool bounded) {
  bool sleeper = false;
  {
    std::lock_guard guard{mutex_};
    if (dead_) return dead_;
    if (bounded && (queue_.size() >= options_.queue_requests_max ||
                    (queue_bytes_ + next.bytes > options_.queue_bytes_max && !queue_.empty())))
      return fail(errc::overloaded, "the journal's queue is full; repeat with the same id after a pause");
    const auto due = due_of(next);
    queue_bytes_ += next.bytes;
    queue_.push_back(std::move(next));
    queued_.store(queue_.size(), std::memory_order_relaxed);
    sleeper = due < due_ && asleep_ > 0 && !is_writing_; // who changes nothing need not wake anybody
    due_ = std::min(due_, due);
  }
  if (sleeper) wake_.notify_one();
  return std::nullopt;
}

steady::time_point rocks_journal::due_of(const job& next) const {
  if (next.what != job::kind::append || next.request.urgent) return steady::time_point::min();
  return due_ == steady::time_point::max() ? steady::now() + options_.linger : due_;
}

/// Under `mutex_`.
std::vector<job> rocks_journal::take_queue() {
  due_ = steady::time_point::max();
  queue_bytes_ = 0;
  queued_.store(0, std::memory_order_relaxed);
  return std::exchange(queue_, {});
}

void rocks_journal::run_inline(job next) {
  std::vector<job> work;
  work.push_back(std::move(next));
  std::vector<group> one;
  std::optional<error> failure;
  {
    std::lock_guard guard{inline_mutex_};
    if (!unwritten_) unwritten_ = dead_;
    one.push_back(write(std::move(work)));
    failure = sync(one);
    if (failure && !dead_) {
      dead_ = failure;
      if (options_.on_fatal) options_.on_fatal(*failure);
    }
  }
  settle(one.front().work, failure);
}

void rocks_journal::write_until_stopped(busy_since& busy) {
  while (auto work = take_work()) {
    busy.store(steady::now(), std::memory_order_relaxed);
    if (!work->empty()) hand_over(write(std::move(*work)));
    make_durable();
    busy.store({}, std::memory_order_relaxed);
  }
}

nanoseconds rocks_journal::busy_for() const noexcept {
  nanoseconds longest{};
  for (const auto& writer : busy_)
    if (const auto since = writer.load(std::memory_order_relaxed); since != steady::time_point{}) longest = std::max<nanoseconds>(longest, steady::now() - since);
  return longest;
}

/// Waits until work is due and it is this thread's turn to write it; empty: time to look around, nothing: the end.
std::optional<std::vector<job>> rocks_journal::take_work() {
  const auto look_at = steady::now() + idle_look;
  std::unique_lock guard{mutex_};
  while (is_writing_ || (due_ > steady::now() && !stopping_)) {
    if (steady::now() >= look_at) return std::vector<job>{};
    ++asleep_;
    wake_.wait_until(guard, is_writing_ ? look_at : std::min(look_at, due_));
    --asleep_;
  }
  if (queue_.empty()) return std::nullopt;
  is_writing_ = true;
  return take_queue();
}

/// To whoever syncs next; and the turn to write goes to the other thread if something waits already.
void rocks_journal::hand_over(group written) {
  bool more = false;
  {
    std::lock_guard guard{mutex_};
    written_.push_back(std::move(written));
    is_writing_ = false;
    more = asleep_ > 0 && (!queue_.empty() || stopping_);
  }
  if (more) wake_.notify_one();
}

group rocks_journal::write(std::vector<job> work) {
  group next;
  next.work = std::move(work);
  if (!unwritten_) {
    process(next.work);
    unwritten_ = put_in_log(next);
  }
  next.failure = unwritten_;
  return next;
}

void rocks_journal::process(std::vector<job>& work) {
  batch_.clear();
  for (auto& next : work) {
    if (next.what == job::kind::append) next.outcome = batch_.add(next.request);
    else if (next.what == job::kind::open) *next.opened = batch_.raise_epoch(next.request.stream);
    else if (next.listed) *next.listed = streams_.heads();
  }
}

std::optional<error> rocks_journal::put_in_log(group& next) {
  if (auto failure = background_->first()) return failure;
  if (batch_.empty()) return std::nullopt;
  batch_.seal();
  next.mark = batch_.mark();
  next.turns = batch_.turns();
  next.bytes = batch_.writes().GetDataSize();
  if (!space_->may_write(next.bytes))
    return fail(errc::io_error, space_->refusal(options_.directory, next.bytes));
  point("journal.batch_built");
  std::lock_guard guard{writing_};
  auto& db = store_->db();
  const auto status = db.Write(write_options_, &batch_.writes());
  if (!status.ok()) return layout::to_error(status, "writing commit " + std::to_string(next.mark.commit));
  next.has_changes = true;
  if (options_.sync) // else whatever is written is read at once
    next.state = {db.GetSnapshot(), [&db](const rocksdb::Snapshot* state) { db.ReleaseSnapshot(state); }};
  return std::nullopt;
}

/// Syncs and answers every group that is written. A writer that finds none was served by the other one.
void rocks_journal::make_durable() {
  std::lock_guard order{syncing_};
  std::vector<group> groups;
  std::optional<error> dead;
  {
    std::lock_guard guard{mutex_};
    std::swap(groups, written_);
    dead = dead_;
  }
  if (groups.empty()) return look_around();
  const auto unwritten = std::ranges::find_if(groups, [](const group& g) { return g.failure.has_value(); });
  const std::span written{groups.begin(), unwritten};
  if (!dead) dead = sync(written);
  if (dead) return die(*dead, groups);
  for (auto& g : written) settle(g.work, std::nullopt);
  if (unwritten != groups.end()) return die(*unwritten->failure, {unwritten, groups.end()});
  point("journal.answered");
  look_around();
}

std::optional<error> rocks_journal::sync(std::span<group> groups) {
  if (!groups.empty() && groups.front().failure) return groups.front().failure;
  const group* last = nullptr;
  std::uint64_t turns = 0, bytes = 0;
  for (const auto& g : groups) {
    if (g.has_changes) last = &g;
    turns += g.turns;
    bytes += g.bytes;
  }
  if (!last) return std::nullopt;
  if (options_.sync) {
    const auto began = steady::now();
    const auto status = store_->db().SyncWAL();
    if (!status.ok()) return layout::to_error(status, "syncing commit " + std::to_string(last->mark.commit));
    flush_time_.add(steady::now() - began);
    flush_turns_.add(static_cast<std::int64_t>(turns));
    store_->show(last->state);
  }
  point("journal.committed");
  if (auto named = frontier_->write(last->mark); !named) return named.error();
  point("journal.frontier_named");
  turns_.fetch_add(turns, std::memory_order_relaxed);
  flushes_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return std::nullopt;
}

void rocks_journal::settle(std::vector<job>& work, const std::optional<error>& failure) {
  for (auto& next : work) {
    if (next.answered) {
      next.answered->set_value(failure);
      continue;
    }
    // Gone before a barrier behind it is answered: it may hold whoever holds this journal, which must not end on its own thread.
    const auto done = std::exchange(next.done, nullptr);
    if (!next.outcome) done(next.outcome.error()); // refused before anything was written
    else if (failure) done(*failure);
    else done(next.outcome);
  }
}

/// No acknowledgement follows the first error, and nothing is tried again: a failed fsync may have lost pages
/// that the next one would call clean.
void rocks_journal::die(const error& failure, std::span<group> groups) {
  const error last{errc::io_error, failure.message, {}};
  std::vector<job> waiting;
  bool is_first = false;
  {
    std::lock_guard guard{mutex_};
    is_first = !dead_;
    if (is_first) dead_ = last;
    waiting = take_queue();
  }
  if (is_first && options_.on_fatal) options_.on_fatal(last);
  for (auto& g : groups) settle(g.work, last);
  settle(waiting, last);
}

/// What is due besides committing: the frontier's sync, free space, errors of RocksDB's own threads.
void rocks_journal::look_around() {
  if (dead_) return; // only who syncs sets it
  if (auto failure = background_->first()) return die(*failure, {});
  const auto now = steady::now();
  if (frontier_->dirty() && now - frontier_synced_ >= options_.frontier_interval) {
    if (auto synced = frontier_->sync(); !synced) return die(synced.error(), {});
    frontier_synced_ = now;
  }
  if (now - space_looked_ >= idle_look) {
    space_->look();
    space_looked_ = now;
    if (const auto news = space_->news(); news && options_.log) options_.log(*news);
  }
  if (space_->is_roomy() != compacting_) {
    // Compaction is what can suddenly need much; it waits until there is room again.
    compacting_ = space_->is_roomy();
    for (auto* family : store_->handles())
      store_->db()
        .SetOptions(family, {{"disable_auto_compactions", compacting_ ? "false" : "true"}})
        .PermitUncheckedError();
    if (options_.log)
      options_.log(compacting_ ? "journal: free space is back" : "journal: free space is low, compaction is off");
  }
}

} // namespace troupe::journal
