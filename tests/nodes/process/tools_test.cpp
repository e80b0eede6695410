// The command line beside the node: operating it, and what every command has in common.

#include "runtime/wire/json_value.hpp"
#include "tests/nodes/process/tool_house.hpp"
#include "tests/support/on_a_terminal.hpp"
#include "tests/support/shell.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("process/tools");

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
  CHECK(troupe({"journal", "tail", data.string(), slot, "-n", "-1"}) == 2);
  CHECK_MESSAGE(says("is not a whole number"), out);
  CHECK(troupe({"foo"}) == 2);
  CHECK(says("there is no command \"foo\"; there are inspect, "));
  CHECK(troupe({"ordr", "BUY"}) == 2);
  CHECK_MESSAGE(says("there is no command \"ordr\"; did you mean \"order\"?"), out);
  CHECK(troupe({"orders", "--limt", "3"}) == 2);
  CHECK_MESSAGE(says("troupe orders has no option --limt; did you mean --limit?"), out);
  CHECK(troupe({"sweep"}) == 2);
  CHECK_MESSAGE(says("troupe sweep needs a command; there are run, "), out);
  CHECK(troupe({"order", "BUI", "1", "BTCUSDT.SIM"}) == 2);
  CHECK_MESSAGE(says("BUI not in {BUY,SELL}; see `troupe order --help`"), out);
  CHECK(troupe({"inspect", "foo"}) == 2);
  CHECK(says("there is no command \"foo\"; there are tree, "));
  CHECK(troupe({"help"}) == 0);
  CHECK(says("Subcommands:"));
  CHECK(troupe({"help", "inspect", "at"}) == 0);
  CHECK_MESSAGE(says("SEQ"), out);
  CHECK(troupe({"help", "foo"}) == 2);
  CHECK(says("there is no command \"foo\"; there are inspect, "));
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

TEST_CASE("colours are for who has a terminal that shows them and wants them") {
  temporary_directory dir;
  std::string out;
  REQUIRE(run_program("troupe", {"keys", "add", "ana", "--role", "read", "--data-dir", dir.path().string()}, out) == 0);
  const std::pair<std::map<std::string, std::string>, bool> rows[] = {{{{"NO_COLOR", ""}}, true}, {{{"TERM", "dumb"}}, false}, {{{"NO_COLOR", "1"}}, false}};
  for (const auto& [environment, is_painted] : rows) {
    on_a_terminal shown;
    if (!shown.open()) TROUPE_SKIP("no pseudo terminals");
    shown.start({(binary_dir() / "troupe").string(), "keys", "list", "--data-dir", dir.path().string()}, environment);
    REQUIRE_MESSAGE(shown.shows("ana"), shown.seen());
    CHECK((shown.seen().find('\033') != std::string::npos) == is_painted);
  }
}

namespace {

struct typed_words {
  const char* typed;
  const char* offered; // all of it, or with "--" at its end how it begins
};
constexpr typed_words completed[] = {
  {"order ''", "BUY SELL --"}, {"order S", "SELL"}, {"order s", "sell"}, {"order BUY 1 BTCUSDT.SIM --tif ''", "DAY GTC IOC FOK"}, {"order --limit 5 B", "BUY"},
  {"order --limit ''", ""}, {"halt fi", "firm"}, {"resume A", "ACCOUNT"}, {"log level 'oms/*' d", "debug"}, {"fault inject oms/1 h", "hang"}, {"inspect t", "tree"},
  {"position book 1 BTCUSDT.SIM --side ''", "BUY SELL"}, {"order BUY --ti", "--tif --timeout"},
  {"orders ''", "show --"}, {"orders show --cl", "--client-order-id"}, {"cancel --cl", "--client-order-id"}};

/// Writes the script of the shell beside what asks it about `typed`, and returns the line that this prints.
std::string completed_by(const std::string& shell, const std::filesystem::path& folder, const std::string& typed) {
  const auto script = (folder / "completion").string(), asks = (folder / "asks").string();
  if (!std::filesystem::exists(script)) {
    std::string text;
    REQUIRE(run_program("troupe", {"completion", shell}, text) == 0);
    std::ofstream{script} << text;
  }
  if (shell == "bash")
    std::ofstream{asks} << "source '" << script << "'\nCOMP_WORDS=(troupe " << typed << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_troupe\necho \"${COMPREPLY[*]}\"\n";
  if (shell == "zsh") // what its own functions would show
    std::ofstream{asks} << "compdef() { : }\n_files() { : }\ncompadd() { print -r -- ${(M)fitting:#${current}*} }\nsource '" << script << "'\nwords=(troupe " << typed
                        << ")\nCURRENT=${#words}\n_troupe\n";
  if (shell == "fish") {
    const auto begun = typed.ends_with("''") ? typed.substr(0, typed.size() - 2) : typed;
    std::ofstream{asks} << "source '" << script << "'\nfunction __fish_complete_path\nend\necho (complete -C \"troupe " << begun << "\")\n";
  }
  const auto said = run_in_shell(shell + (shell == "zsh" ? " -f" : shell == "fish" ? " --no-config" : "") + " '" + asks + "'");
  CHECK_MESSAGE(said.exit_code == 0, said.output);
  return said.output;
}

bool is_installed(const std::string& shell) { return run_in_shell("command -v " + shell).exit_code == 0; }

} // namespace

TEST_CASE("bash completes commands, options, and values where they are a fixed set, behind whatever stands before; so does zsh") {
  std::string shell;
  SUBCASE("bash") { shell = "bash"; }
  SUBCASE("zsh") { shell = "zsh"; }
  if (!is_installed(shell)) TROUPE_SKIP("no zsh");
  temporary_directory dir;
  for (const auto& [typed, offered] : completed) {
    CAPTURE(typed);
    const auto said = completed_by(shell, dir.path(), typed);
    const std::string wanted = offered;
    if (wanted.ends_with("--")) CHECK_MESSAGE(said.starts_with(wanted), said);
    else CHECK(said == wanted + "\n");
  }
}

TEST_CASE("fish completes the same words, in its own order") {
  if (!is_installed("fish")) TROUPE_SKIP("no fish");
  temporary_directory dir;
  for (const auto& [typed, offered] : completed) {
    CAPTURE(typed);
    const auto said = completed_by("fish", dir.path(), typed);
    std::istringstream words{offered};
    for (std::string word; words >> word;)
      if (word != "--") CHECK_MESSAGE((' ' + said).find(' ' + word) != std::string::npos, said);
    if (std::string{offered}.empty()) CHECK(said == "\n");
  }
}

TEST_CASE("a script that is asked for help says what it does, and does nothing") {
  const auto run = [](const std::string& script, const std::string& words) { return run_in_shell("'" + (source_dir() / "tools" / script).string() + "' " + words); };
  for (const char* script : {"setup", "build", "test", "cluster"})
    for (const char* help : {"-h", "--help"}) {
      const auto said = run(script, help);
      CHECK_MESSAGE(said.exit_code == 0, said.output);
      CHECK_MESSAGE(said.output.find(std::string{"  tools/"} + script) != std::string::npos, said.output);
      CHECK_MESSAGE(said.output.find("set -e") == std::string::npos, said.output);
    }
  const auto list = run("setup", "--frobnicate"); // would have been read as a list of packages
  CHECK(list.exit_code == 1);
  CHECK_MESSAGE(list.output.find("there is no list --frobnicate") != std::string::npos, list.output);
}

TEST_CASE("every program says its version, and that it is the same build") {
  std::string node, out;
  REQUIRE(run_program("troupe-node", {"--version"}, node) == 0);
  for (const char* program : {"troupe", "troupe-worker", "troupe-load", "troupe-bench"}) {
    if (!std::filesystem::exists(binary_dir() / program)) continue; // only the benchmarks build all
    CHECK_MESSAGE(run_program(program, {"--version"}, out) == 0, program);
    CHECK_MESSAGE(out == node, program);
    CHECK_MESSAGE(run_program(program, {"--frobnicate"}, out) == 2, program);
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
  CHECK(checked["warnings"].empty());
  REQUIRE(run_program("troupe", {"config", "check", "--config", file, "--set", "bars.interval_ms=60000"}, out) == 0); // bars that its strategy does not wait for
  CHECK_MESSAGE(out.find("troupe: strategy ma waits for bars of 1 s") != std::string::npos, out);
  CHECK_MESSAGE(told.find("cluster-wide hash " + checked["config_hash"].get<std::string>()) != std::string::npos, told);
  CHECK(run_program("troupe", {"config", "check", "--config", file, "--set", "risk.lease_ms=-1", "--json"}, out) == 1);
  CHECK_MESSAGE(out.starts_with("{\"error\":{"), out);
}

TEST_CASE_FIXTURE(tool_house, "the time to wait for an answer is whole seconds, and nothing else is taken for one") {
  for (const char* none : {"0", "nan", "1.5", "-1", "3601"}) CHECK_MESSAGE(live({"orders", "--timeout", none}) == 2, none);
  CHECK(live({"orders", "--timeout", "5"}) == 0);
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
