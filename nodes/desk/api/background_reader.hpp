#pragma once
// A thread for what takes long and must not hold up the edge's: backups, one after the other. A node that stops does not wait for one that does not end:
// what is copied onto a file system that hangs may never. Any thread.

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>

namespace troupe::desk {

class background_reader {
public:
  /// Must not throw. Asks `is_given_up` now and then, and at its beginning.
  void run(std::function<void()> read) {
    {
      std::lock_guard guard{mutex_};
      ++open_;
    }
    boost::asio::post(thread_, [this, read = std::move(read)]() mutable {
      read();
      read = nullptr;
      std::lock_guard guard{mutex_};
      if (--open_ == 0) none_open_.notify_all();
    });
  }

  /// From now on what runs is to end as soon as it can, and what comes is not to begin.
  void give_up() noexcept { is_given_up_ = true; }
  [[nodiscard]] bool is_given_up() const noexcept { return is_given_up_; }

  /// Waits for at most `limit` until nothing is open. False: something hangs, uses what it was given, and the destructor would wait for it.
  [[nodiscard]] bool ends_within(std::chrono::milliseconds limit) {
    std::unique_lock guard{mutex_};
    return none_open_.wait_for(guard, limit, [this] { return open_ == 0; });
  }

private:
  std::mutex mutex_;
  std::condition_variable none_open_;
  std::size_t open_ = 0; // under the mutex
  std::atomic<bool> is_given_up_{false};
  boost::asio::thread_pool thread_{1}; // joined before the rest goes
};

} // namespace troupe::desk
