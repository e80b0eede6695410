#pragma once
// How a process ends that does something: for what is promised to end it, as a failed TROUPE_ASSERT.

#include "tests/support/test.hpp"

#include <csignal>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::test {

/// The signal that ends a process which does `what`; 0 when none does.
template <class Action>
[[nodiscard]] int ended_by(Action what) {
  const auto child = ::fork();
  if (child == 0) {
    ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO); // the assert's own message is not this suite's output
    std::signal(SIGABRT, SIG_DFL);                        // nor is the runner's report of a crash
    what();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

} // namespace troupe::test
