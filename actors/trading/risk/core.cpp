#include "actors/trading/risk/core.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>
#include <string_view>

namespace troupe::risk {
namespace {

/// Every lease carries them all, and anybody may halt: from here on what is halted is the firm.
constexpr std::size_t halts_max = 1000;

std::string name_of(halt_scope scope, const text<32>& key) {
  std::string s = boost::describe::enum_to_string(scope, "?");
  return key.empty() ? s : s + " " + key.str();
}

/// What is wrong with a scope and key, or nothing.
std::string flaw_of(halt_scope scope, const text<32>& key) {
  const auto longest = scope == halt_scope::strategy     ? decltype(strategy_id::value)::size_max
                       : scope == halt_scope::account    ? decltype(account_id::value)::size_max
                       : scope == halt_scope::instrument ? decltype(instrument_id::value)::size_max
                                                         : decltype(venue_id::value)::size_max;
  if (scope == halt_scope::firm) return key.empty() ? "" : "a firm halt has no key, \"" + key.str() + "\" was given";
  if (key.empty()) return name_of(scope, {}) + " halts need a key: which one?";
  if (key.view().size() > longest)
    return "no " + name_of(scope, {}) + " has a name longer than " + std::to_string(longest) + " characters";
  return {};
}

template <class Halts>
auto find_halt(Halts& halts, halt_scope scope, const text<32>& key) {
  return std::find_if(halts.begin(), halts.end(), [&](const halt& h) { return h.scope == scope && h.key == key; });
}

risk_reply reply(const state& s, verdict v, std::string reason = {}, std::uint64_t steps = 0) {
  return {v, std::move(reason), s.version + steps};
}

risk_reply refuse(const state& s, core::output& out, std::string why) {
  out.record = true; // who tried what belongs on record
  return reply(s, verdict::refused, std::move(why));
}

/// Names every amount below zero.
std::string flaw_of(const limits& l) {
  std::string why;
  const auto check = [&](const char* name, std::int64_t units) {
    if (units < 0) why += (why.empty() ? "must not be negative: " : ", ") + std::string{name};
  };
  check("order_quantity_max", l.order_quantity_max.units);
  check("order_notional_max", l.order_notional_max.value.units);
  check("position_max", l.position_max.units);
  check("exposure_max", l.exposure_max.value.units);
  check("mark_age_max", l.mark_age_max.count());
  return why;
}

} // namespace

core::core(configuration c) : config_{std::move(c)} {
  TROUPE_ASSERT(config_.firm_approvals >= 1 && config_.slots >= 1, "somebody approves and somebody trades");
  TROUPE_ASSERT(config_.firm_exposure_max.units >= 0, "the firm's exposure is not negative");
  TROUPE_ASSERT(config_.lease_duration.count() > 0, "a lease lasts some time");
}

risk_reply core::decide(const state& s, view& v, const halt_command& c, const turn_context& ctx, output& out) const {
  if (auto why = flaw_of(c.scope, c.key); !why.empty()) return refuse(s, out, std::move(why));
  const halt asked{c.scope, c.key, c.reason, ctx.message.principal, ctx.decided_at, {}};
  if (const auto at = find_halt(s.halts, c.scope, c.key); at != s.halts.end()) {
    if (!at->approvals.empty()) { // who approved before did not know of this
      out.events.push_back(halted{asked});
      return reply(s, verdict::done, name_of(c.scope, c.key) + " was halted already; who had approved its end has to do so again", 1);
    }
    out.record = true;
    return reply(s, verdict::unchanged,
                 name_of(c.scope, c.key) + " is halted already by " + at->halted_by.value.str() + ": " + at->reason.str());
  }
  if (c.scope != halt_scope::firm && s.halts.size() >= halts_max) {
    auto firm = decide(s, v, halt_command{halt_scope::firm, {}, c.reason}, ctx, out);
    firm.reason = "the firm is halted: there are " + std::to_string(s.halts.size()) + " halts, and more there may not be" + (firm.reason.empty() ? "" : "; ") + firm.reason;
    return firm;
  }
  out.events.push_back(halted{asked});
  return reply(s, verdict::done, {}, 1);
}

risk_reply core::decide(const state& s, view&, const resume_command& c, const turn_context& ctx, output& out) const {
  if (auto why = flaw_of(c.scope, c.key); !why.empty()) return refuse(s, out, std::move(why));
  const auto& who = ctx.message.principal;
  if (who.value.empty()) return refuse(s, out, "lifting a halt needs a principal");
  const auto at = find_halt(s.halts, c.scope, c.key);
  if (at == s.halts.end()) {
    out.record = true;
    return reply(s, verdict::unchanged, name_of(c.scope, c.key) + " is not halted");
  }
  auto approved = at->approvals;
  const bool again = std::find(approved.begin(), approved.end(), who) != approved.end();
  if (!again) approved.push_back(who);
  const std::size_t needed = c.scope == halt_scope::firm ? config_.firm_approvals : 1;
  if (approved.size() >= needed) {
    out.events.push_back(resumed{c.scope, c.key, std::move(approved)});
    return reply(s, verdict::done, {}, 1);
  }
  const auto missing = std::to_string(needed - approved.size()) + " more of " + std::to_string(needed) +
                       " different principals must approve";
  if (again) {
    out.record = true;
    return reply(s, verdict::approval_recorded, who.value.str() + " has approved already; " + missing);
  }
  out.events.push_back(resume_approved{c.scope, c.key, who});
  return reply(s, verdict::approval_recorded, missing);
}

risk_reply core::decide(const state& s, view& v, const set_limits& c, const turn_context& ctx, output& out) const {
  return decide(s, v, change_limits{c.account, c.value, std::nullopt}, ctx, out);
}

risk_reply core::decide(const state& s, view& v, const change_limits& c, const turn_context&, output& out) const {
  auto& unchanged_since = v.limits_unchanged_since;
  if (!unchanged_since) unchanged_since = s.version; // what was before nobody remembers
  if (c.account && c.account->value.empty()) return refuse(s, out, "an account has a name; leave it out to set the fallback");
  if (!c.account && !c.value) return refuse(s, out, "the fallback is set, not removed: which account's own limits are to go?");
  if (c.value)
    if (auto why = flaw_of(*c.value); !why.empty()) return refuse(s, out, std::move(why));
  if (c.expected_version && (*c.expected_version < *unchanged_since || *c.expected_version > s.version)) {
    out.record = true;
    return reply(s, verdict::conflict, "limits were changed since version " + std::to_string(*c.expected_version) + ", or risk has started since; they are at version " +
                                         std::to_string(s.version) + ", and nothing was changed now: read the limits again");
  }
  const auto accounts = accounts_of(s);
  const auto own = c.account ? accounts.find(*c.account) : accounts.end();
  if (!c.value && !s.accounts.contains(*c.account)) {
    out.record = true;
    return reply(s, verdict::unchanged, "account " + c.account->value.str() + " has no limits of its own" + (own != accounts.end() ? " besides the configured ones" : ""));
  }
  if (!c.value) {
    out.events.push_back(limits_reset{*c.account, s.version + 1});
    unchanged_since = s.version + 1;
    return reply(s, verdict::done, {}, 1);
  }
  const bool same = c.account ? own != accounts.end() && own->second == *c.value : fallback_of(s) == *c.value;
  if (same) {
    out.record = true;
    return reply(s, verdict::unchanged, "these limits are in force already");
  }
  out.events.push_back(limits_set{c.account, *c.value, s.version + 1});
  unchanged_since = s.version + 1;
  return reply(s, verdict::done, {}, 1);
}

risk_reply core::decide(const state& s, view&, const block_instrument& c, const turn_context&, output& out) const {
  if (c.instrument.value.empty()) return refuse(s, out, "which instrument?");
  if (std::binary_search(s.blocked.begin(), s.blocked.end(), c.instrument) == c.blocked) {
    out.record = true;
    return reply(s, verdict::unchanged, c.instrument.value.str() + (c.blocked ? " is blocked already" : " is not blocked"));
  }
  out.events.push_back(instrument_blocked{c.instrument, c.blocked, s.version + 1});
  return reply(s, verdict::done, {}, 1);
}

// -- evolve -----------------------------------------------------------------------------------------------------------

namespace {

void apply(state& s, const halted& e) {
  ++s.version;
  const auto before = [](const halt& a, const halt& b) { return std::tie(a.scope, a.key) < std::tie(b.scope, b.key); };
  const auto at = std::lower_bound(s.halts.begin(), s.halts.end(), e.halt, before);
  if (at != s.halts.end() && !before(e.halt, *at)) *at = e.halt; // again, without the approvals it had
  else s.halts.insert(at, e.halt);
}
void apply(state& s, const resume_approved& e) {
  if (const auto at = find_halt(s.halts, e.scope, e.key); at != s.halts.end()) at->approvals.push_back(e.by);
}
void apply(state& s, const resumed& e) {
  ++s.version;
  if (const auto at = find_halt(s.halts, e.scope, e.key); at != s.halts.end()) s.halts.erase(at);
}
void apply(state& s, const limits_set& e) {
  s.version = e.version;
  if (e.account) s.accounts[*e.account] = e.value;
  else s.fallback = e.value;
}
void apply(state& s, const limits_reset& e) {
  s.version = e.version;
  s.accounts.erase(e.account);
}
void apply(state& s, const instrument_blocked& e) {
  s.version = e.version;
  const auto at = std::lower_bound(s.blocked.begin(), s.blocked.end(), e.instrument);
  const bool listed = at != s.blocked.end() && *at == e.instrument;
  if (e.blocked && !listed) s.blocked.insert(at, e.instrument);
  if (!e.blocked && listed) s.blocked.erase(at);
}
void apply(state& s, const budget_set& e) { s.budgets[e.slot] = e.budget.value; }

} // namespace

void core::evolve(state& s, const event& e, actor::archive&) const {
  std::visit([&](const auto& what) { apply(s, what); }, e);
}

limits core::fallback_of(const state& s) const { return s.fallback.value_or(config_.fallback); }

std::map<account_id, limits> core::accounts_of(const state& s) const {
  auto all = s.accounts;
  all.insert(config_.accounts.begin(), config_.accounts.end()); // what was set counts more
  return all;
}

risk_view core::answer(const state& s, const view& v, const risk_query&) const {
  risk_view shown{s.version, {config_.firm_exposure_max}, {}, {}, fallback_of(s), accounts_of(s), s.halts, s.blocked};
  int128 exposure = 0, budgets = 0;
  for (const auto& [slot, l] : v.slots) exposure += l.exposure.units;
  for (const auto& [slot, b] : s.budgets) budgets += b.units;
  const auto shortened = [](int128 sum) { return price{static_cast<std::int64_t>(std::min<int128>(sum, INT64_MAX))}; };
  shown.firm_exposure.value = shortened(exposure);
  shown.firm_budgets.value = shortened(budgets);
  return shown;
}

} // namespace troupe::risk
