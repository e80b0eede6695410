#pragma once
// Waits for what a journal's own thread does.

#include <chrono>
#include <thread>

namespace troupe::test {

/// Polls, because the journal's thread looks at the disk by its own clock.
template <class Condition>
bool becomes_true(Condition&& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition())
    if (std::chrono::steady_clock::now() > end) return false;
    else std::this_thread::yield();
  return true;
}

} // namespace troupe::test
