// Keys of the edge: who is who and may do what, and what a start finds that was killed while it wrote them.

#include "nodes/desk/key_ring.hpp"
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

TEST_SUITE_BEGIN("desk/keys");

TEST_CASE("the first start writes two different keys that only their owner can read, and later starts keep them") {
  temporary_directory dir;
  auto first = desk::key_ring::open(dir.path());
  REQUIRE(first);
  const auto one = dir.path() / "keys/operator-1.key", two = dir.path() / "keys/operator-2.key";
  CHECK(rights_of(one) == 0600);
  CHECK(rights_of(two) == 0600);
  CHECK(rights_of(dir.path() / "keys") == 0700);
  const auto key = key_in(one);
  CHECK(key.size() == 64);
  CHECK(key != key_in(two));
  CHECK(first->caller_of(key) == edge::caller{principal_id{"operator:operator-1"}, edge::access::operate});
  CHECK(first->caller_of(key_in(two)) == edge::caller{principal_id{"operator:operator-2"}, edge::access::operate});
  CHECK_FALSE(first->caller_of(std::string(64, '0')));
  CHECK_FALSE(first->caller_of(""));
  CHECK_FALSE(first->caller_of(key.substr(0, 63)));
  REQUIRE(desk::key_ring::open(dir.path()));
  CHECK(key_in(one) == key);
}

TEST_CASE("killed between the two keys: the next start writes the second and keeps the first") {
  temporary_directory dir;
  const auto one = dir.path() / "keys/operator-1.key", two = dir.path() / "keys/operator-2.key";
  write(one, std::string(64, 'a') + "\n");
  REQUIRE(desk::key_ring::open(dir.path()));
  CHECK(key_in(one) == std::string(64, 'a'));
  CHECK(key_in(two).size() == 64);
  CHECK(rights_of(two) == 0600);
}

TEST_CASE("killed in the middle of a key: the half is never read, the next start writes a whole one") {
  temporary_directory dir;
  const auto one = dir.path() / "keys/operator-1.key";
  write(dir.path() / "keys/operator-1.key.new", "abc", 0644);
  REQUIRE(desk::key_ring::open(dir.path()));
  CHECK(key_in(one).size() == 64);
  CHECK(rights_of(one) == 0600);
  CHECK_FALSE(fs::exists(dir.path() / "keys/operator-1.key.new"));
}

TEST_CASE("keys of other names are an operator's own choice: none of ours is added") {
  temporary_directory dir;
  write(dir.path() / "keys/alice.key", std::string(64, 'b') + "\n");
  auto all = desk::key_ring::open(dir.path());
  REQUIRE(all);
  CHECK(all->caller_of(std::string(64, 'b')) == edge::caller{principal_id{"operator:alice"}, edge::access::operate});
  CHECK_FALSE(fs::exists(dir.path() / "keys/operator-1.key"));
}

TEST_CASE("a key that others can read, or one that is too short, stops the start") {
  temporary_directory dir;
  write(dir.path() / "keys/alice.key", std::string(64, 'b') + "\n", 0644);
  CHECK_FALSE(desk::key_ring::open(dir.path()));
  write(dir.path() / "keys/alice.key", "short\n");
  CHECK_FALSE(desk::key_ring::open(dir.path()));
}

TEST_CASE("the folder of a key says what it is for, and the rules of its file are the same in each") {
  for (const auto& [folder, who] : {std::pair{"trade", edge::caller{principal_id{"trade:bot"}, edge::access::trade}},
                                    std::pair{"read", edge::caller{principal_id{"read:bot"}, edge::access::read}}}) {
    CAPTURE(folder);
    temporary_directory dir;
    const auto file = dir.path() / "keys" / folder / "bot.key";
    write(file, std::string(64, 'c') + "\n");
    const auto all = desk::key_ring::open(dir.path());
    REQUIRE(all);
    CHECK(all->caller_of(std::string(64, 'c')) == who);
    CHECK(fs::exists(dir.path() / "keys/operator-1.key")); // a trader or a reader is no operator of another name
    write(file, std::string(64, 'c') + "\n", 0640);
    CHECK(desk::key_ring::open(dir.path()).error().code == errc::forbidden);
    write(file, "short\n");
    CHECK(desk::key_ring::open(dir.path()).error().code == errc::forbidden);
    fs::remove(file);
    write(dir.path() / "keys" / folder / (std::string(40, 'n') + ".key"), std::string(64, 'c'));
    CHECK(desk::key_ring::open(dir.path()).error().code == errc::forbidden);
  }
}

TEST_CASE("a key that two files hold stops the start: one person would be two operators, or a reader might trade") {
  temporary_directory dir;
  write(dir.path() / "keys/alice.key", std::string(64, 'b'));
  write(dir.path() / "keys/read/carol.key", std::string(64, 'c'));
  REQUIRE(desk::key_ring::open(dir.path()));
  for (const char* again : {"keys/bob.key", "keys/trade/alice.key"}) {
    CAPTURE(again);
    write(dir.path() / again, std::string(64, 'b'));
    const auto refused = desk::key_ring::open(dir.path());
    CHECK(refused.error().code == errc::forbidden);
    for (const auto& file : {dir.path() / "keys/alice.key", dir.path() / again})
      CHECK_MESSAGE(refused.error().message.find(file.string()) != std::string::npos, refused.error().message);
    fs::remove(dir.path() / again);
  }
  CHECK(desk::key_ring::open(dir.path()));
}

TEST_CASE("a key that is added is new, whole, its owner's alone and never replaced; what is removed is nobody's") {
  temporary_directory dir;
  const auto added = desk::add_key(dir.path(), edge::access::trade, "bot.1");
  REQUIRE(added);
  CHECK(*added == dir.path() / "keys/trade/bot.1.key");
  CHECK(rights_of(*added) == 0600);
  CHECK(rights_of(added->parent_path()) == 0700);
  const auto key = key_in(*added);
  CHECK(key.size() == 64);
  CHECK(desk::add_key(dir.path(), edge::access::trade, "bot.1").error().code == errc::conflict);
  CHECK(key_in(*added) == key);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& f : fs::directory_iterator{added->parent_path()}) ++files;
  CHECK(files == 1); // nothing half written beside it
  for (const char* wrong : {"", ".hidden", "../up", "a/b", "two words", "a-name-of-24-characters-"}) {
    CAPTURE(wrong);
    CHECK(desk::add_key(dir.path(), edge::access::trade, wrong).error().code == errc::invalid_argument);
  }
  REQUIRE(desk::add_key(dir.path(), edge::access::read, "bot.1")); // the same name for another purpose is another key
  REQUIRE(desk::add_key(dir.path(), edge::access::operate, "a-name-of-23-characters"));
  const auto all = desk::list_keys(dir.path());
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  CHECK(all->at(0).name == "a-name-of-23-characters");
  CHECK(all->at(1).may == edge::access::trade);
  CHECK(all->at(2).may == edge::access::read);
  const auto ring = desk::key_ring::open(dir.path());
  REQUIRE(ring);
  CHECK(ring->caller_of(key) == edge::caller{principal_id{"trade:bot.1"}, edge::access::trade});
  REQUIRE(desk::remove_key(all->at(1)));
  CHECK(desk::remove_key(all->at(1)).error().code == errc::not_found);
  CHECK_FALSE(desk::key_ring::open(dir.path())->caller_of(key));
  CHECK(desk::list_keys(dir.path() / "nowhere")->empty());
}
