#pragma once
// The firm's limits, halts and leases. Pure; owned by the shell that hosts the risk actor, used on its thread only.

#include "actors/trading/risk/interface.hpp"
#include "actors/trading/risk/state.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::risk {

struct configuration {
  limits fallback;                                    // until set_limits says otherwise
  std::map<account_id, limits> accounts;              // until set_limits says otherwise
  price firm_exposure_max = price::whole(1'000'000'000);
  std::uint32_t firm_approvals = 2;                   // different principals that lift a firm halt; at least 1
  std::uint32_t slots = slot_count;                   // that share the firm's exposure
  nanoseconds lease_duration = std::chrono::seconds{1};
};

class core {
public:
  using state = risk::state;
  using view = risk::view;
  using event = risk::event;
  using inputs = risk::inputs;
  using effect = risk::effect;
  using protocol = risk::protocol;
  using output = actor::turn_output<event, inputs>;
  using turn_context = actor::turn_context;
  static constexpr const char* stored_as = "risk";
  static constexpr std::uint32_t stored_version = 1;

  explicit core(configuration c);

  risk_reply decide(const state&, view&, const halt_command&, const turn_context&, output&) const;
  risk_reply decide(const state&, view&, const resume_command&, const turn_context&, output&) const;
  risk_reply decide(const state&, view&, const set_limits&, const turn_context&, output&) const;
  risk_reply decide(const state&, view&, const change_limits&, const turn_context&, output&) const;
  risk_reply decide(const state&, view&, const block_instrument&, const turn_context&, output&) const;
  /// Renews the lease, with a budget above the slot's exposure (budgets.hpp says how far): raised when half of its idle room is gone or an order
  /// was refused for it, lowered when it has twice as much, or more than its part while another slot wants what is not free. Budgets on record
  /// never add up to more than firm_exposure_max (until they do not after it was lowered, no lease carries more than its slot uses), and a slot's is at
  /// least what any lease carries that it may still use. A slot that holds a newer lease than was ever granted here shows that this journal is not the
  /// newest: the firm is halted.
  lease decide(const state&, view&, const lease_request&, const turn_context&, output&) const;
  void decide(const state&, view&, const newer_limits&, const turn_context&, output&) const;

  void evolve(state&, const event&, actor::archive&) const;
  template <class Emit>
  void react(const state&, const event&, Emit&&) const {}

  risk_view answer(const state&, const view&, const risk_query&) const;

  /// A lease for a slot that has asked before, with the budget it has: what changed must reach it now. `asked_at` as in a request. It
  /// must not leave before `state` is durable: what a lease lacks must not come back after a crash.
  lease renewed(const state&, view&, std::uint32_t slot, boot_ns asked_at) const;

private:
  [[nodiscard]] limits fallback_of(const state&) const;
  [[nodiscard]] std::map<account_id, limits> accounts_of(const state&) const;
  [[nodiscard]] lease grant(const state&, view&, std::uint32_t slot, price budget, boot_ns asked_at) const;
  [[nodiscard]] lease refused(const state&, view&, std::uint32_t slot) const; // one that has run out

  configuration config_;
};

} // namespace troupe::risk
