#include "nodes/sweep/idle_trial.hpp"

#include <charconv>
#include <cstdlib>
#include <thread>

namespace troupe::sweep_node {

void run_idle(const std::vector<std::pair<std::string, std::string>>& chosen, sweep::trial_result& r) {
  for (const auto& [key, value] : chosen) {
    std::uint64_t n = 0;
    const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), n);
    if (ec != std::errc{} || end != value.data() + value.size()) {
      r.status = sweep::trial_status::refused;
      r.reason = key + " must be a whole number, not " + value;
      return;
    }
    if (key == "idle.us" && n > 0) std::this_thread::sleep_for(std::chrono::microseconds{n});
    if (key == "idle.die" && n != 0) std::abort();
    if (key == "idle.hang" && n != 0)
      for (;;) std::this_thread::sleep_for(std::chrono::hours{1});
  }
}

} // namespace troupe::sweep_node
