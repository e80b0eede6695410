#pragma once
// Workers that this process starts on its own machine, keeps alive, and takes away with itself. They talk over the same link as all
// others, on loopback, with certificates of an authority that is made for them and thrown away.

#include "runtime/core/ids.hpp"
#include "runtime/core/result.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace troupe::sweep_node {

/// "local-1" and so on.
[[nodiscard]] std::vector<node_name> local_names(std::size_t count);

/// Makes the authority and the certificates of `names` in `folder`, in place of what stands there; a folder for each name. Errors:
/// io_error.
[[nodiscard]] result<void> make_certificates(const std::filesystem::path& folder, const std::vector<node_name>& names);

struct local_options {
  std::filesystem::path program;      // troupe-worker
  std::filesystem::path certificates; // as make_certificates made them
  std::filesystem::path cache;
  std::size_t count = 1;
  node_name orchestrator;
  std::uint16_t port = 0;             // its port on loopback
  bool allow_idle = false;
  bool is_quiet = true;               // only their errors are shown
  std::function<void(const char* level, const std::string& line)> log = [](const char*, const std::string&) {};
};

/// How worker `name` is started: the program, then its arguments. Its cache has room for any feed: it holds this sweep's alone, and goes with it.
[[nodiscard]] std::vector<std::string> worker_command(const local_options& options, const node_name& name);

class local_workers {
public:
  explicit local_workers(local_options options);
  /// Ends them: what they had not told is not finished.
  ~local_workers();
  local_workers(const local_workers&) = delete;
  local_workers& operator=(const local_workers&) = delete;

  /// Set when none of them can be kept alive: why the last one ended.
  [[nodiscard]] std::optional<std::string> given_up() const;
  [[nodiscard]] std::vector<pid_t> pids() const;

private:
  void run();

  const local_options options_;
  std::atomic<bool> is_leaving_{false};
  mutable std::mutex mutex_;
  std::optional<std::string> given_up_;
  std::vector<pid_t> pids_;
  std::thread thread_;
};

} // namespace troupe::sweep_node
