// What `troupe shell` makes of a line without a terminal or a node: words, completion, the options of the shell, its history.

#include "tests/support/test.hpp"
#include "tools/troupe/declared.hpp"
#include "tools/troupe/history_file.hpp"
#include "tools/troupe/terminal.hpp"
#include "tools/troupe/words.hpp"
#include "tools/troupe/wrong_words.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>

using namespace troupe;
using namespace troupe::cli;

namespace {

using strings = std::vector<std::string>;

/// Commands as `troupe` declares them: with subcommands, an actor's name, options of both kinds.
struct declared_commands {
  CLI::App root{"", "troupe"};
  std::string text;
  bool flag = false;
  declared_commands() {
    auto* inspect = root.add_subcommand("inspect");
    inspect->require_subcommand(1);
    for (const char* name : {"info", "at"}) {
      auto* c = inspect->add_subcommand(name);
      c->add_option("ACTOR", text)->required();
      if (c->get_name() == "at") c->add_option("SEQ", text);
      c->add_option("--edge", text);
      c->add_option("--key-file", text);
      c->add_option("--data-dir", text, "Read this data folder instead of asking a node");
      c->add_flag("--json", flag);
    }
    auto* restart = root.add_subcommand("restart");
    restart->add_option("ACTOR", text)->required();
    for (const char* name : {"--edge", "--key-file"}) restart->add_option(name, text);
    restart->add_option("--data-dir", text, operator_folder);
    auto* order = root.add_subcommand("order");
    order->add_option("SIDE", text);
    order->add_option("INSTRUMENT", text);
    order->add_option("--edge", text);
    order->add_option("--instrument", text);
    root.add_subcommand("version");
  }
  strings words(const strings& before, const std::string& current) { return complete(root, before, current).words; }
};

/// An environment variable, as it was again at the end.
class variable {
public:
  variable(const char* name, const std::string& value) : name_{name} {
    if (const char* old = std::getenv(name)) before_ = old;
    if (value.empty()) ::unsetenv(name);
    else ::setenv(name, value.c_str(), 1);
  }
  ~variable() {
    if (before_) ::setenv(name_, before_->c_str(), 1);
    else ::unsetenv(name_);
  }

private:
  const char* name_;
  std::optional<std::string> before_;
};

} // namespace

TEST_SUITE_BEGIN("tools/shell");

TEST_CASE("a line is split into words as a shell does, and nothing in it is expanded") {
  const std::pair<const char*, strings> lines[]{
    {"", {}},
    {"  \t\r", {}},
    {"# a remark", {}},
    {"inspect at oms/17  4711", {"inspect", "at", "oms/17", "4711"}},
    {"halt firm --reason \"a b\"", {"halt", "firm", "--reason", "a b"}},
    {"halt firm --reason 'a \"b\" \\'", {"halt", "firm", "--reason", "a \"b\" \\"}},
    {R"(say "a \"b\" \\" c\ d)", {"say", "a \"b\" \\", "c d"}},
    {"--reason=\"a b\"'c'd", {"--reason=a bcd"}},
    {"order --id ''", {"order", "--id", ""}},
    {"orders # a remark \"", {"orders"}},
    {"orders a#b", {"orders", "a#b"}},
    {"log level oms/* $HOME", {"log", "level", "oms/*", "$HOME"}},
    {"crlf\r", {"crlf"}},
  };
  for (const auto& [line, words] : lines) {
    CAPTURE(line);
    const auto got = words_of(line);
    REQUIRE(got);
    CHECK(*got == words);
  }
  for (const auto& wrong : {std::string{"a \"b"}, std::string{"a 'b"}, std::string{"a \\"}, std::string{"a\0b", 3}}) {
    CAPTURE(wrong);
    const auto got = words_of(wrong);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == errc::invalid_argument);
  }
}

TEST_CASE("a line up to the cursor is its whole words and the one that is typed") {
  const auto begun = begun_line_of("inspect at om");
  REQUIRE(begun);
  CHECK(begun->before == strings{"inspect", "at"});
  CHECK(begun->current == "om");
  CHECK(begun_line_of("inspect ")->current.empty());
  CHECK(begun_line_of("")->before.empty());
  CHECK_FALSE(begun_line_of("halt --reason \"a b"));
}

TEST_CASE("completion offers what is declared: commands, then subcommands, then names of actors and options") {
  declared_commands d;
  CHECK(d.words({}, "") == strings{"inspect", "order", "restart", "version"});
  CHECK(d.words({}, "re") == strings{"restart"});
  CHECK(d.words({}, "x").empty());
  CHECK(d.words({"inspect"}, "") == strings{"at", "info"});
  CHECK(d.words({"inspect", "at"}, "--") == strings{"--data-dir", "--edge", "--help", "--json", "--key-file"});
  CHECK(d.words({"inspect", "at"}, "--e") == strings{"--edge"});
  CHECK(complete(d.root, {"inspect", "at"}, "om").takes_actor);
  CHECK(complete(d.root, {"inspect", "at", "--json"}, "").takes_actor);
  CHECK(complete(d.root, {"inspect", "at", "--edge", "http://127.0.0.1:1"}, "").takes_actor);
  CHECK_FALSE(complete(d.root, {"inspect", "at", "--edge"}, "").takes_actor); // a URL comes here
  CHECK(d.words({"inspect", "at", "--edge"}, "").empty());
  CHECK_FALSE(complete(d.root, {"inspect", "at", "oms/1"}, "").takes_actor);
  CHECK(complete(d.root, {"restart"}, "").takes_actor);
  CHECK_FALSE(complete(d.root, {}, "").takes_actor);
  CHECK(complete(d.root, {"order", "BUY"}, "BTC").takes_instrument);
  CHECK(complete(d.root, {"order", "--instrument"}, "BTC").takes_instrument);
  CHECK_FALSE(complete(d.root, {"order"}, "BTC").takes_instrument); // its side
  CHECK_FALSE(complete(d.root, {"restart"}, "").takes_instrument);
  auto* halt = d.root.add_subcommand("halt");
  for (const char* name : {"SCOPE", "KEY"}) halt->add_option(name, d.text);
  CHECK(complete(d.root, {"halt", "instrument"}, "BTC").takes_instrument);
  CHECK_FALSE(complete(d.root, {"halt", "account"}, "BTC").takes_instrument);
  CHECK_FALSE(complete(d.root, {"halt"}, "BTC").takes_instrument);
  CHECK(d.words({"version"}, "") == strings{"--help"});
  CHECK(common_beginning({"oms/1", "oms/17", "oms/18"}) == "oms/1");
  CHECK(common_beginning({"a", "b"}).empty());
  CHECK(common_beginning({}).empty());
}

TEST_CASE("what is a fixed set is completed where it stands: an argument's values, an option's, in capitals or small as they are typed") {
  CLI::App root{"", "troupe"};
  std::string text;
  int number = 0;
  auto* order = root.add_subcommand("order");
  order->add_option("SIDE", text)->transform(CLI::IsMember({"BUY", "SELL"}, CLI::ignore_case));
  order->add_option("QUANTITY", text);
  order->add_option("--tif", text)->transform(CLI::IsMember({"DAY", "GTC", "IOC", "FOK"}, CLI::ignore_case));
  order->add_option("--timeout", number)->check(CLI::Range(1, 3600));
  const auto words = [&](const strings& before, const std::string& current) { return complete(root, before, current).words; };
  CHECK(words({"order"}, "") == strings{"BUY", "SELL"});
  CHECK(words({"order"}, "S") == strings{"SELL"});
  CHECK(words({"order"}, "s") == strings{"sell"});
  CHECK(words({"order", "BUY"}, "").empty());
  CHECK(words({"order", "--tif"}, "") == strings{"DAY", "FOK", "GTC", "IOC"});
  CHECK(words({"order", "--tif"}, "g") == strings{"gtc"});
  CHECK(words({"order", "--tif", "GTC"}, "B") == strings{"BUY"});
  CHECK(words({"order", "--timeout"}, "").empty());
  CHECK(words({"order"}, "--ti") == strings{"--tif", "--timeout"});
}

TEST_CASE("a line gets the options of the shell that its command takes and that it does not give itself") {
  declared_commands d;
  const std::vector<shared_option> shared{{"--edge", "http://[::1]:1"}, {"--json", ""}, {"--data-dir", "data"}, {"--timeout", "3"}};
  CHECK(with_shared(d.root, {"inspect", "at", "oms/1", "7"}, shared) == strings{"inspect", "at", "--edge", "http://[::1]:1", "--json", "oms/1", "7"});
  CHECK(with_shared(d.root, {"inspect", "info", "oms/1", "--edge=http://x:1", "--json"}, shared) ==
        strings{"inspect", "info", "oms/1", "--edge=http://x:1", "--json"});
  // The operator's data folder has the key; the one of inspect would be read instead of the node.
  CHECK(with_shared(d.root, {"restart", "risk"}, shared) == strings{"restart", "--edge", "http://[::1]:1", "--data-dir", "data", "risk"});
  CHECK(with_shared(d.root, {"inspect", "info", "oms/1", "--data-dir", "x"}, shared) == strings{"inspect", "info", "--json", "oms/1", "--data-dir", "x"}); // no node is asked
  CHECK(with_shared(d.root, {"version"}, shared) == strings{"version"});
  CHECK(with_shared(d.root, {"nope", "--edge"}, shared) == strings{"nope", "--edge"});
}

TEST_CASE("the history keeps the newest 1,000 lines for its user alone, also in a file that came from elsewhere") {
  troupe::test::temporary_directory dir;
  const auto file = dir.path() / "state" / "troupe" / "history";
  CHECK(read_history(file).empty());
  for (int i = 0; i < 1005; ++i) REQUIRE(add_to_history(file, "line " + std::to_string(i)));
  auto lines = read_history(file);
  REQUIRE(lines.size() == history_lines_max);
  CHECK(lines.front() == "line 5");
  CHECK(lines.back() == "line 1004");
  struct stat is{};
  REQUIRE(::stat(file.c_str(), &is) == 0);
  CHECK((is.st_mode & 0777) == 0600);
  CHECK(add_to_history(file, std::string(5000, 'x'))); // left out
  CHECK(read_history(file).back() == "line 1004");

  std::ofstream{file} << "torn";
  std::filesystem::permissions(file, std::filesystem::perms{0644});
  REQUIRE(add_to_history(file, "next"));
  CHECK(read_history(file) == strings{"torn", "next"});
  REQUIRE(::stat(file.c_str(), &is) == 0);
  CHECK((is.st_mode & 0777) == 0600);

  std::ofstream{dir.path() / "file"} << "x";
  CHECK_FALSE(add_to_history(dir.path() / "file" / "history", "a"));
}

TEST_CASE("the history lies in the state folder, else below the home, else nowhere") {
  const variable home{"HOME", "/somewhere"};
  {
    const variable state{"XDG_STATE_HOME", "/state"};
    CHECK(history_path() == "/state/troupe/history");
  }
  const variable state{"XDG_STATE_HOME", "relative"};
  CHECK(history_path() == "/somewhere/.local/state/troupe/history");
  const variable homeless{"HOME", ""};
  CHECK_FALSE(history_path());
}

TEST_CASE("a word that is no command or option where it stands is told with the one that was meant, or with those there are") {
  declared_commands c;
  c.root.require_subcommand(1);
  const auto wrong = [&](const strings& words) { return wrong_word(c.root, words).value_or("right"); };
  CHECK(wrong({"inspect", "info", "oms/1", "--edge", "x", "--json"}) == "right");
  CHECK(wrong({"inspct", "info"}) == "there is no command \"inspct\"; did you mean \"inspect\"?");
  CHECK(wrong({"xyzzy"}) == "there is no command \"xyzzy\"; there are inspect, restart, order, version");
  CHECK(wrong({"inspect", "inof"}) == "there is no command \"inof\"; did you mean \"info\"?");
  CHECK(wrong({"inspect", "info", "oms/1", "--egde=x"}) == "troupe inspect info has no option --egde; did you mean --edge?");
  CHECK(wrong({"inspect", "info", "oms/1", "--frobnicate"}) == "troupe inspect info has no option --frobnicate");
  CHECK(wrong({"inspect", "info", "--edge", "--frobnicate"}) == "right"); // its value
  CHECK(wrong({"inspect", "info", "--", "--frobnicate"}) == "right");     // an argument
  CHECK(wrong({"restart", "-0.01", "inspct"}) == "right");                // arguments too
  CHECK(wrong({}) == "troupe needs a command; there are inspect, restart, order, version");
  CHECK(wrong({"inspect"}) == "troupe inspect needs a command; there are info, at");
  auto* may_have_one = c.root.get_subcommand("version"); // as orders and limits may
  may_have_one->add_subcommand("show");
  CHECK(wrong({"version"}) == "right");
  CHECK(wrong({"version", "show"}) == "right");
  CHECK(wrong({"version", "shw"}) == "there is no command \"shw\"; did you mean \"show\"?");
  CHECK(wrong({"inspect", "--help"}) == "right");
  CHECK(wrong({"--version"}) == "right");
  CHECK(wrong({"xyzzy", "--help"}) == "there is no command \"xyzzy\"; there are inspect, restart, order, version");
  CHECK(command_named(c.root, {"inspect", "--json", "at", "oms/1", "7"}) == "troupe inspect at");
  CHECK(command_named(c.root, {}) == "troupe");
}

TEST_CASE("how long still is said in seconds, minutes or hours") {
  CHECK(time_left(0) == "0 s left");
  CHECK(time_left(95) == "95 s left");
  CHECK(time_left(740) == "12 min left");
  CHECK(time_left(12'600) == "3.5 h left");
}
