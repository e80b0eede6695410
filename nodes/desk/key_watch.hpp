#pragma once
// The keys of a data folder while its node runs: whoever owns this looks every second or so, on a thread that may wait for a disk, and gets another ring
// when keys came, went or changed. One thread.

#include "nodes/desk/key_ring.hpp"
#include "runtime/telemetry/log.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace troupe::desk {

/// Takes a line for people, about the edge.
using edge_log = std::function<void(log::level, const std::string&)>;

class key_watch {
public:
  key_watch(std::filesystem::path data_dir, std::shared_ptr<const key_ring> in_force, edge_log tell);

  /// The keys in force from now on; null while they are those of before. What comes and goes is told by name, and once what cannot be taken.
  [[nodiscard]] std::shared_ptr<const key_ring> look();

private:
  void tell_new(const std::vector<error>& faults);

  const std::filesystem::path data_dir_;
  std::shared_ptr<const key_ring> in_force_;
  const edge_log tell_;
  std::string seen_, seen_before_; // stamps of all files, in the newest two looks
  std::set<std::string> faults_;   // of the newest look
};

} // namespace troupe::desk
