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
struct let_go {};
} // namespace
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(let_go)

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
  std::vector<child_report> reports;
  std::vector<std::string> ends; // in their order
  std::map<std::string, bool> clings; // asked to end, it stays until `let_go`
  std::map<std::string, int> refuse; // starts that will fail
  bool is_stopping = false;
  bool looks = false; // after children that are silent, by the clock
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
      return caf::actor_cast<caf::strong_actor_ptr>(system.spawn([this, name](caf::event_based_actor* self) -> caf::behavior {
        self->set_exception_handler([](std::exception_ptr&) -> caf::error { return caf::sec::runtime_error; });
        self->attach_functor([this, name] { ends.push_back(name); });
        self->set_exit_handler([this, self, name](caf::exit_msg& e) {
          if (!clings[name]) self->quit(e.reason);
        });
        return {[self](const actor::fault_command& f) { actor::suffer(f.what, *self); }, [self](let_go) { self->quit(); }, [](const actor::ping&) {}};
      }));
    };
    s.halt = [this, name](const cause_id& cause, const std::string&) {
      CHECK(cause.source == text<23>{"root"});
      halts.push_back(name);
    };
    s.bound = [this, name] { CHECK(behind(name) != nullptr); };
    return s;
  }
  void run(strategy s, std::vector<child_spec> children) {
    supervisor_spec spec;
    spec.name = actor_name{"root"};
    spec.strategy = s;
    spec.children = std::move(children);
    spec.node = &env;
    spec.tree = &tree;
    spec.report = [this](const child_report& r) {
      CHECK(r.supervisor == actor_name{"root"});
      CHECK(r.cause.source == text<23>{"root"});
      CHECK(r.at == clock.now());
      CHECK(status(r.child.value.str().c_str()) == r.status); // the tree says so already
      reports.push_back(r);
    };
    spec.is_stopping = [this] { return is_stopping; };
    root = spawn_supervisor(sys, std::move(spec));
    env.deterministic = !looks; // it has its thread, or none, by now
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
  std::string reason(const char* name) {
    for (const auto& e : tree.all())
      if (e.name == actor_name{name}) return e.last_reason;
    return {};
  }
  child_status status(const char* name) {
    for (const auto& e : tree.all())
      if (e.name == actor_name{name}) return e.status;
    FAIL("no such child");
    return {};
  }
  caf::strong_actor_ptr behind(const std::string& name) {
    return static_cast<actor::stable_ref*>(caf::actor_cast<caf::abstract_actor*>(names.ref(actor_name{name})))->target();
  }
  std::string ended() {
    std::string list;
    for (const auto& s : std::exchange(ends, {})) list += s;
    return list;
  }
  /// "child status; ..." of what was reported since.
  std::string reported() {
    std::string list;
    for (const auto& r : std::exchange(reports, {}))
      list += (list.empty() ? "" : "; ") + r.child.value.str() + ' ' + boost::describe::enum_to_string(r.status, "?");
    return list;
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

TEST_CASE_FIXTURE(house, "who watches a root is told why it ended, whenever it began to watch") {
  run(strategy::one_for_one, {child("a")});
  std::string before, behind_it;
  auto watch = watch_root(sys, root, [&](const std::string& why) { before = why; });
  crash("a");
  crash("a");
  watch.join();
  watch_root(sys, root, [&](const std::string& why) { behind_it = why; }).join();
  CHECK(before.starts_with("the supervision tree ended: "));
  CHECK(before.find("a: more than 1 restart within 5 s") != std::string::npos);
  CHECK(behind_it == before);
}

TEST_CASE_FIXTURE(house, "report: a restart, a halt and an escalation are reported with their reason; a start and an orderly stop are not") {
  run(strategy::one_for_one, {child("a", verdict::halt), child("b"), child("n", verdict::escalate, restart::temporary)});
  CHECK(reported() == "");
  crash("a");
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == reason("a"));
  CHECK(reported() == "a restarting");
  crash("a");
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason.starts_with("more than 1 restart within 5 s, last: "));
  CHECK(reported() == "a halted");
  CHECK(halts == std::vector<std::string>{"a"});
  restart_child(root, actor_name{"a"});
  pass(1s);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == "restarted by an operator");
  CHECK(reported() == "a restarting");
  crash("n");
  CHECK(reported() == "n stopped");
  SUBCASE("an orderly stop") {
    caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
    sched.run();
    CHECK(reported() == "");
  }
  SUBCASE("an escalation: of the child that could not be kept, not of those that end with its supervisor") {
    crash("b");
    crash("b");
    CHECK(status("a") == child_status::stopped);
    CHECK(reported() == "b restarting; b stopped");
  }
}

TEST_CASE_FIXTURE(house, "report: siblings that restart together are each reported, with one cause") {
  run(strategy::rest_for_one, {child("a"), child("b"), child("c")});
  crash("b");
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].cause == reports[1].cause);
  CHECK(reports[1].reason == "restarts with its sibling");
  CHECK(reported() == "b restarting; c restarting");
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

TEST_CASE_FIXTURE(house, "reverse stop: each child has ended before the one before it is asked") {
  clings["b"] = true;
  run(strategy::one_for_one, {child("a"), child("b"), child("c")});
  const auto b = behind("b");
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  sched.run();
  CHECK(ended() == "c");
  CHECK(behind("a") != nullptr);
  caf::anon_send(caf::actor_cast<caf::actor>(b), let_go{});
  sched.run();
  CHECK(ended() == "ba");
  CHECK(status("a") == child_status::stopped);
}

TEST_CASE_FIXTURE(house, "a process that is stopped while its children start starts no further one, and ends") {
  auto a = child("a");
  a.bound = [this] { is_stopping = true; }; // while it started
  run(strategy::one_for_one, {a, child("b"), child("c")});
  CHECK(started() == "a");
  std::string why;
  auto watch = watch_root(sys, root, [&](const std::string& told) { why = told; });
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  sched.run();
  watch.join();
  CHECK_FALSE(why.empty());
  CHECK(ended() == "a");
  CHECK(started() == "");
}

TEST_CASE_FIXTURE(house, "a child that does not end in time is given up, and the stop goes on") {
  clings["b"] = true;
  run(strategy::one_for_one, {child("a"), child("b"), child("c")});
  const auto b = behind("b");
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  pass(4900ms);
  CHECK(ended() == "c");
  pass(100ms);
  CHECK(ended() == "a");
  CHECK(reason("b").find("did not end within 5000 ms") != std::string::npos);
  caf::anon_send(caf::actor_cast<caf::actor>(b), let_go{});
}

TEST_CASE_FIXTURE(house, "a child that is asked to finish and takes too long is no stuck one: it ends as it is, nothing is halted, and it may be started again") {
  run(strategy::one_for_one, {child("a"), child("b")});
  std::vector<bool> told;
  end_child(root, actor_name{"b"}, [&](bool is_clean) { told.push_back(is_clean); });
  pass(4900ms); // it hears no word to finish
  CHECK(told.empty());
  pass(100ms);
  CHECK(told == std::vector{false});
  CHECK(ended() == "b");
  CHECK(halts.empty());
  CHECK(tree.all().size() == 1); // a
  started();
  start_child(root, child("b"));
  sched.run();
  CHECK(started() == "b");
  CHECK(status("b") == child_status::running);
}

TEST_CASE_FIXTURE(house, "a child that is ended while it waits for its next start does not start, is forgotten, and may be kept anew; one that was given up stays so") {
  run(strategy::one_for_one, {child("a"), child("h", verdict::halt)});
  crash("h");
  crash("h");
  REQUIRE(status("h") == child_status::halted);
  started();
  caf::anon_send(caf::actor_cast<caf::actor>(names.ref(actor_name{"a"})), actor::fault_command{actor::fault::throw_});
  sched.run();
  REQUIRE(status("a") == child_status::restarting);
  std::vector<bool> told;
  std::string begun;
  for (const char* name : {"a", "h"}) end_child(root, actor_name{name}, [&](bool is_clean) { told.push_back(is_clean); }, [&, name] { begun += name; });
  pass(10s);
  CHECK(told == std::vector{false, false});
  CHECK(begun == "a");
  CHECK(started() == "");
  CHECK(status("h") == child_status::halted);
  CHECK(tree.all().size() == 1); // h
  start_child(root, child("a"));
  sched.run();
  CHECK(started() == "a");
  CHECK(status("a") == child_status::running);
}

TEST_CASE_FIXTURE(house, "siblings restart only when all of them have ended, the first to start first") {
  clings["c"] = true;
  run(strategy::one_for_all, {child("a"), child("b"), child("c")});
  started();
  const auto c = behind("c");
  crash("b");
  CHECK(started() == "");
  CHECK(ended() == "b");
  caf::anon_send(caf::actor_cast<caf::actor>(c), let_go{});
  pass(2500ms);
  CHECK(ended() == "ca");
  CHECK(started() == "abc");
}

TEST_CASE_FIXTURE(house, "who does not end in time for its siblings' restart is not alive any more; its late end does not touch its successor") {
  clings["b"] = true;
  run(strategy::one_for_all, {child("a"), child("b")});
  const auto late = behind("b");
  const auto pulse = pulses.of(actor_name{"b"});
  CHECK(pulse->alive);
  crash("a");
  pass(2500ms);
  CHECK(status("b") == child_status::hung);
  CHECK_FALSE(pulse->alive);
  clings.clear();
  restart_child(root, actor_name{"b"});
  pass(1s);
  CHECK(pulse->alive);
  caf::anon_send(caf::actor_cast<caf::actor>(late), let_go{});
  sched.run();
  CHECK(pulse->alive);
  CHECK(status("b") == child_status::running);
}

TEST_CASE_FIXTURE(house, "who was about to start when its siblings have to end first waits for them, and starts with them") {
  caf::strong_actor_ptr clinging;
  SUBCASE("one_for_all: a sibling that was to start before it could not") {
    auto a = child("a");
    a.bound = [&] { clinging = behind("a"); };
    run(strategy::one_for_all, {a, child("b"), child("c")});
    started();
    clings["a"] = true;
    refuse["b"] = 1;
    crash("a");
    CHECK(started() == "ab");
  }
  SUBCASE("rest_for_one: one before it crashed while it was down") {
    run(strategy::rest_for_one, {child("a"), child("b"), child("c")});
    started();
    clings["b"] = true;
    clinging = behind("b");
    for (const char* name : {"c", "a"}) {
      caf::anon_send(caf::actor_cast<caf::actor>(names.ref(actor_name{name})), actor::fault_command{actor::fault::throw_});
      sched.run();
    }
    pass(2500ms);
    CHECK(started() == "");
  }
  clings.clear();
  caf::anon_send(caf::actor_cast<caf::actor>(clinging), let_go{});
  pass(2500ms);
  CHECK(started() == "abc");
  for (const char* name : {"a", "b", "c"}) CHECK(status(name) == child_status::running);
}

TEST_CASE_FIXTURE(house, "a halted sibling stays halted when its siblings restart together, a temporary one is stopped for good") {
  auto how = strategy::one_for_all;
  SUBCASE("one_for_all") {}
  SUBCASE("rest_for_one") { how = strategy::rest_for_one; }
  run(how, {child("a"), child("h", verdict::halt), child("t", verdict::escalate, restart::temporary), child("z")});
  refuse["h"] = 1;
  crash("h"); // it ends, and then cannot start
  CHECK(status("h") == child_status::halted);
  pass(10s);
  started();
  crash("a");
  pass(2500ms);
  CHECK(started() == "az");
  CHECK(status("h") == child_status::halted);
  CHECK(status("t") == child_status::stopped);
  CHECK(status("z") == child_status::running);
}

TEST_CASE_FIXTURE(house, "an operator's restart brings a halted child back with a clean record, and leaves running ones alone") {
  run(strategy::one_for_one, {child("a", verdict::halt), child("b")});
  crash("a");
  crash("a");
  REQUIRE(status("a") == child_status::halted);
  started();
  restart_child(root, actor_name{"b"});
  restart_child(root, actor_name{"nobody"});
  pass(1s);
  CHECK(started() == "");
  restart_child(root, actor_name{"a"});
  pass(1s);
  CHECK(started() == "a");
  CHECK(status("a") == child_status::running);
  crash("a"); // the first one again
  CHECK(status("a") == child_status::running);
  CHECK(pulses.of(actor_name{"a"})->lives == 4); // whoever wanted them
  CHECK(pulses.of(actor_name{"a"})->restarts == 2);
  CHECK(pulses.of(actor_name{"b"})->lives == 1);
  CHECK(tree.is_healthy());
}

TEST_CASE_FIXTURE(house, "a supervisor that is ended ends its children first and is forgotten with them, and may be kept anew") {
  run(strategy::one_for_one, {child("a")});
  child_spec under;
  under.name = actor_name{"under"};
  under.is_supervisor = true;
  under.start = [this](caf::actor_system& system) -> result<caf::strong_actor_ptr> {
    supervisor_spec s;
    s.name = actor_name{"under"};
    s.parent = actor_name{"root"};
    s.children = {child("b"), child("c")};
    s.node = &env;
    s.tree = &tree;
    return spawn_supervisor(system, std::move(s));
  };
  for (int round = 0; round < 2; ++round) {
    CAPTURE(round);
    start_child(root, under);
    sched.run();
    CHECK(status("c") == child_status::running);
    std::vector<bool> told;
    end_child(root, under.name, [&](bool is_clean) { told.push_back(is_clean); });
    sched.run();
    CHECK(told == std::vector{true});
    CHECK(ended() == "cb");
    CHECK(tree.all().size() == 1); // a
  }
  CHECK(started() == "abcbc");
  CHECK(status("a") == child_status::running);
}

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
  blocked.start = [&, start = blocked.start](caf::actor_system& system) {
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
