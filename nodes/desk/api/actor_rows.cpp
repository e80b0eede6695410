#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/actor_rows.hpp"

#include "nodes/desk/desk.hpp"

#include <map>
#include <numeric>

namespace troupe::desk {

std::vector<v1::actor_row> actor_rows(const desk& node) {
  std::map<actor_name, std::shared_ptr<actor::pulse>> pulses;
  for (auto& p : node.pulses().all()) pulses.emplace(p->name, p);
  std::map<actor_name, v1::actor_row> rows;
  for (auto& e : node.tree().all()) {
    auto& r = rows[e.name];
    r.name = e.name;
    if (!e.supervisor.value.empty()) r.supervisor = e.supervisor;
    r.is_supervisor = e.is_supervisor;
    r.status = e.status;
    r.restarts = e.restarts;
    if (!e.last_reason.empty()) r.last_reason = std::move(e.last_reason);
    r.changed_at = e.changed_at;
    const auto found = pulses.find(e.name);
    if (found == pulses.end()) continue;
    const auto& p = *found->second;
    r.messages = p.messages.load(std::memory_order_relaxed);
    r.mailbox = p.mailbox.load(std::memory_order_relaxed);
    r.turns = p.turns.load(std::memory_order_relaxed);
    r.expired = p.expired.load(std::memory_order_relaxed);
    r.duplicates = p.duplicates.load(std::memory_order_relaxed);
    r.sequence = p.sequence.load(std::memory_order_relaxed);
    r.durable = p.durable.load(std::memory_order_relaxed);
    const auto handling = p.handling.read();
    if (const auto n = std::accumulate(handling.in.begin(), handling.in.end(), std::uint64_t{0}); n > 0) r.handling_mean_ns = handling.sum / n;
  }
  for (const auto& f : node.feed_states())
    if (const auto row = rows.find(actor_name{"feed/" + f.name.str()}); row != rows.end())
      row->second.source = std::string{name_of(f.status)} + (f.failure ? ": " + *f.failure : std::string{});
  std::vector<v1::actor_row> out;
  for (auto& [name, row] : rows) out.push_back(std::move(row));
  return out;
}

std::vector<v1::feed_row> feed_rows(const desk& node) {
  std::vector<v1::feed_row> all;
  for (const auto& f : node.feed_states())
    all.push_back({f.name, {}, f.status, f.failure, f.progress->ended.load(), f.progress->lines.load(), f.progress->bad_lines.load(),
                   f.progress->quotes.load(), f.progress->trades.load(), f.progress->bars.load(), f.progress->books_lost.load(),
                   f.progress->dropped.load(), f.progress->tape_position.load()});
  return all;
}

bool is_given_up(const v1::actor_row& row) noexcept {
  using enum supervise::child_status;
  return row.status == halted || row.status == stopped || row.status == hung;
}

void show_for_all(const mesh& nodes, const node_name& of, std::vector<v1::actor_row>& rows) {
  if (nodes.is_alone()) return;
  for (auto& r : rows) {
    r.name = nodes.shown(of, r.name);
    if (r.supervisor) r.supervisor = nodes.shown(of, *r.supervisor);
    r.node = of;
  }
}

} // namespace troupe::desk
