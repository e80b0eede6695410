#include "nodes/desk/node_metrics.hpp"

#include <algorithm>
#include <map>

namespace troupe::desk {
namespace {

/// A Prometheus counter that follows a number somebody else counts.
class followed {
public:
  followed() = default;
  explicit followed(telemetry::counter c) : counter_{c} {}
  void follow(std::uint64_t now) {
    if (now > last_) counter_.add(now - last_);
    last_ = std::max(last_, now);
  }

private:
  telemetry::counter counter_;
  std::uint64_t last_ = 0;
};

/// A Prometheus histogram that follows a tally of the same buckets.
template <class Tally>
struct followed_tally {
  telemetry::histogram shown;
  typename Tally::counts seen;
  void follow(const typename Tally::counts& now) { shown.follow(now, seen); }
};

struct actor_series {
  followed messages, turns, refused, effects, acknowledged, expired, duplicates, restarts;
  telemetry::gauge mailbox, lag, alive;
  followed_tally<duration_tally> handling;
};

actor_series series_of(telemetry::metrics_registry& r, std::string_view actor) {
  const auto c = [&](const char* name, const char* help) { return followed{r.make_counter(name, help, {{"actor", actor}})}; };
  const auto g = [&](const char* name, const char* help) { return r.make_gauge(name, help, {{"actor", actor}}); };
  return {c("troupe_actor_messages_total", "Messages handled."),
          c("troupe_actor_turns_total", "Turns recorded."),
          c("troupe_actor_turns_refused_total", "Of them: commands that changed nothing."),
          c("troupe_actor_effects_total", "Effects decided for other actors, each once however often it is sent."),
          c("troupe_actor_effects_acknowledged_total", "Of them: durably taken by their receivers."),
          c("troupe_actor_expired_total", "Messages dropped past their deadline."),
          c("troupe_actor_duplicates_total", "Effects that had been seen before."),
          c("troupe_actor_restarts_total", "Restarts by the supervisor."),
          g("troupe_actor_mailbox_depth", "Messages waiting, sampled."),
          g("troupe_actor_turns_waiting", "Turns decided and not yet durable."),
          g("troupe_actor_alive", "1 while it runs."),
          {r.make_duration_histogram("troupe_actor_handling_seconds", "Time to handle a message, of one in 64.", {{"actor", actor}}), {}}};
}

struct node_watcher {
  telemetry::metrics_registry& registry;
  desk& node;
  const edge::server_metrics& edge;
  std::map<actor_name, actor_series> actors;
  followed frames_sent, frames_received, frames_bounced, frames_unreadable;
  telemetry::gauge nodes_up, asks_open;
  followed requests, turns, flushes, bytes, snapshots_damaged, venue_turns, fills_booked, quotes, trades, bad_lines, conflated;
  telemetry::gauge ready, in_flight, connections, queued, busy, has_space, leases, halts;
  followed_tally<duration_tally> flush_time, answering;
  followed_tally<size_tally> flush_turns;

  /// Actors come while the node runs: the edge's, a slot that moved here, strategies.
  template <class Rows>
  void add_new_actors(const Rows& tree) {
    for (const auto& e : tree)
      if (!actors.contains(e.name)) actors.emplace(e.name, series_of(registry, e.name.value.view()));
  }

  void read() {
    const auto tree = node.tree().all();
    add_new_actors(tree);
    duration_tally::counts answered;
    const auto set = [](const telemetry::gauge& g, std::uint64_t x) { g.set(static_cast<std::int64_t>(x)); };
    for (const auto& p : node.pulses().all()) {
      auto it = actors.find(p->name);
      if (it == actors.end()) continue;
      auto& g = it->second;
      g.messages.follow(p->messages);
      g.turns.follow(p->turns);
      g.refused.follow(p->refused);
      g.effects.follow(p->effects);
      g.acknowledged.follow(p->acknowledged);
      g.expired.follow(p->expired);
      g.duplicates.follow(p->duplicates);
      set(g.mailbox, p->mailbox);
      g.handling.follow(p->handling.read());
      if (p->name.value.view().starts_with("oms/")) add(answered, p->answering.read());
      g.restarts.follow(p->restarts);
      const auto decided = p->sequence.load();
      const auto durable = p->durable.load();
      set(g.lag, decided > durable ? decided - durable : 0);
      g.alive.set(p->alive ? 1 : 0);
    }
    ready.set(node.not_ready() ? 0 : 1);
    requests.follow(edge.requests_total);
    set(in_flight, edge.in_flight);
    set(connections, edge.connections);
    const auto j = node.parts().journal->stats();
    turns.follow(j.turns);
    flushes.follow(j.flushes);
    bytes.follow(j.bytes);
    snapshots_damaged.follow(j.snapshots_damaged + node.parts().venues->stats().snapshots_damaged);
    flush_time.follow(j.flush_time);
    flush_turns.follow(j.flush_turns);
    answering.follow(answered);
    set(queued, j.queued);
    busy.set(std::max(j.busy_for, node.parts().venues->stats().busy_for).count());
    has_space.set(node.parts().journal->has_space() ? 1 : 0);
    venue_turns.follow(node.parts().venues->stats().turns);
    fills_booked.follow(node.parts().fills_booked);
    std::uint64_t q = 0, t = 0, b = 0, lost = 0;
    for (const auto& [name, p] : node.feeds()) q += p->quotes, t += p->trades, b += p->bad_lines, lost += p->dropped;
    quotes.follow(q);
    trades.follow(t);
    bad_lines.follow(b);
    conflated.follow(lost);
    const auto link = node.nodes().stats();
    frames_sent.follow(link.sent);
    frames_received.follow(link.received);
    frames_bounced.follow(link.bounced);
    frames_unreadable.follow(link.unreadable);
    asks_open.set(static_cast<std::int64_t>(link.pending));
    std::int64_t up = 1; // this one
    for (const auto& other : node.nodes().others()) up += node.nodes().is_up(other) ? 1 : 0;
    nodes_up.set(up);
    leases.set(static_cast<std::int64_t>(__builtin_popcountll(node.parts().leased.load())));
    const bool has_slots = std::ranges::any_of(tree, [](const auto& e) { return e.name.value.view().starts_with("oms/"); });
    set(halts, has_slots ? node.parts().halts.load() : 0);
  }
  static void add(duration_tally::counts& to, const duration_tally::counts& more) {
    for (std::size_t i = 0; i < to.in.size(); ++i) to.in[i] += more.in[i];
    to.sum += more.sum;
  }
};

} // namespace

std::shared_ptr<void> watch_node(telemetry::metrics_registry& registry, desk& d, const edge::server_metrics& edge) {
  auto w = std::make_shared<node_watcher>(node_watcher{registry, d, edge});
  const auto g = [&](const char* name, const char* help) { return registry.make_gauge(name, help); };
  const auto c = [&](const char* name, const char* help) { return followed{registry.make_counter(name, help)}; };
  w->ready = g("troupe_node_ready", "1 while the node can do all of its work; at 0 /ready says what is missing.");
  w->requests = c("troupe_edge_requests_total", "HTTP requests.");
  w->in_flight = g("troupe_edge_requests_in_flight", "HTTP requests without an answer yet.");
  w->connections = g("troupe_edge_connections", "Open connections.");
  w->turns = c("troupe_journal_turns_total", "Turns made durable.");
  w->flushes = c("troupe_journal_flushes_total", "Syncs of the log.");
  w->bytes = c("troupe_journal_bytes_total", "Bytes of records.");
  w->snapshots_damaged = c("troupe_journal_snapshots_damaged_total", "Snapshots of the slots' journal or the venues' store that could not be read; what they say was folded from turns.");
  w->queued = g("troupe_journal_requests_queued", "Append requests waiting.");
  w->busy = registry.make_duration_gauge("troupe_journal_busy_seconds", "How long what is being made durable now has taken, of the slots' journal or the venues' store; 0: nothing is.");
  w->venue_turns = c("troupe_venue_turns_total", "Turns of the simulated venues made durable.");
  w->fills_booked = c("troupe_portfolio_fills_total", "Fills that the portfolio has booked as they came; those it reads from the journal when it or a slot starts here are not among them.");
  w->quotes = c("troupe_feed_quotes_total", "Quotes.");
  w->trades = c("troupe_feed_trades_total", "Public trades.");
  w->bad_lines = c("troupe_feed_bad_lines_total", "Lines that could not be read.");
  w->conflated = c("troupe_feed_conflated_total", "Batches that a subscriber without credit did not get; then it got the last values.");
  w->nodes_up = g("troupe_cluster_nodes_up", "Nodes of the desk that this one reaches, itself among them.");
  w->frames_sent = c("troupe_cluster_messages_sent_total", "Messages of actors sent to other nodes.");
  w->frames_received = c("troupe_cluster_messages_received_total", "Messages of actors taken from other nodes.");
  w->frames_bounced = c("troupe_cluster_messages_bounced_total", "Messages that could not be sent: the node was away or the lane full.");
  w->frames_unreadable = c("troupe_cluster_messages_unreadable_total", "Messages of other nodes that could not be read.");
  w->asks_open = g("troupe_cluster_asks_open", "Questions to other nodes without an answer yet.");
  w->has_space = g("troupe_journal_has_space", "1 while the disk has more than its reserve; at 0 nothing new opens.");
  w->halts = g("troupe_risk_halts", "Halts in force, as the slots of this node know them.");
  w->leases = g("troupe_risk_leases_live", "OMS slots that hold a live lease.");
  w->flush_time.shown = registry.make_duration_histogram("troupe_journal_flush_seconds", "Time of one sync of the log.");
  w->flush_turns.shown = registry.make_histogram("troupe_journal_flush_turns", "Turns that shared one sync of the log.", telemetry::size_buckets());
  w->answering.shown = registry.make_duration_histogram("troupe_oms_answer_seconds", "From a slot's taking an order to its durable answer, of one message in 64.");
  auto token = registry.before_scrape([w] { w->read(); });
  return std::shared_ptr<void>(new std::pair<std::shared_ptr<node_watcher>, std::shared_ptr<void>>(w, token),
                               [](void* p) { delete static_cast<std::pair<std::shared_ptr<node_watcher>, std::shared_ptr<void>>*>(p); });
}

} // namespace troupe::desk
