#include "nodes/sweep/worker_build.hpp"

#include "nodes/sweep/runner_process.hpp"
#include "runtime/core/split.hpp"
#include "runtime/core/time.hpp"
#include "runtime/telemetry/build_info.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::sweep_node {
namespace {

using steady = std::chrono::steady_clock;

constexpr nanoseconds says_within = std::chrono::seconds{10};
constexpr std::size_t version_bytes_max = 4096;

/// What comes out of `descriptor` until it ends, is too much, or takes too long.
std::string read_for_a_while(int descriptor) {
  const auto until = steady::now() + says_within;
  std::string text;
  char buffer[512];
  while (text.size() < version_bytes_max) {
    const auto left = (until - steady::now()) / std::chrono::milliseconds{1};
    pollfd one{descriptor, POLLIN, 0};
    const auto ready = left > 0 ? ::poll(&one, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    const auto n = ::read(descriptor, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

result<std::string> version_text(const std::filesystem::path& program) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(errc::io_error, std::string{"a pipe: "} + std::strerror(errno));
  const auto started = start_process({program.string(), "--version"}, -1, ends[1]);
  ::close(ends[1]);
  auto text = started ? read_for_a_while(ends[0]) : std::string{};
  ::close(ends[0]);
  if (!started) return started.error();
  ::kill(*started, SIGKILL); // it said what there is to say, or will not
  while (::waitpid(*started, nullptr, 0) < 0 && errno == EINTR) {}
  return text;
}

} // namespace

result<void> check_worker_build(const std::filesystem::path& program) {
  const auto text = version_text(program);
  if (!text) return text.error();
  const auto words = split(std::string_view{*text}.substr(0, text->find('\n')), ' '); // "troupe BUILD (...)"
  const auto own = telemetry::build_id();
  if (words.size() > 1 && words[1] == own) return {};
  const auto is_build = words.size() > 1 && telemetry::is_build_id(words[1]);
  return fail(errc::unavailable, program.string() + (is_build ? " is of build " + std::string{words[1]} : std::string{" does not say of which build it is"}) +
                                   ", and this program of " + own + ": put both of one build side by side (build or install them together), and try again");
}

} // namespace troupe::sweep_node
