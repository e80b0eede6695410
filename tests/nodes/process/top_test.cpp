// `troupe top` beside a real node: one table, objects for programs, and the live table of a terminal.

#include "tests/support/free_port.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/on_a_terminal.hpp"
#include "tests/support/shell.hpp"

#include <nlohmann/json.hpp>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// A node that trades, on a port it has again when it is started anew.
struct top_house {
  std::uint16_t port = free_port();
  temporary_directory dir;
  node_process node{{dir.path() / "data",
                     {R"(edge.listeners=[{"name":"edge","port":)" + std::to_string(port) + R"(,"surfaces":["v1","ops"]},{"name":"bare","port":0,"surfaces":["v1"]}])"},
                     {"--allow-faults"}, {}, true, true}};
  std::string out;

  top_house() { REQUIRE_MESSAGE(node.start(), node.log()); }
  [[nodiscard]] std::string edge() const { return "http://127.0.0.1:" + std::to_string(port); }
  int top(std::vector<std::string> options) {
    options.insert(options.begin(), {"top", "--timeout", "20", "--edge", edge()});
    return run_program("troupe", options, out);
  }
  [[nodiscard]] bool says(const std::string& text) const { return out.find(text) != std::string::npos; }
};

} // namespace

TEST_SUITE_BEGIN("process/top");

TEST_CASE_FIXTURE(top_house, "elsewhere than on a terminal top prints one table, the busiest actor first, and what is wrong above it") {
  REQUIRE_MESSAGE(top({"--interval", "0.3"}) == 0, out);
  CHECK(says("node desk-1 at " + edge() + ": ready"));
  CHECK(says("halts in force: none"));
  for (const char* part : {" orders/s", " fills/s", " journal flushes/s", " % CPU", " MiB resident"}) CHECK_MESSAGE(says(part), part);
  const auto head = out.find("ACTOR ");
  REQUIRE(head != std::string::npos);
  CHECK(out.substr(out.find('\n', head) + 1).starts_with("feed/walk")); // an event a millisecond
  CHECK(says("oms/63"));
  CHECK_FALSE(says("\033["));
  REQUIRE(node.client().post("/v1/halts", R"({"scope":"ACCOUNT","key":"alpha","reason":"drill"})")->status < 300);
  REQUIRE(top({"--once", "--interval", "0.2"}) == 0);
  CHECK_MESSAGE(says("halts in force: ACCOUNT alpha"), out);
}

TEST_CASE_FIXTURE(top_house, "with --json top prints an object an interval, and rates are those that the node counts") {
  const auto before = nlohmann::json::parse(node.client().get("/v1/actors/info?name=feed%2Fwalk")->body)["messages"].get<double>();
  const auto began = std::chrono::steady_clock::now();
  const auto many = run_in_shell((binary_dir() / "troupe").string() + " top --json --interval 0.5 --timeout 20 --edge " + edge() + " | head -n 3");
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const auto after = nlohmann::json::parse(node.client().get("/v1/actors/info?name=feed%2Fwalk")->body)["messages"].get<double>();
  std::istringstream lines{many.output};
  std::string line;
  std::size_t objects = 0;
  for (; std::getline(lines, line); ++objects) {
    const auto one = nlohmann::json::parse(line);
    CHECK(one["node"] == "desk-1");
    CHECK(one["ready"] == true);
    CHECK(one["resident_bytes"] > 1'000'000);
    const auto& actors = one["actors"];
    const auto feed = std::ranges::find(actors, "feed/walk", [](const auto& a) { return a["name"].template get<std::string>(); });
    REQUIRE(feed != actors.end());
    const auto rate = (*feed)["messages_per_second"].get<double>(), mean = (after - before) / seconds;
    CHECK_MESSAGE((rate > mean / 4 && rate < mean * 4), rate, " against ", mean); // a machine under load is not even
    CHECK((*feed)["handling_us"] > 0);
  }
  CHECK_MESSAGE(objects == 3, many.output);
  REQUIRE(top({"--json", "--once", "--interval", "0.2"}) == 0);
  CHECK(std::ranges::count(out, '\n') == 1);
  // An edge without /metrics says less and is no error.
  REQUIRE(run_program("troupe", {"top", "--once", "--interval", "0.2", "--timeout", "20", "--edge", "http://127.0.0.1:" + std::to_string(node.port_of("bare"))}, out) == 0);
  CHECK_MESSAGE(says("this edge serves no metrics"), out);
  CHECK(says("feed/walk"));
}

TEST_CASE_FIXTURE(top_house, "a wrong interval is refused with the bounds, and a node that was never there ends top with 3") {
  for (const char* wrong : {"0", "0.1", "61", "nan", "inf", "-1", "abc", "1s"}) {
    CHECK_MESSAGE(top({"--once", "--interval", wrong}) == 2, wrong);
    CHECK_MESSAGE(says("from 0.2 to 60"), out);
  }
  CHECK(run_program("troupe", {"top", "--edge", "http://127.0.0.1:1"}, out) == 3);
  CHECK(says("no answer from http://127.0.0.1:1"));
  CHECK(run_program("troupe", {"top", "--json", "--edge", "http://127.0.0.1:1"}, out) == 3);
  CHECK(says("{\"error\":{\"code\":\"unavailable\""));
  CHECK(run_program("troupe", {"top", "--edge", "foo"}, out) == 2);
}

TEST_CASE_FIXTURE(top_house, "on a terminal the table is redrawn, keys order it, it outlives its node, and q and Ctrl-C leave the terminal as it was") {
  const auto program = (binary_dir() / "troupe").string();
  for (const std::string end : {"q", "\x03"}) {
    on_a_terminal shown;
    if (!shown.open()) TROUPE_SKIP("no pseudo terminals");
    shown.start({program, "top", "--interval", "0.2", "--edge", edge()});
    REQUIRE(shown.shows("actors by messages/s"));
    CHECK(shown.seen().find("\033[?1049h\033[?25l") != std::string::npos);
    const auto expect = [&](std::string_view keys, const std::string& text) {
      shown.type(keys);
      CHECK_MESSAGE(shown.shows(text), text, ":\n", shown.seen());
    };
    expect("n", "actors by name");
    expect("m", "actors by mailbox");
    expect("t", "actors by mean time");
    expect("\033[A", "actors by mean time"); // an arrow means nothing
    expect("r", "actors by messages/s");
    node.kill();
    expect("", "node desk-1 is away");
    expect("", "no answer from " + edge());
    REQUIRE_MESSAGE(node.start(), node.log());
    expect("", "node desk-1 at " + edge() + ": ready");
    shown.type(end);
    CHECK(shown.join() == 0);
    CHECK(shown.seen().ends_with("\033[0m\033[?25h\033[?1049l"));
    CHECK((shown.modes().c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG));
  }
}
