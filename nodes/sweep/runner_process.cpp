#include "nodes/sweep/runner_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::sweep_node {

result<pid_t> start_process(const std::vector<std::string>& command, int served, int output) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail(errc::io_error, std::string{"starting "} + command[0] + ": " + std::strerror(errno));
  if (pid > 0) return pid;
  // Between fork and exec of a process with threads: system calls only.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127); // it died in between
  ::setpgid(0, 0);                         // Ctrl-C is the parent's to act on
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, 0);
  ::dup2(output >= 0 ? output : nothing, 1); // standard output is the parent's to speak on
  if (served >= 0) {
    if (served == 3) ::fcntl(3, F_SETFD, 0);
    else ::dup2(served, 3);
  }
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

std::string words_of_status(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")";
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

result<void> runner_process::start(const std::vector<std::string>& command) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(errc::io_error, std::string{"a socket pair for a runner: "} + std::strerror(errno));
  auto started = start_process(command, ends[1]);
  ::close(ends[1]);
  if (!started) {
    ::close(ends[0]);
    return started.error();
  }
  pid_ = *started;
  descriptor_ = ends[0];
  in_ = {};
  return {};
}

bool runner_process::read() {
  char buffer[64 << 10];
  for (;;) {
    const auto n = ::read(descriptor_, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    in_.append({buffer, static_cast<std::size_t>(n)});
    return true;
  }
}

std::string runner_process::end() {
  if (pid_ <= 0) return "it had not been started";
  ::close(descriptor_);
  int status = 0;
  // One that crashed has its own end to tell; only who still runs after a while is killed.
  bool has_ended = false;
  for (int i = 0; i < 20 && !has_ended; ++i) {
    has_ended = ::waitpid(pid_, &status, WNOHANG) == pid_;
    if (!has_ended) ::usleep(1000);
  }
  if (!has_ended) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
  }
  pid_ = -1;
  descriptor_ = -1;
  return words_of_status(status);
}

} // namespace troupe::sweep_node
