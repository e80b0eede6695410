// Operator keys: who is who, and what a start finds that was killed while it wrote them.

#include "nodes/desk/operators.hpp"
#include "tests/support/test.hpp"

#include <fstream>

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::test;
namespace fs = std::filesystem;

namespace {

std::string key_in(const fs::path& file) {
  std::ifstream in{file};
  std::string key;
  in >> key;
  return key;
}
mode_t rights_of(const fs::path& file) {
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  return info.st_mode & 07777;
}
void write(const fs::path& file, const std::string& text, mode_t mode = 0600) {
  fs::create_directories(file.parent_path());
  std::ofstream{file} << text;
  ::chmod(file.c_str(), mode);
}

} // namespace

TEST_SUITE_BEGIN("desk/operators");

TEST_CASE("the first start writes two different keys that only their owner can read, and later starts keep them") {
  temporary_directory dir;
  auto first = desk::operators::open(dir.path());
  REQUIRE(first);
  const auto one = dir.path() / "keys/operator-1.key", two = dir.path() / "keys/operator-2.key";
  CHECK(rights_of(one) == 0600);
  CHECK(rights_of(two) == 0600);
  CHECK(rights_of(dir.path() / "keys") == 0700);
  const auto key = key_in(one);
  CHECK(key.size() == 64);
  CHECK(key != key_in(two));
  CHECK(first->authenticate("Bearer " + key) == principal_id{"operator:operator-1"});
  CHECK(first->authenticate("Bearer " + key_in(two)) == principal_id{"operator:operator-2"});
  CHECK_FALSE(first->authenticate("Bearer " + std::string(64, '0')));
  CHECK_FALSE(first->authenticate(key));
  REQUIRE(desk::operators::open(dir.path()));
  CHECK(key_in(one) == key);
}

TEST_CASE("killed between the two keys: the next start writes the second and keeps the first") {
  temporary_directory dir;
  const auto one = dir.path() / "keys/operator-1.key", two = dir.path() / "keys/operator-2.key";
  write(one, std::string(64, 'a') + "\n");
  REQUIRE(desk::operators::open(dir.path()));
  CHECK(key_in(one) == std::string(64, 'a'));
  CHECK(key_in(two).size() == 64);
  CHECK(rights_of(two) == 0600);
}

TEST_CASE("killed in the middle of a key: the half is never read, the next start writes a whole one") {
  temporary_directory dir;
  const auto one = dir.path() / "keys/operator-1.key";
  write(dir.path() / "keys/operator-1.key.new", "abc", 0644);
  REQUIRE(desk::operators::open(dir.path()));
  CHECK(key_in(one).size() == 64);
  CHECK(rights_of(one) == 0600);
  CHECK_FALSE(fs::exists(dir.path() / "keys/operator-1.key.new"));
}

TEST_CASE("keys of other names are an operator's own choice: none of ours is added") {
  temporary_directory dir;
  write(dir.path() / "keys/alice.key", std::string(64, 'b') + "\n");
  auto all = desk::operators::open(dir.path());
  REQUIRE(all);
  CHECK(all->authenticate("Bearer " + std::string(64, 'b')) == principal_id{"operator:alice"});
  CHECK_FALSE(fs::exists(dir.path() / "keys/operator-1.key"));
}

TEST_CASE("a key that others can read, or one that is too short, stops the start") {
  temporary_directory dir;
  write(dir.path() / "keys/alice.key", std::string(64, 'b') + "\n", 0644);
  CHECK_FALSE(desk::operators::open(dir.path()));
  write(dir.path() / "keys/alice.key", "short\n");
  CHECK_FALSE(desk::operators::open(dir.path()));
}
