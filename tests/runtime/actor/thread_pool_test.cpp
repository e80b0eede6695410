// The pool on real threads: whoever queues what, from inside or outside, it is run, once and soon.

#include "runtime/actor/thread_pool.hpp"

#include "tests/support/test.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

struct pool {
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;

  explicit pool(std::size_t threads) {
    actor::use_thread_pool(config, threads);
    system = std::make_unique<caf::actor_system>(config);
  }
};

/// Calls `f(self, number)` for each number it is sent.
template <class F>
caf::actor on_number(caf::actor_system& system, F f) {
  return system.spawn([f](caf::event_based_actor* self) -> caf::behavior { return {[self, f](int number) { f(self, number); }}; });
}

} // namespace

TEST_SUITE_BEGIN("actor/thread_pool");

TEST_CASE("what a handler has sent before it blocks is handled by another thread, however long all have slept") {
  for (const std::size_t threads : {2u, 4u}) {
    CAPTURE(threads);
    pool p{threads};
    for (int round = 0; round < 60; ++round) {
      CAPTURE(round);
      auto handled = std::make_shared<std::promise<void>>();
      auto in_time = std::make_shared<std::promise<bool>>();
      const auto other = on_number(*p.system, [handled](caf::event_based_actor*, int) { handled->set_value(); });
      const auto blocks = on_number(*p.system, [other, handled, in_time](caf::event_based_actor* self, int number) {
        self->send(other, number);
        in_time->set_value(handled->get_future().wait_for(10s) == std::future_status::ready);
      });
      caf::anon_send(blocks, round);
      REQUIRE(in_time->get_future().get());
      if (round % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds{round}); // some rounds begin when nobody looks any more
    }
  }
}

TEST_CASE("every message is handled once, from many threads and between actors") {
  constexpr int hops = 20'000, chains = 16;
  pool p{4};
  std::vector<caf::actor> ring;
  std::atomic<int> handled{0}, ended{0};
  std::promise<void> all_ended;
  for (int i = 0; i < chains; ++i)
    ring.push_back(on_number(*p.system, [&, i](caf::event_based_actor* self, int left) {
      handled.fetch_add(1);
      if (left == 0 && ended.fetch_add(1) + 1 == chains) all_ended.set_value();
      if (left > 0) self->send(ring[static_cast<std::size_t>((i + 1) % chains)], left - 1);
    }));
  std::vector<std::thread> senders;
  for (int i = 0; i < chains; ++i) senders.emplace_back([&, i] { caf::anon_send(ring[static_cast<std::size_t>(i)], hops); });
  for (auto& s : senders) s.join();
  CHECK(all_ended.get_future().wait_for(30s) == std::future_status::ready);
  CHECK(handled == chains * (hops + 1));
  for (const auto& a : ring) caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  p.system.reset();
}

TEST_CASE("a thread that blocks for good leaves the others to all the rest") {
  pool p{3};
  std::promise<void> release;
  const auto until = release.get_future().share();
  for (int i = 0; i < 2; ++i) caf::anon_send(on_number(*p.system, [until](caf::event_based_actor*, int) { until.wait(); }), i);
  std::promise<int> answered;
  const auto lives = on_number(*p.system, [&](caf::event_based_actor* self, int left) {
    if (left == 0) answered.set_value(left);
    else self->send(self, left - 1);
  });
  caf::anon_send(lives, 1000);
  auto answer = answered.get_future();
  CHECK(answer.wait_for(10s) == std::future_status::ready);
  release.set_value();
}

TEST_SUITE_END();
