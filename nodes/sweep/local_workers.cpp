#include "nodes/sweep/local_workers.hpp"

#include "nodes/sweep/runner_process.hpp"
#include "nodes/sweep/worker_config.hpp"
#include "runtime/cluster/certificate.hpp"
#include "runtime/supervise/policy.hpp"

#include <algorithm>
#include <csignal>

#include <sys/wait.h>

namespace troupe::sweep_node {
namespace {

using steady = std::chrono::steady_clock;

boot_ns now() { return boot_ns{std::chrono::duration_cast<nanoseconds>(steady::now().time_since_epoch())}; }

/// How long they may take to end their runners.
constexpr nanoseconds patience = std::chrono::seconds{3};

/// More ends of one worker than this within a minute are no accident: a trial that ends its runner does not end the worker.
constexpr supervise::intensity ends_allowed{20, std::chrono::seconds{60}};

/// One worker's process over its lives.
struct kept {
  std::vector<std::string> command;
  node_name name;
  pid_t pid = -1;
  supervise::restart_window window{ends_allowed};
  std::uint32_t ends_in_row = 0;
  steady::time_point started_at{}, start_after{};
  bool is_given_up = false;
};

} // namespace

std::vector<node_name> local_names(std::size_t count) {
  std::vector<node_name> names;
  for (std::size_t i = 1; i <= count; ++i) names.push_back({"local-" + std::to_string(i)});
  return names;
}

result<void> make_certificates(const std::filesystem::path& folder, const std::vector<node_name>& names) {
  std::error_code failed;
  std::filesystem::remove_all(folder, failed);
  if (failed) return fail(errc::io_error, "cannot remove " + folder.string() + ": " + failed.message());
  if (auto made = cluster::create_authority(folder / "ca", "sweep"); !made) return made.error();
  for (const auto& name : names)
    if (auto made = cluster::issue_certificate(folder / "ca", name, folder / name.value.str(), 30); !made) return made.error();
  std::filesystem::remove_all(folder / "ca", failed); // nobody else will ever get in
  return {};
}

std::vector<std::string> worker_command(const local_options& options, const node_name& name) {
  const auto own = name.value.str();
  std::vector<std::string> words{options.program.string()};
  for (const auto& set : {"name=" + own, "certificates=" + (options.certificates / own).string(), std::string{"runners=1"}, std::string{"listen.port=0"},
                          "orchestrator.name=" + options.orchestrator.value.str(), std::string{"orchestrator.address=127.0.0.1"},
                          "orchestrator.port=" + std::to_string(options.port), "cache.folder=" + options.cache.string(),
                          "cache.mib_max=" + std::to_string(cache_mib_max), std::string{"log_level="} + (options.is_quiet ? "error" : "info")})
    words.insert(words.end(), {"--set", set});
  if (options.allow_idle) words.emplace_back("--allow-idle");
  return words;
}

local_workers::local_workers(local_options options) : options_{std::move(options)}, pids_(options_.count, -1) {
  thread_ = std::thread{[this] { run(); }};
}

local_workers::~local_workers() {
  is_leaving_ = true;
  thread_.join();
}

std::optional<std::string> local_workers::given_up() const {
  std::lock_guard guard{mutex_};
  return given_up_;
}

std::vector<pid_t> local_workers::pids() const {
  std::lock_guard guard{mutex_};
  return pids_;
}

void local_workers::run() {
  std::vector<kept> all;
  for (const auto& name : local_names(options_.count)) {
    kept k;
    k.name = name;
    k.command = worker_command(options_, name);
    all.push_back(std::move(k));
  }
  const auto show = [&](std::size_t i) {
    std::lock_guard guard{mutex_};
    pids_[i] = all[i].pid;
  };
  const auto ended = [&](kept& k, const std::string& how) {
    k.pid = -1;
    if (steady::now() - k.started_at > std::chrono::seconds{10}) k.ends_in_row = 0;
    options_.log("warn", "worker " + k.name.value.str() + " ended: " + how);
    ++k.ends_in_row;
    k.start_after = steady::now() + supervise::delay_before({}, k.ends_in_row, k.ends_in_row);
    if (k.window.allow(now())) return;
    k.is_given_up = true;
    options_.log("error", "worker " + k.name.value.str() + " is given up: it ends too often");
    if (!std::ranges::all_of(all, &kept::is_given_up)) return;
    std::lock_guard guard{mutex_};
    given_up_ = "no worker can be kept alive; the last one ended with " + how;
  };
  while (!is_leaving_) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto& k = all[i];
      int status = 0;
      if (k.pid > 0 && ::waitpid(k.pid, &status, WNOHANG) == k.pid) ended(k, words_of_status(status));
      if (k.pid > 0 || k.is_given_up || steady::now() < k.start_after) continue;
      k.started_at = steady::now();
      auto started = start_process(k.command, -1);
      if (started) k.pid = *started;
      else ended(k, started.error().message);
      show(i);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  for (auto& k : all)
    if (k.pid > 0) ::kill(k.pid, SIGTERM);
  const auto until = steady::now() + patience;
  for (auto& k : all) {
    if (k.pid <= 0) continue;
    pid_t gone = 0;
    while ((gone = ::waitpid(k.pid, nullptr, WNOHANG)) == 0 && steady::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds{2});
    if (gone != 0) continue;
    ::kill(k.pid, SIGKILL); // its runners go with it
    ::waitpid(k.pid, nullptr, 0);
  }
}

} // namespace troupe::sweep_node
