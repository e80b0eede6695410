#include "runtime/journal/fault_file_system.hpp"

#include <rocksdb/file_system.h>

#include <chrono>
#include <mutex>
#include <string>
#include <thread>

namespace troupe::journal {

namespace {

/// True for exactly the call that takes the counter from 1 to 0.
bool is_due(std::atomic<std::int64_t>& countdown) noexcept {
  auto left = countdown.load();
  while (left > 0)
    if (countdown.compare_exchange_weak(left, left - 1)) return left == 1;
  return false;
}

struct shared_state {
  std::shared_ptr<file_faults> faults;
  std::function<void(std::string_view)> crash_point;

  void point(std::string_view name) const {
    if (crash_point) crash_point(name);
  }
};

class log_file final : public rocksdb::FSWritableFileOwnerWrapper {
public:
  log_file(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<shared_state> state)
      : FSWritableFileOwnerWrapper{std::move(file)}, state_{std::move(state)}, holds_{state_->faults->hold_unsynced} {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    if (!holds_) return FSWritableFileOwnerWrapper::Append(data, options, debug);
    hold(data);
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& info, rocksdb::IODebugContext* debug) override {
    if (!holds_) return FSWritableFileOwnerWrapper::Append(data, options, info, debug);
    hold(data);
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset, const rocksdb::IOOptions& options,
                                     rocksdb::IODebugContext* debug) override {
    if (!holds_) return FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, debug);
    return rocksdb::IOStatus::NotSupported("a log that holds unsynced bytes is appended to, not written at an offset");
  }
  rocksdb::IOStatus Truncate(std::uint64_t size, const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    if (auto written = write_held(options, debug); !written.ok()) return written;
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  /// A close alone loses nothing: a system that lives on writes it in its own time.
  rocksdb::IOStatus Close(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    if (auto written = write_held(options, debug); !written.ok()) return written;
    return FSWritableFileOwnerWrapper::Close(options, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return faulty_sync(options, debug, [&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return faulty_sync(options, debug, [&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }
  std::uint64_t GetFileSize(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    std::lock_guard guard{mutex_};
    return FSWritableFileOwnerWrapper::GetFileSize(options, debug) + held_.size();
  }

private:
  void hold(const rocksdb::Slice& data) {
    std::lock_guard guard{mutex_};
    held_.append(data.data(), data.size());
  }
  rocksdb::IOStatus write_held(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) {
    std::lock_guard guard{mutex_};
    if (held_.empty()) return rocksdb::IOStatus::OK();
    auto written = FSWritableFileOwnerWrapper::Append(held_, options, debug);
    if (written.ok()) held_.clear();
    return written;
  }

  template <class Sync>
  rocksdb::IOStatus faulty_sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug, Sync&& sync) {
    auto& faults = *state_->faults;
    state_->point("journal.wal_written");
    faults.syncs.fetch_add(1);
    if (const auto delay = faults.sync_delay_ms.load(); delay > 0)
      std::this_thread::sleep_for(std::chrono::milliseconds{delay});
    if (is_due(faults.fail_sync_in)) return rocksdb::IOStatus::IOError("fdatasync failed: injected fault");
    auto status = write_held(options, debug);
    if (status.ok()) status = sync();
    if (status.ok()) state_->point("journal.wal_synced");
    return status;
  }

  std::shared_ptr<shared_state> state_;
  const bool holds_;
  std::mutex mutex_; // RocksDB may append to a log while another thread syncs it
  std::string held_;
};

class table_file final : public rocksdb::FSWritableFileOwnerWrapper {
public:
  table_file(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<shared_state> state)
      : FSWritableFileOwnerWrapper{std::move(file)}, state_{std::move(state)} {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    if (is_due(state_->faults->fail_table_write_in)) return failed();
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& info, rocksdb::IODebugContext* debug) override {
    if (is_due(state_->faults->fail_table_write_in)) return failed();
    return FSWritableFileOwnerWrapper::Append(data, options, info, debug);
  }

private:
  static rocksdb::IOStatus failed() { return rocksdb::IOStatus::IOError("write failed: injected fault"); }

  std::shared_ptr<shared_state> state_;
};

class fault_file_system final : public rocksdb::FileSystemWrapper {
public:
  explicit fault_file_system(std::shared_ptr<shared_state> state)
      : FileSystemWrapper{rocksdb::FileSystem::Default()}, state_{std::move(state)} {}

  const char* Name() const override { return "troupe.faults"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    auto status = FileSystemWrapper::NewWritableFile(name, options, file, debug);
    if (!status.ok()) return status;
    if (name.ends_with(".log")) *file = std::make_unique<log_file>(std::move(*file), state_);
    else if (name.ends_with(".sst")) *file = std::make_unique<table_file>(std::move(*file), state_);
    return status;
  }

private:
  std::shared_ptr<shared_state> state_;
};

} // namespace

std::shared_ptr<rocksdb::FileSystem> make_fault_file_system(std::shared_ptr<file_faults> faults,
                                                            std::function<void(std::string_view)> crash_point) {
  auto state = std::make_shared<shared_state>();
  state->faults = std::move(faults);
  state->crash_point = std::move(crash_point);
  return std::make_shared<fault_file_system>(std::move(state));
}

} // namespace troupe::journal
