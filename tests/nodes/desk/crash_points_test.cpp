#include "nodes/desk/crash_points.hpp"
#include "tests/house/source_tree.hpp"

#include <regex>

using namespace troupe;

TEST_SUITE_BEGIN("desk/crash_points");

TEST_CASE("the names listed are exactly the points that the code passes") {
  const auto all = desk::all_crash_points();
  const std::set<std::string> listed{all.begin(), all.end()};
  CHECK(listed.size() == all.size());
  std::set<std::string> passed;
  const std::regex call{"point\\(\"([a-z_]+\\.[a-z_]+)\"\\)"};
  for (const auto& [path, file] : test::source_tree())
    if (file.is_code() && !path.starts_with("tests/"))
      for (std::sregex_iterator at{file.text.begin(), file.text.end(), call}, end; at != end; ++at) passed.insert((*at)[1]);
  CHECK(listed == passed);
}

TEST_CASE("an unknown point and a count below one are refused with the names there are") {
  for (const char* text : {"nowhere:1", "shell.durable:0", "shell.durable:x", "shell.durable:"}) {
    CAPTURE(text);
    desk::crash_switch armed;
    const auto done = desk::crash_switch::arm(armed, text);
    REQUIRE_FALSE(done);
    CHECK(done.error().message.find("journal.wal_synced") != std::string::npos);
    armed.pass("shell.durable"); // and nothing was armed
  }
}
