#pragma once
// A worker's process: actor system, link, supervisor, the worker below it. In the order they must come and go.

#include "nodes/sweep/worker_actor.hpp"
#include "nodes/sweep/worker_config.hpp"
#include "runtime/actor/pulse.hpp"
#include "runtime/cluster/link.hpp"
#include "runtime/supervise/tree.hpp"

#include <memory>

namespace troupe::sweep_node {

class worker_node {
public:
  /// Starts everything; `options` come from the configuration. Errors: those of the link (certificates, address), io_error.
  [[nodiscard]] static result<std::unique_ptr<worker_node>> open(const worker_configuration& config, worker_options options);
  ~worker_node();
  worker_node(const worker_node&) = delete;
  worker_node& operator=(const worker_node&) = delete;

private:
  struct parts;
  explicit worker_node(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

} // namespace troupe::sweep_node
