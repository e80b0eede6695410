#pragma once
// Risk without a shell: what it is told and asked is decided and folded, with every event kept.

#include "actors/trading/risk/core.hpp"
#include "tests/support/test.hpp"

#include <vector>

namespace troupe::risk::test {

struct firm {
  explicit firm(configuration c = {}) : core{std::move(c)} {}

  template <class C>
  risk_reply operator()(const C& command, const char* who = "operator:ana") {
    core::output out;
    actor::turn_context ctx;
    ctx.message.principal = {who};
    ctx.decided_at = time_from_ns(1723118400000000000);
    const auto reply = core.decide(state, view, command, ctx, out);
    recorded = out.record || !out.events.empty();
    actor::archive closed;
    for (const auto& e : out.events) {
      core.evolve(state, e, closed);
      events.push_back(e);
    }
    return reply;
  }
  lease ask(const lease_request& r, boot_ns now, bool has_space = true) {
    core::output out;
    actor::turn_context ctx;
    ctx.has_space = has_space;
    ctx.decided_boot = now;
    const auto granted = core.decide(state, view, r, ctx, out);
    recorded = !out.events.empty();
    actor::archive closed;
    for (const auto& e : out.events) {
      core.evolve(state, e, closed);
      events.push_back(e);
    }
    return granted;
  }
  /// From a slot that has the newest lease it was granted.
  lease grant(std::uint32_t slot, std::int64_t exposure, boot_ns now, std::uint64_t epoch = 1, std::int64_t wanted = 0) {
    return ask({slot, epoch, {price::whole(exposure)}, {price::whole(wanted)}, view.last_number, now}, now);
  }
  [[nodiscard]] int128 budgets() const {
    int128 sum = 0;
    for (const auto& [slot, b] : state.budgets) sum += b.units;
    return sum;
  }

  risk::core core;
  risk::state state;
  risk::view view;
  std::vector<event> events;
  bool recorded = false;
};

inline boot_ns at_ms(std::int64_t ms) { return boot_ns{std::chrono::milliseconds{ms}}; }

inline configuration firm_of(std::int64_t most, std::uint32_t slots) {
  configuration c;
  c.firm_exposure_max = price::whole(most);
  c.slots = slots;
  return c;
}

} // namespace troupe::risk::test
