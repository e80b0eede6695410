// Feeds of a real node that fail, and one that comes to its end.

#include "tests/nodes/desk/captures.hpp"
#include "tests/nodes/process/faults.hpp"
#include "tests/support/market.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/supervision");

TEST_CASE("a feed that fails is told by name and reason: feeds, tree, readiness; the rest trades on") {
  temporary_directory dir;
  const auto file = cut_gzip(write_trades(dir.path(), 20'000, 1us));
  node_process node{{dir.path() / "data",
                     {R"(feeds=[{"name":"walk","seed":1,"step_ms":1},{"name":"main","speed":0,"file":")" + file.string() + "\"}]"},
                     {}}};
  REQUIRE_MESSAGE(node.start(), node.log()); // starts, whatever its feeds say
  CHECK(eventually([&] { return !is_ready(node); }));
  const auto ready = node.client().get("/ready");
  CHECK(ready->status == 503);
  CHECK(ready->body.find("feed/main has failed") != std::string::npos);
  CHECK(ready->body.find("behind line") != std::string::npos);
  CHECK(node.client().get("/metrics")->body.find("\ntroupe_node_ready 0\n") != std::string::npos); // which the rules alert about
  const auto feeds = node.client().get("/v1/feeds")->body;
  const auto main = feeds.substr(feeds.find("\"main\""));
  CAPTURE(feeds);
  CHECK(json_field(main, "status") == "FAILED");
  CHECK(json_field(main, "failure").find("behind line") != std::string::npos);
  CHECK(json_field(main, "ended") == "true");
  CHECK(json_field(feeds.substr(feeds.find("\"walk\"")), "status") == "STREAMING");
  CHECK(feeds.substr(feeds.find("\"walk\"")).find("failure") == std::string::npos);
  std::string tree;
  REQUIRE(run_program("troupe", {"inspect", "tree", "--edge", "http://127.0.0.1:" + std::to_string(node.port())}, tree) == 0);
  CHECK_MESSAGE(tree.find("source FAILED: ") != std::string::npos, tree);
  CHECK(node.client().post("/v1/orders", at_market)->status == 201);
}

TEST_CASE("a feed that fails takes its market along: nothing is priced from its last quotes") {
  temporary_directory dir;
  const auto file = cut_gzip(write_market(dir.path(), 20'000));
  node_process node{{dir.path() / "data", {R"(feeds=[{"name":"main","speed":0,"file":")" + file.string() + "\"}]"}, {}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return json_field(node.client().get("/v1/feeds")->body, "status") == "FAILED"; }));
  CHECK(std::stoull(json_field(node.client().get("/v1/feeds")->body, "quotes")) > 0);
  CHECK(eventually([&] { return node.client().get("/v1/marks")->body.find("\"bid\"") == std::string::npos; }, 2s));
}

TEST_CASE("a feed at the end of its file has done what it was asked to: it says ended, and the node stays ready") {
  temporary_directory dir;
  const auto file = write_trades(dir.path(), 20, 1us);
  node_process node{{dir.path() / "data", {R"(feeds=[{"name":"main","speed":0,"file":")" + file.string() + "\"}]"}, {}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(eventually([&] { return json_field(node.client().get("/v1/feeds")->body, "status") == "ENDED"; }));
  CHECK(is_ready(node));
}
