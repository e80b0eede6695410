#include "nodes/desk/stop_signals.hpp"

#include "runtime/core/assert.hpp"
#include "runtime/telemetry/log.hpp"

#include <chrono>
#include <csignal>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace troupe::desk {

stop_signals::stop_signals() {
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &both, nullptr);
  signals_ = ::signalfd(-1, &both, SFD_CLOEXEC);
  leave_ = ::eventfd(0, EFD_CLOEXEC);
  TROUPE_ASSERT(signals_ >= 0 && leave_ >= 0, "a process that starts has descriptors left");
  thread_ = std::thread{[this] { watch(); }};
}

stop_signals::~stop_signals() {
  const std::uint64_t one = 1;
  (void)!::write(leave_, &one, sizeof one);
  thread_.join();
  ::close(signals_);
  ::close(leave_);
}

void stop_signals::tell_what_is_left(std::function<std::string()> left) {
  std::lock_guard guard{mutex_};
  left_ = std::move(left);
}

void stop_signals::watch() {
  // `timeout` and some supervisors send the same signal to the process and to its group: that is one wish, not impatience.
  constexpr auto one_wish = std::chrono::milliseconds{250};
  std::chrono::steady_clock::time_point asked_at{};
  for (;;) {
    pollfd both[] = {{signals_, POLLIN, 0}, {leave_, POLLIN, 0}};
    if (::poll(both, 2, -1) < 0) continue;
    if (both[1].revents != 0) return;
    signalfd_siginfo seen;
    if (::read(signals_, &seen, sizeof seen) != sizeof seen) continue;
    const auto now = std::chrono::steady_clock::now();
    if (!asked_.exchange(true)) {
      asked_at = now;
      asked_.notify_all();
      continue;
    }
    if (now - asked_at < one_wish) continue;
    std::lock_guard guard{mutex_};
    log::error("node", {}, "ended by the second signal, before it was drained" + (left_ ? ": " + left_() : std::string{}));
    log::stop();
    ::_exit(1);
  }
}

} // namespace troupe::desk
