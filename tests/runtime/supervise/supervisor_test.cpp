#include "tests/support/test.hpp"

#include "runtime/actor/caf_inspect.hpp"

#include "runtime/actor/messages.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/supervise/supervisor.hpp"
#include "runtime/supervise/watchdog.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <condition_variable>

using namespace troupe;
using namespace troupe::supervise;
using namespace std::chrono_literals;

namespace {

struct house {
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };
  config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  actor::virtual_clock clock;
  actor::pulse_board pulses;
  actor::directory names{sys};
  supervise::tree tree;
  actor::environment env;
  std::vector<std::string> starts;
  std::vector<std::string> halts;
  std::map<std::string, int> refuse; // starts that will fail
  caf::strong_actor_ptr root;

  house() {
    env.clock = &clock;
    env.names = &names;
    env.pulses = &pulses;
    env.deterministic = true;
    env.faults_allowed = true;
  }
  ~house() {
    if (root) caf::anon_send_exit(root, caf::exit_reason::kill);
    sched.run();
    names.clear();
    sched.run();
  }
  child_spec child(const std::string& name, verdict v = verdict::escalate, restart r = restart::permanent) {
    child_spec s;
    s.name = actor_name{name};
    s.restart = r;
    s.verdict = v;
    s.start = [this, name](caf::actor_system& system) -> result<caf::strong_actor_ptr> {
      starts.push_back(name);
      if (refuse[name] > 0) {
        --refuse[name];
        return fail(errc::unavailable, "not today");
      }
      return caf::actor_cast<caf::strong_actor_ptr>(system.spawn([](caf::event_based_actor* self) -> caf::behavior {
        self->set_exception_handler([](std::exception_ptr&) -> caf::error { return caf::sec::runtime_error; });
        return {[self](const actor::fault_command& f) { actor::suffer(f.what, *self); }};
      }));
    };
    s.halt = [this, name](const std::string&) { halts.push_back(name); };
    return s;
  }
  void run(strategy s, std::vector<child_spec> children) {
    supervisor_spec spec;
    spec.name = actor_name{"root"};
    spec.strategy = s;
    spec.children = std::move(children);
    spec.node = &env;
    spec.tree = &tree;
    root = spawn_supervisor(sys, std::move(spec));
    sched.run();
  }
  void crash(const char* name, actor::fault how = actor::fault::throw_) {
    caf::anon_send(caf::actor_cast<caf::actor>(names.ref(actor_name{name})), actor::fault_command{how});
    pass(2500ms);
  }
  void pass(nanoseconds d) {
    sched.run();
    clock.set(clock.now() + d);
    sched.advance_time(d);
    sched.run();
  }
  child_status status(const char* name) {
    for (const auto& e : tree.all())
      if (e.name == actor_name{name}) return e.status;
    FAIL("no such child");
    return {};
  }
  std::string started() {
    std::string list;
    for (const auto& s : std::exchange(starts, {})) list += s;
    return list;
  }
};

} // namespace

TEST_SUITE_BEGIN("supervise");

TEST_CASE_FIXTURE(house, "one_for_one: only the child that ended is started again, behind the same name") {
  run(strategy::one_for_one, {child("a"), child("b"), child("c")});
  CHECK(started() == "abc");
  crash("b");
  CHECK(started() == "b");
  CHECK(status("b") == child_status::running);
  for (const auto& e : tree.all())
    if (e.name == actor_name{"b"}) CHECK(e.restarts == 1);
}

TEST_CASE_FIXTURE(house, "rest_for_one restarts the later ones too, one_for_all everybody, in order") {
  SUBCASE("rest_for_one") {
    run(strategy::rest_for_one, {child("a"), child("b"), child("c")});
    started();
    crash("b");
    CHECK(started() == "bc");
  }
  SUBCASE("one_for_all") {
    run(strategy::one_for_all, {child("a"), child("b"), child("c")});
    started();
    crash("b");
    CHECK(started() == "abc");
  }
}

TEST_CASE_FIXTURE(house, "restart types: transient only after a crash, temporary never") {
  run(strategy::one_for_one, {child("t", verdict::escalate, restart::transient), child("n", verdict::escalate, restart::temporary)});
  started();
  crash("n");
  CHECK(started() == "");
  CHECK(status("n") == child_status::stopped);
  crash("t");
  CHECK(started() == "t");
  caf::anon_send_exit(names.ref(actor_name{"n"}), caf::exit_reason::normal);
}

TEST_CASE_FIXTURE(house, "too many restarts: the verdict halt stops this scope and nothing else") {
  run(strategy::one_for_one, {child("a", verdict::halt), child("b")});
  crash("a");
  crash("a");
  CHECK(halts == std::vector<std::string>{"a"});
  CHECK(status("a") == child_status::halted);
  CHECK(status("b") == child_status::running);
}

TEST_CASE_FIXTURE(house, "too many restarts: escalation stops every child and ends the supervisor") {
  run(strategy::one_for_one, {child("a"), child("b")});
  crash("a");
  crash("a", actor::fault::die);
  CHECK(status("a") == child_status::stopped);
  CHECK(status("b") == child_status::stopped);
}

TEST_CASE_FIXTURE(house, "restarts far apart do not add up") {
  run(strategy::one_for_one, {child("a")});
  for (int i = 0; i < 4; ++i) {
    crash("a");
    pass(6s);
    CHECK(status("a") == child_status::running);
  }
}

TEST_CASE_FIXTURE(house, "a child that cannot start counts as a crash and is tried again after a pause") {
  refuse["a"] = 1;
  run(strategy::one_for_one, {child("a")});
  CHECK(started() == "a");
  CHECK(status("a") == child_status::restarting);
  pass(2500ms);
  CHECK(started() == "a");
  CHECK(status("a") == child_status::running);
}

TEST_CASE("back_off: doubles to its longest and stays within its jitter") {
  const back_off policy;
  for (std::uint32_t attempt = 1; attempt < 40; ++attempt) {
    const auto full = std::min<std::int64_t>(policy.longest.count(), policy.first.count() << std::min(attempt - 1, 30u));
    for (std::uint64_t random : {0u, 511u, 1023u, 99999u}) {
      const auto d = delay_before(policy, attempt, random).count();
      CHECK(d >= full / 2);
      CHECK(d < full);
    }
  }
}

TEST_CASE("watchdog: a handler that never returns is reported with its name") {
  actor::pulse_board pulses;
  auto p = pulses.of(actor_name{"stuck"});
  p->busy_since = actor::watchdog_tick.load();
  std::mutex m;
  std::condition_variable cv;
  std::string reported;
  watchdog w{pulses, 300ms, [&](const std::string& why) {
               std::lock_guard guard{m};
               reported = why;
               cv.notify_one();
             }};
  std::unique_lock lock{m};
  CHECK(cv.wait_for(lock, 10s, [&] { return !reported.empty(); }));
  CHECK(reported.find("stuck") != std::string::npos);
}
