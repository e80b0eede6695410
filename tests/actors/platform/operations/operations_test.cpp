#include "actors/platform/operations/core.hpp"
#include "runtime/core/hash.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

using namespace troupe;

namespace {

operations::recorded record(const operations::core& core, operations::state& s, std::string_view subject, const char* who) {
  operations::core::view view;
  actor::turn_context at;
  at.message.principal = principal_id{who};
  at.decided_at = time_from_ns(5);
  actor::turn_output<operations::core::event, operations::inputs> out;
  const auto reply = core.decide(s, view, {operations::kind::log_level, {subject}, {"debug"}}, at, out);
  REQUIRE(out.events.size() == 1);
  actor::archive closed;
  core.evolve(s, out.events[0], closed);
  CHECK(reply.number == s.count);
  return std::get<operations::recorded>(out.events[0]);
}

} // namespace

TEST_SUITE_BEGIN("operations");

TEST_CASE("an operation is on record with its number, who did it and when") {
  operations::core core;
  operations::state s;
  (void)record(core, s, "oms/*", "operator:one");
  const auto second = record(core, s, "risk", "operator:two");
  CHECK(second == operations::recorded{2, {operations::kind::log_level, {"risk"}, {"debug"}}, principal_id{"operator:two"}, time_from_ns(5)});
  CHECK(s.newest.size() == 2);
}

TEST_CASE("the state keeps the newest hundred, whatever the stream's length") {
  operations::core core;
  operations::state s;
  for (int i = 0; i < 250; ++i) (void)record(core, s, "a", "x");
  CHECK(s.count == 250);
  CHECK(s.newest.size() == operations::core::newest_max);
  CHECK(s.newest.front().number == 151);
  CHECK(s.newest.back().number == 250);
}

TEST_CASE("golden bytes of the stored event, version 1") {
  const operations::core::event e = operations::recorded{7, {operations::kind::restart, {"oms/3"}, {}}, principal_id{"op"}, time_from_ns(9)};
  std::string bytes;
  wire::encode(e, bytes);
  std::string hex;
  for (const char c : bytes) {
    constexpr char digits[] = "0123456789abcdef";
    hex += digits[static_cast<unsigned char>(c) >> 4];
    hex += digits[static_cast<unsigned char>(c) & 15];
  }
  CHECK(hex == "00000000" "0700000000000000" "00" "056f6d732f33" "00" "026f70" "0900000000000000");
  auto back = wire::decode<operations::core::event>(bytes);
  REQUIRE(back);
  CHECK(*back == e);
}
