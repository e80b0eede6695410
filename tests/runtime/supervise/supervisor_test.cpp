// Who is started again, after how long, how often, and what is told of it.

#include "tests/runtime/supervise/house.hpp"

using namespace troupe;
using namespace troupe::supervise;
using namespace troupe::supervise::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("supervise");

TEST_CASE("how an actor is, is said with its reason, and without one where there is none") {
  supervise::tree_entry e;
  e.name = actor_name{"oms/3"};
  CHECK(supervise::condition_of(e) == "oms/3 is starting");
  e.status = supervise::child_status::hung;
  e.last_reason = "a handler has not returned for 1000 ms";
  CHECK(supervise::condition_of(e) == "oms/3 is hung: a handler has not returned for 1000 ms");
}

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
  auto watch = watch_root(system, root, [&](const std::string& why) { before = why; });
  crash("a");
  crash("a");
  watch.join();
  watch_root(system, root, [&](const std::string& why) { behind_it = why; }).join();
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
    scheduler.run();
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
