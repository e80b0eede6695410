#include "runtime/config/describe.hpp"
#include "tests/runtime/config/example.hpp"
#include "tests/support/test.hpp"

#include <algorithm>

using namespace troupe;
using config_example::load;

TEST_SUITE_BEGIN("config/describe");

TEST_CASE("list_properties: every declared property appears once, list elements under []") {
  const config_example::desk desk;
  std::vector<std::string> paths;
  for (const auto& p : config::list_properties(desk)) paths.push_back(p.path);
  CHECK(paths == std::vector<std::string>{"node.name", "node.log_level", "risk.leases.lease_ms",
                                          "risk.leases.renewal_ms", "risk.limits[].account",
                                          "risk.limits[].order_size_max", "paper", "slots", "feeds[].kind",
                                          "feeds[].file", "feeds[].speed", "feeds[].symbols"});
}

TEST_CASE("reference_page: a row says key, type, unit, default, bounds, scope and meaning") {
  const auto page = config::reference_page(config_example::desk{});
  CAPTURE(page);
  for (const char* row : {
           "| `node.name` | text, 1 to 32 characters |  | must be given |  | node-local | The node's name, unique in "
           "the cluster. Example: `\"desk-1\"`. |",
           "| `node.log_level` | text |  | `\"info\"` | one of debug, info, warn, error | node-local | The least severe "
           "level that is logged. |",
           "| `risk.leases.lease_ms` | integer | ms | `2000` | between 100 and 60000 | cluster-wide | How long a slot may "
           "trade without renewal. |",
           "| `feeds[].kind` | capture \\| bars \\| random_walk |  | `\"random_walk\"` |  | node-local | What it replays. |",
           "| `feeds[].symbols` | list of text |  | `[\"BTCUSDT\", \"ETHUSDT\"]` | between 1 and 4 long | node-local |",
           "## `risk.limits[]`\n\nLimits of accounts. A list of 0 to 3 elements, told apart by `account`.\n",
       }) {
    CAPTURE(row);
    CHECK(page.find(row) != std::string::npos);
  }
  for (const auto& p : config::list_properties(config_example::desk{}))
    CHECK(page.find("| `" + p.path + "` |") != std::string::npos);
  CHECK(page == config::reference_page(*load(R"({"node": {"name": "other"}, "slots": 3, "feeds": []})")));
}

TEST_CASE("effective_file: it loads again to the same values, with defaults marked") {
  auto desk = load(R"({"node": {"name": "d\"1"}, "slots": 3, "risk": {"limits": [{"account": "a"}]}})", {"feeds.0.speed=0.25"});
  REQUIRE(desk);
  const auto file = config::effective_file(*desk);
  CAPTURE(file);
  CHECK(file.find("\"paper\": true, // default\n") != std::string::npos);
  CHECK(file.find("\"slots\": 3,\n") != std::string::npos);
  auto again = load(file);
  REQUIRE_MESSAGE(again.has_value(), to_string(again.error()));
  auto values = [](const config_example::desk& d) {
    auto text = config::effective_json(d);
    return text.substr(0, text.find("\"defaults\""));
  };
  CHECK(values(*again) == values(*desk));
}

TEST_CASE("effective_json: strict JSON that lists the defaults") {
  auto desk = load(R"({"node": {"name": "d"}, "risk": {"leases": {"lease_ms": 2000}}})");
  REQUIRE(desk);
  auto parsed = wire::parse_json(config::effective_json(*desk));
  REQUIRE(parsed);
  CHECK(parsed->find("values")->find("slots")->text == "64");
  std::vector<std::string> defaults;
  for (const auto& path : parsed->find("defaults")->items) defaults.push_back(path.text);
  CHECK(std::count(defaults.begin(), defaults.end(), "slots") == 1);
  CHECK(std::count(defaults.begin(), defaults.end(), "feeds[0].kind") == 1);
  CHECK(std::count(defaults.begin(), defaults.end(), "risk.leases.lease_ms") == 0); // given, though equal to it
}

TEST_CASE("hash_of_cluster_wide: only cluster-wide values count, however they were given") {
  auto hash = [](std::string text, std::vector<std::string> overrides = {}) {
    auto desk = load(std::move(text), std::move(overrides));
    REQUIRE_MESSAGE(desk.has_value(), to_string(desk.error()));
    return config::hash_of_cluster_wide(*desk);
  };
  const auto base = hash(R"({"node": {"name": "a"}})");
  CHECK(base.size() == 64);
  CHECK(hash(R"({"slots": 64, "node": {"log_level": "error", "name": "b"}, "feeds": []})") == base);
  CHECK(hash(R"({"node": {"name": "a"}})", {"slots=64", "feeds.0.speed=9"}) == base);
  CHECK(hash(R"({"node": {"name": "a"}})", {"slots=63"}) != base);
  CHECK(hash(R"({"node": {"name": "a"}})", {"risk.limits.0.account=x"}) != base);
  CHECK(hash(R"({"node": {"name": "a"}, "risk": {"limits": [{"account": "x", "order_size_max": 1}]}})") ==
        hash(R"({"node": {"name": "a"}, "risk": {"limits": [{"order_size_max": "1.000", "account": "x"}]}})"));
}
