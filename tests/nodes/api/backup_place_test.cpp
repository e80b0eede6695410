// A backup that does not end keeps nobody waiting.

#include "nodes/desk/api/backup_place.hpp"

#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::desk;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("nodes/api/backup_place");

TEST_CASE("while a backup is under way another is refused at once, and told for how long; then it is taken") {
  backup_place backups;
  auto first = backups.take(boot_ns{5s});
  REQUIRE(first);
  const auto second = backups.take(boot_ns{317s});
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::overloaded);
  CHECK(second.error().message.find("under way for 312 s") != std::string::npos);
  auto reader = *first; // as the thread that makes it
  first->reset();
  CHECK_FALSE(backups.take(boot_ns{318s}));
  reader.reset();
  CHECK(backups.take(boot_ns{319s}));
}
