// troupe keys: on the data folder alone.

#include "tests/nodes/process/load.hpp"

#include <fstream>

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("process/keys");

TEST_CASE("keys are added, listed and removed by name and role; what is printed is never a key, and what is wrong changes nothing") {
  const temporary_directory dir;
  const auto data = dir.path() / "data";
  std::string out;
  const auto keys = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "keys");
    words.insert(words.end(), {"--data-dir", data.string()});
    return run_program("troupe", words, out);
  };
  const auto says = [&](const std::string& text) { return out.find(text) != std::string::npos; };
  const auto text_of_key = [](const std::filesystem::path& file) {
    std::ifstream in{file};
    std::string text;
    in >> text;
    return text;
  };
  REQUIRE(keys({"list"}) == 0);
  const auto file = data / "keys/trade/ana.key";
  REQUIRE_MESSAGE(keys({"add", "ana", "--role", "trade"}) == 0, out);
  CHECK(out == file.string() + "\n");
  struct stat about {};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  const auto key = text_of_key(file);
  CHECK(key.size() == 64);
  CHECK(keys({"add", "ana", "--role", "trade"}) == 1);
  CHECK(text_of_key(file) == key);
  CHECK(keys({"add", "ana", "--role", "boss"}) == 2);
  CHECK(keys({"add", "../ana", "--role", "read"}) == 2);
  CHECK(keys({"add", "ana"}) == 2);
  REQUIRE(keys({"add", "ana", "--role", "read"}) == 0);
  REQUIRE(keys({"add", "bob", "--role", "operate", "--json"}) == 0);
  CHECK(out == R"({"name":"bob","role":"operate","file":")" + (data / "keys/bob.key").string() + "\"}\n");
  REQUIRE(keys({"list"}) == 0);
  CHECK_FALSE(says(key));
  REQUIRE(keys({"list", "--json"}) == 0);
  CHECK(out == R"({"keys":[{"name":"bob","role":"operate","file":")" + (data / "keys/bob.key").string() + R"("},{"name":"ana","role":"trade","file":")" + file.string() +
                 R"("},{"name":"ana","role":"read","file":")" + (data / "keys/read/ana.key").string() + "\"}]}\n");
  CHECK(keys({"remove", "ana"}) == 2); // which of two
  CHECK(keys({"remove", "carl"}) == 1);
  CHECK(std::filesystem::exists(file));
  const auto empty = data / "keys/carl.key";
  std::ofstream{empty};
  std::filesystem::permissions(empty, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  CHECK(keys({"list"}) == 1);
  CHECK_MESSAGE(says("carl.key holds no key of 64 hexadecimal characters; until then no node starts here"), out);
  CHECK(keys({"list", "--json"}) == 1);
  std::filesystem::remove(empty);
  CHECK(keys({"list"}) == 0);
  REQUIRE(keys({"remove", "ana", "--role", "trade", "--json"}) == 0);
  CHECK(out == R"({"name":"ana","role":"trade","file":")" + file.string() + "\"}\n");
  CHECK_FALSE(std::filesystem::exists(file));
  REQUIRE(keys({"remove", "ana"}) == 0);
  CHECK(keys({"remove", "ana"}) == 1);
}

TEST_SUITE_END();
