#pragma once
// A sweep from its first trial to its table, or from where it was left: the folder, the orchestrator, and the workers that must be
// started here. On the caller's thread, which it keeps until the sweep is complete, cannot go on, or is asked to stop.

#include "nodes/sweep/feed_contents.hpp"
#include "nodes/sweep/orchestrator.hpp"
#include "nodes/sweep/sweep_folder.hpp"
#include "nodes/sweep/sweep_table.hpp"

#include <functional>

namespace troupe::sweep_node {

/// What a person is told while it runs.
struct sweep_moment {
  std::uint64_t trials = 0;
  std::uint64_t done = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  std::size_t workers_up = 0; // that can run trials
  std::size_t workers = 0;
  [[nodiscard]] std::uint64_t finished() const noexcept { return done + refused + failed; }
};

struct run_options {
  std::filesystem::path folder;
  std::optional<sweep::begin> begin; // nothing: resume
  bool runs_all = false;             // also trials that a sweep in a folder beside this one has on record
  sweep_places places;
  file_hashes hashes; // what is known of files already
  std::filesystem::path worker_program;
  /// So long no worker that can run trials may be there before the sweep is given up; it can be resumed.
  nanoseconds workers_within = std::chrono::seconds{60};
  std::function<bool()> is_asked_to_stop = [] { return false; };
  std::function<void(const sweep_moment&)> moment = [](const sweep_moment&) {};
  std::function<void(const char* level, const std::string& line)> log = [](const char*, const std::string&) {};
  std::function<void(const std::string& why)> on_fatal = [](const std::string&) {};
};

struct run_outcome {
  sweep_moment last;
  std::size_t earlier = 0;           // trials whose results were on record in sweeps beside this one
  bool is_complete = false;          // else it was asked to stop
  std::optional<sweep::content_hash> table; // once complete
};

/// "[NAME@]HOST:PORT" taken apart; without NAME the host is the name. Errors: invalid_argument.
[[nodiscard]] result<std::pair<node_name, cluster::tls_address>> parse_worker(const std::string& text);

/// Errors: conflict (another sweep is there, it runs already, or it began with another build), unavailable (the worker's program is of another build: then
/// nothing is left in the folder; no worker came up, and why; workers end too often),
/// invalid_argument, not_found, corrupt (a feed is not the one the sweep began with), io_error.
[[nodiscard]] result<run_outcome> run_sweep(const run_options& options);

} // namespace troupe::sweep_node
