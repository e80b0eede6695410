#pragma once
// The orchestrator's process: journal, actor system, the sweep and the feed's server below a supervisor, the link to the
// workers. In the order they must come and go.

#include "nodes/sweep/sweep_part.hpp"
#include "runtime/cluster/tls_link.hpp"

#include <functional>
#include <map>
#include <memory>

namespace troupe::sweep_node {

struct orchestrator_options {
  std::filesystem::path folder;        // of the sweep; the journal lies in it
  std::optional<sweep::begin> begin;   // nothing: it has begun
  std::vector<sweep::trial_result> known; // when it begins: what is on record elsewhere; taken over as the worker "earlier" brought it
  std::filesystem::path feed;          // the file, when the sweep has one
  node_name name;
  std::filesystem::path certificates;  // folder with NAME.crt, NAME.key, ca.crt
  /// Workers that are dialed; or, when `is_dialed`, the names of those that will dial this node.
  std::map<node_name, cluster::tls_address> workers;
  bool is_dialed = false;
  std::function<void(const char* level, const std::string& line)> log = [](const char*, const std::string&) {};
  /// Called once, from any thread, when the process must end non-zero: the journal or the supervision died, or a handler never returned.
  std::function<void(const std::string& why)> on_fatal = [](const std::string&) {};
};

class orchestrator {
public:
  /// Opens, recovers and listens. Errors: conflict (another sweep began in this folder), not_found (none did, and none is to begin),
  /// corrupt, io_error, and those of the link.
  [[nodiscard]] static result<std::unique_ptr<orchestrator>> open(orchestrator_options options);
  ~orchestrator();
  orchestrator(const orchestrator&) = delete;
  orchestrator& operator=(const orchestrator&) = delete;

  [[nodiscard]] const sweep_counts& counts() const noexcept;
  [[nodiscard]] bool is_complete() const noexcept { return counts().finished() == counts().trials; }
  [[nodiscard]] std::vector<cluster::peer_view> workers() const;
  /// Where workers dial, on loopback; 0 when they are dialed.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// False: the disk is full, and no trial is given out until it is not.
  [[nodiscard]] bool has_space() const noexcept;
  [[nodiscard]] const journal::journal& store() const noexcept;
  [[nodiscard]] const sweep::description& what() const noexcept;

private:
  struct parts;
  explicit orchestrator(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

} // namespace troupe::sweep_node
