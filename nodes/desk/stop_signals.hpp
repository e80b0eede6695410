#pragma once
// Ctrl-C and SIGTERM. The first asks the node to stop, whenever it comes; the second ends the process at once, for whoever
// does not want to wait for a drain, unless it comes with the first. A thread of its own takes them, so that one is heard while the node starts or drains.

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace troupe::desk {

class stop_signals {
public:
  /// Blocks both signals in this thread and in those it will start: make it before any other thread exists.
  stop_signals();
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  [[nodiscard]] bool is_asked() const noexcept { return asked_; }
  /// Returns at the first signal.
  void wait() const { asked_.wait(false); }
  /// What to say of what was not done when the second signal comes; asked on this object's thread.
  void tell_what_is_left(std::function<std::string()> left);

private:
  void watch();

  std::atomic<bool> asked_{false};
  std::mutex mutex_;
  std::function<std::string()> left_; // under the mutex
  int signals_ = -1, leave_ = -1;     // descriptors
  std::thread thread_;
};

} // namespace troupe::desk
