// A child for each line, and not a call: what a command leaves behind in the process (errors as JSON, handlers, a half read terminal) ends
// with it, Ctrl-C ends it by itself, and a crash is an exit code.

#include "tools/troupe/run_line.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::cli {
namespace {

constexpr int cannot_start = 127; // as shells say it

/// In the child. Returns only when the program cannot be started.
void become(std::vector<char*>& arguments, const sigset_t& mask, pid_t shell, bool reads_nothing) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM); // a command that follows something does not outlive a shell that is killed
  if (::getppid() != shell) ::_exit(cannot_start);
  if (reads_nothing) {
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
  }
  std::signal(SIGQUIT, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  ::execv("/proc/self/exe", arguments.data());
}

} // namespace

result<run_of_line> run_line(const std::vector<std::string>& words, signal_queue& signals, bool reads_nothing) {
  std::vector<std::string> owned{"troupe"};
  owned.insert(owned.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (auto& word : owned) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const auto shell = ::getpid();
  const auto child = ::fork();
  if (child < 0) return fail(errc::unavailable, std::string{"the command cannot be started: "} + std::strerror(errno));
  if (child == 0) {
    become(arguments, signals.mask_before(), shell, reads_nothing);
    const std::string why = std::string{"troupe: the command cannot be started: "} + std::strerror(errno) + '\n';
    (void)!::write(STDERR_FILENO, why.data(), why.size());
    ::_exit(cannot_start);
  }
  run_of_line ran;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    pollfd p{signals.descriptor(), POLLIN, 0};
    ::poll(&p, 1, -1); // SIGCHLD is among them
    while (const auto number = signals.take())
      if (*number == SIGINT || *number == SIGTERM || *number == SIGHUP) {
        ran.asked_by = *number;
        if (!signals.was_typed()) ::kill(child, *number); // a second one would come when the child has done with the first; not collected yet, so it is no one else
      }
  }
  while (const auto number = signals.take())
    if (*number == SIGINT || *number == SIGTERM || *number == SIGHUP) ran.asked_by = *number;
  ran.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ran;
}

} // namespace troupe::cli
