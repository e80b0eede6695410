// What a client of a bare channel gets first.

#include "nodes/desk/api/last_values.hpp"

#include "tests/support/test.hpp"

using namespace troupe;

TEST_SUITE_BEGIN("nodes/api/last_values");

TEST_CASE("the newest value answers at once, with a sequence not below anything published before") {
  edge::stream_hub hub;
  hub.declare("c", {});
  desk::last_values values;
  values.publish(hub, "c", "a", "1");
  values.publish(hub, "c", "a", "2");
  values.publish(hub, "c", "b", "3");
  edge::snapshot got;
  values.ask("a", [&](edge::snapshot s) { got = std::move(s); });
  CHECK(got.data == "2");
  CHECK(got.sequence == 3);
}

TEST_CASE("without a value the answer comes with the first of that key, once") {
  edge::stream_hub hub;
  hub.declare("c", {});
  desk::last_values values;
  std::vector<std::string> got;
  values.ask("a", [&](edge::snapshot s) { got.push_back(s.data + "@" + std::to_string(s.sequence)); });
  values.publish(hub, "c", "b", "1");
  CHECK(got.empty());
  values.publish(hub, "c", "a", "2");
  values.publish(hub, "c", "a", "3");
  CHECK(got == std::vector<std::string>{"2@2"});
}
