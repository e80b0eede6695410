#include "runtime/supervise/supervisor.hpp"

#include "runtime/actor/send.hpp"

#include <caf/all.hpp>

namespace troupe::supervise {
namespace {

struct start_due {
  std::size_t child = 0;
};
struct look_due {};

} // namespace
} // namespace troupe::supervise
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::supervise::start_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::supervise::look_due)

namespace troupe::supervise {

supervisor::supervisor(caf::actor_config& config, supervisor_spec spec)
  : caf::event_based_actor(config), spec_{std::move(spec)}, text_name_{spec_.name.value.str()}, random_{spec_.jitter_seed} {
  for (const auto& c : spec_.children) {
    children_.push_back({nullptr, restart_window{spec_.intensity}});
    spec_.tree->put({c.name, spec_.name, c.is_supervisor, child_status::starting, 0, {}, spec_.node->clock->now()});
  }
}

caf::behavior supervisor::make_behavior() {
  set_down_handler([this](caf::down_msg& down) {
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (!children_[i].handle || children_[i].handle->address() != down.source) continue;
      const bool normal = !down.reason || down.reason == caf::exit_reason::normal || down.reason == caf::exit_reason::user_shutdown;
      return ended(i, normal ? "ended normally" : system().render(down.reason), normal);
    }
  });
  set_exit_handler([this](caf::exit_msg& e) { quit(std::move(e.reason)); });
  for (std::size_t i = 0; i < children_.size() && !is_leaving_; ++i) start(i);
  if (!spec_.node->deterministic) delayed_send(this, spec_.ping_interval, look_due{});
  return {
    [this](const start_due& s) {
      if (!is_leaving_ && children_[s.child].status == child_status::restarting) start(s.child);
    },
    [this](look_due) {
      look();
      delayed_send(this, spec_.ping_interval, look_due{});
    },
    [this](const actor::pong& p) {
      for (std::size_t i = 0; i < children_.size(); ++i)
        if (spec_.children[i].name == p.from) children_[i].ponged_at = spec_.node->clock->boot();
    },
    [this](const actor::ping& p) {
      if (auto to = current_sender())
        to->enqueue(nullptr, caf::make_message_id(caf::message_priority::high),
                    caf::make_message(actor::pong{spec_.name, p.number}), nullptr);
    },
    [this](const actor::fault_command& f) {
      if (spec_.node->faults_allowed) actor::suffer(f.what, *this);
    },
  };
}

void supervisor::on_exit() {
  is_leaving_ = true;
  for (std::size_t i = children_.size(); i-- > 0;) stop(i, "the supervisor stops");
}

void supervisor::start(std::size_t i) {
  auto& c = children_[i];
  const auto& s = spec_.children[i];
  c.leaving = false;
  c.started_at = c.ponged_at = spec_.node->clock->boot();
  auto made = s.start(system());
  if (!made) return ended(i, "could not start: " + to_string(made.error()), false);
  c.handle = *made;
  monitor(c.handle->address());
  spec_.node->names->bind(s.name, c.handle);
  spec_.node->pulses->of(s.name)->alive = true;
  mark(i, child_status::running);
}

void supervisor::stop(std::size_t i, const char* reason) {
  auto& c = children_[i];
  if (!c.handle) return;
  c.leaving = true;
  spec_.node->names->bind(spec_.children[i].name, nullptr);
  demonitor(c.handle->address());
  caf::anon_send_exit(c.handle, caf::exit_reason::user_shutdown);
  c.handle = nullptr;
  mark(i, child_status::stopped, reason);
}

void supervisor::ended(std::size_t i, const std::string& reason, bool normal) {
  auto& c = children_[i];
  const auto& s = spec_.children[i];
  spec_.node->names->bind(s.name, nullptr);
  spec_.node->pulses->of(s.name)->alive = false;
  c.handle = nullptr;
  if (is_leaving_ || c.leaving || c.status == child_status::hung) return;
  spec_.node->log(s.name, normal ? "info" : "error", "ended: " + reason);
  if (s.restart == restart::temporary || (s.restart == restart::transient && normal)) return mark(i, child_status::stopped, reason);
  const auto now = spec_.node->clock->boot();
  if (now - c.started_at > spec_.intensity.period) c.attempts_in_row = 0; // it had recovered
  if (!c.window.allow(now)) return give_up(i, reason);
  ++c.attempts_in_row;
  mark(i, child_status::restarting, reason);
  spec_.node->pulses->of(s.name)->restarts.fetch_add(1, std::memory_order_relaxed);
  restart_group(i);
}

void supervisor::restart_group(std::size_t i) {
  random_ = random_ * 6364136223846793005u + 1442695040888963407u; // Knuth's MMIX generator: jitter needs no more
  const auto delay = delay_before(spec_.back_off, children_[i].attempts_in_row, random_ >> 33);
  const auto first = spec_.strategy == strategy::one_for_all ? 0 : i;
  const auto last = spec_.strategy == strategy::one_for_one ? i + 1 : children_.size();
  for (std::size_t k = last; k-- > first;) {
    if (k == i) continue;
    stop(k, "restarts with its sibling");
    mark(k, child_status::restarting);
  }
  for (std::size_t k = first; k < last; ++k) delayed_send(this, delay, start_due{k});
}

void supervisor::give_up(std::size_t i, const std::string& reason) {
  const auto& s = spec_.children[i];
  const auto why = "more than " + std::to_string(spec_.intensity.restarts_max) + " restarts within " +
                   std::to_string(std::chrono::duration_cast<std::chrono::seconds>(spec_.intensity.period).count()) +
                   " s, last: " + reason;
  if (s.verdict == verdict::halt) {
    mark(i, child_status::halted, why);
    spec_.node->log(s.name, "error", "halted: " + why);
    s.halt(why);
    return;
  }
  mark(i, child_status::stopped, why);
  spec_.node->log(spec_.name, "error", s.name.value.str() + " cannot be kept alive, escalating: " + why);
  quit(caf::make_error(caf::sec::runtime_error, s.name.value.str() + ": " + why));
}

void supervisor::look() {
  const auto now = spec_.node->clock->boot();
  const auto tick = actor::watchdog_tick.load(std::memory_order_relaxed);
  ++pings_;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto& c = children_[i];
    const auto& s = spec_.children[i];
    if (c.status != child_status::running || s.is_supervisor) continue;
    actor::send_to(*this, c.handle, lane::control, actor::ping{pings_});
    const auto busy = spec_.node->pulses->of(s.name)->busy_since.load(std::memory_order_relaxed);
    // Silent alone may mean a full machine; silent inside one handler since before the limit means it hangs.
    const bool in_one_handler = busy != 0 && nanoseconds{std::chrono::milliseconds{100}} * (tick - busy) >= spec_.hang_after;
    if (now - c.ponged_at < spec_.hang_after || !in_one_handler) continue;
    const std::string why = "a handler has not returned for " +
      std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now - c.ponged_at).count()) + " ms";
    spec_.node->names->bind(s.name, nullptr); // senders learn at once that nobody answers
    mark(i, child_status::hung, why);
    spec_.node->log(s.name, "error", why);
    s.halt(why);
  }
}

void supervisor::mark(std::size_t i, child_status status, std::string reason) {
  children_[i].status = status;
  spec_.tree->set(spec_.children[i].name, status, spec_.node->clock->now(), std::move(reason));
}

caf::strong_actor_ptr spawn_supervisor(caf::actor_system& system, supervisor_spec spec) {
  if (spec.node->deterministic) return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<supervisor>(std::move(spec)));
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<supervisor, caf::detached>(std::move(spec)));
}

} // namespace troupe::supervise
