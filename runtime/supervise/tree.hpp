#pragma once
// The supervision tree as everybody may see it: which supervisor keeps which child, how it is, what happened to it and
// why. Written by supervisors, read by inspection and readiness. Thread-safe.

#include "runtime/core/ids.hpp"
#include "runtime/core/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace troupe::supervise {

enum class child_status : std::uint8_t { starting, running, restarting, stopped, halted, hung };
BOOST_DESCRIBE_ENUM(child_status, starting, running, restarting, stopped, halted, hung)

struct tree_entry {
  actor_name name;
  actor_name supervisor; // empty for the root
  bool is_supervisor = false;
  child_status status = child_status::starting;
  std::uint32_t restarts = 0;
  std::string last_reason; // why it ended last
  time_ns changed_at{};
};
BOOST_DESCRIBE_STRUCT(tree_entry, (), (name, supervisor, is_supervisor, status, restarts, last_reason, changed_at))

/// For people: "oms/3 is halted: more than 1 restart within 5 s"; without a reason where there is none, as of what starts for the first time.
[[nodiscard]] std::string condition_of(const tree_entry& entry);

class tree {
public:
  void put(tree_entry entry);
  /// Changes status and, when `reason` is not empty, the reason; counts a restart when the status is restarting.
  void set(const actor_name& name, child_status status, time_ns at, std::string reason = {});
  /// A child that is none any more, and what it kept.
  void erase(const actor_name& name);
  [[nodiscard]] std::vector<tree_entry> all() const;
  /// Nothing for a name that is not in it.
  [[nodiscard]] std::optional<tree_entry> find(const actor_name& name) const;
  /// True when everything that was started runs.
  [[nodiscard]] bool is_healthy() const;

private:
  mutable std::mutex mutex_;
  std::map<actor_name, tree_entry> entries_;
};

} // namespace troupe::supervise
