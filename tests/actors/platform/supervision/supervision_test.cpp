#include "actors/platform/supervision/core.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

using namespace troupe;

namespace {

supervision::report report_of(std::string_view child, supervision::status status, std::uint32_t restarts, std::string reason, std::int64_t at = 5) {
  return {actor_name{child}, actor_name{"trading"}, status, restarts, std::move(reason), time_from_ns(at)};
}

/// What the core makes of reports, one behind the other.
struct record {
  supervision::core core;
  supervision::state state;

  /// Whether it became an event.
  bool take(const supervision::report& r) {
    supervision::core::view view;
    actor::turn_context at;
    at.has_space = false; // nothing is refused on the last of the disk either
    actor::turn_output<supervision::core::event, supervision::inputs> out;
    const auto reply = core.decide(state, view, r, at, out);
    actor::archive closed;
    for (const auto& e : out.events) core.evolve(state, e, closed);
    CHECK(reply.number == state.count);
    return !out.events.empty();
  }
  [[nodiscard]] const supervision::child& of(std::string_view child) const { return state.children.at(actor_name{child}); }
};

} // namespace

TEST_SUITE_BEGIN("supervision");

TEST_CASE_FIXTURE(record, "a report is on record with its number; of the child are kept all restarts, the last status and the last reason") {
  CHECK(take(report_of("strategy/mm", supervision::status::restarting, 1, "threw", 5)));
  CHECK(take(report_of("oms/3", supervision::status::hung, 0, "a handler has not returned for 1000 ms", 6)));
  CHECK(take(report_of("strategy/mm", supervision::status::restarting, 3, "threw again", 7)));
  CHECK(take(report_of("strategy/mm", supervision::status::halted, 0, "more than 1 restarts within 5 s", 8)));
  CHECK(state.count == 4);
  CHECK(state.newest.front() == supervision::recorded{1, report_of("strategy/mm", supervision::status::restarting, 1, "threw", 5)});
  CHECK(of("strategy/mm").restarts == 4);
  CHECK(of("strategy/mm").last_status == supervision::status::halted);
  CHECK(of("strategy/mm").last_reason == "more than 1 restarts within 5 s");
  CHECK(of("strategy/mm").changed_at == time_from_ns(8));
  CHECK(of("strategy/mm").supervisor == actor_name{"trading"});
  CHECK(of("oms/3").restarts == 0);
  CHECK(of("oms/3").last_status == supervision::status::hung);
}

TEST_CASE_FIXTURE(record, "a report that is said again is on record once; the same at another time is another one") {
  const auto long_one = report_of("a", supervision::status::restarting, 1, std::string(1000, 'x'));
  CHECK(take(long_one));
  CHECK_FALSE(take(long_one));
  CHECK(of("a").restarts == 1);
  CHECK(take(report_of("a", supervision::status::restarting, 1, std::string(1000, 'x'), 6)));
  CHECK(of("a").restarts == 2);
}

TEST_CASE_FIXTURE(record, "the state is bounded, whatever the stream's length: the newest hundred reports, the newest five hundred children") {
  for (int i = 0; i < 1250; ++i) take(report_of("strategy/" + std::to_string(i), supervision::status::restarting, 1, "threw", 1000 + i));
  take(report_of("strategy/750", supervision::status::halted, 0, "too often", 5000));
  take(report_of("strategy/new", supervision::status::restarting, 1, "threw", 5001));
  CHECK(state.count == 1252);
  CHECK(state.newest.size() == supervision::core::newest_max);
  CHECK(state.newest.front().number == 1153);
  CHECK(state.children.size() == supervision::core::children_max);
  CHECK(of("strategy/750").restarts == 1);                              // the oldest of them, but for its last report
  CHECK_FALSE(state.children.contains(actor_name{"strategy/751"}));     // which made this one the oldest
  CHECK(state.children.contains(actor_name{"strategy/752"}));
}

TEST_CASE_FIXTURE(record, "a reason is cut at 240 bytes, and never inside a character") {
  CHECK(supervision::shortened("short") == "short");
  CHECK(supervision::shortened(std::string(240, 'x')) == std::string(240, 'x'));
  CHECK(supervision::shortened(std::string(241, 'x')) == std::string(240, 'x'));
  const std::string two = "\xc3\xa9", three = "\xe2\x82\xac", four = "\xf0\x9f\x98\x80"; // an accent, a currency, a face
  CHECK(supervision::shortened(std::string(239, 'x') + two) == std::string(239, 'x'));
  CHECK(supervision::shortened(std::string(238, 'x') + two + "y") == std::string(238, 'x') + two);
  CHECK(supervision::shortened(std::string(238, 'x') + three) == std::string(238, 'x'));
  for (std::size_t before = 237; before < 240; ++before) CHECK(supervision::shortened(std::string(before, 'x') + four + "y") == std::string(before, 'x'));
  CHECK(supervision::shortened(std::string(236, 'x') + four + "y") == std::string(236, 'x') + four);
  CHECK(supervision::shortened(std::string(300, '\x80')).size() == 240); // no UTF-8 at all: cut anywhere
  take(report_of("a", supervision::status::halted, 0, std::string(239, 'x') + two));
  CHECK(of("a").last_reason.size() == 239);
  CHECK(state.newest.back().what.reason.size() == 239);
}
