// SIGTERM while orders go in: whoever asked is answered, and the node has ended within five seconds.

#include "tests/nodes/process/proof.hpp"
#include "tests/nodes/process/three_nodes.hpp"

#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

/// SIGTERM; the node ends with 0 within the time that is promised.
void stop_in_time(node_process& node) {
  const auto began = steady_clock::now();
  node.signal(SIGTERM);
  REQUIRE(node.join(20s));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
  CHECK(node.exit_code() == 0);
  CHECK_MESSAGE(took <= 5s, took.count() << " ms");
}

} // namespace

TEST_SUITE_BEGIN("process/stop");

TEST_CASE("SIGTERM under load: the node ends with 0 within five seconds, and no request that was sent is cut without an answer") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  order_load load{8};
  for (int round = 0; round < 5; ++round) { // in each, some connection is just between an answer and its next request
    CAPTURE(round);
    REQUIRE_MESSAGE(node.start(), node.log());
    const auto before = load.acknowledged().size();
    load.start(node);
    REQUIRE(eventually([&] { return load.acknowledged().size() > before + 100; }));
    stop_in_time(node);
    load.stop();
    CHECK(load.cut().empty());
  }
  CHECK(load.strange().empty());
  REQUIRE_MESSAGE(node.start(), node.log());
  (void)load.resolve(node);
  CHECK(load.unknown().empty());
  check_acknowledged(node, load.acknowledged(), 100);
  stop_settled(node);
  check_invariants(node, load.acknowledged(), true);
}

TEST_CASE("SIGTERM while clients hang on the line: one that sends half a request is told so, one that reads nothing is cut off, within five seconds") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto connect = [&](const std::string& says) {
    auto c = edge::raw_connection::open("127.0.0.1", node.port(), 5s);
    REQUIRE(c);
    REQUIRE(c->send(says, 5s));
    return std::move(*c);
  };
  auto half = connect("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{");
  const auto silent = connect("");
  const auto follows = edge::websocket_client::open("127.0.0.1", node.port(), "/v1/stream", 5s);
  REQUIRE(follows);
  REQUIRE(node.client().get("/alive")); // the node has seen the others by now
  stop_in_time(node);
  const auto told = half.receive_all(5s);
  REQUIRE(told);
  CHECK_MESSAGE(told->starts_with("HTTP/1.1 408 "), *told);
}

TEST_CASE_FIXTURE(three_nodes, "SIGTERM at one node under load that enters at another: it ends with 0 within five seconds; what is for its accounts is taken or answered 503") {
  start();
  order_load load{6};
  load.start((*this)[0]);
  REQUIRE(eventually([&] { return load.acknowledged().size() > 200; }));
  stop_in_time((*this)[2]);
  const auto before = load.acknowledged().size();
  CHECK(eventually([&] { return load.acknowledged().size() > before + 100; })); // those of the others
  load.stop();
  CHECK(load.cut().empty());
  CHECK(load.strange().empty());
  CHECK(load.answered_with(503) > 0);
  CHECK(load.answered_with(504) == 0);
  REQUIRE_MESSAGE((*this)[2].start(), (*this)[2].log());
  CHECK(eventually([&] { return is_whole(); }));
  (void)load.resolve((*this)[1]);
  CHECK(load.unknown().empty());
  check_acknowledged((*this)[1], load.acknowledged(), 60);
  stop_settled(all());
  check_invariants({&(*this)[0], &(*this)[1], &(*this)[2]}, load.acknowledged(), true);
}

TEST_SUITE_END();
