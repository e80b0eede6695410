#include "tools/troupe/signal_queue.hpp"

#include "runtime/core/assert.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

namespace troupe::cli {

signal_queue::signal_queue(std::initializer_list<int> numbers) {
  sigset_t all;
  sigemptyset(&all);
  for (const int number : numbers) sigaddset(&all, number);
  pthread_sigmask(SIG_BLOCK, &all, &before_);
  descriptor_ = ::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  TROUPE_ASSERT(descriptor_ >= 0, "a process that starts has descriptors left");
}

signal_queue::~signal_queue() {
  while (take()) {} // what was asked of us is not asked again of what we return to
  ::close(descriptor_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> signal_queue::take() {
  signalfd_siginfo seen;
  if (::read(descriptor_, &seen, sizeof seen) != sizeof seen) return std::nullopt;
  was_typed_ = seen.ssi_code == SI_KERNEL;
  return static_cast<int>(seen.ssi_signo);
}

} // namespace troupe::cli
