#include "actors/research/sweep/core.hpp"

#include "actors/research/sweep/grid.hpp"
#include "actors/research/sweep/identity.hpp"
#include "runtime/wire/wire.hpp"

#include <algorithm>
#include <set>

namespace troupe::sweep {
namespace {

/// What a worker said, as far as it can be true.
trial_result tidy(trial_result r, const node_name& worker) {
  r.worker = worker;
  if (r.reason.size() > reason_bytes_max) r.reason.resize(reason_bytes_max);
  return r;
}

trial_result gave_up(const sweep_state& now, const crash& c, const node_name& worker) {
  trial_result r;
  r.index = c.index;
  r.status = trial_status::failed;
  r.reason = std::to_string(now.how.attempts_max) + (now.how.attempts_max == 1 ? " attempt, the last one: " : " attempts, the last one: ") + c.reason;
  return tidy(std::move(r), worker);
}

} // namespace

begin_reply core::decide(const state& now, view&, const begin& c, const actor::turn_context&, output& out) const {
  if (now.has_begun) {
    if (now.identity == identity_of(c.what)) return {{}, now.trials};
    return {"another sweep began here: its grid, configuration, feed or build differs", now.trials};
  }
  const auto trials = size_of(c.what.axes);
  if (trials > trials_max) return {"more than " + std::to_string(trials_max) + " trials", 0};
  out.events.emplace_back(std::in_place_type<begun>, begun{c.what, c.how});
  return {{}, trials};
}

work core::decide(const state& now, view& seen, const work_request& c, const actor::turn_context& at, output& out) const {
  if (!now.has_begun || c.sweep != now.identity || c.worker.value.empty()) return {};
  trials_finished fresh;
  std::set<std::uint64_t> fresh_indexes;
  const auto is_finished = [&](std::uint64_t i) { return now.is_finished(i) || fresh_indexes.contains(i); };
  const auto finish = [&](trial_result r) {
    if (!fresh_indexes.insert(r.index).second) return;
    seen.given.finish(r.index);
    fresh.results.push_back(std::move(r));
  };
  // A crash is told until an answer arrives. It counts while the trial is the worker's; told again, it is not any more.
  std::set<std::uint64_t> crashed, set_aside;
  for (const auto& x : c.crashes)
    if (seen.given.has(c.worker, x.index)) crashed.insert(x.index);
  std::vector<std::uint64_t> holds;
  for (const auto i : c.holds)
    if (i < now.trials && !now.is_finished(i) && holds.size() < window_max) holds.push_back(i);
  const bool is_welcome = seen.given.heard(c.worker, holds, at.decided_boot);
  seen.given.forget_silent(at.decided_boot);
  for (const auto& r : c.results) {
    if (r.index >= now.trials || fresh.results.size() >= window_max) continue;
    if (is_finished(r.index)) ++seen.repeated;
    else finish(tidy(r, c.worker));
  }
  if (is_welcome) seen.given.count(c.worker, fresh.results.size());
  for (const auto& x : c.crashes) {
    if (x.index >= now.trials || is_finished(x.index)) continue;
    if (crashed.erase(x.index) == 0) {
      if (seen.given.set_aside(x.index)) set_aside.insert(x.index);
      continue;
    }
    const auto before = now.crashes.find(x.index);
    if ((before == now.crashes.end() ? 0 : before->second) + 1 >= now.how.attempts_max) {
      finish(gave_up(now, x, c.worker));
      continue;
    }
    out.events.emplace_back(std::in_place_type<trial_crashed>, trial_crashed{x, c.worker});
    seen.given.finish(x.index);
    set_aside.insert(x.index);
  }
  work w;
  w.is_known = true;
  const auto left = now.trials - now.finished_count() - fresh.results.size();
  w.is_complete = left == 0;
  // What is finished is recorded whatever the disk says; nothing new is begun that could not be.
  const auto is_not_given = [&](std::uint64_t i) { return is_finished(i) || set_aside.contains(i); };
  if (is_welcome && at.has_space) w.trials = seen.given.give(c.worker, std::min(c.wants, window_max), now.trials, left, is_not_given);
  // Only the next answer gives it out again, which whoever told of it asks for when it has this one.
  for (const auto i : set_aside) seen.given.again(i);
  if (!fresh.results.empty()) out.events.emplace_back(std::in_place_type<trials_finished>, std::move(fresh));
  return w;
}

void core::evolve(state& now, const event& happened, actor::archive& rows) const {
  if (const auto* b = std::get_if<begun>(&happened)) {
    now.has_begun = true;
    now.what = b->what;
    now.how = b->how;
    now.identity = identity_of(b->what);
    now.trials = size_of(b->what.axes);
    now.finished.assign((now.trials + 63) / 64, 0);
  } else if (const auto* x = std::get_if<trial_crashed>(&happened)) {
    ++now.crashes[x->what.index];
  } else {
    for (const auto& r : std::get<trials_finished>(happened).results) {
      now.finished[r.index / 64] |= std::uint64_t{1} << (r.index % 64);
      ++(r.status == trial_status::done ? now.done : r.status == trial_status::refused ? now.refused : now.failed);
      now.crashes.erase(r.index);
      if (!rows.is_open()) continue;
      std::string row;
      wire::encode(r, row);
      rows.put(table, row_key(r.index), std::move(row));
    }
  }
}

plan core::answer(const state& now, const view&, const plan_query&) const { return {now.has_begun, now.identity, now.what, now.how}; }

progress core::answer(const state& now, const view& seen, const progress_query&) const {
  return {now.trials, now.done, now.refused, now.failed, seen.repeated, seen.given.view()};
}

} // namespace troupe::sweep
