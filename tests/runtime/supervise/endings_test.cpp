// Children and supervisors that are asked to end: one after the other, each in its time, and what is forgotten of them.

#include "tests/runtime/supervise/house.hpp"

using namespace troupe;
using namespace troupe::supervise;
using namespace troupe::supervise::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("supervise");

TEST_CASE_FIXTURE(house, "reverse stop: each child has ended before the one before it is asked") {
  clings["b"] = true;
  run(strategy::one_for_one, {child("a"), child("b"), child("c")});
  const auto b = behind("b");
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  scheduler.run();
  CHECK(ended() == "c");
  CHECK(behind("a") != nullptr);
  caf::anon_send(caf::actor_cast<caf::actor>(b), let_go{});
  scheduler.run();
  CHECK(ended() == "ba");
  CHECK(status("a") == child_status::stopped);
}

TEST_CASE_FIXTURE(house, "a process that is stopped while its children start starts no further one, and ends") {
  auto a = child("a");
  a.bound = [this] { is_stopping = true; }; // while it started
  run(strategy::one_for_one, {a, child("b"), child("c")});
  CHECK(started() == "a");
  std::string why;
  auto watch = watch_root(system, root, [&](const std::string& told) { why = told; });
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  scheduler.run();
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
  scheduler.run();
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
  scheduler.run();
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
  scheduler.run();
  CHECK(started() == "a");
  CHECK(status("a") == child_status::running);
}

TEST_CASE_FIXTURE(house, "a supervisor that is ended ends its children first and is forgotten with them, and may be kept anew") {
  run(strategy::one_for_one, {child("a")});
  child_spec under;
  under.name = actor_name{"under"};
  under.is_supervisor = true;
  under.start = [this](caf::actor_system&) -> result<caf::strong_actor_ptr> {
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
    scheduler.run();
    CHECK(status("c") == child_status::running);
    std::vector<bool> told;
    end_child(root, under.name, [&](bool is_clean) { told.push_back(is_clean); });
    scheduler.run();
    CHECK(told == std::vector{true});
    CHECK(ended() == "cb");
    CHECK(tree.all().size() == 1); // a
  }
  CHECK(started() == "abcbc");
  CHECK(status("a") == child_status::running);
}
