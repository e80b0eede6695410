// Siblings that restart together: in which order, after whom, and who stays as it is.

#include "tests/runtime/supervise/house.hpp"

using namespace troupe;
using namespace troupe::supervise;
using namespace troupe::supervise::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("supervise");

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
  scheduler.run();
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
      scheduler.run();
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
