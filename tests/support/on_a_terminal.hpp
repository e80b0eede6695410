#pragma once
// A program whose terminal the case holds: what a person types and sees.

#include "tests/support/node_process.hpp"

#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

namespace troupe::test {

/// Has 40 lines of 120 characters.
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
  /// With `environment` added; an empty value takes one away.
  void start(std::vector<std::string> command, const std::map<std::string, std::string>& environment = {}) {
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
    const winsize size{40, 120, 0, 0};
    ::ioctl(tty, TIOCSWINSZ, &size);
    ::setenv("TERM", "xterm", 1);
    for (const auto& [variable, value] : environment) value.empty() ? ::unsetenv(variable.c_str()) : ::setenv(variable.c_str(), value.c_str(), 1);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  /// Takes what it writes until `enough`. False when it ended or a generous limit passed before.
  template <class F>
  [[nodiscard]] bool read_until(F enough) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
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
  void type(std::string_view keys) const { CHECK(::write(terminal_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size())); }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// What the program has made of its terminal.
  [[nodiscard]] termios modes() const {
    termios now{};
    CHECK(::tcgetattr(terminal_, &now) == 0);
    return now;
  }
  /// Waits until `text` stands behind what was waited for before.
  [[nodiscard]] bool shows(const std::string& text) {
    const auto found = [&](const std::string& all) { return all.find(text, looked_at_); };
    if (!read_until([&](const std::string& all) { return found(all) != std::string::npos; })) return false;
    looked_at_ = found(seen_) + text.size();
    return true;
  }
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
  std::size_t looked_at_ = 0;
};

} // namespace troupe::test
