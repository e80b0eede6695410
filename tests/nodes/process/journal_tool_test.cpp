// Journals from the command line: verified, exported, copied and restored.

#include "tests/nodes/process/tool_house.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sys/wait.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/tools");

TEST_CASE_FIXTURE(tool_house, "journal verify, tail, export and archive read a running node's folder") {
  REQUIRE_MESSAGE(troupe({"journal", "verify", data.string(), "--json"}) == 0, out);
  CHECK(says("\"findings\":[]"));
  CHECK_FALSE(says("\"findings\":[\""));
  REQUIRE_MESSAGE(troupe({"journal", "tail", data.string(), slot, "--from", "1"}) == 0, out);
  CHECK(says("new_order -> order_accepted"));
  REQUIRE_MESSAGE(troupe({"journal", "tail", data.string(), slot, "--from", "1", "--last", "1", "--json"}) == 0, out);
  const auto tailed = out.substr(0, out.find('\n') + 1);
  const auto exported = (dir.path() / "slot.jsonl").string();
  REQUIRE_MESSAGE(troupe({"journal", "export", data.string(), "--stream", slot, "-o", exported}) == 0, out);
  std::ifstream lines{exported};
  std::string first;
  REQUIRE(std::getline(lines, first));
  CHECK(first.find("order_accepted") != std::string::npos);
  CHECK(first + '\n' == tailed); // one form, whoever shows it
  REQUIRE_MESSAGE(folder({"inspect", "history", slot, "--limit", "1", "--json"}) == 0, out);
  CHECK(says(first));
  const auto archive = (dir.path() / "slot.archive").string();
  REQUIRE_MESSAGE(troupe({"journal", "archive", data.string(), slot, archive}) == 0, out);
  CHECK(std::filesystem::file_size(archive) > 0);
  CHECK(troupe({"journal", "archive", data.string(), slot, archive}) != 0); // never over another
}

TEST_CASE_FIXTURE(tool_house, "a follower of a journal that is ended by a signal leaves nothing behind in the folder for what is temporary") {
  const auto temporary = dir.path() / "temporary", shown = dir.path() / "shown";
  std::filesystem::create_directories(temporary);
  for (const auto& [signal, code] : {std::pair{"INT", 130}, {"TERM", 143}, {"HUP", 129}}) {
    CAPTURE(signal);
    const auto command = "TMPDIR='" + temporary.string() + "' timeout -k 10 --preserve-status -s " + signal + " 3 '" + (binary_dir() / "troupe").string() + "' journal tail '" + data.string() + "' " + slot +
                         " --follow > '" + shown.string() + "' 2>&1";
    const int status = std::system(command.c_str());
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == code);
    std::ifstream lines{shown};
    CHECK_MESSAGE(std::string(std::istreambuf_iterator<char>{lines}, {}).find("order_accepted") != std::string::npos, "it followed");
    CHECK(std::filesystem::is_empty(temporary));
  }
}

TEST_CASE_FIXTURE(tool_house, "journal verify says that a folder is damaged whose venues' store is gone, as the node does; a store by itself is whole") {
  stop();
  std::filesystem::rename(data / "venues", dir.path() / "elsewhere");
  CHECK(troupe({"journal", "verify", data.string()}) == 1);
  CHECK(says("venues"));
  CHECK(says("venues is not there"));
  const auto copy = dir.path() / "copy";
  for (const char* how : {"backup", "restore"}) {
    CHECK(troupe({"journal", how, data.string(), copy.string()}) == 1); // a half of a desk is no copy of it
    CHECK(says("venues is not there"));
    CHECK_FALSE(std::filesystem::exists(copy));
  }
  CHECK(troupe({"journal", "verify", (data / "journal").string()}) == 0);
  CHECK_FALSE(node.start());
  CHECK(node.exit_code() == 3);
  std::filesystem::rename(dir.path() / "elsewhere", data / "venues");
  std::filesystem::rename(data / "journal", dir.path() / "elsewhere");
  CHECK(troupe({"journal", "verify", data.string()}) == 1);
  CHECK(says("journal is not there"));
  CHECK(troupe({"journal", "restore", data.string(), copy.string()}) == 1);
  std::filesystem::rename(dir.path() / "elsewhere", data / "journal");
  CHECK(troupe({"journal", "verify", data.string()}) == 0);
  REQUIRE_MESSAGE(troupe({"journal", "backup", data.string(), copy.string()}) == 0, out);
  CHECK(std::filesystem::status(copy).permissions() == std::filesystem::perms::owner_all);
  std::filesystem::resize_file(copy / "venues" / "frontier", 0);
  CHECK(troupe({"journal", "verify", copy.string()}) == 1);
  std::filesystem::remove(copy / "journal" / "frontier");
  std::filesystem::create_directory(copy / "journal" / "frontier"); // cannot be read: nobody knows, whatever is said of the other
  CHECK(troupe({"journal", "verify", copy.string()}) == 3);
}

TEST_CASE_FIXTURE(tool_house, "a node does not start in a folder in which a restore was cut off, whatever else is there, and starts when that is gone") {
  stop();
  std::filesystem::create_directories(data / ".unfinished/venues");
  CHECK_FALSE(node.start());
  CHECK(node.exit_code() == 6); // no further start mends that
  CHECK(node.log().find("was cut off in its last step") != std::string::npos);
  std::filesystem::remove_all(data / ".unfinished");
  CHECK(node.start());
}

TEST_CASE_FIXTURE(tool_house, "check and verify count the same turns, and no more orders lack limits than there are") {
  for (const char* size : {"0.002", "0.003"}) { // the order is accepted once and replaced twice
    const auto order = json_field(node.client().get("/v1/orders")->body, "order_id");
    REQUIRE(node.client().request("PATCH", "/v1/orders/" + order, std::string{R"({"quantity":")"} + size + "\"}")->status < 300);
    REQUIRE(eventually([&] { return json_field(node.client().get("/v1/orders/" + order)->body, "quantity") == size; }));
  }
  REQUIRE(live({"log", "level", "oms/*", "info", "--data-dir", data.string()}) == 0); // a turn that no invariant is about
  stop();
  REQUIRE_MESSAGE(folder({"check", "invariants", "--json"}) == 0, out);
  const auto streams = std::stoull(json_field(out, "streams")), turns = std::stoull(json_field(out, "turns"));
  CHECK(json_field(out, "orders") == "1");
  CHECK_FALSE(says("orders were taken under configured limits")); // the folder remembers them
  std::filesystem::rename(data / "settings", dir.path() / "settings");
  REQUIRE_MESSAGE(folder({"check", "invariants", "--json"}) == 0, out);
  CHECK(says("1 orders were taken under configured limits"));
  std::ofstream{data / "settings"} << "half a li";
  CHECK(folder({"check", "invariants"}) == 1);
  CHECK(says("settings: line 1 does not say what was configured from when on"));
  std::filesystem::rename(dir.path() / "settings", data / "settings");
  REQUIRE_MESSAGE(troupe({"journal", "verify", data.string(), "--json"}) == 0, out);
  std::uint64_t verified = 0, listed = 0;
  for (const std::string store : {"journal", "venues"}) {
    const auto at = out.find("{\"journal\":\"" + store + "\"");
    REQUIRE(at != std::string::npos);
    const auto one = out.substr(at, out.find("\"findings\"", at) - at);
    verified += std::stoull(json_field(one, "records"));
    for (auto s = one.find("{\"stream\""); s != std::string::npos; s = one.find("{\"stream\"", s + 1)) ++listed;
  }
  CHECK(turns == verified);
  CHECK(streams == listed);
}

TEST_CASE_FIXTURE(tool_house, "journal backup of a running node goes through the node, restores into an empty folder only, and that folder starts") {
  const auto copy = (dir.path() / "backup").string();
  const std::vector<std::string> backup{"journal", "backup", data.string(), copy};
  REQUIRE_MESSAGE(live(backup) == 0, out);
  CHECK(says("copies its journals itself"));
  CHECK(node.is_running());
  CHECK(live(backup) != 0); // the target exists now
  REQUIRE(live({"inspect", "history", "operations", "--json"}) == 0); // who copied everything is on record, also who tried
  CHECK_MESSAGE(says("BACKUP"), out);
  CHECK(says("operator-1"));
  const auto told = (dir.path() / "told").string();
  REQUIRE_MESSAGE(live({"journal", "backup", data.string(), told, "--json"}) == 0, out);
  CHECK_MESSAGE(says("{\"target\":\"" + told + "\",\"journals\":[{\"journal\":\"journal\",\"folder\":\"" + told + "/journal\",\"records\":"), out);
  CHECK(troupe({"journal", "restore", copy, data.string()}) != 0);
  CHECK(says("is not empty"));
  const auto again = dir.path() / "restored";
  REQUIRE_MESSAGE(troupe({"journal", "restore", copy, again.string()}) == 0, out);
  node.kill();
  node_process second{{again, {}, {}}};
  REQUIRE_MESSAGE(second.start(), second.log());
  CHECK(second.client().get("/v1/orders")->body.find("44000") != std::string::npos);
  second.signal(SIGTERM);
  REQUIRE(second.join(20s));
  const auto cold = (dir.path() / "cold").string();
  REQUIRE_MESSAGE(troupe({"journal", "backup", again.string(), cold}) == 0, out);
  CHECK_FALSE(says("itself"));
  CHECK(std::filesystem::exists(cold + "/journal"));
  const auto settings = [](const std::filesystem::path& folder) {
    std::ifstream in{folder / "settings", std::ios::binary};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  };
  CHECK(settings(data).starts_with("{\"since\":"));
  for (const auto& folder : {std::filesystem::path{copy}, again, std::filesystem::path{cold}}) CHECK(settings(folder) == settings(data)); // what was configured goes along
}

TEST_CASE_FIXTURE(tool_house, "a running node's backup takes the targets that a stopped one's takes, and what a killed one left beside them") {
  const auto target = dir.path() / "target", place = dir.path() / "place", link = dir.path() / "link", left = dir.path() / "target.unfinished" / "journal" / "db";
  for (const bool is_running : {true, false}) {
    CAPTURE(is_running);
    if (!is_running) stop();
    std::filesystem::create_directories(left);
    for (const auto& folder : {target, place}) std::filesystem::create_directory(folder);
    std::filesystem::create_directory_symlink(place, link);
    for (const auto& to : {target, link}) {
      REQUIRE_MESSAGE(live({"journal", "backup", data.string(), to.string()}) == 0, out);
      REQUIRE_MESSAGE(troupe({"journal", "verify", to.string()}) == 0, out);
      CHECK(live({"journal", "backup", data.string(), to.string()}) == 2);
      CHECK_MESSAGE(says(to.string() + " is not empty; nothing was copied"), out);
    }
    CHECK(std::filesystem::is_symlink(link));
    CHECK(std::filesystem::exists(place / "journal"));
    CHECK_FALSE(std::filesystem::exists(target.string() + ".unfinished"));
    for (const auto& made : {link, place, target}) std::filesystem::remove_all(made);
  }
}

TEST_CASE_FIXTURE(tool_house, "a copy is not made inside of what is copied") {
  CHECK(live({"journal", "backup", data.string(), (data / "inside").string()}) == 2);
  CHECK(says("choose a folder outside of it"));
  CHECK_FALSE(std::filesystem::exists(data / "inside"));
  const auto refused = node.client().request("POST", "/v1/journal/backup", R"({"directory":")" + (data / "journal" / "inside").string() + "\"}",
                                             {{"Authorization", "Bearer " + node.operator_key(1)}}); // whoever asks
  REQUIRE(refused);
  CHECK(refused->status / 100 == 4);
  CHECK_MESSAGE(refused->body.find("choose a folder outside of it") != std::string::npos, refused->body);
  CHECK_FALSE(std::filesystem::exists(data / "journal" / "inside"));
  const auto copy = dir.path() / "backup";
  REQUIRE_MESSAGE(live({"journal", "backup", data.string(), copy.string()}) == 0, out);
  CHECK(troupe({"journal", "restore", copy.string(), (copy / "x").string()}) == 2);
  CHECK_FALSE(std::filesystem::exists(copy / "x"));
}

TEST_CASE_FIXTURE(tool_house, "a restore is whole or not there at all, and a folder without its venues does not start") {
  const auto copy = dir.path() / "backup", target = dir.path() / "restored";
  REQUIRE_MESSAGE(live({"journal", "backup", data.string(), copy.string()}) == 0, out);
  CHECK(troupe({"journal", "restore", data.string(), target.string()}) != 0);
  CHECK(says("make a backup of it"));
  stop();
  const auto damaged = dir.path() / "damaged";
  std::filesystem::copy(copy, damaged, std::filesystem::copy_options::recursive);
  for (const auto& file : std::filesystem::directory_iterator{damaged / "venues" / "db"})
    if (file.path().extension() == ".log" || file.path().extension() == ".sst") std::filesystem::resize_file(file.path(), file.file_size() / 2);
  CHECK(troupe({"journal", "restore", damaged.string(), target.string()}) != 0);
  CHECK_FALSE(std::filesystem::exists(target));
  CHECK_FALSE(std::filesystem::exists(target.string() + ".unfinished"));
  REQUIRE_MESSAGE(troupe({"journal", "restore", copy.string(), target.string()}) == 0, out);
  const auto swap = [&] {
    std::filesystem::rename(target / "venues", target / "aside");
    std::filesystem::rename(target / "journal", target / "venues");
    std::filesystem::rename(target / "aside", target / "journal");
  };
  swap();
  CHECK(troupe({"journal", "verify", target.string()}) == 1);
  CHECK(says("were the two mixed up"));
  CHECK(troupe({"journal", "verify", (target / "journal" / "").string()}) == 1); // by its name, though a slash is behind it
  CHECK(says("journal: "));
  swap();
  std::filesystem::remove_all(target / "venues");
  std::filesystem::create_directory(target / "venues"); // as a disk that is not mounted
  node_process half{{target, {}, {}}};
  REQUIRE_FALSE(half.start());
  CHECK(half.exit_code() == 3);
  CHECK(half.log().find("no store of the venues") != std::string::npos);
}
