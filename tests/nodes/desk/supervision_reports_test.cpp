// From supervisors to the record: reports wait while `supervision` is away, however much restarts, and are on record once. The rest is the
// real actor on a journal in memory, on virtual time.

#include "nodes/desk/supervision_reports.hpp"

#include "nodes/desk/supervision_part.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/nodes/desk/small_desk.hpp"
#include "tests/support/still_system.hpp"

#include <limits>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("desk/supervision_reports");

namespace {

struct record_house : still_system {
  using enum supervise::child_status;
  desk::shared_parts parts;
  std::shared_ptr<desk::supervision_reports> reports = std::make_shared<desk::supervision_reports>();
  caf::strong_actor_ptr keeper;

  record_house() : still_system{[](caf::actor_system_config& with) { actor::add_message_types(with); }} {
    parts.env.clock = &clock;
    parts.env.names = &names;
    parts.env.pulses = &pulses;
    parts.env.deterministic = true;
    parts.journal = journal::make_memory_journal();
    reports->open(system, parts.env, desk::supervision_name);
  }
  ~record_house() {
    reports->close();
    take_away();
    names.clear();
    scheduler.run();
  }
  /// Starts the record, recovered from its stream.
  void bring() {
    auto made = desk::start_supervision(system, parts);
    REQUIRE(made.has_value());
    keeper = *made;
    names.bind(desk::supervision_name, keeper);
    pass(5s);
  }
  void take_away() {
    names.bind(desk::supervision_name, nullptr);
    if (keeper) caf::anon_send_exit(keeper, caf::exit_reason::kill);
    keeper = nullptr;
    scheduler.run();
  }
  void pass(nanoseconds d) {
    scheduler.run();
    for (const auto end = clock.now() + d; clock.now() < end;) {
      clock.set(clock.now() + 100ms);
      scheduler.advance_time(100ms);
      scheduler.run();
    }
  }
  void put(const std::string& child, supervise::child_status status, std::string reason = "threw") {
    reports->put({actor_name{child}, actor_name{"trading"}, status, std::move(reason), {"trading", ++causes}, time_from_ns(static_cast<std::int64_t>(causes))});
  }
  [[nodiscard]] std::map<actor_name, supervision::child> on_record() const { return desk::supervised_on_record(*parts.journal).value(); }
  [[nodiscard]] std::uint64_t turns() const {
    for (const auto& h : parts.journal->heads().value())
      if (h.stream == desk::supervision_name) return h.sequence;
    return 0;
  }
  std::uint64_t causes = 0;
};

} // namespace

TEST_CASE_FIXTURE(record_house, "what supervisors report is on record in order, with the cause of what they did") {
  bring();
  put("oms/3", restarting, "injected fault: throw");
  put("oms/3", halted, "too often");
  put("venue/SIM", hung, "a handler has not returned");
  pass(1s);
  CHECK(on_record().at(actor_name{"oms/3"}).last_status == supervision::status::halted);
  CHECK(on_record().at(actor_name{"oms/3"}).restarts == 1);
  CHECK(on_record().at(actor_name{"venue/SIM"}).last_reason == "a handler has not returned");
  std::vector<cause_id> seen;
  REQUIRE(parts.journal->read(desk::supervision_name, 1, [&](const journal::record_view& r) {
    seen.push_back(r.header.cause);
    return true;
  }));
  REQUIRE(seen.size() == turns());
  CHECK(seen.back() == cause_id{"trading", 3});
}

TEST_CASE_FIXTURE(record_house, "a storm while the record is away: the restarts of a child are one report that stands for them all, a halt or a hang keeps its own") {
  for (int i = 0; i < 10'000; ++i)
    for (const char* child : {"a", "b", "c"}) put(child, restarting, "threw " + std::to_string(i));
  put("supervision", restarting, "its own");
  put("c", halted, "too often");
  put("d", hung, "a handler has not returned");
  put("d", restarting, "its handler returned after all");
  put("d", restarting, "threw");
  pass(3s); // and it is asked for again and again
  CHECK(reports->waiting() <= 7);
  bring();
  CHECK(reports->waiting() == 0);
  CHECK(turns() == 7); // a, b, c, supervision, c halted, d hung, d restarted twice
  const auto all = on_record();
  for (const char* child : {"a", "b", "c"}) CHECK(all.at(actor_name{child}).restarts == 10'000);
  CHECK(all.at(actor_name{"b"}).last_reason == "threw 9999");
  CHECK(all.at(actor_name{"c"}).last_status == supervision::status::halted);
  CHECK(all.at(actor_name{"supervision"}).restarts == 1);
  CHECK(all.at(actor_name{"d"}).restarts == 2);
  bool was_hung = false;
  REQUIRE(parts.journal->read(desk::supervision_name, 1, [&](const journal::record_view& r) {
    was_hung = was_hung || r.header.cause == cause_id{"trading", causes - 2};
    return true;
  }));
  CHECK(was_hung); // with the cause of what it halted
}

TEST_CASE_FIXTURE(record_house, "reports of more children than a node has are left out, and those that wait are told") {
  for (std::size_t i = 0; i < 3 * desk::supervision_reports::waiting_max; ++i) put("strategy/" + std::to_string(i), restarting);
  CHECK(reports->waiting() == desk::supervision_reports::waiting_max);
  bring();
  CHECK(turns() == desk::supervision_reports::waiting_max);
}

TEST_CASE_FIXTURE(record_house, "the record survives the end of its actor, and what was sent to one that had ended is told to the next") {
  bring();
  put("a", restarting);
  pass(1s);
  caf::anon_send_exit(keeper, caf::exit_reason::kill);
  scheduler.run();
  put("a", restarting); // its name leads to it still, and nobody answers
  put("b", restarting);
  pass(1s);
  take_away();
  bring();
  pass(6s);
  CHECK(on_record().at(actor_name{"a"}).restarts == 2);
  CHECK(on_record().at(actor_name{"b"}).restarts == 1);
  CHECK(turns() == 3);
}

TEST_CASE_FIXTURE(record_house, "a report that nobody answers is said again, and only when it may be lost") {
  int heard = 0;
  const auto silent = system.spawn([&heard]() -> caf::behavior { return {[&heard](const context&, const supervision::report&) { ++heard; }}; });
  names.bind(desk::supervision_name, caf::actor_cast<caf::strong_actor_ptr>(silent));
  put("a", restarting);
  put("b", restarting);
  pass(4s);
  CHECK(heard == 1);
  pass(2s);
  CHECK(heard == 2); // the same one
  CHECK(reports->waiting() == 1);
  names.bind(desk::supervision_name, nullptr);
  caf::anon_send_exit(silent, caf::exit_reason::kill);
  bring();
  pass(6s);
  CHECK(turns() == 2);
}

TEST_CASE_FIXTURE(record_house, "a node that stops reports nothing any more, and forgets what waits") {
  put("a", restarting);
  put("b", restarting);
  reports->close();
  put("c", restarting);
  CHECK(reports->waiting() == 0);
  bring();
  CHECK(turns() == 0);
}

TEST_CASE("a deterministic desk reports nothing: what restarts there leaves no turn") {
  small_desk d{{}};
  d.start(noon);
  auto& names = *d.node().parts().env.names;
  caf::anon_send_exit(static_cast<actor::stable_ref*>(caf::actor_cast<caf::abstract_actor*>(names.ref(desk::portfolio_name)))->target(), caf::exit_reason::kill);
  d.pass(3s);
  const auto tree = d.node().tree().all();
  const auto own = std::ranges::find(tree, desk::portfolio_name, &supervise::tree_entry::name);
  REQUIRE(own != tree.end());
  CHECK(own->restarts == 1);
  for (const auto& h : d.node().parts().journal->heads().value())
    if (h.stream == desk::supervision_name) CHECK(h.sequence == 0);
}
