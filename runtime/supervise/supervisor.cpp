#include "runtime/supervise/supervisor.hpp"

#include "runtime/actor/answering.hpp"
#include "runtime/actor/retire.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/actor/spawn_blocking.hpp"
#include "runtime/core/counted.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe::supervise {
namespace {

struct start_due {
  std::size_t child = 0;
  std::uint32_t ticket = 0;
};
struct end_overdue {
  std::size_t child = 0;
  std::uint32_t ticket = 0;
};
struct restart_asked {
  actor_name child;
};
struct start_asked {
  child_spec child;
};
struct end_asked {
  actor_name child;
  std::function<void(bool)> gone;
  std::function<void()> begins;
};
struct look_due {};

/// The number of children when there is none of that name.
std::size_t index_of(const std::vector<child_spec>& children, const actor_name& name) {
  return static_cast<std::size_t>(std::ranges::find(children, name, &child_spec::name) - children.begin());
}

std::string in_ms(nanoseconds d) { return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + " ms"; }

} // namespace
} // namespace troupe::supervise
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::supervise::start_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::supervise::end_overdue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::supervise::restart_asked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::supervise::start_asked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::supervise::end_asked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::supervise::look_due)

namespace troupe::supervise {

supervisor::supervisor(caf::actor_config& config, supervisor_spec spec)
  : caf::event_based_actor(config), spec_{std::move(spec)}, text_name_{spec_.name.value.str()},
    pulse_{spec_.node->pulses->of(spec_.name)}, random_{spec_.jitter_seed} {
  for (const auto& c : spec_.children) {
    children_.push_back({nullptr, restart_window{spec_.intensity}});
    spec_.tree->put({c.name, spec_.name, c.is_supervisor, child_status::starting, 0, {}, spec_.node->clock->now()});
  }
}

caf::behavior supervisor::make_behavior() {
  actor::handling scope{*pulse_, *this};
  pulse_->alive = true; // nobody starts the root
  set_down_handler([this](caf::down_msg& down) {
    actor::handling handler{*pulse_};
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (!children_[i].handle || children_[i].handle->address() != down.source) continue;
      const bool normal = !down.reason || down.reason == caf::exit_reason::normal || down.reason == caf::exit_reason::user_shutdown;
      return ended(i, normal ? "ended normally" : system().render(down.reason), normal);
    }
  });
  set_exit_handler([this](caf::exit_msg& e) {
    actor::handling handler{*pulse_};
    leave(std::move(e.reason));
  });
  for (std::size_t i = 0; i < children_.size() && !leaving_; ++i)
    if (children_[i].status == child_status::starting) start(i);
  if (!spec_.node->deterministic) delayed_send(this, spec_.ping_interval, look_due{});
  return {
    [this](const start_due& s) {
      actor::handling handler{*pulse_};
      const auto& c = children_[s.child];
      if (leaving_ || going_.contains(s.child)) return; // who goes with its siblings starts with them
      if (c.status == child_status::restarting && c.ticket == s.ticket) start(s.child);
    },
    [this](const end_overdue& o) {
      actor::handling handler{*pulse_};
      if (children_[o.child].leaving && children_[o.child].ticket == o.ticket) overdue(o.child);
    },
    [this](const restart_asked& r) {
      actor::handling handler{*pulse_};
      restart_by_command(r.child);
    },
    [this](const start_asked& s) {
      actor::handling handler{*pulse_};
      add(s.child);
    },
    [this](const end_asked& e) {
      actor::handling handler{*pulse_};
      const auto i = index_of(spec_.children, e.child);
      if (!may_end(i)) return e.gone(false);
      children_[i].when_gone = e.gone;
      e.begins();
      end_by_command(i);
    },
    [this](look_due) {
      actor::handling handler{*pulse_};
      look();
      delayed_send(this, spec_.ping_interval, look_due{});
    },
    [this](const actor::pong& p) {
      actor::handling handler{*pulse_};
      for (std::size_t i = 0; i < children_.size(); ++i)
        if (spec_.children[i].name == p.from) children_[i].ponged_at = spec_.node->clock->boot();
    },
    [this](const actor::ping& p) {
      actor::handling handler{*pulse_};
      actor::answer_ping(*this, spec_.name, p);
    },
    [this](const actor::fault_command& f) {
      actor::handling handler{*pulse_};
      if (spec_.node->faults_allowed) actor::suffer(f.what, *this);
    },
  };
}

/// Killed or thrown out of a handler, it cannot wait: the children are told at least.
void supervisor::on_exit() {
  for (std::size_t i = children_.size(); i-- > 0;)
    if (children_[i].handle) {
      if (!children_[i].leaving) ask_to_end(i);
      if (!leaving_) spec_.node->pulses->of(spec_.children[i].name)->alive = false; // else only who hangs is left, and has not ended
      mark(i, child_status::stopped, "the supervisor ended");
    }
  children_.clear();
  pulse_->alive = false;
}

// -- starting -----------------------------------------------------------------------------------------------------------

void supervisor::start(std::size_t i) {
  if (spec_.is_stopping()) return; // our exit lies in the mailbox, behind what may be many starts
  auto& c = children_[i];
  const auto& s = spec_.children[i];
  c.leaving = c.is_cut_short = false;
  auto made = [&] {
    actor::patience_scope patient{*pulse_, spec_.recover_within};
    return s.start(system());
  }();
  c.started_at = c.ponged_at = spec_.node->clock->boot();
  if (!made) return ended(i, "could not start: " + to_string(made.error()), false);
  c.handle = *made;
  monitor(c.handle->address());
  spec_.node->names->bind(s.name, c.handle);
  const auto pulse = spec_.node->pulses->of(s.name);
  pulse->lives.fetch_add(1, std::memory_order_release); // whoever takes it for alive and reads this next sees another one than before
  pulse->alive = true;
  mark(i, child_status::running);
  s.bound();
}

void supervisor::start_after(std::size_t i, nanoseconds delay) { delayed_send(this, delay, start_due{i, ++children_[i].ticket}); }

// -- stopping -----------------------------------------------------------------------------------------------------------

void supervisor::ask_to_end(std::size_t i) {
  auto& c = children_[i];
  c.leaving = true;
  spec_.node->names->bind(spec_.children[i].name, nullptr);
  caf::anon_send_exit(c.handle, caf::exit_reason::user_shutdown);
  if (!spec_.children[i].is_supervisor) delayed_send(this, spec_.shutdown, end_overdue{i, ++c.ticket});
}

/// Asks the last of those that have to go, and waits for its end, which comes back here. When all are gone: starts those
/// that are restarting, in order, or ends.
void supervisor::stop_next() {
  for (auto k = going_.rbegin(); k != going_.rend(); ++k) {
    auto& c = children_[*k];
    if (!c.handle) continue;
    if (!c.leaving) ask_to_end(*k);
    if (leaving_ && c.status == child_status::hung) continue; // it will never end, and the process is about to
    return;
  }
  if (leaving_) return quit(*leaving_);
  for (const auto k : std::exchange(going_, {}))
    if (children_[k].status == child_status::restarting) start_after(k, delay_);
}

/// It was asked and did not end: nothing can kill it. Its siblings go on, and it keeps neither name nor status.
void supervisor::overdue(std::size_t i) {
  auto& c = children_[i];
  if (c.when_gone && !leaving_ && !std::exchange(c.is_cut_short, true)) { // it waits for the disk, as far as one can know
    caf::anon_send_exit(c.handle, caf::exit_reason::kill);
    return delayed_send(this, spec_.shutdown, end_overdue{i, ++c.ticket});
  }
  const auto why = "did not end within " + in_ms(spec_.shutdown);
  demonitor(c.handle->address());
  c.handle = nullptr;
  c.leaving = false;
  if (c.when_gone) std::exchange(c.when_gone, {})(false);
  const auto cause = cause_now();
  if (leaving_) {
    mark(i, child_status::stopped, why);
    spec_.node->log(spec_.children[i].name, cause, "error", why);
  } else {
    spec_.node->pulses->of(spec_.children[i].name)->alive = false; // we are not told of its end any more
    mark_and_report(i, child_status::hung, cause, why);
    halt_scope(i, cause, why);
  }
  stop_next();
}

void supervisor::leave(caf::error why) {
  if (leaving_) return;
  leaving_ = std::move(why);
  for (std::size_t i = 0; i < children_.size(); ++i) {
    going_.insert(i);
    if (children_[i].when_gone) caf::anon_send_exit(children_[i].handle, caf::exit_reason::user_shutdown); // it need not wait for others now
  }
  stop_next();
}

// -- what happens to children -------------------------------------------------------------------------------------------

void supervisor::ended(std::size_t i, const std::string& reason, bool normal) {
  auto& c = children_[i];
  const auto& s = spec_.children[i];
  spec_.node->names->bind(s.name, nullptr);
  spec_.node->pulses->of(s.name)->alive = false;
  c.handle = nullptr;
  const bool was_asked = std::exchange(c.leaving, false);
  if (c.when_gone) return mark_away(i, normal);
  if (leaving_ || going_.contains(i)) {
    if (leaving_ || c.status != child_status::restarting) mark(i, child_status::stopped, was_asked ? "was stopped" : reason);
    return stop_next();
  }
  if (was_asked) return start_after(i, {}); // an operator wanted it anew
  if (c.status == child_status::hung) return;
  const auto cause = cause_now();
  spec_.node->log(s.name, cause, normal ? "info" : "error", "ended: " + reason);
  if (s.restart != restart::permanent && normal) return mark(i, child_status::stopped, reason); // it has done what it was to do
  if (s.restart == restart::temporary) return mark_and_report(i, child_status::stopped, cause, reason);
  const auto now = spec_.node->clock->boot();
  if (now - c.started_at > spec_.intensity.period) c.attempts_in_row = 0; // it had recovered
  if (!c.window.allow(now)) return give_up(i, cause, reason);
  ++c.attempts_in_row;
  mark_and_report(i, child_status::restarting, cause, reason);
  spec_.node->pulses->of(s.name)->restarts.fetch_add(1, std::memory_order_relaxed);
  restart_group(i, cause);
}

/// Restarts the child, and by strategy its siblings: each is waited for before anybody starts again. A halted or hung
/// sibling stays as it is, whatever happens beside it; a temporary one is stopped for good.
void supervisor::restart_group(std::size_t i, const cause_id& cause) {
  random_ = random_ * 6364136223846793005u + 1442695040888963407u; // Knuth's MMIX generator: jitter needs no more
  delay_ = delay_before(spec_.back_off, children_[i].attempts_in_row, random_ >> 33);
  const auto first = spec_.strategy == strategy::one_for_all ? 0 : i;
  const auto last = spec_.strategy == strategy::one_for_one ? i + 1 : children_.size();
  for (std::size_t k = last; k-- > first;) {
    const auto status = children_[k].status;
    if (status == child_status::halted || status == child_status::hung) continue;
    going_.insert(k);
    if (k == i || status == child_status::restarting || spec_.children[k].restart == restart::temporary) continue;
    mark_and_report(k, child_status::restarting, cause, "restarts with its sibling");
  }
  stop_next();
}

void supervisor::restart_by_command(const actor_name& who) {
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto& c = children_[i];
    if (spec_.children[i].name != who || leaving_) continue;
    if (c.status != child_status::halted && c.status != child_status::stopped && c.status != child_status::hung) return;
    c.window = restart_window{spec_.intensity};
    c.attempts_in_row = 0;
    mark_and_report(i, child_status::restarting, cause_now(), "restarted by an operator");
    if (c.handle) ask_to_end(i);
    else start_after(i, {});
    return;
  }
}

void supervisor::add(child_spec spec) {
  if (leaving_) return;
  const auto i = index_of(spec_.children, spec.name);
  if (i == children_.size()) {
    children_.push_back({nullptr, restart_window{spec_.intensity}});
    spec_.children.push_back(std::move(spec));
  } else {
    if (children_[i].status != child_status::stopped) return;
    spec_.children[i] = std::move(spec);
    children_[i].window = restart_window{spec_.intensity};
    children_[i].attempts_in_row = 0;
  }
  children_[i].status = child_status::starting;
  spec_.tree->put({spec_.children[i].name, spec_.name, spec_.children[i].is_supervisor, child_status::starting, 0, {}, spec_.node->clock->now()});
  start(i);
}

/// Who runs, and who is to start again after a while. One that is halted or hung stays so: that it is to end is no reason to start it with a clean record next.
bool supervisor::may_end(std::size_t i) const {
  if (i == children_.size() || leaving_ || children_[i].leaving || going_.contains(i)) return false;
  return children_[i].status == child_status::running || children_[i].status == child_status::restarting;
}

void supervisor::end_by_command(std::size_t i) {
  if (!children_[i].handle) { // its start is due later
    ++children_[i].ticket;
    return mark_away(i, false);
  }
  if (spec_.children[i].is_supervisor) return ask_to_end(i); // it has nothing of its own to finish, only children to end
  auto& c = children_[i];
  c.leaving = true;
  spec_.node->names->bind(spec_.children[i].name, nullptr);
  c.handle->enqueue(nullptr, caf::make_message_id(), caf::make_message(actor::retire{}), nullptr); // behind what it has to do
  delayed_send(this, spec_.shutdown, end_overdue{i, ++c.ticket});
}

/// It is no child any more. Its place stays, so that timers mean whom they meant.
void supervisor::mark_away(std::size_t i, bool is_clean) {
  auto told = std::exchange(children_[i].when_gone, {});
  children_[i].status = child_status::stopped;
  spec_.tree->erase(spec_.children[i].name);
  {
    actor::patience_scope patient{*pulse_, actor::disk_patience}; // where its stream ends may have to be asked of the disk
    told(is_clean);
  }
  if (leaving_ || going_.contains(i)) stop_next();
}

void supervisor::give_up(std::size_t i, const cause_id& cause, const std::string& reason) {
  const auto& s = spec_.children[i];
  const auto why = "more than " + counted(spec_.intensity.restarts_max, "restart") + " within " +
                   std::to_string(std::chrono::duration_cast<std::chrono::seconds>(spec_.intensity.period).count()) +
                   " s, last: " + reason;
  if (s.verdict == verdict::halt) {
    mark_and_report(i, child_status::halted, cause, why);
    return halt_scope(i, cause, why);
  }
  mark_and_report(i, child_status::stopped, cause, why);
  spec_.node->log(spec_.name, cause, "error", s.name.value.str() + " cannot be kept alive, escalating: " + why);
  leave(caf::make_error(caf::sec::runtime_error, s.name.value.str() + ": " + why));
}

void supervisor::look() {
  const auto now = spec_.node->clock->boot();
  const auto tick = actor::watchdog_tick.load(std::memory_order_relaxed);
  ++pings_;
  // Who stood still with the whole process, or the machine, was silent as everybody was: nobody is judged by that.
  const bool stood_still = now - std::exchange(looked_at_, now) >= spec_.hang_after;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto& c = children_[i];
    const auto& s = spec_.children[i];
    if (has_come_back(c)) {
      mark_and_report(i, child_status::restarting, cause_now(), "its handler returned after all");
      ask_to_end(i);
    }
    if (c.status != child_status::running || c.leaving || s.is_supervisor) continue;
    if (stood_still) c.ponged_at = now;
    actor::send_to(*this, c.handle, lane::control, actor::ping{pings_});
    const auto pulse = spec_.node->pulses->of(s.name);
    // Before the tick: work that ends in between has stamped it anew, and is not measured without its patience.
    const auto allowed = std::max<nanoseconds>(spec_.hang_after, actor::watchdog_tick_length * pulse->patience.load(std::memory_order_acquire));
    const auto busy = pulse->busy_since.load(std::memory_order_relaxed);
    // Silent alone may mean a full machine; silent inside one handler since before the limit means it hangs.
    const bool in_one_handler = busy != 0 && tick > busy && actor::watchdog_tick_length * (tick - busy) >= allowed;
    if (now - c.ponged_at < spec_.hang_after || !in_one_handler) continue;
    const auto why = "a handler has not returned for " + in_ms(now - c.ponged_at);
    spec_.node->names->bind(s.name, nullptr); // senders learn at once that nobody answers
    c.hung_since = now;
    const auto cause = cause_now();
    mark_and_report(i, child_status::hung, cause, why);
    halt_scope(i, cause, why);
  }
}

/// One that was told to be hung and has answered since: nobody has it by its name any more, so it starts anew. What was halted stays halted.
bool supervisor::has_come_back(const child& c) const {
  return c.status == child_status::hung && c.handle && !c.leaving && !leaving_ && c.ponged_at > c.hung_since;
}

/// The report, the log line and the journaled halt have the same cause.
void supervisor::halt_scope(std::size_t i, const cause_id& cause, const std::string& why) {
  const auto& s = spec_.children[i];
  spec_.node->log(s.name, cause, "error", std::string{boost::describe::enum_to_string(children_[i].status, "?")} + ": " + why);
  actor::patience_scope patient{*pulse_, spec_.recover_within}; // what the scope is may have to be read from its turns
  s.halt(cause, why);
}

/// What the supervisor does has its own causes; the instant makes them unique over restarts.
cause_id supervisor::cause_now() const {
  return {text<23>::make(spec_.name.value.view().substr(0, 23)).value_or(text<23>{}),
          static_cast<std::uint64_t>(to_ns(spec_.node->clock->now()))};
}

void supervisor::mark(std::size_t i, child_status status, std::string reason) {
  children_[i].status = status;
  spec_.tree->set(spec_.children[i].name, status, spec_.node->clock->now(), std::move(reason));
}

void supervisor::mark_and_report(std::size_t i, child_status status, const cause_id& cause, const std::string& reason) {
  mark(i, status, reason);
  spec_.report({spec_.children[i].name, spec_.name, status, reason, cause, spec_.node->clock->now()});
}

caf::strong_actor_ptr spawn_supervisor(caf::actor_system& system, supervisor_spec spec) {
  const auto& node = *spec.node;
  return actor::spawn_blocking<supervisor>(system, node, std::move(spec));
}

std::thread watch_root(caf::actor_system& system, caf::strong_actor_ptr root, std::function<void(const std::string& why)> ended) {
  return std::thread{[&system, watched = std::move(root), tell = std::move(ended)]() mutable {
    caf::scoped_actor self{system};
    self->monitor(watched);
    watched = nullptr;
    self->receive([&](caf::down_msg& down) { tell("the supervision tree ended: " + system.render(down.reason)); });
  }};
}

void restart_child(const caf::strong_actor_ptr& supervisor, const actor_name& child) {
  supervisor->enqueue(nullptr, caf::make_message_id(), caf::make_message(restart_asked{child}), nullptr);
}

void start_child(const caf::strong_actor_ptr& supervisor, child_spec child) {
  supervisor->enqueue(nullptr, caf::make_message_id(), caf::make_message(start_asked{std::move(child)}), nullptr);
}

void end_child(const caf::strong_actor_ptr& supervisor, const actor_name& child, std::function<void(bool)> gone, std::function<void()> begins) {
  supervisor->enqueue(nullptr, caf::make_message_id(), caf::make_message(end_asked{child, std::move(gone), std::move(begins)}), nullptr);
}

} // namespace troupe::supervise
