#include "nodes/desk/node_metrics.hpp"

#include <map>

namespace troupe::desk {
namespace {

struct actor_gauges {
  telemetry::gauge messages, turns, expired, duplicates, mailbox, handling_ns, restarts, lag, alive;
};

actor_gauges gauges_of(telemetry::metrics_registry& r, std::string_view actor) {
  const auto g = [&](const char* name, const char* help) { return r.make_gauge(name, help, {{"actor", actor}}); };
  return {g("troupe_actor_messages", "Messages handled since the start."),
          g("troupe_actor_turns", "Turns recorded since the start."),
          g("troupe_actor_expired", "Messages dropped past their deadline."),
          g("troupe_actor_duplicates", "Effects that had been seen before."),
          g("troupe_actor_mailbox_depth", "Messages waiting, sampled."),
          g("troupe_actor_handling_nanoseconds", "Mean time of a handler, of one message in 64."),
          g("troupe_actor_restarts", "Restarts by the supervisor."),
          g("troupe_actor_turns_waiting", "Turns decided and not yet durable."),
          g("troupe_actor_alive", "1 while it runs.")};
}

struct watcher {
  telemetry::metrics_registry& registry;
  desk& node;
  const edge::server_metrics& edge;
  std::map<actor_name, actor_gauges> actors;
  telemetry::gauge requests, in_flight, connections, turns, flushes, bytes, queued, venue_turns, quotes, trades, bad_lines, leases;

  void read() {
    const auto set = [](const telemetry::gauge& g, std::uint64_t x) { g.set(static_cast<std::int64_t>(x)); };
    for (const auto& p : node.pulses().all()) {
      auto it = actors.find(p->name);
      if (it == actors.end()) continue;
      auto& g = it->second;
      set(g.messages, p->messages);
      set(g.turns, p->turns);
      set(g.expired, p->expired);
      set(g.duplicates, p->duplicates);
      set(g.mailbox, p->mailbox);
      set(g.handling_ns, p->samples ? p->handling_ns / p->samples : 0);
      set(g.restarts, p->restarts);
      const auto decided = p->sequence.load();
      const auto durable = p->durable.load();
      set(g.lag, decided > durable ? decided - durable : 0);
      g.alive.set(p->alive ? 1 : 0);
    }
    set(requests, edge.requests_total);
    set(in_flight, edge.in_flight);
    set(connections, edge.connections);
    const auto j = node.parts().journal->stats();
    set(turns, j.turns);
    set(flushes, j.flushes);
    set(bytes, j.bytes);
    set(queued, j.queued);
    set(venue_turns, node.parts().venues->stats().turns);
    std::uint64_t q = 0, t = 0, b = 0;
    for (const auto& [name, p] : node.feeds()) q += p->quotes, t += p->trades, b += p->bad_lines;
    set(quotes, q);
    set(trades, t);
    set(bad_lines, b);
    leases.set(static_cast<std::int64_t>(__builtin_popcountll(node.parts().leased.load())));
  }
};

} // namespace

std::shared_ptr<void> watch_node(telemetry::metrics_registry& registry, desk& d, const edge::server_metrics& edge) {
  auto w = std::make_shared<watcher>(watcher{registry, d, edge, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}});
  const auto g = [&](const char* name, const char* help) { return registry.make_gauge(name, help); };
  w->requests = g("troupe_edge_requests", "HTTP requests since the start.");
  w->in_flight = g("troupe_edge_requests_in_flight", "HTTP requests without an answer yet.");
  w->connections = g("troupe_edge_connections", "Open connections.");
  w->turns = g("troupe_journal_turns", "Turns made durable since the start.");
  w->flushes = g("troupe_journal_flushes", "Synced writes since the start.");
  w->bytes = g("troupe_journal_bytes", "Bytes of records since the start.");
  w->queued = g("troupe_journal_requests_queued", "Append requests waiting.");
  w->venue_turns = g("troupe_venue_turns", "Turns of the simulated venues made durable since the start.");
  w->quotes = g("troupe_feed_quotes", "Quotes since the start.");
  w->trades = g("troupe_feed_trades", "Public trades since the start.");
  w->bad_lines = g("troupe_feed_bad_lines", "Lines that could not be read.");
  w->leases = g("troupe_risk_leases_live", "OMS slots that hold a live lease.");
  for (const auto& e : d.tree().all())
    if (!e.is_supervisor) w->actors.emplace(e.name, gauges_of(registry, e.name.value.view()));
  auto token = registry.before_scrape([w] { w->read(); });
  return std::shared_ptr<void>(new std::pair<std::shared_ptr<watcher>, std::shared_ptr<void>>(w, token),
                               [](void* p) { delete static_cast<std::pair<std::shared_ptr<watcher>, std::shared_ptr<void>>*>(p); });
}

} // namespace troupe::desk
