#include "actors/market/tape/tape.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>

namespace troupe::tape {
namespace {

constexpr std::uint64_t kib = 1024;

std::vector<field_error> violations(const options& how) {
  std::vector<field_error> wrong;
  const auto require = [&](bool holds, const char* field, const char* rule) {
    if (!holds) wrong.push_back({field, rule});
  };
  require(!how.directory.empty(), "directory", "must not be empty");
  require(how.chunk_entries >= 1 && how.chunk_entries <= chunk_entries_max, "chunk_entries", "must be 1 to 65536");
  require(how.chunk_bytes >= 4 * kib && how.chunk_bytes <= 4 * kib * kib, "chunk_bytes", "must be 4 KiB to 4 MiB");
  require(how.sync_interval.count() > 0, "sync_interval", "must be greater than 0");
  require(how.segment_bytes >= 64 * kib && how.segment_bytes <= 4 * kib * kib * kib, "segment_bytes",
          "must be 64 KiB to 4 GiB");
  require(how.retention_bytes / 2 >= how.segment_bytes, "retention_bytes", "must be at least twice segment_bytes");
  require(how.reserve >= 1, "reserve", "must be at least 1");
  return wrong;
}

result<void> remove_file(const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::remove(path, failure);
  if (failure) return fail(errc::io_error, "cannot remove " + path.string() + ": " + failure.message());
  return {};
}

} // namespace

result<tape> tape::open(const options& how) {
  if (auto wrong = violations(how); !wrong.empty())
    return error{errc::invalid_argument, "the tape's options cannot be used", std::move(wrong)};
  std::error_code failure;
  const bool is_new = std::filesystem::create_directories(how.directory, failure);
  if (failure) return fail(errc::io_error, "cannot make " + how.directory.string() + ": " + failure.message());
  if (is_new) { // and perhaps the folder of tapes that it lies in
    const auto around = std::filesystem::absolute(how.directory).parent_path();
    for (const auto& folder : {around, around.parent_path()})
      if (auto synced = sync_directory(folder); !synced) return synced.error();
  }
  tape opened{how};
  auto lock = file::open(how.directory / "lock", O_RDWR | O_CREAT);
  if (!lock) return lock.error();
  if (::flock(lock->descriptor(), LOCK_EX | LOCK_NB) != 0)
    return fail(errc::unavailable, how.directory.string() + " is open in another process");
  opened.lock_ = std::move(*lock);
  if (auto done = opened.recover(); !done) return done.error();
  return opened;
}

/// Positions continue at the reservation: what lies between it and the last readable entry may have been
/// cited.
result<void> tape::recover() {
  const auto readable = recover_segments();
  if (!readable) return readable.error();
  recovered_.segments = segments_.size();
  recovered_.last_position = *readable;

  const auto reserved = read_reservation(how_.directory);
  if (!reserved && reserved.error().code != errc::not_found) return reserved.error();
  if (!reserved && !segments_.empty())
    return fail(errc::corrupt, reservation_path(how_.directory).string() + " is missing; the tape's next position is unknown");
  if (reserved && *reserved <= *readable)
    return fail(errc::corrupt, reservation_path(how_.directory).string() + " does not fit the tape beside it");
  if (reserved) next_ = *reserved;
  recovered_.skipped_positions = next_ - *readable - 1;
  recovered_.clean = recovered_.cut_bytes == 0 && recovered_.skipped_positions == 0;
  durable_ = *readable;
  for (const auto& s : segments_) stats_.disk_bytes += s.bytes;
  return reserve(next_ + how_.reserve);
}

/// Cuts the torn end and opens the newest segment for appending. Returns the last readable position.
result<std::uint64_t> tape::recover_segments() {
  auto listed = list_segments(how_.directory);
  if (!listed) return listed.error();
  segments_ = std::move(*listed);
  while (!segments_.empty()) {
    auto& newest = segments_.back();
    auto opened = file::open(newest.path, O_RDWR);
    if (!opened) return opened.error();
    // A file that ends inside its own header was being made when the process ended.
    if (newest.bytes < segment_header_bytes) {
      recovered_.cut_bytes += newest.bytes;
      if (auto removed = remove_file(newest.path); !removed) return removed.error();
      segments_.pop_back();
      continue;
    }
    const auto end = walk_segment(*opened, 0, [](const chunk_header&, std::string_view) { return result<bool>{true}; });
    if (!end) return end.error();
    if (!end->clean) {
      const auto behind = ending_of(*opened, *end);
      if (!behind) return behind.error();
      if (*behind == ending::damaged)
        if (auto kept = put_aside(*opened, *end); !kept) return kept.error();
      recovered_.cut_bytes += newest.bytes - end->offset;
      if (auto cut = opened->truncate(end->offset); !cut) return cut.error();
      if (auto synced = opened->sync(); !synced) return synced.error();
      newest.bytes = end->offset;
    }
    current_ = std::move(*opened);
    return end->next_position != 0 ? end->next_position - 1 : newest.first_position - 1;
  }
  return 0;
}

/// A torn write ends its file; behind anything else there may be whole chunks, which decisions cite.
result<void> tape::put_aside(const file& damaged, const walk_end& end) {
  constexpr std::size_t copied_at_once = 1024 * kib;
  recovered_.put_aside = damaged_path(damaged.path());
  auto aside = file::open(recovered_.put_aside, O_WRONLY | O_CREAT | O_TRUNC);
  if (!aside) return aside.error();
  for (auto at = end.offset; at < end.size;) {
    const auto bytes = damaged.read(at, std::min<std::uint64_t>(copied_at_once, end.size - at));
    if (!bytes) return bytes.error();
    if (bytes->empty()) break;
    if (auto put = aside->write(at - end.offset, *bytes); !put) return put;
    at += bytes->size();
  }
  if (auto synced = aside->sync(); !synced) return synced;
  return sync_directory(how_.directory);
}

/// Promises durably that positions below `next_unused` may be in use.
result<void> tape::reserve(std::uint64_t next_unused) {
  std::string bytes;
  append_reservation(next_unused, bytes);
  const auto fresh = how_.directory / "reserved.new";
  auto opened = file::open(fresh, O_WRONLY | O_CREAT | O_TRUNC);
  if (!opened) return opened.error();
  if (auto put = opened->write(0, bytes); !put) return put.error();
  if (auto synced = opened->sync(); !synced) return synced.error();
  std::error_code failure;
  std::filesystem::rename(fresh, reservation_path(how_.directory), failure);
  if (failure)
    return fail(errc::io_error, "cannot replace " + reservation_path(how_.directory).string() + ": " + failure.message());
  if (auto synced = sync_directory(how_.directory); !synced) return synced.error();
  reserved_ = next_unused;
  return {};
}

/// Runs `step`; the first failure is the tape's last word, because a failed sync must not be tried again.
template <class Step>
result<void> tape::guarded(Step&& step) {
  if (dead_) return *dead_;
  result<void> done = step();
  if (!done) dead_ = done.error();
  return done;
}

result<std::uint64_t> tape::append(time_ns received_at, std::string_view raw) {
  if (raw.size() > entry_bytes_max)
    return fail(errc::too_large, "an entry of a tape has at most " + std::to_string(entry_bytes_max) + " bytes");
  auto done = guarded([&]() -> result<void> {
    if (next_ == reserved_)
      if (auto more = reserve(next_ + how_.reserve); !more) return more;
    if (open_entries_ == 0) open_received_at_ = received_at;
    append_entry(received_at, raw, open_);
    ++open_entries_;
    ++next_;
    ++stats_.entries;
    stats_.raw_bytes += raw.size();
    if (open_entries_ >= how_.chunk_entries || open_.size() >= how_.chunk_bytes) return write_chunk();
    return {};
  });
  if (!done) return done.error();
  return next_ - 1;
}

result<void> tape::write_chunk() {
  if (open_entries_ == 0) return {};
  const auto first = next_ - open_entries_;
  encoded_.clear();
  append_chunk(first, open_received_at_, open_entries_, open_, encoded_);
  const bool full = current_.is_open() && segments_.back().bytes > segment_header_bytes &&
                    segments_.back().bytes + encoded_.size() > how_.segment_bytes;
  if (!current_.is_open() || full)
    if (auto rolled = roll(first); !rolled) return rolled;
  auto& newest = segments_.back();
  if (auto put = current_.write(newest.bytes, encoded_); !put) return put;
  newest.bytes += encoded_.size();
  stats_.disk_bytes += encoded_.size();
  stats_.stored_bytes += encoded_.size();
  ++stats_.chunks;
  open_.clear();
  open_entries_ = 0;
  written_since_sync_ = true;
  return {};
}

/// Finishes the current segment and begins one whose first chunk is at `first_position`.
result<void> tape::roll(std::uint64_t first_position) {
  if (current_.is_open()) {
    if (auto synced = current_.sync(); !synced) return synced;
  }
  segment fresh{first_position, segment_header_bytes, segment_path(how_.directory, first_position)};
  auto opened = file::open(fresh.path, O_RDWR | O_CREAT | O_EXCL); // positions are never handed out twice
  if (!opened) return opened.error();
  std::string header;
  append_segment_header(first_position, header);
  if (auto put = opened->write(0, header); !put) return put;
  if (auto synced = opened->sync(); !synced) return synced;
  if (auto synced = sync_directory(how_.directory); !synced) return synced;
  current_ = std::move(*opened);
  segments_.push_back(std::move(fresh));
  stats_.disk_bytes += segment_header_bytes;
  return retain();
}

/// Keeps room for one full segment below the limit.
result<void> tape::retain() {
  while (segments_.size() > 1 && stats_.disk_bytes + how_.segment_bytes > how_.retention_bytes) {
    for (const auto& gone : {segments_.front().path, damaged_path(segments_.front().path)})
      if (auto removed = remove_file(gone); !removed) return removed;
    stats_.disk_bytes -= segments_.front().bytes;
    segments_.erase(segments_.begin());
    ++stats_.removed_segments;
  }
  return {};
}

result<void> tape::sync() {
  return guarded([&]() -> result<void> {
    if (auto wrote = write_chunk(); !wrote) return wrote;
    if (written_since_sync_) {
      if (auto synced = current_.sync(); !synced) return synced;
      written_since_sync_ = false;
      ++stats_.syncs;
    }
    durable_ = next_ - 1;
    // Reserving here, off the path of an append, leaves appends free of a second sync.
    if (reserved_ - next_ < how_.reserve / 2) return reserve(next_ + how_.reserve);
    return {};
  });
}

result<void> tape::sync_if_due(boot_ns now) {
  if (dead_) return *dead_;
  if (!last_sync_) last_sync_ = now;
  if (now - *last_sync_ < how_.sync_interval) return {};
  last_sync_ = now;
  return sync();
}

result<void> tape::close() {
  if (auto synced = sync(); !synced) return synced;
  auto done = guarded([&] { return reserve(next_); });
  if (!done) return done;
  dead_ = fail(errc::unavailable, "the tape is closed");
  current_ = {};
  lock_ = {};
  return {};
}

} // namespace troupe::tape
