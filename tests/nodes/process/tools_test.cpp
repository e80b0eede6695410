// The command line beside the node: looking into a running one and into its folder, operating it, copying its journals.

#include "actors/trading/ids.hpp"
#include "runtime/wire/json_value.hpp"
#include "tests/nodes/process/load.hpp"
#include "tests/support/shell.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sys/wait.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// A node with one resting order, and `troupe` run against it or its folder.
struct tool_house {
  temporary_directory dir;
  std::filesystem::path data = dir.path() / "data";
  node_process node{{data, {"journal.snapshot_interval=1"}, {"--allow-faults"}}};
  std::string slot = "oms/" + std::to_string(trading::slot_of({"main"}, {"t"}));
  std::string out;

  tool_house() {
    REQUIRE_MESSAGE(node.start(), node.log());
    REQUIRE(node.client().post("/v1/orders", R"({"account":"t","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})")->status == 201);
    REQUIRE(eventually([&] { return node.client().get("/v1/orders")->body.find("\"NEW\"") != std::string::npos; }));
  }
  int troupe(std::vector<std::string> arguments) { return run_program("troupe", arguments, out); }
  int live(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--edge", "http://127.0.0.1:" + std::to_string(node.port())});
    return troupe(std::move(arguments));
  }
  int folder(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--data-dir", data.string()});
    return troupe(std::move(arguments));
  }
  void stop() {
    node.signal(SIGTERM);
    REQUIRE(node.join(20s));
  }
  [[nodiscard]] bool says(const std::string& text) const { return out.find(text) != std::string::npos; }
};

} // namespace

TEST_SUITE_BEGIN("process/tools");

TEST_CASE_FIXTURE(tool_house, "inspect a running node: tree, ls, info, state, history, and at any turn or the newest") {
  REQUIRE_MESSAGE(live({"inspect", "tree"}) == 0, out);
  for (const std::string part : {"root", "trading", "market", "risk", "feed/walk", "RUNNING"}) CHECK_MESSAGE(says(part), part);
  REQUIRE_MESSAGE(live({"inspect", "ls", "--json"}) == 0, out);
  CHECK(says("\"" + slot + "\""));
  REQUIRE_MESSAGE(live({"inspect", "info", slot}) == 0, out);
  CHECK(says("RUNNING"));
  CHECK_FALSE(says("venue/SIM"));
  CHECK_MESSAGE(out.starts_with("name "), out); // nothing stands above
  REQUIRE(folder({"inspect", "info", slot}) == 0);
  CHECK_MESSAGE(out.starts_with("stream "), out);
  CHECK(live({"inspect", "info", slot, "--data-dir", data.string()}) == 2);
  CHECK_MESSAGE(says("--edge asks a node and --data-dir reads a folder: give one of them"), out);
  CHECK(run_program("troupe", {"inspect", "info", slot, "--data-dir", data.string()}, out, {{{"TROUPE_EDGE", "http://127.0.0.1:1"}}, {}, false}) == 0);
  REQUIRE_MESSAGE(live({"inspect", "state", slot}) == 0, out);
  CHECK(says("BTCUSDT.SIM"));
  REQUIRE_MESSAGE(live({"inspect", "state", "portfolio", "--json"}) == 0, out);
  CHECK(says("\"streams\""));
  REQUIRE_MESSAGE(live({"inspect", "history", slot, "--limit", "1"}) == 0, out);
  CHECK(says("order_accepted"));
  CHECK(says("--from 2"));
  REQUIRE_MESSAGE(live({"inspect", "at", slot, "0", "--json"}) == 0, out);
  CHECK(json_field(out, "last_number") == "0");
  REQUIRE_MESSAGE(live({"inspect", "at", slot, "--json"}) == 0, out);
  CHECK(json_field(out, "last_number") == "1");
  CHECK(live({"inspect", "at", slot, "99"}) == 1);
  CHECK(says("the newest is"));
  CHECK(live({"inspect", "info", "oms/99"}) == 1);
}

TEST_CASE_FIXTURE(tool_house, "3 means no node or folder there; what is not in one ends with 1, whether a node is asked or its folder read") {
  for (const bool is_running : {true, false}) {
    CAPTURE(is_running);
    if (!is_running) stop();
    const auto ask = [&](std::vector<std::string> words) { return is_running ? live(std::move(words)) : folder(std::move(words)); };
    for (const auto& words : {std::vector<std::string>{"inspect", "at", slot, "99"}, {"inspect", "at", "oms/99", "1"}, {"inspect", "at", "nope"}, {"inspect", "info", "oms/99"},
                              {"inspect", "state", "nope"}, {"inspect", "history", "nope"}}) {
      CHECK_MESSAGE(ask(words) == 1, words[1], " ", words[2], ": ", out);
      auto as_json = words;
      as_json.emplace_back("--json");
      CHECK(ask(as_json) == 1);
      CHECK_MESSAGE(says("{\"error\":{\"code\":\"not_found\""), out);
    }
    CHECK(troupe({"journal", "tail", data.string(), "oms/99"}) == 1);
    CHECK(troupe({"journal", "tail", data.string(), slot, "--from", "99"}) == 1);
    CHECK_MESSAGE(says("has no turn 99 yet; the newest is "), out);
    CHECK(troupe({"journal", "export", data.string(), "--stream", "oms/99"}) == 1);
    CHECK(troupe({"tape", "show", data.string(), "nope", "--at", "1"}) == 1);
  }
  const auto nothing = (dir.path() / "nothing").string();
  for (const auto& words : {std::vector<std::string>{"inspect", "at", slot, "1", "--data-dir", nothing}, {"inspect", "tree", "--data-dir", nothing}, {"journal", "tail", nothing, slot},
                            {"journal", "verify", nothing}, {"tape", "verify", nothing}, {"config", "check", "--config", nothing}, {"sweep", "status", "nope"}})
    CHECK_MESSAGE(troupe(words) == 3, words[0], " ", words[1], ": ", out);
  for (const std::string edge : {"http://127.0.0.1:1", "http://nohost", "http://nohost:80/", "http://[::1]:1", "https://127.0.0.1:1"}) {
    CHECK_MESSAGE(troupe({"inspect", "tree", "--edge", edge}) == 3, edge);
    CHECK_MESSAGE(says("; start a node, or give the edge that its ready line names: --edge http://ADDRESS:PORT"), out);
  }
  for (const std::string edge : {"foo", "http://", "http://:80", "ftp://127.0.0.1:1", "https://127.0.0.1:0", "http://127.0.0.1:0", "http://127.0.0.1:99999", "http://127.0.0.1:8a", "http://a/b:1", "http://[::1:1"}) {
    CHECK_MESSAGE(troupe({"inspect", "tree", "--edge", edge}) == 2, edge);
    CHECK_MESSAGE(says("is not an edge; expected is http://ADDRESS:PORT"), out);
  }
}

TEST_CASE_FIXTURE(tool_house, "an actor's history has one shape, of a node and of its folder") {
  const std::vector<std::string> history{"inspect", "history", slot, "--limit", "1"};
  auto as_json = history;
  as_json.emplace_back("--json");
  REQUIRE_MESSAGE(live(as_json) == 0, out);
  const auto of_node = out;
  CHECK(of_node.starts_with("{\"actor\":\"" + slot + "\",\"turns\":[{\"stream\":\"" + slot + "\",\"sequence\":1,"));
  CHECK(of_node.ends_with("],\"next\":2}\n"));
  REQUIRE(folder(as_json) == 0);
  CHECK(out == of_node);
  REQUIRE(live(history) == 0);
  const auto for_people = out;
  REQUIRE(folder(history) == 0);
  CHECK(out == for_people);
  CHECK(says("more: --from 2"));
  stop();
  REQUIRE(folder(as_json) == 0);
  CHECK(out == of_node);
}

TEST_CASE_FIXTURE(tool_house, "lists show tenants when there is another than main, and an account without one is of main") {
  for (const char* list : {"orders", "positions", "cash", "fills"}) {
    REQUIRE(live({list}) == 0);
    CHECK_MESSAGE(!says("TENANT"), out);
  }
  REQUIRE_MESSAGE(live({"order", "BUY", "0.002", "BTCUSDT.SIM", "--tenant", "desk2", "--account", "t"}) == 0, out);
  for (const char* list : {"orders", "positions", "cash", "fills"}) {
    CHECK_MESSAGE(eventually([&] { return live({list}) == 0 && says("TENANT") && says("desk2"); }), list, out);
    CHECK(live({list, "--tenant", "desk2"}) == 0);
    CHECK_MESSAGE(says("desk2"), out);
    for (const std::vector<std::string>& of_main : {std::vector<std::string>{list, "--tenant", "main"}, {list, "--account", "t"}}) {
      CHECK(live(of_main) == 0);
      CHECK_MESSAGE(!says("desk2"), out);
    }
  }
  REQUIRE(live({"fills", "--newest", "--tenant", "desk2"}) == 0);
  CHECK_MESSAGE(says("desk2"), out);
  REQUIRE(live({"orders", "--tenant", "desk2", "--account", "t"}) == 0);
  CHECK(says("0.002"));
  CHECK_FALSE(says("0.001"));
}

TEST_CASE_FIXTURE(tool_house, "inspect a folder: the same forms say what the journals alone know, of one actor when one is named") {
  stop();
  REQUIRE_MESSAGE(folder({"inspect", "tree"}) == 0, out);
  for (const std::string& part : {std::string{"root"}, std::string{"trading"}, std::string{"market"}, slot, std::string{"venue/SIM"}, std::string{"feed/walk"},
                                 std::string{"running node only"}})
    CHECK_MESSAGE(says(part), part);
  REQUIRE_MESSAGE(folder({"inspect", "ls", "--json"}) == 0, out);
  CHECK(says("\"stream\":\"" + slot + "\""));
  REQUIRE_MESSAGE(folder({"inspect", "info", slot}) == 0, out);
  CHECK(says("starts"));
  CHECK_FALSE(says("venue/SIM"));
  REQUIRE_MESSAGE(folder({"inspect", "info", slot, "--json"}) == 0, out);
  CHECK(json_field(out, "stream") == slot);
  CHECK(json_field(out, "sequence") != "0");
  CHECK(folder({"inspect", "info", "oms/99"}) == 1);
  CHECK(says("there is no stream"));
  REQUIRE_MESSAGE(folder({"inspect", "state", slot, "--json"}) == 0, out);
  CHECK(json_field(out, "last_number") == "1");
  REQUIRE_MESSAGE(folder({"inspect", "state", "portfolio", "--json"}) == 0, out);
  CHECK(says("\"" + slot + "\"")); // how far it read that stream
  CHECK(folder({"inspect", "at", "portfolio", "3"}) != 0);
  CHECK(says("no turns of its own"));
  REQUIRE_MESSAGE(folder({"inspect", "history", slot, "--limit", "1"}) == 0, out);
  CHECK(says("order_accepted"));
  REQUIRE_MESSAGE(folder({"inspect", "at", slot, "0", "--json"}) == 0, out);
  CHECK(json_field(out, "last_number") == "0");
  REQUIRE_MESSAGE(folder({"inspect", "at", slot, "--json"}) == 0, out);
  CHECK(json_field(out, "last_number") == "1");
  CHECK(folder({"inspect", "at", slot, "99"}) == 1);
  CHECK(says("the newest is"));
}

TEST_CASE_FIXTURE(tool_house, "fault inject, restart and log level do it and leave on record who did") {
  REQUIRE_MESSAGE(live({"fault", "inject", "portfolio", "die"}) == 0, out);
  CHECK(eventually([&] { return live({"inspect", "info", "portfolio"}) == 0 && says("injected fault: die") && says("RUNNING"); }));
  REQUIRE(live({"fault", "inject", "portfolio", "throw"}) == 0);
  CHECK(eventually([&] { return live({"inspect", "info", "portfolio"}) == 0 && says("HALTED"); }));
  CHECK(live({"positions"}) == 3);
  CHECK_MESSAGE(says("portfolio is halted ("), out);
  CHECK_MESSAGE(says("`troupe restart portfolio` brings it back; ask again"), out); // a read has no outcome that could be unknown
  CHECK(live({"inspect", "state", "portfolio"}) != 0);
  CHECK_MESSAGE(says("`troupe restart portfolio` brings it back; ask again"), out); // so has an inspection: it is asked in the reads' lane
  CHECK(live({"restart", "risk", "--data-dir", data.string()}) == 1); // it runs
  CHECK(says("neither halted"));
  REQUIRE_MESSAGE(live({"restart", "portfolio", "--data-dir", data.string()}) == 0, out);
  CHECK(eventually([&] { return live({"inspect", "info", "portfolio"}) == 0 && says("RUNNING"); }));
  REQUIRE_MESSAGE(live({"log", "level", "oms/*", "debug", "--data-dir", data.string()}) == 0, out);
  CHECK(live({"log", "level", "oms/*", "loud", "--data-dir", data.string()}) == 2);
  REQUIRE_MESSAGE(live({"log", "levels"}) == 0, out);
  CHECK(says("oms/*   debug"));
  REQUIRE_MESSAGE(live({"log", "levels", "--json"}) == 0, out);
  CHECK_MESSAGE(out == "{\"levels\":[{\"pattern\":\"*\",\"level\":\"info\"},{\"pattern\":\"oms/*\",\"level\":\"debug\"}]}\n", out);
  stop();
  REQUIRE(folder({"inspect", "history", "operations"}) == 0);
  CHECK(says("\"operator:operator-1\""));
  for (const std::string part : {"FAULT", "RESTART", "LOG_LEVEL", "oms/*", "debug"}) CHECK_MESSAGE(says(part), part);
  REQUIRE(folder({"inspect", "history", "operations", "--json", "--limit", "1"}) == 0);
  auto page = wire::parse_json(out); // a name twice in one object would be refused
  REQUIRE_MESSAGE(page.has_value(), to_string(page.error()));
  const auto first = nlohmann::json::parse(out).at("turns").at(0).at("turn");
  CHECK(first.at("command").at("kind") == "operation");
  CHECK(first.at("command").at("operation").at("kind") == "FAULT");
  REQUIRE(troupe({"journal", "tail", data.string(), "operations", "--from", "1"}) == 0);
  CHECK(says("operation -> recorded"));
}

TEST_CASE_FIXTURE(tool_house, "an actor at debug says its turns, one at trace its messages, the edge its answers, and at info they are quiet again") {
  const auto level = [&](const char* who, const char* what) {
    REQUIRE_MESSAGE(live({"log", "level", who, what, "--data-dir", data.string()}) == 0, out);
  };
  const auto order = [&](const std::string& id) {
    REQUIRE(node.client().post("/v1/orders", R"({"account":"loud","client_order_id":")" + id +
                                               R"(","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})")->status == 201);
  };
  const auto said = [&](const std::string& part) { return node.log().find(part) != std::string::npos; };
  order("quiet-1");
  CHECK_FALSE(said("new_order -> order_accepted"));
  level("oms/*", "debug");
  level("edge", "debug");
  order("loud-1");
  CHECK(eventually([&] { return said("new_order -> order_accepted") && said("POST /v1/orders"); }));
  CHECK_FALSE(said("takes new_order"));
  level("oms/*", "trace");
  order("loud-2");
  CHECK(eventually([&] { return said("takes new_order") && said("takes report"); }));
  level("*", "info");
  level("oms/*", "info");
  level("edge", "info");
  const auto count = [&] {
    std::size_t n = 0;
    const auto text = node.log();
    for (auto at = text.find("new_order -> "); at != std::string::npos; at = text.find("new_order -> ", at + 1)) ++n;
    return n;
  };
  CHECK(count() == 2);
  order("quiet-2");
  stop();
  CHECK(count() == 2);
}

TEST_CASE_FIXTURE(tool_house, "a log level for a pattern that matches nobody is refused, and is not on record") {
  for (const char* nobody : {"oms/99", "strategie/*", "feed"}) {
    CHECK(live({"log", "level", nobody, "debug", "--data-dir", data.string()}) == 1);
    CHECK(says(std::string{"no actor is called \""} + nobody));
  }
  for (const char* somebody : {"*", "oms/*", "feed/walk", "edge/*", "journal", "node"})
    CHECK_MESSAGE(live({"log", "level", somebody, "info", "--data-dir", data.string()}) == 0, somebody);
  stop();
  REQUIRE(folder({"inspect", "history", "operations"}) == 0);
  CHECK(says("feed/walk"));
  CHECK_FALSE(says("strategie"));
}

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

TEST_CASE_FIXTURE(tool_house, "an empty argument, an unknown command and what is no whole number are refused with what to do, and nothing is done") {
  const auto wrong = [&](const std::vector<std::string>& words, const std::string& why) {
    CHECK(live(words) == 2);
    CHECK_MESSAGE(says(why), out);
  };
  wrong({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", ""}, "--limit is empty: give it a value, or leave it out");
  wrong({"order", "BUY", "0.001", "BTCUSDT.SIM", "--id="}, "--id is empty");
  wrong({"cancel", ""}, "argument 2 is empty");
  const auto orders = node.client().get("/v1/orders")->body;
  CHECK(orders.find("\"order_id\"") == orders.rfind("\"order_id\"")); // still the one
  wrong({"inspect", "at", slot, "-1"}, "is not a whole number");
  wrong({"order", "BUY", "0.001", "BTCUSDT.SIM", "--json", "--frob"}, "{\"error\":{\"code\":\"invalid_argument\"");
  for (const std::string name : {"../elsewhere", "a/b", ".", " "}) {
    CHECK(troupe({"sweep", "run", name}) == 2);
    CHECK_MESSAGE(says("is no name of a sweep"), out);
  }
  std::ofstream{dir.path() / "key"} << "\x01\x02 not a key";
  CHECK(live({"restart", "risk", "--key-file", (dir.path() / "key").string()}) == 3);
  CHECK_MESSAGE(says("no key can be read from"), out);
  wrong({"journal", "tail", data.string(), slot, "-n", "-1"}, "is not a whole number");
  CHECK(troupe({"foo"}) == 2);
  CHECK(says("there is no command \"foo\"; there are inspect, "));
  CHECK(troupe({"inspect", "foo"}) == 2);
  CHECK(says("there is no command \"foo\"; there are tree, "));
  CHECK(troupe({"help"}) == 0);
  CHECK(live({"inspect", "state", "nope", "--json"}) != 0);
  CHECK_MESSAGE(says("{\"error\":{\"code\":"), out);
  CHECK(run_program("troupe-load", {"--port", std::to_string(node.port()), "-n", "5", "-c", "1", "--quantity", "abc"}, out) == 1);
  CHECK_MESSAGE(says("orders were refused as wrong; the first answer: 400"), out);
  CHECK(run_program("troupe-load", {"--port", std::to_string(node.port()), "-n", "-5"}, out) == 2);
  for (const char* option : {"--seconds", "--rate", "--patience"})
    for (const char* value : {"-1", "nan", "1e300", "1s"}) {
      CHECK(run_program("troupe-load", {"--port", std::to_string(node.port()), "-n", "5", option, value}, out) == 2);
      CHECK_MESSAGE(says("is not a number"), out);
      CHECK_MESSAGE(out.size() < 300, out);
    }
}

TEST_CASE_FIXTURE(tool_house, "an order is looked at, replaced and cancelled, limits are changed and an instrument is blocked from the command line") {
  const auto body = node.client().get("/v1/orders")->body;
  const auto id = json_field(body.substr(body.find("\"order_id\"")), "order_id");
  REQUIRE_MESSAGE(live({"replace", id, "0.002", "--limit", "44100"}) == 0, out);
  CHECK(says("the venue is asked to change it"));
  CHECK(eventually([&] { return json_field(node.client().get("/v1/orders/" + id)->body, "limit_price") == "44100"; }));
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000", "--account", "t", "--check"}) == 0);
  CHECK(says("would be taken"));
  CHECK(live({"order", "BUY", "100000", "BTCUSDT.SIM", "--limit", "44000", "--check"}) == 1);
  CHECK(says("would be refused (ORDER_QUANTITY_MAX: "));
  for (const auto& [words, why] : {std::pair{std::vector<std::string>{"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000.123456"}, "OFF_TICK"},
                                   {{"order", "BUY", "0.00000001", "BTCUSDT.SIM", "--limit", "44000"}, "OFF_LOT"},
                                   {{"order", "BUY", "1", "NONE.SIM", "--limit", "44000"}, "UNKNOWN_INSTRUMENT"}}) {
    CAPTURE(why);
    CHECK_MESSAGE(live(words) == 2, out); // a wrong request, whether it is placed or looked at
    auto looked_at = words;
    looked_at.emplace_back("--check");
    CHECK(live(looked_at) == 2);
    CHECK_MESSAGE(says(std::string{"would be refused ("} + why + ": "), out);
  }
  for (const std::string wrong : {"64-1", "99-1"}) {
    CHECK(live({"cancel", wrong}) == 2);
    CHECK_MESSAGE(says("must have the form ^[0-9]{1,2}-[0-9]{1,17}$, with a slot of 0 to 63 before the dash"), out);
  }
  CHECK(live({"replace", id, "100000"}) == 1);
  CHECK_MESSAGE(says("stays as it is: NEW (ORDER_QUANTITY_MAX: "), out);
  REQUIRE(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--account", "t", "--id", "done-1"}) == 0);
  REQUIRE(eventually([&] { return node.client().get("/v1/orders?status=all&account=t")->body.find("\"FILLED\"") != std::string::npos; }));
  CHECK(live({"order", "BUY", "0.002", "BTCUSDT.SIM", "--account", "t", "--id", "done-1", "--check"}) == 1); // another body under the id of a finished order
  CHECK_MESSAGE(says("would be refused (CONFLICT: "), out);
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--account", "t", "--id", "done-1", "--check"}) == 0);
  const auto key = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--data-dir", data.string()});
    return live(std::move(words));
  };
  REQUIRE_MESSAGE(key({"limits", "set", "position_max=0.0015", "--account", "t"}) == 0, out);
  REQUIRE(live({"limits"}) == 0);
  CHECK_MESSAGE(says("0.0015"), out);
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000", "--account", "t"}) == 1);
  CHECK(says("POSITION_MAX"));
  CHECK(key({"limits", "set", "nope=3"}) == 2);
  CHECK(says("NAME is one of order_quantity_max"));
  CHECK(key({"limits", "set", "open_orders_max=many"}) == 2);
  CHECK_MESSAGE(says("open_orders_max"), out);
  CHECK(key({"limits", "set", "mark_age_max_ms=-1"}) == 2);
  CHECK_MESSAGE(says("mark_age_max_ms"), out);
  for (const std::string outside : {"price_collar_bps=0", "price_collar_bps=1000000000", "mark_age_max_ms=0", "open_orders_max=1000001"}) {
    CHECK(key({"limits", "set", outside}) == 2); // as the configuration refuses it
    CHECK_MESSAGE(says("must be between"), out);
  }
  CHECK(key({"limits", "set", "position_max=5", "position_max=6"}) == 2);
  CHECK(says("position_max is given twice"));
  REQUIRE(live({"orders", "--newest", "--limit", "1"}) == 0);
  CHECK_MESSAGE(says("REJECTED"), out);
  CHECK(live({"orders", "--newest", "--cursor", id}) == 2);
  REQUIRE(key({"block", "BTCUSDT.SIM"}) == 0);
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000"}) == 1);
  CHECK(says("BLOCKED"));
  REQUIRE(live({"cancel", id}) == 0);
  CHECK(says("the venue is asked to cancel it"));
  CHECK(live({"cancel"}) == 2); // neither an order nor --all
  CHECK(live({"cancel", id, "--all"}) == 2);
  CHECK(live({"cancel", "--account", "default"}) == 2);
  CHECK(live({"cancel", "--all", "--account", "nobody"}) == 0);
  CHECK_MESSAGE(says("is it the account you mean?"), out);
  CHECK(live({"cancel", "--all", "--account", "nobody", "--tenant", "main"}) == 0);
  CHECK_MESSAGE(!says("is it the account you mean?"), out); // both were named
  CHECK_MESSAGE(says("asked to cancel them: 0"), out);
  CHECK(live({"cancel", "--all", "--instrument", "BTCUSDT.SMI"}) != 0);
  CHECK_MESSAGE(says("BTCUSDT.SMI is not traded here; nothing was withdrawn"), out);
  REQUIRE(key({"unblock", "BTCUSDT.SIM"}) == 0);
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000"}) == 0);
}

TEST_CASE_FIXTURE(tool_house, "limits of more accounts than a page holds are all shown, and those behind the first page are changed from their own") {
  const auto shown = [&] {
    REQUIRE(live({"limits", "--json"}) == 0);
    return nlohmann::json::parse(out);
  };
  auto fallback = shown()["fallback"];
  fallback["open_orders_max"] = 7;
  auto client = node.client();
  const std::vector<std::pair<std::string, std::string>> as_operator{{"Authorization", "Bearer " + node.operator_key(1)}};
  const auto name_of = [](int i) { return "own-" + std::to_string(1000 + i); };
  for (int i = 0; i < 501; ++i)
    REQUIRE(client.request("PUT", "/v1/limits", nlohmann::json{{"account", name_of(i)}, {"limits", fallback}}.dump(), as_operator)->status == 200);
  REQUIRE(live({"block", "BTCUSDT.SIM", "--data-dir", data.string()}) == 0);
  REQUIRE(live({"limits", "set", "position_max=5", "--account", name_of(500), "--data-dir", data.string()}) == 0);
  const auto all = shown();
  CHECK(all["accounts"].size() == 501);
  CHECK(all["accounts"][name_of(500)]["position_max"] == "5");
  CHECK(all["accounts"][name_of(500)]["open_orders_max"] == 7); // not the fallback's
  CHECK(all["blocked"] == nlohmann::json{"BTCUSDT.SIM"});
  CHECK_FALSE(all.contains("next"));
  REQUIRE(live({"limits"}) == 0);
  CHECK(says(name_of(500)));
  CHECK(says("BTCUSDT.SIM is blocked"));
}

TEST_CASE_FIXTURE(tool_house, "two changes of limits at the same time are both in force, over HTTP an old version is a conflict that changes nothing, and a reset gives an account the common ones again") {
  const auto shown = [&] {
    const auto page = node.client().get("/v1/limits?limit=500");
    REQUIRE(page);
    return nlohmann::json::parse(page->body);
  };
  const auto at = "http://127.0.0.1:" + std::to_string(node.port());
  constexpr int rounds = 8; // of two that race
  for (int i = 1; i <= rounds; ++i) {
    const auto change = [&](const std::string& what, std::string& said) {
      return run_program("troupe", {"limits", "set", what, "--data-dir", data.string(), "--edge", at}, said);
    };
    std::string one, two;
    int code_of_one = -1;
    std::thread other{[&] { code_of_one = change("open_orders_max=" + std::to_string(i), one); }};
    const int code_of_two = change("orders_per_second_max=" + std::to_string(100 + i), two);
    other.join();
    CHECK_MESSAGE(code_of_one == 0, one);
    CHECK_MESSAGE(code_of_two == 0, two);
    CHECK(shown()["fallback"]["open_orders_max"] == i);
    CHECK(shown()["fallback"]["orders_per_second_max"] == 100 + i);
  }
  const auto key = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--data-dir", data.string()});
    return live(std::move(words));
  };
  const auto before = shown();
  const std::vector<std::pair<std::string, std::string>> as_operator{{"Authorization", "Bearer " + node.operator_key(1)}};
  const auto put = [&](std::uint64_t expected) {
    auto limits = before["fallback"];
    limits["open_orders_max"] = 77;
    const auto said = node.client().request("PUT", "/v1/limits", nlohmann::json{{"account", "t"}, {"limits", limits}, {"expected_version", expected}}.dump(), as_operator);
    REQUIRE(said);
    return said->status;
  };
  const auto version = before["limits_version"].get<std::uint64_t>();
  CHECK(put(version - 1) == 409);
  CHECK(put(version + 1) == 409);
  for (const char* member : {"limits_version", "fallback", "accounts"}) CHECK(shown()[member] == before[member]);
  CHECK(put(version) == 200);
  CHECK(shown()["accounts"]["t"]["open_orders_max"] == 77);
  CHECK(node.client().request("DELETE", "/v1/limits?account=t")->status == 401);
  CHECK(node.client().request("DELETE", "/v1/limits?account=t&expected_version=0", {}, as_operator)->status == 409);
  CHECK(node.client().request("DELETE", "/v1/limits", {}, as_operator)->status == 400);
  CHECK(shown()["accounts"].contains("t"));
  REQUIRE_MESSAGE(key({"limits", "reset", "--account", "t"}) == 0, out);
  CHECK(out == "DONE\n");
  CHECK(shown()["accounts"].empty());
  CHECK(key({"limits", "reset", "--account", "t"}) == 0);
  CHECK(out == "UNCHANGED: account t has no limits of its own\n");
  CHECK(live({"limits", "reset"}) == 2);
  stop();
  REQUIRE(troupe({"check", "invariants", "--data-dir", data.string()}) == 0);
}

TEST_CASE_FIXTURE(tool_house, "a halt without a reason is by hand: nobody has to think of one first") {
  REQUIRE_MESSAGE(live({"halt", "firm"}) == 0, out);
  CHECK(json_field(node.client().get("/v1/halts")->body, "reason") == "by hand");
  CHECK(json_field(node.client().get("/v1/halts")->body, "halted_by") == "http");
  REQUIRE_MESSAGE(live({"halt", "account", "t", "--key-file", (data / "keys" / "operator-1.key").string()}) == 0, out);
  CHECK(node.client().get("/v1/halts")->body.find("operator-1") != std::string::npos); // who has a key may say so
  CHECK(live({"halt", "account", "u", "--key-file", (data / "keys" / "nobody.key").string()}) != 0);
  const auto junk = dir.path() / "junk.key";
  std::ofstream{junk} << std::string(64, '0') << '\n';
  for (const std::vector<std::string>& words : {std::vector<std::string>{"halt", "account", "u"}, {"cancel", "--all"}, {"order", "BUY", "0.001", "BTCUSDT.SIM"}}) {
    auto with_junk = words;
    with_junk.insert(with_junk.end(), {"--key-file", junk.string()});
    CHECK(live(with_junk) == 1);
    CHECK_MESSAGE(says("the key is none of this node's"), out);
  }
  CHECK(node.client().get("/v1/halts")->body.find("\"u\"") == std::string::npos);
  CHECK(live({"halt", "--help"}) == 0);
  CHECK_MESSAGE(says("account (under every tenant)"), out);
}

TEST_CASE_FIXTURE(tool_house, "of a slot that was given up the books say that they are old, a halt that it does not run, and its restart shows its orders withdrawn") {
  auto client = node.client();
  const auto status = [&](const std::string& target) { return client.get(target)->status; };
  REQUIRE(status("/v1/positions?account=t") == 200);
  REQUIRE(eventually([&] {
    CHECK(client.post("/v1/actors/fault", R"({"name":")" + slot + R"(","fault":"die"})"));
    return status("/v1/positions?account=t") == 503;
  }));
  CHECK(status("/v1/cash?account=t") == 503);
  CHECK(status("/v1/fills?account=t") == 503);
  CHECK(status("/v1/fills?account=t&sort=NEWEST") == 503);
  CHECK(status("/v1/positions?account=somebody") == 200);
  CHECK(client.get("/v1/positions?account=somebody")->body.find("out_of_date") == std::string::npos); // not about this account
  CHECK(live({"positions", "--account", "somebody"}) == 0);
  CHECK(live({"positions", "--account", "t"}) == 3);
  CHECK_MESSAGE(says(slot + " is halted"), out);
  CHECK_MESSAGE(says("missing in the books"), out);
  for (const char* list : {"positions", "cash", "fills"}) {
    CHECK_MESSAGE(client.get(std::string{"/v1/"} + list)->body.find("\"out_of_date\":[\"" + slot + "\"]") != std::string::npos, list);
    CHECK(live({list}) == 1);
    CHECK_MESSAGE(says(slot + " was given up or is starting: what it has is old here, or missing"), out);
  }
  CHECK(client.get("/v1/fills?sort=NEWEST")->body.find("out_of_date") != std::string::npos);
  CHECK(status("/v1/orders?account=t") == 503);
  for (const char* list : {"/v1/orders", "/v1/orders?status=OPEN", "/v1/orders?sort=NEWEST"})
    CHECK_MESSAGE(client.get(list)->body.find("\"out_of_date\":[\"" + slot + "\"]") != std::string::npos, list);
  CHECK(live({"orders"}) == 1);
  CHECK(live({"halt", "firm"}) == 1);
  CHECK_MESSAGE(says(slot + " is HALTED: its venues were told to withdraw"), out);
  CHECK(client.get("/v1/halts")->body.find("FIRM") != std::string::npos);
  REQUIRE_MESSAGE(live({"restart", slot, "--data-dir", data.string()}) == 0, out);
  CHECK(eventually([&] { return client.get("/v1/orders?status=OPEN")->body.find("\"order_id\"") == std::string::npos; }));
  CHECK(eventually([&] { return status("/v1/positions?account=t") == 200; })); // when it has heard its venues
  for (const char* list : {"/v1/positions", "/v1/orders"}) CHECK_MESSAGE(client.get(list)->body.find("out_of_date") == std::string::npos, list);
  CHECK(live({"positions"}) == 0);
  CHECK(live({"halt", "account", "t"}) == 0);
}

TEST_CASE_FIXTURE(tool_house, "a cancel or a halt of an account is answered about that account: a slot that was given up counts when it has something of it open, under any tenant") {
  auto client = node.client();
  const auto slot_of = [](const std::string& tenant, const char* account) { return "oms/" + std::to_string(trading::slot_of({tenant}, {account})); };
  REQUIRE(slot_of("main", "other") != slot);
  REQUIRE(slot_of("main", "both") != slot);
  std::string tenant; // under which the account is in the slot of t
  for (int i = 0; tenant.empty(); ++i)
    if (const auto name = "desk" + std::to_string(i); slot_of(name, "both") == slot) tenant = name;
  const auto rest = [&](const std::string& of, const char* account) {
    REQUIRE_MESSAGE(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000", "--tenant", of, "--account", account}) == 0, out);
  };
  rest("main", "other");
  rest("main", "both");
  rest(tenant, "both");
  REQUIRE(eventually([&] {
    CHECK(client.post("/v1/actors/fault", R"({"name":")" + slot + R"(","fault":"die"})"));
    return client.get("/v1/positions?account=t")->status == 503;
  }));
  CHECK_MESSAGE(live({"cancel", "--all", "--account", "other"}) == 0, out);
  CHECK_MESSAGE(says("asked to cancel them: 1"), out);
  CHECK_MESSAGE(live({"cancel", "--all", "--account", "nobody"}) == 0, out);
  CHECK_MESSAGE(live({"halt", "account", "other"}) == 0, out);
  for (const char* account : {"t", "both"}) {
    CAPTURE(account);
    CHECK(live({"cancel", "--all", "--account", account}) != 0);
    CHECK_MESSAGE(says(slot + " was given up with 1 of these orders open"), out);
    CHECK(live({"halt", "account", account}) == 1);
    CHECK_MESSAGE(says(slot + " is HALTED"), out);
  }
  CHECK(live({"cancel", "--all"}) != 0); // everything: nobody knows of that slot
  CHECK_MESSAGE(says(slot + " is halted"), out);
}

TEST_CASE("bash completes commands, options, and values where they are a fixed set, behind whatever stands before") {
  temporary_directory dir;
  std::string script;
  REQUIRE(run_program("troupe", {"completion", "bash"}, script) == 0);
  std::ofstream{dir.path() / "completion"} << script;
  struct row {
    const char* typed;
    const char* offered;
  };
  for (const auto& [typed, offered] : {row{"order ''", "BUY SELL --"}, {"order S", "SELL"}, {"order s", "sell"}, {"order BUY 1 BTCUSDT.SIM --tif ''", "DAY GTC IOC FOK"}, {"order --limit 5 B", "BUY"},
                                       {"order --limit ''", ""}, {"halt fi", "firm"}, {"resume A", "ACCOUNT"}, {"log level 'oms/*' d", "debug"}, {"fault inject oms/1 h", "hang"}, {"inspect t", "tree"},
                                       {"position book 1 BTCUSDT.SIM --side ''", "BUY SELL"}, {"order BUY --ti", "--tif --timeout"}}) {
    CAPTURE(typed);
    const auto asks = dir.path() / "asks";
    std::ofstream{asks} << "source '" << (dir.path() / "completion").string() << "'\nCOMP_WORDS=(troupe " << typed
                        << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_troupe\necho \"${COMPREPLY[*]}\"\n";
    const auto said = run_in_shell("bash '" + asks.string() + "'");
    CHECK(said.exit_code == 0);
    const std::string wanted = offered;
    if (wanted.ends_with("--")) CHECK_MESSAGE(said.output.starts_with(wanted), said.output);
    else CHECK(said.output == wanted + "\n");
  }
}

TEST_CASE("the version and a checked configuration are told to programs, too") {
  std::string out;
  REQUIRE(run_program("troupe", {"version"}, out) == 0);
  const auto line = out;
  REQUIRE(run_program("troupe", {"version", "--json"}, out) == 0);
  const auto version = nlohmann::json::parse(out);
  CHECK_MESSAGE(line.find(version["build"].get<std::string>()) != std::string::npos, line);
  CHECK(version["build"].get<std::string>().starts_with(version["version"].get<std::string>() + "+"));
  CHECK_MESSAGE(line.find(version["compiler"].get<std::string>()) != std::string::npos, line);
  const auto file = (source_dir() / "config" / "desk.json").string();
  REQUIRE(run_program("troupe", {"config", "check", "--config", file}, out) == 0);
  const auto told = out;
  REQUIRE(run_program("troupe", {"config", "check", "--config", file, "--json"}, out) == 0);
  const auto checked = nlohmann::json::parse(out);
  CHECK(checked["valid"] == true);
  CHECK_MESSAGE(told.find("cluster-wide hash " + checked["config_hash"].get<std::string>()) != std::string::npos, told);
  CHECK(run_program("troupe", {"config", "check", "--config", file, "--set", "risk.lease_ms=-1", "--json"}, out) == 1);
  CHECK_MESSAGE(out.starts_with("{\"error\":{"), out);
}

TEST_CASE_FIXTURE(tool_house, "one approval of two does not lift the firm's halt, and a script sees that") {
  const auto resume = [&](int by) {
    return live({"resume", "firm", "--key-file", (data / "keys" / ("operator-" + std::to_string(by) + ".key")).string()});
  };
  REQUIRE(live({"halt", "firm", "--reason", "drill"}) == 0);
  CHECK(resume(1) == 1);
  CHECK(says("1 more of 2 different principals must approve"));
  CHECK(resume(1) == 1);
  CHECK(says("has approved already"));
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000"}) == 1);
  CHECK(resume(2) == 0);
  CHECK(eventually([&] { return live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000"}) == 0; }));
}

TEST_CASE_FIXTURE(tool_house, "who has asked to lift a halt is listed by name as people read it, and nobody is nothing") {
  REQUIRE(live({"halt", "account", "u", "--reason", "drill"}) == 0);
  REQUIRE(live({"halts"}) == 0);
  CHECK_MESSAGE(out.ends_with("  drill\n"), out);
  REQUIRE(live({"halt", "firm", "--reason", "drill"}) == 0);
  REQUIRE(live({"resume", "firm", "--key-file", (data / "keys" / "operator-1.key").string()}) == 1);
  REQUIRE(live({"halts"}) == 0);
  CHECK_MESSAGE(says("  drill   operator:operator-1\n"), out);
  REQUIRE(live({"halts", "--json"}) == 0);
  CHECK_MESSAGE(says("\"approvals\": [\"operator:operator-1\"]"), out); // as the node says it
}

TEST_CASE_FIXTURE(tool_house, "the time to wait for an answer is whole seconds, and nothing else is taken for one") {
  for (const char* none : {"0", "nan", "1.5", "-1", "3601"}) CHECK_MESSAGE(live({"orders", "--timeout", none}) == 2, none);
  CHECK(live({"orders", "--timeout", "5"}) == 0);
}

TEST_CASE_FIXTURE(tool_house, "a copy is not made inside of what is copied") {
  CHECK(live({"journal", "backup", data.string(), (data / "inside").string()}) == 2);
  CHECK(says("choose a folder outside of it"));
  CHECK_FALSE(std::filesystem::exists(data / "inside"));
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
  std::filesystem::remove_all(target / "venues");
  node_process half{{target, {}, {}}};
  REQUIRE_FALSE(half.start());
  CHECK(half.exit_code() == 3);
  CHECK(half.log().find("no store of the venues") != std::string::npos);
}

TEST_CASE_FIXTURE(tool_house, "a halt or block of what does not exist is refused with what does") {
  CHECK(live({"halt", "venue", "sim", "--reason", "lower case"}) != 0);
  CHECK(says("there is no venue \"sim\"; there are "));
  CHECK(says("SIM"));
  CHECK(live({"halt", "instrument", "BTCUSDT", "--reason", "no venue"}) != 0);
  CHECK(says("BTCUSDT.SIM"));
  CHECK(live({"halt", "strategy", "nope", "--reason", "no such one"}) != 0);
  CHECK(node.client().get("/v1/halts")->body.find("nope") == std::string::npos);
  for (const auto& words : {std::vector<std::string>{"resume", "venue", "sim"}, {"resume", "strategy", "nope"}, {"unblock", "NOPE.SIM"}}) {
    auto with_key = words;
    with_key.insert(with_key.end(), {"--data-dir", data.string()});
    CHECK(live(with_key) != 0);
    CHECK_MESSAGE(says("there is no "), out);
  }
  REQUIRE_MESSAGE(live({"halt", "account", "whoever", "--reason", "free text"}) == 0, out);
  CHECK_MESSAGE(says("\"whoever\" has neither order nor position"), out);
  REQUIRE_MESSAGE(live({"order", "buy", "0.001", "BTCUSDT.SIM", "--limit", "1000", "--account", "known"}) == 0, out);
  REQUIRE_MESSAGE(live({"halt", "account", "known"}) == 0, out);
  CHECK_FALSE_MESSAGE(says("neither order nor position"), out);
}

TEST_CASE_FIXTURE(tool_house, "a node whose port is in use ends before anybody has traded") {
  const auto fresh = dir.path() / "fresh";
  node_process second{{fresh, {"edge.listeners.0.port=" + std::to_string(node.port())}, {}}};
  REQUIRE_FALSE(second.start());
  CHECK(second.exit_code() == 3);
  CHECK(second.log().find("the port is in use") != std::string::npos);
  REQUIRE_MESSAGE(troupe({"journal", "verify", fresh.string(), "--json"}) == 0, out);
  CHECK(says("\"streams\":[]"));
  CHECK_FALSE(says("oms/"));
}
