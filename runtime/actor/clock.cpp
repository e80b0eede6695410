#include "runtime/actor/clock.hpp"

#include <ctime>

namespace troupe::actor {
namespace {

nanoseconds read(clockid_t id) noexcept {
  timespec t{};
  ::clock_gettime(id, &t);
  return std::chrono::seconds{t.tv_sec} + nanoseconds{t.tv_nsec};
}

} // namespace

time_ns wall_clock::now() const noexcept { return time_ns{read(CLOCK_REALTIME)}; }
boot_ns wall_clock::boot() const noexcept { return boot_ns{read(CLOCK_BOOTTIME)}; }

} // namespace troupe::actor
