#include "runtime/actor/send.hpp"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace troupe::actor {

void suffer(fault what, caf::scheduled_actor& self) {
  switch (what) {
  case fault::throw_: throw std::runtime_error("injected fault: throw");
  case fault::die: return self.quit(caf::make_error(caf::sec::runtime_error, std::string{"injected fault: die"}));
  case fault::hang: // TROUPE_HANG_MS: a handler that returns late, after so long
    if (const char* ms = std::getenv("TROUPE_HANG_MS"))
      return std::this_thread::sleep_for(std::chrono::milliseconds{std::atoll(ms)});
    for (;;) std::this_thread::sleep_for(std::chrono::hours{1}); // a handler that waits for ever
  case fault::spin:
    for (volatile unsigned n = 0;;) n = n + 1; // a handler that computes for ever
  }
}

} // namespace troupe::actor
