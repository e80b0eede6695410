#pragma once
// A real troupe-node in a process of its own: started, asked over HTTP, killed, started again on the same folder.

#include "runtime/edge/client.hpp"
#include "tests/support/test.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace troupe::test {

struct node_options {
  std::filesystem::path data_dir;
  std::vector<std::string> sets;                  // further --set
  std::vector<std::string> arguments;             // further arguments
  std::map<std::string, std::string> environment; // added
  bool with_market = true;                        // the random walk, one event per millisecond
  bool with_strategies = false;                   // those of config/desk.json trade too
  std::filesystem::path as_shipped;               // this configuration instead of the small one; its ports by `sets`
  std::filesystem::path program = "troupe-node";  // of the build, unless it is absolute
};

class node_process {
public:
  explicit node_process(node_options options) : options_{std::move(options)} {}
  ~node_process();
  node_process(const node_process&) = delete;
  node_process& operator=(const node_process&) = delete;

  /// Starts and waits for the ready line. False when the process ended before (see exit_code, log).
  bool start(std::chrono::milliseconds limit = std::chrono::seconds{30});
  /// Sends a signal; waits for the end with `join`.
  void signal(int number) const;
  /// SIGKILL and join.
  void kill();
  /// Waits for the end. False when the limit passed.
  bool join(std::chrono::milliseconds limit);
  [[nodiscard]] bool is_running();
  /// Exit code, or minus the signal. Only after the end.
  [[nodiscard]] int exit_code() const noexcept { return exit_code_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Of another listener, as the running node tells; 0 when it has none of that name.
  [[nodiscard]] std::uint16_t port_of(const std::string& listener) const;
  [[nodiscard]] const std::string& ready_line() const noexcept { return ready_line_; }
  [[nodiscard]] std::chrono::milliseconds ready_after() const noexcept { return ready_after_; }
  /// What it wrote to standard error so far.
  [[nodiscard]] std::string log() const;
  [[nodiscard]] edge::http_client client(std::chrono::milliseconds limit = std::chrono::seconds{10}) const;
  [[nodiscard]] edge::http_client client_of(const std::string& listener) const;
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Its resident memory; 0 when it does not run.
  [[nodiscard]] std::uint64_t resident_kib() const;
  /// --config and every --set it is started with: what another program needs to see the same configuration.
  [[nodiscard]] std::vector<std::string> configuration() const;
  [[nodiscard]] node_options& options() noexcept { return options_; }
  [[nodiscard]] const node_options& options() const noexcept { return options_; }
  /// Key of operator 1 or 2, for "Authorization: Bearer".
  [[nodiscard]] std::string operator_key(int number) const;

private:
  node_options options_;
  pid_t pid_ = -1;
  int out_ = -1;
  int exit_code_ = 0;
  std::uint16_t port_ = 0;
  std::string ready_line_;
  std::chrono::milliseconds ready_after_{};
};

/// Waits until `condition` holds; false when the limit passed first. For what a real process does in its own time.
template <class F>
[[nodiscard]] bool eventually(F condition, std::chrono::milliseconds limit = std::chrono::seconds{10}) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return false;
}

/// Where a program runs; empty is as this process.
struct surroundings {
  std::map<std::string, std::string> environment; // added
  std::filesystem::path directory;
  bool on_one_core = false;
};

/// Runs a program of the build to its end. Returns its exit code; output (both streams) in `output`.
int run_program(const std::string& name, const std::vector<std::string>& arguments, std::string& output, const surroundings& where = {});

/// The text of `"name":...` in a flat JSON object, without quotes; empty when absent.
[[nodiscard]] std::string json_field(std::string_view json, std::string_view name);

} // namespace troupe::test
