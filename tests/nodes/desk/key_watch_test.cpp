// Keys that come, go and change while a node runs: what is in force behind each look, and what is told of it.

#include "nodes/desk/key_watch.hpp"
#include "tests/support/test.hpp"

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::test;
namespace fs = std::filesystem;

namespace {

/// A data folder with a node that looks at its keys.
struct watched_folder {
  temporary_directory dir;
  std::shared_ptr<const desk::key_ring> keys;
  std::vector<std::string> infos, errors;
  std::optional<desk::key_watch> watch;

  watched_folder() {
    put("keys/ana.key", 'a');
    put("keys/trade/bot.key", 'b');
    auto ring = desk::key_ring::open(dir.path());
    REQUIRE_MESSAGE(ring.has_value(), to_string(ring.error()));
    keys = std::make_shared<const desk::key_ring>(std::move(*ring));
    watch.emplace(dir.path(), keys, [this](log::level l, const std::string& line) { (l == log::level::error ? errors : infos).push_back(line); });
  }
  void put(const std::string& file, char of, mode_t mode = 0600) const { put_text(file, std::string(64, of) + '\n', mode); }
  void put_text(const std::string& file, const std::string& text, mode_t mode = 0600) const {
    const auto path = dir.path() / file;
    fs::create_directories(path.parent_path());
    std::ofstream{path} << text;
    ::chmod(path.c_str(), mode);
  }
  /// Looks once. True: other keys are in force.
  bool look() {
    auto changed = watch->look();
    if (!changed) return false;
    keys = std::move(changed);
    return true;
  }
  /// Whose the key of 64 characters `of` is; "" when nobody's.
  [[nodiscard]] std::string whose(char of) const {
    const auto who = keys->caller_of(std::string(64, of));
    return who ? who->who.value.str() : "";
  }
};

} // namespace

TEST_SUITE_BEGIN("desk/key_watch");

TEST_CASE_FIXTURE(watched_folder, "a key that is added is somebody's at the next look, one that is removed is nobody's, and both are told by name; else nothing is") {
  for (int i = 0; i < 5; ++i) CHECK_FALSE(look());
  put("keys/read/eve.key", 'e');
  CHECK(look());
  CHECK(whose('e') == "read:eve");
  CHECK(infos == std::vector<std::string>{"the keys changed: added read:eve"});
  const auto held = sha256(std::string(64, 'b'));
  CHECK(keys->holds(held));
  fs::remove(dir.path() / "keys/trade/bot.key");
  CHECK(look());
  CHECK(whose('b').empty());
  CHECK_FALSE(keys->holds(held));
  CHECK(infos.back() == "the keys changed: removed trade:bot");
  CHECK(whose('a') == "operator:ana");
  for (int i = 0; i < 5; ++i) CHECK_FALSE(look());
  CHECK(errors.empty());
}

TEST_CASE_FIXTURE(watched_folder, "a key that is written anew under its old name ends the old one") {
  put("keys/trade/bot.key", 'c');
  CHECK(look());
  CHECK(whose('b').empty());
  CHECK(whose('c') == "trade:bot");
  CHECK(infos.back() == "the keys changed: removed trade:bot; added trade:bot");
}

TEST_CASE_FIXTURE(watched_folder, "a key that moves to another folder is for what that folder says") {
  fs::create_directories(dir.path() / "keys/read");
  fs::rename(dir.path() / "keys/trade/bot.key", dir.path() / "keys/read/bot.key");
  CHECK(look());
  CHECK(keys->caller_of(std::string(64, 'b')) == edge::caller{principal_id{"read:bot"}, edge::access::read});
  CHECK(infos.back() == "the keys changed: removed trade:bot; added read:bot");
}

TEST_CASE_FIXTURE(watched_folder, "a file that cannot be taken is told once and costs nobody's key; beside it keys come and go, and when it is mended it is taken") {
  put("keys/trade/bot.key", 'c', 0644);
  put_text("keys/trade/new.key", "half");
  for (int i = 0; i < 3; ++i) CHECK_FALSE(look());
  CHECK(whose('b') == "trade:bot");
  CHECK(whose('c').empty());
  REQUIRE(errors.size() == 2);
  CHECK_MESSAGE(errors[0].find("bot.key can be read by others: chmod 600 it; until then") != std::string::npos, errors[0]);
  CHECK_MESSAGE(errors[1].find("new.key holds no key of 64 hexadecimal characters") != std::string::npos, errors[1]);
  fs::remove(dir.path() / "keys/ana.key");
  put("keys/read/eve.key", 'e');
  CHECK(look());
  CHECK(whose('a').empty());
  CHECK(whose('e') == "read:eve");
  put_text("keys/trade/new.key", std::string(64, 'n'));
  ::chmod((dir.path() / "keys/trade/bot.key").c_str(), 0600);
  CHECK(look());
  CHECK(whose('n') == "trade:new");
  CHECK(whose('b').empty());
  CHECK(whose('c') == "trade:bot");
  CHECK(errors.size() == 2);
  put("keys/trade/bot.key", 'c', 0644); // the same fault again is another one
  CHECK_FALSE(look());
  CHECK(errors.size() == 3);
  fs::remove(dir.path() / "keys/trade/bot.key"); // which ends it, whatever was wrong
  CHECK(look());
  CHECK(whose('c').empty());
}

TEST_CASE_FIXTURE(watched_folder, "a key that a second file holds stays whose it was; of two new files with one key neither is taken") {
  put("keys/bot.key", 'b'); // a trader who would be an operator
  put("keys/trade/one.key", 'o');
  put("keys/read/two.key", 'o');
  CHECK_FALSE(look());
  CHECK(whose('b') == "trade:bot");
  CHECK(whose('o').empty());
  CHECK(errors.size() == 3);
  fs::remove(dir.path() / "keys/trade/one.key");
  CHECK(look());
  CHECK(whose('o') == "read:two");
}

TEST_CASE_FIXTURE(watched_folder, "while a folder of keys cannot be listed, those that were there stay in force") {
  fs::remove_all(dir.path() / "keys/trade");
  std::ofstream{dir.path() / "keys/trade"} << "no folder";
  put("keys/eve.key", 'e');
  for (int i = 0; i < 3; ++i) CHECK_FALSE(look());
  CHECK(whose('b') == "trade:bot");
  CHECK(errors.size() == 1);
  fs::remove(dir.path() / "keys/trade");
  CHECK(look());
  CHECK(whose('b').empty());
  CHECK(whose('e') == "operator:eve");
}

TEST_SUITE_END();
