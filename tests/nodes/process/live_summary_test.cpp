// What a person sees who runs a node in a terminal: a line that is redrawn, and the report when Ctrl-C ends it.

#include "tests/support/node_process.hpp"

#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// A program whose terminal the case holds.
class on_a_terminal {
public:
  /// False when the machine has no pseudo terminals.
  [[nodiscard]] bool open() {
    terminal_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    return terminal_ >= 0 && ::grantpt(terminal_) == 0 && ::unlockpt(terminal_) == 0;
  }
  ~on_a_terminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    if (terminal_ >= 0) ::close(terminal_);
  }
  void start(std::vector<std::string> command) {
    const std::string name = ::ptsname(terminal_);
    std::vector<char*> arguments;
    for (auto& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::setsid();
    const int tty = ::open(name.c_str(), O_RDWR);
    if (tty < 0 || ::ioctl(tty, TIOCSCTTY, 0) != 0) ::_exit(126);
    for (int fd : {0, 1, 2}) ::dup2(tty, fd);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  /// Takes what it writes until `enough`. False when it ended or a generous limit passed before.
  template <class F>
  [[nodiscard]] bool read_until(F enough) {
    const auto limit = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < limit) {
      if (enough(seen_)) return true;
      pollfd p{terminal_, POLLIN, 0};
      if (::poll(&p, 1, 50) <= 0) continue;
      char buffer[4096];
      const auto n = ::read(terminal_, buffer, sizeof buffer);
      if (n <= 0) return enough(seen_); // EIO: nobody has the other end open
      seen_.append(buffer, static_cast<std::size_t>(n));
    }
    return false;
  }
  void type(char key) const { CHECK(::write(terminal_, &key, 1) == 1); }
  /// Takes the rest of what it writes. Its exit code, or minus the signal.
  [[nodiscard]] int join() {
    (void)read_until([](const std::string&) { return false; });
    int status = 0;
    if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) return -SIGALRM; // the destructor ends it
    pid_ = -1;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }
  [[nodiscard]] const std::string& seen() const noexcept { return seen_; }

private:
  int terminal_ = -1;
  pid_t pid_ = -1;
  std::string seen_;
};

} // namespace

TEST_SUITE_BEGIN("process/live_summary");

TEST_CASE("on a terminal a node redraws one line about what it does, and Ctrl-C ends it with the report and exit code 0") {
  on_a_terminal shown;
  if (!shown.open()) TROUPE_SKIP("no pseudo terminals");
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {}, {}, true, true}}; // for its configuration alone
  std::vector<std::string> command{(binary_dir() / "troupe-node").string(), "--data-dir", node.options().data_dir.string()};
  const auto configured = node.configuration();
  command.insert(command.end(), configured.begin(), configured.end());
  shown.start(command);
  const std::string redrawn = "\r\033[K";
  const auto lines_about = [&](const std::string& text) {
    std::vector<std::string> lines;
    for (auto at = text.find(redrawn); at != std::string::npos;) {
      const auto next = text.find(redrawn, at += redrawn.size());
      const auto line = text.substr(at, next - at);
      if (next != std::string::npos && line.find(" quotes/s  ") != std::string::npos) lines.push_back(line);
      at = next;
    }
    return lines;
  };
  REQUIRE_MESSAGE(shown.read_until([&](const std::string& text) { return lines_about(text).size() >= 3; }), shown.seen());
  for (const auto& line : lines_about(shown.seen())) {
    CAPTURE(line);
    for (const char* part : {" orders  ", " fills  ", "P&L ", "lag "}) CHECK(line.find(part) != std::string::npos);
  }
  const auto before = shown.seen().size();
  shown.type('\x03');
  CHECK(shown.join() == 0);
  const auto rest = shown.seen().substr(before);
  CAPTURE(rest);
  CHECK(rest.find("ran ") != std::string::npos);
  for (const char* part : {" durable turns in ", "positions: ", "P&L: "}) CHECK(rest.find(part) != std::string::npos);
}
