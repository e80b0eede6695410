#include "nodes/desk/edge_metrics.hpp"

#include <array>
#include <deque>
#include <utility>
#include <vector>

namespace troupe::desk {
namespace {

using telemetry::metrics_registry;

/// A series, where its value is, and how much of it was shown already.
struct counted {
  telemetry::counter series;
  const std::atomic<std::uint64_t>* value;
  std::uint64_t seen = 0;
};
struct shown {
  telemetry::gauge series;
  const std::atomic<std::uint64_t>* value;
};

class edge_watcher {
public:
  edge_watcher(metrics_registry& r, const edge_sources& from) : registry_{r}, from_{from} {
    add_edge();
    add_routes();
    add_orders();
    std::vector<std::int64_t> bounds;
    for (std::size_t i = 0; i + 1 < edge::latency_histogram::buckets; ++i) bounds.push_back(std::int64_t{1000} << i);
    latency_ = r.make_duration_histogram("troupe_edge_request_seconds", "From the parsed request to its answer, of one request in 64.", {}, bounds);
  }

  void read() {
    for (auto& c : counters_) {
      const auto now = c.value->load(std::memory_order_relaxed);
      c.series.add(now - std::exchange(c.seen, now));
    }
    for (auto& g : gauges_) g.series.set(static_cast<std::int64_t>(g.value->load(std::memory_order_relaxed)));
    const auto& from = from_.server.metrics().latency;
    for (std::size_t i = 0; i < from.count.size(); ++i) {
      const auto now = from.count[i].load(std::memory_order_relaxed);
      latency_.add(i, now - std::exchange(latency_seen_[i], now));
    }
    const auto sum = from.total_us.load(std::memory_order_relaxed);
    latency_.add_sum((sum - std::exchange(sum_seen_us_, sum)) * 1000);
  }

private:
  void count(const char* name, const char* help, const std::atomic<std::uint64_t>& value, telemetry::labels l = {}) {
    counters_.push_back({registry_.make_counter(name, help, l), &value});
  }
  void show(const char* name, const char* help, const std::atomic<std::uint64_t>& value) {
    gauges_.push_back({registry_.make_gauge(name, help), &value});
  }

  void add_edge() {
    const auto& m = from_.server.metrics();
    count("troupe_edge_connections_accepted_total", "Connections accepted.", m.connections_total);
    count("troupe_edge_received_bytes_total", "Bytes received.", m.bytes_in);
    count("troupe_edge_sent_bytes_total", "Bytes sent.", m.bytes_out);
    count("troupe_edge_unanswered_total", "Requests whose handler ended without an answer.", m.unanswered);
    show("troupe_edge_websockets", "Open WebSockets.", m.websockets);
    for (const auto& [reason, member] : edge::refusal_names)
      count("troupe_edge_refusals_total", "What the edge refused by itself, by reason.", m.refused.*member, {{"reason", reason}});
    const auto& h = from_.hub.metrics();
    count("troupe_edge_stream_messages_total", "Messages sent to WebSocket clients.", h.sent);
    count("troupe_edge_stream_cut_off_total", "WebSocket clients cut off because they were too slow.", h.cut_off);
  }

  void add_routes() {
    constexpr std::array<const char*, 5> classes{"1xx", "2xx", "3xx", "4xx", "5xx"};
    for (const auto& r : from_.server.table().routes()) {
      if (!from_.surfaces.contains(r.surface->name)) continue;
      const auto route = std::string{edge::to_string(r.verb)} + " " + r.path;
      for (std::size_t i = 0; i < classes.size(); ++i) {
        const bool happens = r.upgrade ? i == 0 || i >= 3 : i == 1 || i >= 3;
        if (happens)
          count("troupe_edge_answers_total", "Answers by route and status class.", r.metrics.by_class[i],
                {{"surface", r.surface->name}, {"route", route}, {"class", classes[i]}});
      }
    }
    for (const auto& name : from_.surfaces)
      if (const auto* s = from_.server.table().find_surface(name))
        count("troupe_edge_unknown_fields_total", "Members and parameters ignored because nobody declared them.", s->unknown_fields,
              {{"surface", name}});
  }

  /// In the order in which an order passes them.
  void add_orders() {
    const auto& n = from_.orders;
    count("troupe_edge_orders_asked_total", "New orders that the edge handed to a slot.", n.asked);
    count("troupe_edge_orders_answered_total", "Answers of slots to them.", n.answered);
    count("troupe_edge_orders_checked_total", "Dry runs of pre-trade risk.", n.checked);
    count("troupe_oms_orders_accepted_total", "Durable turns that put an order on its way.", n.accepted);
    for (std::size_t i = 1; i < n.refused.size(); ++i)
      count("troupe_oms_orders_refused_total", "Orders and commands refused, by reason.", n.refused[i],
            {{"reason", boost::describe::enum_to_string(static_cast<oms::refusal>(i), "?")}});
    count("troupe_venue_orders_submitted_total", "New orders that the venues took.", from_.node.parts().venue_submits);
    count("troupe_venue_cancels_submitted_total", "Cancels that the venues took.", from_.node.parts().venue_cancels);
    const auto& parts = from_.node.parts();
    for (const auto& [why, passed_over] : {std::pair{"repeated", &parts.reports_repeated}, {"late", &parts.reports_late}, {"impossible", &parts.reports_impossible}})
      count("troupe_oms_reports_passed_over_total", "Reports of venues that changed nothing: heard before, of orders that are not open, or impossible, which wants a person.",
            *passed_over, {{"why", why}});
    count("troupe_oms_orders_acknowledged_total", "Orders that the venue acknowledged.", n.acknowledged);
    count("troupe_oms_orders_not_sent_total", "Orders that were too late for the market.", n.not_sent);
    count("troupe_oms_fills_total", "Fills.", n.fills);
    count("troupe_oms_orders_filled_total", "Orders filled whole.", n.filled);
    count("troupe_oms_orders_canceled_total", "Orders canceled.", n.canceled);
    count("troupe_oms_orders_expired_total", "Orders expired.", n.expired);
    show("troupe_oms_orders_open", "Open orders.", n.open);
  }

  metrics_registry& registry_;
  edge_sources from_;
  std::deque<counted> counters_;
  std::deque<shown> gauges_;
  telemetry::histogram latency_;
  std::array<std::uint64_t, edge::latency_histogram::buckets> latency_seen_{};
  std::uint64_t sum_seen_us_ = 0;
};

} // namespace

std::shared_ptr<void> watch_edge(metrics_registry& registry, const edge_sources& from) {
  auto w = std::make_shared<edge_watcher>(registry, from);
  return registry.before_scrape([w] { w->read(); });
}

} // namespace troupe::desk
