#include "runtime/actor/caf_inspect.hpp"

#include "tools/benchmarks/bench.hpp"

#include "runtime/actor/messages.hpp"
#include "runtime/actor/pulse.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace troupe::bench {
namespace {

using clock = std::chrono::steady_clock;
constexpr int messages = 2'000'000;

struct done_signal {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  void set() {
    std::lock_guard guard{mutex};
    done = true;
    changed.notify_one();
  }
  void wait() {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return done; });
  }
};

/// Ping-pong between two actors; `Guard` is what our base does around a handler.
template <class Guard>
double round_trips(caf::actor_system& system) {
  done_signal finished;
  auto echo = system.spawn([](caf::event_based_actor* self) -> caf::behavior {
    auto guard = std::make_shared<Guard>();
    return {[self, guard](const actor::ping& p) {
      typename Guard::scope scope{*guard};
      self->send(caf::actor_cast<caf::actor>(self->current_sender()), actor::pong{{}, p.number});
    }};
  });
  const auto began = clock::now();
  auto starter = system.spawn([&, echo](caf::event_based_actor* self) -> caf::behavior {
    auto guard = std::make_shared<Guard>();
    constexpr int in_flight = 64;
    for (int i = 0; i < in_flight; ++i) self->send(echo, actor::ping{0});
    auto left = std::make_shared<int>(messages / 2);
    return {[self, guard, left, echo, &finished](const actor::pong& p) {
      typename Guard::scope scope{*guard};
      if (--*left == 0) {
        finished.set();
        self->send_exit(echo, caf::exit_reason::user_shutdown);
        return self->quit();
      }
      if (*left > 0) self->send(echo, actor::ping{p.number + 1});
    }};
  });
  finished.wait();
  return messages / std::chrono::duration<double>(clock::now() - began).count();
}

struct bare {
  struct scope {
    explicit scope(bare&) {}
  };
};
struct ours {
  actor::pulse pulse{actor_name{"bench"}};
  struct scope {
    actor::handling inner;
    explicit scope(ours& o) : inner{o.pulse} {}
  };
};

} // namespace

figures messaging(const settings&) {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-throughput", 50);
  caf::actor_system system{config};
  std::vector<double> raw, mine;
  for (int i = 0; i < 5; ++i) { // interleaved, so that drift hits both
    raw.push_back(round_trips<bare>(system));
    mine.push_back(round_trips<ours>(system));
  }
  const auto r = percentile(raw, 0.5);
  const auto m = percentile(mine, 0.5);
  return {{"messages, bare CAF", r, "1/s"}, {"messages, our base", m, "1/s"}, {"messages, share", m / r, ""}};
}

} // namespace troupe::bench
