// `troupe shell` as a script and as a person uses it, beside a real node.

#include "tests/support/node_process.hpp"
#include "tests/support/on_a_terminal.hpp"
#include "tests/support/shell.hpp"

#include <fstream>

#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// A node, and shells that ask it.
struct shell_house {
  temporary_directory dir;
  std::filesystem::path data = dir.path() / "data";
  node_process node{{data, {}, {}}};
  shell_outcome last;

  shell_house() { REQUIRE_MESSAGE(node.start(), node.log()); }
  [[nodiscard]] std::string edge() const { return "http://127.0.0.1:" + std::to_string(node.port()); }
  [[nodiscard]] static std::string program() { return (binary_dir() / "troupe").string(); }
  /// Runs the lines as a script. Its exit code.
  int script(const std::string& lines, const std::string& options) {
    const auto file = dir.path() / "script";
    std::ofstream{file} << lines;
    last = run_in_shell(program() + " shell " + options + " < " + file.string());
    return last.exit_code;
  }
  int script(const std::string& lines) { return script(lines, "--edge " + edge()); }
  /// Processes that were given this data folder and `word`.
  [[nodiscard]] std::vector<pid_t> running(const std::string& word) const {
    std::vector<pid_t> found;
    for (const auto& process : std::filesystem::directory_iterator{"/proc"}) {
      const auto name = process.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      const auto words = content(process.path() / "cmdline");
      if (words.find(data.string() + '\0') != std::string::npos && words.find(word) != std::string::npos) found.push_back(std::stoi(name));
    }
    return found;
  }
  [[nodiscard]] static std::string content(const std::filesystem::path& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  [[nodiscard]] bool says(const std::string& text) const { return last.output.find(text) != std::string::npos; }
};

/// One at a terminal, with its own history.
struct typed_shell : shell_house {
  std::optional<on_a_terminal> shown;
  std::filesystem::path history = dir.path() / "state" / "troupe" / "history";
  const std::string prompt = "troupe> ";

  [[nodiscard]] bool open(const std::string& state_home) {
    shown.emplace();
    if (!shown->open()) return false;
    shown->start({program(), "shell", "--edge", edge()}, {{"XDG_STATE_HOME", state_home}, {"HOME", ""}});
    REQUIRE_MESSAGE(shown->shows(prompt), shown->seen());
    return true;
  }
  [[nodiscard]] bool open() { return open((dir.path() / "state").string()); }
  /// Types it and waits for what must come behind it.
  void expect(std::string_view keys, const std::string& text) {
    shown->type(keys);
    CHECK_MESSAGE(shown->shows(text), text, " after ", std::string{keys}, ":\n", shown->seen());
  }
};

} // namespace

TEST_SUITE_BEGIN("process/shell");

TEST_CASE_FIXTURE(shell_house, "a script runs its lines as troupe runs them, echoes nothing, and gives its options to every line that takes them") {
  REQUIRE_MESSAGE(script("# a remark\n\n  order BUY 0.001 BTCUSDT.SIM --limit 44000 --account 'a b' --id one\r\ntroupe inspect info risk # as the pages show it\nversion") == 0, last.output);
  CHECK(last.output.starts_with("order "));
  CHECK_MESSAGE(says("client id one"), last.output);
  CHECK(says("RUNNING"));
  CHECK(says("troupe "));
  CHECK_FALSE(says("remark"));
  CHECK_FALSE(says("> "));
  REQUIRE(script("orders --account \"a b\" --json") == 0);
  CHECK_MESSAGE(says("\"account\":\"a b\""), last.output);
  REQUIRE(script("orders\nhalts", "--json --edge " + edge()) == 0); // also --json is every line's
  CHECK(says("{\"orders\":["));
  CHECK(says("{\"halts\": ["));
  CHECK(script("halt firm --reason drill\nresume firm", "--data-dir " + data.string() + " --edge " + edge()) == 1); // one of two operators
  CHECK_MESSAGE(says("must approve"), last.output);
  CHECK(script("inspect tree --edge http://127.0.0.1:1") == 3); // a line's own
  CHECK(script("help inspect\nhelp\nexit\nnope") == 0);
  CHECK(says("history"));
  CHECK(script("") == 0);
}

TEST_CASE_FIXTURE(shell_house, "a script ends at the first line that does not end with 0, with that exit code, and says which it was") {
  const auto after = "\nhalt firm --reason 'never run'\n";
  CHECK(script(std::string{"halts\ninspect at oms/99 1"} + after) == 1);
  CHECK_MESSAGE(says("line 2 ended with exit code 1, and nothing behind it was run: inspect at oms/99 1"), last.output);
  for (const std::string wrong : {"nope", "inspect", "orders --frob", "say \"no end", "shell", "orders \\", "exit 3", "inspect tree | head", "orders --limit 0"}) {
    CHECK_MESSAGE(script(wrong + after) == 2, wrong, last.output);
    CHECK_MESSAGE(says("line 1"), last.output);
  }
  CHECK(script("say \"no end", "--json") == 2);
  CHECK(says("{\"error\":{\"code\":\"invalid_argument\""));
  CHECK(script("orders", "--edge http://127.0.0.1:1") == 3);
  CHECK(script("orders", "--edge foo") == 2);
  CHECK(script(std::string(70'000, 'x') + after) == 2);
  CHECK_MESSAGE(says("line 1 is longer than 64 KiB"), last.output);
  CHECK(script(std::string("a\0b", 3) + after) == 2);
  CHECK(node.client().get("/v1/halts")->body == "{\"halts\":[]}");
}

TEST_CASE_FIXTURE(shell_house, "a signal to a script ends the command that runs, and one that is killed leaves no command behind") {
  const auto file = dir.path() / "follow";
  std::ofstream{file} << "journal tail " << data.string() << " risk --follow\nhalts\n";
  const auto followers = [&] { return running("--follow"); };
  for (const auto& [number, code] : {std::pair{SIGTERM, 143}, {SIGINT, 130}, {SIGKILL, -SIGKILL}}) {
    CAPTURE(number);
    const auto shell = ::fork();
    if (shell == 0) {
      ::setpgid(0, 0);
      ::dup2(::open(file.c_str(), O_RDONLY), STDIN_FILENO);
      ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
      ::dup2(STDOUT_FILENO, STDERR_FILENO);
      ::execl(program().c_str(), "troupe", "shell", nullptr);
      ::_exit(127);
    }
    CHECK(eventually([&] { return followers().size() == 1; }));
    ::kill(shell, number);
    int status = 0;
    CHECK(eventually([&] { return ::waitpid(shell, &status, WNOHANG) == shell; }));
    CHECK((WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status)) == code);
    CHECK(eventually([&] { return followers().empty(); }));
  }
}

TEST_CASE_FIXTURE(typed_shell, "at a terminal a wrong line does not end the shell, and exit, quit and Ctrl-D do") {
  if (!open()) TROUPE_SKIP("no pseudo terminals");
  expect("inspect info risk\n", "RUNNING");
  expect("", prompt);
  expect("nope\n", "there is no command \"nope\"");
  expect("", "troupe [2]> ");
  expect("inspect at oms/99 1\n", "there is no actor");
  expect("", "troupe [1]> ");
  expect("halt \"firm\n", "does not end");
  expect("", "troupe [2]> ");
  expect("shell\n", "this is the shell already");
  expect("orders --account \"a b\"\n", "CLIENT ID");
  expect("", prompt);
  shown->type("exit\n");
  CHECK(shown->join() == 0);
}

TEST_CASE_FIXTURE(typed_shell, "Ctrl-C ends a command that follows and not the shell, and at the prompt drops what was typed") {
  if (!open()) TROUPE_SKIP("no pseudo terminals");
  expect("journal tail " + data.string() + " risk --follow\n", "lease_request");
  expect("\x03", "troupe [130]> ");
  expect("nonsense", "nonsense");
  expect("\x03", "^C");
  expect("version\n", "troupe 0.");
  expect("", prompt);
  expect("top --interval 0.2\n", "MESSAGES/S");
  expect("\x1a", "keys: m mailbox"); // Ctrl-Z stops nothing
  expect("\x03", "\033[?1049l");
  expect("", prompt);
  shown->type("\x04");
  CHECK(shown->join() == 0);
}

TEST_CASE_FIXTURE(typed_shell, "what a command that is killed has made of the terminal is undone, and a signal ends shell and command") {
  if (!open()) TROUPE_SKIP("no pseudo terminals");
  expect("top --interval 0.2\n", "MESSAGES/S");
  CHECK((shown->modes().c_lflag & ICANON) == 0);
  const auto children = content("/proc/" + std::to_string(shown->pid()) + "/task/" + std::to_string(shown->pid()) + "/children");
  REQUIRE_FALSE(children.empty());
  ::kill(std::stoi(children), SIGKILL);
  CHECK(shown->shows("\033[?25h\033[0mtroupe: the command was ended by signal 9"));
  CHECK(shown->shows("troupe [137]> "));
  expect("version\n", "troupe 0.");
  expect("journal tail " + data.string() + " risk --follow\n", "lease_request");
  ::kill(shown->pid(), SIGTERM);
  CHECK(shown->join() == 143);
  CHECK((shown->modes().c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG));
}

TEST_CASE_FIXTURE(typed_shell, "TAB completes commands, options, and names of actors and instruments, and is silent where it cannot") {
  if (!open()) TROUPE_SKIP("no pseudo terminals");
  expect("insp\t", "ect ");
  expect("a\t", "t ");
  expect("ris\t", "k ");
  expect("--js\t", "on ");
  expect("\n", "\"actor\":\"risk\"");
  expect("", prompt);
  expect("inspect state oms/\t\t", "oms/17");
  expect("\025block BTCUSDT.S\t", "IM ");
  expect("\025cluster \t", "placement");
  expect("\025halt --\t", "--reason");
  expect("\025inspect info --edge http://127.0.0.1:1 \t\025version\n", "troupe 0."); // nobody there
  expect("", prompt);
  node.signal(SIGSTOP); // there, and does not answer
  const auto asked = std::chrono::steady_clock::now();
  expect("inspect info ris\t\025version\n", "troupe 0.");
  CHECK(std::chrono::steady_clock::now() - asked < 10s);
  node.signal(SIGCONT);
  shown->type("\x04");
}

TEST_CASE_FIXTURE(typed_shell, "the history is there in the next shell, for its user alone") {
  if (!open()) TROUPE_SKIP("no pseudo terminals");
  expect("halts\n", "SCOPE");
  expect("", prompt);
  expect("version # \xc3\xa9\n", "troupe 0.");
  expect("", prompt);
  expect("halts\n", "SCOPE");
  expect("", prompt);
  expect("halts\n", "SCOPE"); // the same once more is not kept
  expect("", prompt);
  ::kill(shown->pid(), SIGKILL); // what was typed is kept at once
  CHECK(shown->join() == -SIGKILL);
  CHECK(content(history) == "halts\nversion # \xc3\xa9\nhalts\n");
  struct stat is{};
  REQUIRE(::stat(history.c_str(), &is) == 0);
  CHECK((is.st_mode & 0777) == 0600);
  REQUIRE(open());
  expect("\x1b[A\n", "SCOPE"); // the arrow up
  expect("", prompt);
  shown->type("quit\n");
  CHECK(shown->join() == 0);
}

TEST_CASE_FIXTURE(typed_shell, "without a home no history is kept, and the shell works") {
  if (!open("")) TROUPE_SKIP("no pseudo terminals");
  expect("halts\n", "SCOPE");
  expect("", prompt);
  shown->type("\x04");
  CHECK(shown->join() == 0);
  CHECK_FALSE(std::filesystem::exists(history));
}
