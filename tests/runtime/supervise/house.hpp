#pragma once
// A supervisor and its children, which do what a test asks of them, on virtual time.

#include "runtime/actor/caf_inspect.hpp"

#include "runtime/actor/messages.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/supervise/supervisor.hpp"
#include "tests/support/still_system.hpp"
#include "tests/support/test.hpp"

#include <caf/all.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace troupe::supervise::test {

using namespace std::chrono_literals;

struct let_go {};

} // namespace troupe::supervise::test
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::supervise::test::let_go)

namespace troupe::supervise::test {

struct house : troupe::test::still_system {
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
    scheduler.run();
    names.clear();
    scheduler.run();
  }
  child_spec child(const std::string& name, verdict v = verdict::escalate, restart r = restart::permanent) {
    child_spec s;
    s.name = actor_name{name};
    s.restart = r;
    s.verdict = v;
    s.start = [this, name](caf::actor_system&) -> result<caf::strong_actor_ptr> {
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
    root = spawn_supervisor(system, std::move(spec));
    env.deterministic = !looks; // it has its thread, or none, by now
    scheduler.run();
  }
  void crash(const char* name, actor::fault how = actor::fault::throw_) {
    caf::anon_send(caf::actor_cast<caf::actor>(names.ref(actor_name{name})), actor::fault_command{how});
    pass(2500ms);
  }
  void pass(nanoseconds d) {
    scheduler.run();
    clock.set(clock.now() + d);
    scheduler.advance_time(d);
    scheduler.run();
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

} // namespace troupe::supervise::test
