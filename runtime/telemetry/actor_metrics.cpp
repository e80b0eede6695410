#include "runtime/telemetry/actor_metrics.hpp"

namespace troupe::telemetry {

actor_metrics::actor_metrics(metrics_registry& registry, const actor_name& actor) {
  const auto name = actor.value.view();
  auto count = [&](std::string_view metric, std::string_view help) {
    return registry.make_counter(metric, help, {{"actor", name}});
  };
  messages_total = count("troupe_actor_messages_total", "Messages handled.");
  expired_total = count("troupe_actor_expired_total", "Messages dropped because their deadline had passed.");
  refused_total = count("troupe_actor_refused_total", "Messages the runtime refused: overloaded, halted, draining.");
  failures_total = count("troupe_actor_failures_total", "Handlers that threw.");
  restarts_total = count("troupe_actor_restarts_total", "Restarts by the supervisor.");
  mailbox_depth = registry.make_gauge("troupe_actor_mailbox_depth", "Messages waiting in the mailbox.", {{"actor", name}});
  asks_pending = registry.make_gauge("troupe_actor_asks_pending", "Asks without an answer yet.", {{"actor", name}});
  handling_seconds = registry.make_duration_histogram("troupe_actor_handling_seconds",
                                                      "Time to handle a message, sampled one in 64.", {{"actor", name}});
}

} // namespace troupe::telemetry
