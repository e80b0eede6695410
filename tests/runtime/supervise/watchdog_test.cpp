// Handlers that do not return: what a supervisor does about them, and the watchdog of the process.

#include "runtime/supervise/watchdog.hpp"
#include "tests/runtime/supervise/house.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace troupe;
using namespace troupe::supervise;
using namespace troupe::supervise::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("supervise");

TEST_CASE_FIXTURE(house, "who is silent inside one handler is hung and its scope halted; one that answers after all starts anew, and the halt stays") {
  looks = true;
  run(strategy::one_for_one, {child("a"), child("b")});
  const auto look_for = [&](nanoseconds time) {
    for (nanoseconds gone{}; gone < time; gone += 250ms) pass(250ms);
  };
  started();
  const auto tick = actor::watchdog_tick.load();
  const auto& busy = pulses.of(actor_name{"a"});
  busy->busy_since = tick + 1; // it began behind the tick we look at
  look_for(3s);
  CHECK(status("a") == child_status::running);
  actor::watchdog_tick = tick + 101;
  pass(5s); // everybody stood still
  CHECK(status("a") == child_status::running);
  look_for(1500ms);
  CHECK(status("a") == child_status::hung);
  CHECK(status("b") == child_status::running);
  CHECK(halts == std::vector<std::string>{"a"});
  CHECK(behind("a") == nullptr);
  busy->busy_since = 0;
  caf::anon_send(caf::actor_cast<caf::actor>(root), actor::pong{actor_name{"a"}});
  look_for(500ms);
  CHECK(status("a") == child_status::running);
  CHECK(started() == "a");
  CHECK(behind("a") != nullptr);
  CHECK(halts == std::vector<std::string>{"a"});
  actor::watchdog_tick = tick;
}

TEST_CASE_FIXTURE(house, "a supervisor has a pulse, so that a start that blocks is seen") {
  auto blocked = child("a");
  std::uint32_t busy = 0, patience = 0;
  blocked.start = [&, start = blocked.start](caf::actor_system&) {
    const auto p = pulses.of(actor_name{"root"});
    busy = p->busy_since;
    patience = p->patience;
    return start(system);
  };
  run(strategy::one_for_one, {blocked});
  CHECK(busy != 0);
  CHECK(patience * actor::watchdog_tick_length >= 60s);
  CHECK(pulses.of(actor_name{"root"})->busy_since == 0);
  CHECK(pulses.of(actor_name{"root"})->patience == 0);
}

namespace {

/// A watchdog and what it says first.
struct guarded {
  explicit guarded(nanoseconds limit) : limit_{limit} {}
  std::string said() {
    std::unique_lock lock{m_};
    CHECK(cv_.wait_for(lock, 10s, [&] { return !reported_.empty(); }));
    return reported_;
  }
  actor::pulse_board pulses;

private:
  nanoseconds limit_;
  std::mutex m_;
  std::condition_variable cv_;
  std::string reported_;

public:
  watchdog dog{pulses, limit_, [this](const std::string& why) {
                 std::lock_guard guard{m_};
                 reported_ = why;
                 cv_.notify_one();
               }};
};

} // namespace

TEST_CASE("watchdog: a handler that never returns is reported with its name") {
  guarded g{300ms};
  g.pulses.of(actor_name{"stuck"})->busy_since = actor::watchdog_tick.load();
  CHECK(g.said().find("stuck") != std::string::npos);
}

TEST_CASE("watchdog: what may take long is measured against its own limit") {
  guarded g{300ms};
  auto patient = g.pulses.of(actor_name{"recovering"});
  actor::patience_scope scope{*patient, 1h};
  const auto since = actor::watchdog_tick.load();
  while (actor::watchdog_tick.load() < since + 6) std::this_thread::yield(); // twice the usual limit: nobody complained
  g.pulses.of(actor_name{"stuck"})->busy_since = actor::watchdog_tick.load();
  CHECK(g.said().find("stuck") != std::string::npos);
}

TEST_CASE("watchdog: a process that does not end in time is stuck too") {
  guarded g{1h};
  g.dog.expect_end_within(200ms);
  CHECK(g.said() == "the node does not stop");
}
