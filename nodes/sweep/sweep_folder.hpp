#pragma once
// The folder of one sweep: where its journal lies, where what it needs lies, and who runs it now.

#include "actors/research/sweep/messages.hpp"
#include "runtime/core/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe::sweep_node {

/// What is of this machine and no part of the sweep: kept so that `resume` needs no options.
struct sweep_places {
  std::string feed;               // the file; empty: none
  std::vector<std::string> nodes; // as given; empty: local workers
  std::string name;               // of the orchestrator
  std::string certificates;       // of the orchestrator, with `nodes`
  std::uint32_t workers = 0;      // local ones
  bool allow_idle = false;
};
BOOST_DESCRIBE_STRUCT(sweep_places, (), (feed, nodes, name, certificates, workers, allow_idle))

class sweep_folder {
public:
  explicit sweep_folder(std::filesystem::path path) : path_{std::move(path)} {}

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path journal() const { return path_ / "journal"; }
  /// Of local workers: certificates and cache, gone when the sweep ends.
  [[nodiscard]] std::filesystem::path local() const { return path_ / "local"; }
  [[nodiscard]] bool has_sweep() const;

  /// Errors: not_found (no sweep here), malformed, io_error.
  [[nodiscard]] result<sweep_places> places() const;
  /// Errors: io_error.
  [[nodiscard]] result<void> keep(const sweep_places& p) const;

  /// The process that runs it now.
  [[nodiscard]] std::optional<pid_t> runs_in() const;

private:
  std::filesystem::path path_;
};

/// Held by the one process that runs the sweep; its number is in the file.
class sweep_lock {
public:
  /// Errors: conflict (which process has it), io_error.
  [[nodiscard]] static result<sweep_lock> take(const sweep_folder& folder);
  sweep_lock(sweep_lock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  sweep_lock& operator=(sweep_lock&&) = delete;
  ~sweep_lock();

private:
  explicit sweep_lock(int descriptor) : descriptor_{descriptor} {}
  int descriptor_;
};

} // namespace troupe::sweep_node
