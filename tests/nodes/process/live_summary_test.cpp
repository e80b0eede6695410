// What a person sees who runs a node in a terminal: a line that is redrawn, and the report when Ctrl-C ends it.

#include "tests/support/on_a_terminal.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/live_summary");

TEST_CASE("on a terminal a node redraws one line about what it does, and Ctrl-C ends it with the report and exit code 0") {
  on_a_terminal shown;
  if (!shown.open()) TROUPE_SKIP("no pseudo terminals");
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {}, {}, true, true}}; // for its configuration alone
  std::vector<std::string> command{(binary_dir() / "troupe-node").string(), "--data-dir", node.options().data_dir.string()};
  const auto configured = node.configuration();
  command.insert(command.end(), configured.begin(), configured.end());
  shown.start(command);
  const std::string redrawn = "\r\033[K";
  const auto lines_about = [&](const std::string& text) {
    std::vector<std::string> lines;
    for (auto at = text.find(redrawn); at != std::string::npos;) {
      const auto next = text.find(redrawn, at += redrawn.size());
      const auto line = text.substr(at, next - at);
      if (next != std::string::npos && line.find(" quotes/s  ") != std::string::npos) lines.push_back(line);
      at = next;
    }
    return lines;
  };
  REQUIRE_MESSAGE(shown.read_until([&](const std::string& text) { return lines_about(text).size() >= 3; }), shown.seen());
  for (const auto& line : lines_about(shown.seen())) {
    CAPTURE(line);
    for (const char* part : {" orders  ", " fills  ", "P&L ", "lag "}) CHECK(line.find(part) != std::string::npos);
  }
  const auto before = shown.seen().size();
  shown.type("\x03");
  CHECK(shown.join() == 0);
  const auto rest = shown.seen().substr(before);
  CAPTURE(rest);
  CHECK(rest.find("ran ") != std::string::npos);
  for (const char* part : {" durable turns in ", "positions: ", "P&L: "}) CHECK(rest.find(part) != std::string::npos);
}
