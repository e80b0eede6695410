#pragma once
// Hosts of a sweep, all on this machine: certificates, workers with ports of their own, and the command line beside them.

#include "nodes/sweep/running_hash.hpp"
#include "nodes/sweep/sweep_table.hpp"
#include "tests/support/market.hpp"
#include "tests/support/node_process.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe::test {

/// A program of the build in the background, with its output in a file.
class program {
public:
  program(std::string name, std::vector<std::string> arguments, std::filesystem::path output);
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  void start();
  void signal(int number) const;
  /// SIGKILL and its end.
  void kill();
  [[nodiscard]] bool is_running();
  /// Waits for its end; its exit code, or minus the signal. Nothing when the limit passed.
  [[nodiscard]] std::optional<int> join(std::chrono::milliseconds limit);
  [[nodiscard]] std::string output() const;

private:
  const std::string name_;
  const std::vector<std::string> arguments_;
  const std::filesystem::path output_;
  pid_t pid_ = -1;
  int exit_code_ = 0;
};

class sweep_hosts {
public:
  /// Certificates for the orchestrator and for `workers` ("a1" ...).
  explicit sweep_hosts(int workers);

  /// The worker's program, not started.
  [[nodiscard]] program& worker(int i) { return *workers_.at(static_cast<std::size_t>(i)); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return dir_.path(); }
  [[nodiscard]] std::filesystem::path cache_of(int i) const { return path() / ("cache" + std::to_string(i)); }
  [[nodiscard]] std::uint16_t port_of(int i) const { return ports_.at(static_cast<std::size_t>(i)); }
  /// "a1@127.0.0.1:PORT,..."
  [[nodiscard]] std::string nodes() const;
  /// Arguments of `troupe sweep run NAME` over these hosts.
  [[nodiscard]] std::vector<std::string> run_arguments(const std::string& name, const std::vector<std::string>& more) const;
  [[nodiscard]] std::filesystem::path folder_of(const std::string& name) const { return path() / "sweeps" / name; }

private:
  temporary_directory dir_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::unique_ptr<program>> workers_;
};

/// `troupe sweep ...` in its own folder; exit code, output in `output`.
int troupe_sweep(const std::filesystem::path& where, std::vector<std::string> words, std::string& output);
/// The rows on record, in order, whether the sweep runs or not.
[[nodiscard]] std::vector<sweep::trial_result> rows_in(const std::filesystem::path& folder);
/// How often each trial was recorded as finished.
[[nodiscard]] std::map<std::uint64_t, int> recordings_in(const std::filesystem::path& folder);
/// What follows "table " in the output.
[[nodiscard]] std::string table_of(const std::string& output);
/// --config, --feed and the like for trials of a small desk.
[[nodiscard]] std::vector<std::string> desk_trials(const std::filesystem::path& feed, const std::string& fast, const std::string& slow);

} // namespace troupe::test
