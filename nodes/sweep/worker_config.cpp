#include "nodes/sweep/worker_config.hpp"

namespace troupe::sweep_node {
namespace {

void check_names(const worker_configuration& c, config::report& r) {
  if (c.name.value() == c.orchestrator.name.value()) r.violated({c.name, c.orchestrator.name}, "must not be the orchestrator's name");
}

void check_ports(const worker_configuration& c, config::report& r) {
  const bool dials = !c.orchestrator.address.value().empty();
  if (dials && c.orchestrator.port.value() == 0) r.violated({c.orchestrator.port, c.orchestrator.address}, "must be given when this worker dials");
  if (!dials && c.listen.port.value() == 0) r.violated({c.listen.port}, "must be a port the orchestrator can be told, when it dials");
}

} // namespace

std::vector<config::cross_check<worker_configuration>> worker_checks() { return {check_names, check_ports}; }

} // namespace troupe::sweep_node
