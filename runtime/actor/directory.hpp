#pragma once
// Names to handles. Everybody knows names; who is behind one, and on which node, is the supervisor's business. References
// are made on first use and stay for the node's life, so a sender may be wired before its receiver was born. Thread-safe.

#include "runtime/actor/stable_ref.hpp"
#include "runtime/core/ids.hpp"

#include <map>
#include <shared_mutex>
#include <vector>

namespace troupe::actor {

class directory {
public:
  explicit directory(caf::actor_system& system) : system_{system} {}
  ~directory() { clear(); }
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;

  /// The lasting reference to `name`; never null.
  [[nodiscard]] caf::strong_actor_ptr ref(const actor_name& name);
  /// Puts an actor (or nobody) behind `name`.
  void bind(const actor_name& name, caf::strong_actor_ptr target);
  /// Names with somebody behind them, ordered.
  [[nodiscard]] std::vector<actor_name> names() const;
  /// Retires every reference, also those asked for later; the system cannot end before.
  void clear();

private:

  caf::actor_system& system_;
  mutable std::shared_mutex mutex_;
  std::map<actor_name, caf::strong_actor_ptr> refs_;
  bool closed_ = false;
};

} // namespace troupe::actor
