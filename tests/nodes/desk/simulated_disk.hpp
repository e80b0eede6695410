#pragma once
// The disk of a process that may die at any step, on virtual time: what it is given waits in a queue, is written in groups, and each group
// becomes durable as a whole and in order a drawn while later. Only then is it read and answered, as by the durable journal, whose crash
// points it passes. Used on one thread.

#include "runtime/journal/journal.hpp"

#include <functional>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

namespace troupe::test {

/// Requests that were not synced when their process died.
struct disk_losses {
  std::uint64_t lost = 0;
  std::uint64_t kept = 0; // they were written, and stayed by chance
};

/// What a disk knows of its process and of the world. What is referred to outlives the disk.
struct disk_host {
  const nanoseconds& now;
  std::shared_ptr<const bool> is_alive;
  std::mt19937_64& random;
  disk_losses& losses;
  std::function<void(std::string_view)> point; // a crash point was passed; may end the process
  nanoseconds slowest{}; // a write or a sync takes at most this; zero: `append` returns when it is durable and answered
};

class simulated_disk final : public journal::journal {
public:
  /// `durable` is what a later life of the process finds.
  simulated_disk(std::shared_ptr<journal> durable, disk_host host) : durable_{std::move(durable)}, host_{std::move(host)} {}

  /// When there is something to do; the far future: there is nothing.
  [[nodiscard]] nanoseconds next_due() const;
  /// One step of what is due now: a write, or a sync and its answers.
  void step();
  /// The process has just died. Of the groups that were written and not synced the first few stay, drawn how many; nobody is answered.
  void lose_rest();

  result<::troupe::journal::stream_head> open_stream(const ::troupe::journal::stream_name& s) override;
  void append(::troupe::journal::append_request r, ::troupe::journal::completion done) override;
  result<void> flush() override;
  result<void> read(const ::troupe::journal::stream_name& s, std::uint64_t from,
                    const std::function<bool(const ::troupe::journal::record_view&)>& v) const override {
    return durable_->read(s, from, v);
  }
  result<std::optional<::troupe::journal::snapshot>> load_snapshot(const ::troupe::journal::stream_name& s, std::uint64_t at_most) const override {
    return durable_->load_snapshot(s, at_most);
  }
  result<std::optional<std::string>> get(std::string_view table, std::string_view key) const override { return durable_->get(table, key); }
  result<void> scan(std::string_view table, std::string_view from, const std::function<bool(std::string_view, std::string_view)>& v) const override {
    return durable_->scan(table, from, v);
  }
  /// Behind everything queued, as the durable journal's.
  result<std::vector<::troupe::journal::stream_head>> heads() const override;
  ::troupe::journal::statistics stats() const override { return durable_->stats(); }
  bool has_space() const noexcept override { return true; }

private:
  struct job {
    ::troupe::journal::append_request request;
    ::troupe::journal::completion done;
  };
  using group = std::vector<job>;

  [[nodiscard]] nanoseconds drawn_due();
  /// False when the process died on the way.
  bool write();
  void sync();
  /// False when it died there.
  bool pass(std::string_view point);

  std::shared_ptr<journal> durable_;
  disk_host host_;
  group queue_;
  std::vector<group> written_;
  nanoseconds write_due_ = nanoseconds::max(), sync_due_ = nanoseconds::max();
};

} // namespace troupe::test
