#include "tests/runtime/config/example.hpp"
#include "tests/support/ended_by.hpp"
#include "tests/support/test.hpp"

#include "runtime/config/nearest.hpp"

#include <array>
#include <cstdlib>
#include <fstream>

using namespace troupe;
using namespace std::chrono_literals;
using config_example::load;

namespace {

constexpr const char* minimal = R"({"node": {"name": "desk-1"}})";

/// "path | message" of every finding, a line each.
std::string findings(const result<config_example::desk>& loaded) {
  std::string all;
  if (!loaded)
    for (const auto& f : loaded.error().fields) all += f.field + " | " + f.message + "\n";
  return all;
}

struct forgetful : config::section {
  config::property<bool> visited{{.name = "visited", .sentence = "Loaded.", .fallback = true}};
  config::property<bool> forgotten{{.name = "forgotten", .sentence = "Never loaded.", .fallback = true}};
  void visit(config::visitor& v) override { v(visited); }
};

/// The signal that ends a process which loads a `T`; 0 when none does.
template <class T>
int signal_of_loading() {
  return test::ended_by([] { (void)config::load<T>({"x.json", "{}", {}}); });
}

} // namespace

TEST_SUITE_BEGIN("config/load");

TEST_CASE("load: what is not given has its default, what is given has its value") {
  auto desk = load(R"({
    // one laptop
    "node": {"name": "desk-1", "log_level": "debug"},
    "risk": {"leases": {"lease_ms": 3000},
             "limits": [{"account": "alpha", "order_size_max": 0.10000001}, {"account": "beta"}]},
    "paper": false, /* really */
    "feeds": [{"kind": "capture", "file": "usdm.jsonl.gz", "speed": 2.5, "symbols": ["SOLUSDT"]}]
  })");
  REQUIRE_MESSAGE(desk.has_value(), findings(desk));
  CHECK(desk->node.name.value().value == "desk-1");
  CHECK(desk->node.log_level.value() == "debug");
  CHECK(desk->risk.leases.lease_ms.value() == 3000ms);
  CHECK(desk->risk.leases.renewal_ms.value() == 500ms);
  REQUIRE(desk->risk.limits.size() == 2);
  CHECK(desk->risk.limits[0].order_size_max.value().units == 10000001); // exact: never through double
  CHECK(desk->risk.limits[1].order_size_max.value() == quantity::whole(10));
  CHECK_FALSE(desk->paper.value());
  CHECK(desk->slots.value() == 64);
  CHECK_FALSE(desk->slots.is_given());
  CHECK(desk->paper.is_given());
  CHECK(desk->feeds[0].kind.value() == config_example::feed_kind::capture);
  CHECK(desk->feeds[0].speed.value() == 2.5);
  CHECK(desk->feeds[0].symbols.value() == std::vector<std::string>{"SOLUSDT"});
}

TEST_CASE("load: every violation is reported, each with path, line and what to do") {
  auto desk = load("{\n"
                   "  \"node\": {\"nme\": \"x\", \"log_level\": \"loud\"},\n"
                   "  \"risk\": {\"limits\": [{\"account\": \"Alpha\", \"order_size_max\": 0},\n"
                   "                      {\"account\": \"b\", \"order_size_max\": 1e-9}]},\n"
                   "  \"paper\": 1,\n"
                   "  \"slots\": 65,\n"
                   "  \"feeds\": [{\"kind\": \"tape\", \"speed\": -1, \"symbols\": [\"A\", 2]}, 7],\n"
                   "  \"zzz\": null\n"
                   "}",
                   {"risk.leases.lease_ms=50", "slotz=3", "nonsense"});
  REQUIRE(desk.has_error());
  CHECK(desk.error().code == errc::invalid_argument);
  CHECK(desk.error().message == "the configuration has 16 violations; nothing was started");
  CHECK(findings(desk) ==
        "slotz | --set slotz=3: unknown key \"slotz\"; did you mean \"slots\"?\n"
        "nonsense | --set nonsense: write --set path=value, for example --set node.name=desk-1\n"
        "zzz | desk.json:8: unknown key \"zzz\"; the keys here are node, risk, paper, slots, feeds\n"
        "node.nme | desk.json:2: unknown key \"nme\"; did you mean \"name\"?\n"
        "node.name | desk.json:2: is missing and has no default: The node's name, unique in the cluster.\n"
        "node.log_level | desk.json:2: \"loud\" is refused: it must be one of debug, info, warn, error\n"
        "risk.leases.lease_ms | --set risk.leases.lease_ms=50: 50 is refused: it must be between 100 and 60000\n"
        "risk.limits[0].account | desk.json:3: \"Alpha\" is refused: it must be text that matches [a-z][a-z0-9_]*\n"
        "risk.limits[0].order_size_max | desk.json:3: 0 is refused: it must be at least 0.00000001\n"
        "risk.limits[1].order_size_max | desk.json:4: 1e-9 is refused: it must be a decimal number, exact to 8 "
        "places, within 92 billion\n"
        "paper | desk.json:5: 1 is refused: it must be true or false\n"
        "slots | desk.json:6: 65 is refused: it must be between 1 and 64\n"
        "feeds[0].kind | desk.json:7: \"tape\" is refused: it must be one of capture, bars, random_walk\n"
        "feeds[0].speed | desk.json:7: -1 is refused: it must be between 0 and 1e+06\n"
        "feeds[0].symbols | desk.json:7: element 1: 2 is refused: it must be a text in quotes\n"
        "feeds[1] | desk.json:7: 7 is refused: it must be a section in {}\n");
}

TEST_CASE("load: cross-field rules report together with bounds, but never about a value that is already refused") {
  auto desk = load(R"({"node": {"name": "d"}, "slots": 0, "risk": {"leases": {"lease_ms": 400}},
                       "feeds": [{}, {"kind": "capture"}]})");
  CHECK(findings(desk) ==
        "slots | desk.json:1: 0 is refused: it must be between 1 and 64\n"
        "risk.leases.renewal_ms | desk.json:1: the default 500 is refused: it must be at most half of risk.leases.lease_ms\n"
        "feeds[1].file | desk.json:2: the default \"\" is refused: it must name a file when kind is capture\n");
  desk = load(R"({"node": {"name": "d"}, "risk": {"leases": {"lease_ms": 40, "renewal_ms": 3000}}})");
  CHECK(findings(desk) == "risk.leases.lease_ms | desk.json:1: 40 is refused: it must be between 100 and 60000\n");
}

TEST_CASE("load: a default that breaks a rule is told with the place of the value that somebody wrote") {
  const auto desk = load(R"({"node": {"name": "d"}})", {"risk.leases.lease_ms=400"});
  CHECK(findings(desk) ==
        "risk.leases.renewal_ms | --set risk.leases.lease_ms=400: the default 500 is refused: it must be at most half of risk.leases.lease_ms\n");
}

TEST_CASE("load: lists keep to their size, and elements to their key") {
  auto desk = load(R"({"node": {"name": "d"}, "feeds": [{}, {}, {}, {}, {}],
                       "risk": {"limits": [{"account": "a"}, {"account": "b"}, {"account": "a"}]}})");
  CHECK(findings(desk) ==
        "risk.limits[2].account | desk.json:2: \"a\" is refused: risk.limits[0] has it already\n"
        "feeds | desk.json:1: has 5 elements; it must have between 0 and 4\n");
}

TEST_CASE("load: an integer is an integer, in range, and not text") {
  for (const char* value : {"1.0", "1e1", "\"5\"", "true", "null", "9223372036854775808", "[]"}) {
    CAPTURE(value);
    CHECK(load(std::string{R"({"node": {"name": "d"}, "slots": )"} + value + "}").has_error());
  }
  CHECK(load(R"({"node": {"name": "d"}, "slots": 5})")->slots.value() == 5);
}

TEST_CASE("load: a name is never empty") {
  CHECK(findings(load(R"({"node": {"name": ""}})")).find("node.name | desk.json:1: \"\" is refused: it must be a name of 1 to 32 characters") != std::string::npos);
  CHECK_FALSE(load(minimal, {"node.name="}));
}

TEST_CASE("load: text that is no JSON is refused with its file, line and column") {
  auto desk = load("{\n\"node\": {\"name\": }\n}");
  REQUIRE(desk.has_error());
  CHECK(desk.error().code == errc::malformed);
  CHECK(desk.error().message.starts_with("desk.json: line 2, column"));
  CHECK(load("[]").error().fields.at(0).message.find("must be a section in {}") != std::string::npos);
}

TEST_CASE("set: values are read as the property's type, the last one wins, lists are reached by index") {
  auto desk = load(minimal, {"slots=3", "slots=5", "node.log_level=warn", "paper=false", "feeds.0.speed=2",
                             "feeds.1.symbols=BTCUSDT,007", "feeds[1].file=a=b.gz", "risk.limits.0.account=alpha",
                             "risk.limits.0.order_size_max=0.5", "node.name=007"});
  REQUIRE_MESSAGE(desk.has_value(), findings(desk));
  CHECK(desk->slots.value() == 5);
  CHECK(desk->node.log_level.value() == "warn");
  CHECK(desk->node.name.value().value == "007"); // text stays text
  CHECK_FALSE(desk->paper.value());
  REQUIRE(desk->feeds.size() == 2); // the default element and one more
  CHECK(desk->feeds[0].speed.value() == 2.0);
  CHECK(desk->feeds[1].symbols.value() == std::vector<std::string>{"BTCUSDT", "007"});
  CHECK(desk->feeds[1].file.value() == "a=b.gz");
  CHECK(desk->risk.limits[0].order_size_max.value().str() == "0.5");
}

TEST_CASE("set: sections and lists take JSON, and replace what the file says") {
  auto desk = load(R"({"node": {"name": "d"}, "feeds": [{"speed": 7}, {"speed": 8}]})",
                   {R"(feeds=[{"speed": 9}])", R"(risk.leases={"lease_ms": 4000, "renewal_ms": 99999})"});
  CHECK(findings(desk) == "risk.leases.renewal_ms | --set risk.leases={\"lease_ms\": 4000, \"renewal_ms\": 99999}: "
                          "99999 is refused: it must be at most half of risk.leases.lease_ms\n");
  desk = load(R"({"node": {"name": "d"}, "feeds": [{"speed": 7}, {"speed": 8}]})", {R"(feeds=[{"speed": 9}])"});
  REQUIRE(desk);
  CHECK(desk->feeds.size() == 1);
  CHECK(desk->feeds[0].speed.value() == 9.0);
}

TEST_CASE("set: a path that leads nowhere is refused and changes nothing") {
  struct row {
    const char* assignment;
    const char* reason;
  };
  const row rows[] = {
      {"feeds.9.speed=1", "is not an element of feeds; give an index from 0 to 1"},
      {"feeds.x.speed=1", "is not an element of feeds"},
      {"feeds..speed=1", "is not an element of feeds"},
      {"slots.deeper=1", "slots is a value; nothing lies below it"},
      {"risk.leeses.lease_ms=1", "did you mean \"leases\"?"},
      {"risk.leases=abc", "set with JSON"},
      {"=5", "write --set path=value"},
      {"slots=abc", "must be an integer"},
      {"slots=", "must be an integer"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.assignment);
    auto desk = load(minimal, {r.assignment});
    REQUIRE(desk.has_error());
    REQUIRE(desk.error().fields.size() == 1);
    CAPTURE(desk.error().fields[0].message);
    CHECK(desk.error().fields[0].message.find(r.reason) != std::string::npos);
    CHECK(desk.error().fields[0].message.starts_with("--set " + std::string{r.assignment}));
  }
}

TEST_CASE("load_file: a missing file and an oversize one are refused, the environment is not asked") {
  test::temporary_directory dir;
  const auto file = dir.path() / "desk.json";
  CHECK(config::load_file<config_example::desk>(file, {}).error().code == errc::not_found);
  CHECK(config::load_file<config_example::desk>(dir.path(), {}).error().code == errc::not_found);
  std::ofstream{file} << minimal;
  ::setenv("slots", "7", 1);
  ::setenv("TROUPE_SLOTS", "7", 1);
  auto desk = config::load_file<config_example::desk>(file, {"paper=false"});
  ::unsetenv("slots");
  ::unsetenv("TROUPE_SLOTS");
  REQUIRE(desk);
  CHECK(desk->slots.value() == 64);
  CHECK_FALSE(desk->paper.value());
  std::ofstream{file, std::ios::app} << std::string(1 << 20, ' ');
  CHECK(config::load_file<config_example::desk>(file, {}).error().code == errc::too_large);
}

TEST_CASE("declaration: a member that a section forgets to visit ends the process instead of never being loaded") {
  CHECK(signal_of_loading<forgetful>() == SIGABRT);
  CHECK(signal_of_loading<config_example::desk>() == 0);
}

TEST_CASE("nearest_name: slips of the finger are found, other words are not") {
  const std::array<std::string_view, 3> names = {"open_orders_max", "lease_ms", "name"};
  CHECK(config::nearest_name("open_order_max", names) == "open_orders_max");
  CHECK(config::nearest_name("leaes_ms", names) == "lease_ms");
  CHECK(config::nearest_name("nmae", names) == "name");
  CHECK(config::nearest_name("Name", names) == "name");
  CHECK(config::nearest_name("leaes_ms", names, 1) == "lease_ms"); // neighbours swapped are one edit
  CHECK(config::nearest_name("leaes_mss", names, 1).empty());
  CHECK(config::nearest_name("x", names).empty());
  CHECK(config::nearest_name("", names).empty());
  CHECK(config::nearest_name("colour", names).empty());
  CHECK(config::nearest_name(std::string(100'000, 'a'), names).empty());
}
