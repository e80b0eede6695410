// What a client of a bare channel gets first.

#include "nodes/desk/api/last_values.hpp"

#include "runtime/edge/client.hpp"
#include "runtime/edge/server.hpp"
#include "tests/support/test.hpp"

#include <thread>

using namespace troupe;
using namespace std::chrono_literals;

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

TEST_CASE("clients that came and left do not push out one that waits") {
  edge::stream_hub hub;
  hub.declare("c", {});
  desk::last_values values;
  int answered = 0;
  values.ask("a", [&](const edge::snapshot&) { ++answered; });
  for (int i = 0; i < 5000; ++i) values.ask("b", edge::snapshot_answer{[](const edge::snapshot&) {}, std::weak_ptr<const void>{}});
  values.publish(hub, "c", "a", "1");
  CHECK(answered == 1);
}

TEST_CASE("a client that arrives while values are published gets the newest and then each once, without a gap") {
  edge::route_table table;
  table.declare("v1", {});
  auto hub = std::make_shared<edge::stream_hub>(edge::hub_options{.queue_messages = 1'000'000}); // the publisher may run far ahead
  desk::last_values values;
  hub->declare("c", {.provider = [&](const std::string& key, std::function<void(edge::snapshot)> answer) { values.ask(key, std::move(answer)); }});
  hub->serve_channel(table, "v1", "/c/{key}", "Values.", "c", "key", true);
  edge::server server{table, {}};
  REQUIRE(server.start({{.surfaces = {"v1"}}}));
  std::jthread publisher{[&](const std::stop_token& stop) {
    for (int n = 0; !stop.stop_requested(); ++n) {
      values.publish(*hub, "c", "a", std::to_string(n));
      values.publish(*hub, "c", "b", "-1");
      if (n % 16 == 0) std::this_thread::sleep_for(1ms); // lets the values spread over many arrivals
    }
  }};
  for (int arrival = 0; arrival < 20; ++arrival) {
    auto c = edge::websocket_client::open("127.0.0.1", server.port("edge"), "/c/a", 10s);
    REQUIRE(c);
    const auto first = c->receive(10s);
    REQUIRE(first);
    for (int i = 1; i <= 30; ++i) CHECK(*c->receive(10s) == std::to_string(std::stoi(*first) + i));
  }
}
