#include "tools/check/risk_history.hpp"

#include "runtime/core/principal.hpp"
#include "tools/check/streams.hpp"

#include <algorithm>

namespace troupe::check {
namespace {

/// What is this close together in hybrid time has no order.
constexpr std::uint64_t same_time = 1'000;

std::string name_of(risk::halt_scope scope, std::string_view key) {
  std::string s = boost::describe::enum_to_string(scope, "?");
  if (!key.empty()) (s += ' ') += key;
  return s;
}

/// Of the limits that are compared.
risk::limits wider(risk::limits a, const risk::limits& b) {
  a.order_quantity_max = std::max(a.order_quantity_max, b.order_quantity_max);
  a.order_notional_max.value = std::max(a.order_notional_max.value, b.order_notional_max.value);
  a.position_max = std::max(a.position_max, b.position_max);
  a.exposure_max.value = std::max(a.exposure_max.value, b.exposure_max.value);
  a.open_orders_max = std::max(a.open_orders_max, b.open_orders_max);
  a.orders_per_second_max = std::max(a.orders_per_second_max, b.orders_per_second_max);
  return a;
}

template <class Timeline>
bool is_open(const Timeline& t) { return !t.empty() && t.back().to == UINT64_MAX; }

template <class Timeline>
bool covers(const Timeline& t, std::uint64_t version) {
  return std::any_of(t.begin(), t.end(), [&](const auto& i) { return i.from <= version && version < i.to; });
}

} // namespace

void risk_history::apply(const risk::halted& e, invariant& rule, const std::string& where) {
  ++version_;
  ++halts_;
  const auto key = std::pair{e.halt.scope, e.halt.key.str()};
  auto& line = stops_[key];
  if (is_open(line) && (approvals_.erase(key) > 0 || e.halt.halted_by == risk::own_principal)) return; // halted anew: who approved has to do so again
  if (rule.expect(!is_open(line), [&] { return where + name_of(e.halt.scope, e.halt.key.view()) + " is halted twice"; }))
    line.push_back({version_, UINT64_MAX, e.halt.halted_at});
}

void risk_history::apply(const risk::resume_approved& e, invariant& rule, const std::string& where) {
  approvals_.insert({e.scope, e.key.str()});
  rule.expect(is_open(stops_[{e.scope, e.key.str()}]),
              [&] { return where + name_of(e.scope, e.key.view()) + " gets an approval but is not halted"; });
}

void risk_history::apply(const risk::resumed& e, invariant& rule, const std::string& where) {
  ++version_;
  const auto name = name_of(e.scope, e.key.view());
  auto& line = stops_[{e.scope, e.key.str()}];
  approvals_.erase({e.scope, e.key.str()});
  if (rule.expect(is_open(line), [&] { return where + name + " is resumed but was not halted"; })) line.back().to = version_;
  const std::set<principal_id> different{e.approved_by.begin(), e.approved_by.end()};
  rule.expect(!e.approved_by.empty() && different.size() == e.approved_by.size(),
              [&] { return where + name + " is resumed without different principals behind it"; });
  for (const auto& who : e.approved_by)
    rule.expect(is_operator(who),
                [&] { return where + name + " is resumed by " + who.value.str() + ", who is no operator"; });
}

void risk_history::apply(const risk::limits_set& e, invariant& rule, const std::string& where) {
  rule.expect(e.version == version_ + 1, [&] { return where + "limits version " + std::to_string(e.version) + " follows " + std::to_string(version_); });
  version_ = e.version;
  (e.account ? accounts_[*e.account] : fallback_).emplace_back(version_, e.value);
}

void risk_history::apply(const risk::limits_reset& e, invariant& rule, const std::string& where) {
  rule.expect(e.version == version_ + 1, [&] { return where + "limits version " + std::to_string(e.version) + " follows " + std::to_string(version_); });
  version_ = e.version;
  auto& own = accounts_[e.account];
  rule.expect(!own.empty() && own.back().second, [&] { return where + "the limits of account " + e.account.value.str() + " are removed, and none were set"; });
  own.emplace_back(version_, std::nullopt);
}

void risk_history::apply(const risk::instrument_blocked& e, invariant& rule, const std::string& where) {
  rule.expect(e.version == version_ + 1, [&] { return where + "limits version " + std::to_string(e.version) + " follows " + std::to_string(version_); });
  version_ = e.version;
  auto& line = blocked_[e.instrument.value.str()];
  if (e.blocked && !is_open(line)) line.push_back({version_});
  if (!e.blocked && is_open(line)) line.back().to = version_;
}

void risk_history::set(const risk::budget_set& e, std::uint64_t hybrid_time, invariant& rule, const std::string& where) {
  auto& mine = budgets_[e.slot];
  const bool is_raised = mine.empty() || e.budget.value.units > mine.rbegin()->second;
  mine[hybrid_time] = e.budget.value.units;
  if (!is_raised) return;
  int128 sum = 0;
  for (const auto& [slot, line] : budgets_) sum += line.rbegin()->second;
  rule.expect(sum <= e.firm_exposure_max.value.units, [&] {
    return where + "with the budget of slot " + std::to_string(e.slot) + " all slots may use " + format_scaled(sum) +
           ", the firm's maximum is " + e.firm_exposure_max.value.str();
  });
}

bool risk_history::knows_budgets_at(std::uint64_t hybrid_time) const {
  return std::ranges::any_of(budgets_, [&](const auto& b) { return b.second.begin()->first <= hybrid_time + same_time; });
}

std::optional<int128> risk_history::budget_of(std::uint32_t slot, std::uint64_t hybrid_time) const {
  const auto at = budgets_.find(slot);
  if (at == budgets_.end()) return std::nullopt;
  std::optional<int128> most;
  auto line = at->second.upper_bound(hybrid_time + same_time);
  while (line != at->second.begin()) {
    --line;
    most = std::max<int128>(most.value_or(0), line->second);
    if (line->first + same_time < hybrid_time) break; // in force until then
  }
  return most;
}

void risk_history::compare(const journal::snapshot& s, invariant& rule) const {
  auto stored = wire::decode<actor::shell_state<risk_stored>>(s.state);
  const auto where = "risk snapshot " + std::to_string(s.sequence) + ": ";
  if (!rule.expect(stored.has_value(), [&] { return where + to_string(stored.error()); })) return;
  rule.expect(stored->core.version == version_, [&] { return where + "version " + std::to_string(stored->core.version) + ", the turns add up to " + std::to_string(version_); });
  std::size_t in_force = 0;
  for (const auto& [what, line] : stops_) in_force += is_open(line);
  bool same = stored->core.halts.size() == in_force;
  for (const auto& h : stored->core.halts) {
    const auto at = stops_.find({h.scope, h.key.str()});
    same = same && at != stops_.end() && is_open(at->second);
  }
  rule.expect(same, [&] { return where + "its halts are not those of the turns"; });
  bool budgets = stored->core.budgets.size() == budgets_.size();
  for (const auto& [slot, b] : stored->core.budgets) {
    const auto at = budgets_.find(slot);
    budgets = budgets && at != budgets_.end() && at->second.rbegin()->second == b.units;
  }
  rule.expect(budgets, [&] { return where + "its budgets are not those of the turns"; });
}

void risk_history::read(const journal::journal& j, check_report& report, audit& who, deliveries& between) {
  const auto snapshots = snapshots_of(j, risk_stream);
  read_turns<risk_stored>(j, risk_stream, report, [&](const journal::record_header& header, const risk_turn& t) {
    const auto where = "risk turn " + std::to_string(header.sequence) + ": ";
    who.take(header, t);
    between.take(header, t);
    for (const auto& event : t.events)
      std::visit(
        [&]<class E>(const E& e) {
          if constexpr (std::is_same_v<E, risk::budget_set>) set(e, header.hybrid_time, report.exposure, where);
          else apply(e, report.halts, where);
        },
        event);
    if (const auto at = snapshots.find(header.sequence); at != snapshots.end() && at->second.schema == actor::state_schema<risk_stored>())
      compare(at->second, report.replay);
  });
}

template <class Visit>
void risk_history::for_each_scope(const oms::new_order& what, std::string_view venue, Visit&& visit) const {
  const std::pair<risk::halt_scope, std::string_view> scopes[] = {
    {risk::halt_scope::firm, ""}, {risk::halt_scope::venue, venue},
    {risk::halt_scope::instrument, what.instrument.value.view()}, {risk::halt_scope::account, what.account.value.view()},
    {risk::halt_scope::strategy, what.strategy.value.view()}};
  for (const auto& [scope, key] : scopes) {
    if (scope != risk::halt_scope::firm && key.empty()) continue;
    if (const auto at = stops_.find({scope, std::string{key}}); at != stops_.end()) visit(scope, key, at->second);
  }
}

std::optional<std::string> risk_history::stopped(std::uint64_t version, const oms::new_order& what,
                                                 std::string_view venue) const {
  if (stops_.empty() && blocked_.empty()) return std::nullopt;
  std::optional<std::string> why;
  for_each_scope(what, venue, [&](risk::halt_scope scope, std::string_view key, const timeline& line) {
    if (!why && covers(line, version)) why = name_of(scope, key) + " was halted";
  });
  if (why) return why;
  const auto at = blocked_.find(what.instrument.value.str());
  if (at != blocked_.end() && covers(at->second, version)) return what.instrument.value.str() + " was blocked";
  return std::nullopt;
}

nanoseconds risk_history::behind_halt(std::uint64_t version, const oms::new_order& what, std::string_view venue,
                                      time_ns decided_at) const {
  nanoseconds longest{0};
  if (stops_.empty()) return longest;
  for_each_scope(what, venue, [&](risk::halt_scope, std::string_view, const timeline& line) {
    for (const auto& i : line)
      if (i.from > version) longest = std::max(longest, decided_at - i.since);
  });
  return longest;
}

std::optional<risk::limits> risk_history::configured_at(std::uint64_t hybrid_time) const {
  std::optional<risk::limits> widest;
  for (const auto& node : in_force_)
    if (const auto* s = trading::in_force(node, hybrid_time)) widest = widest ? wider(*widest, s->limits) : s->limits;
  return widest ? widest : configured_;
}

std::optional<risk::limits> risk_history::limits_of(const trading::account_id& account, std::uint64_t version, std::uint64_t hybrid_time) const {
  const auto latest = [&](const limits_line& line) -> std::optional<risk::limits> {
    const auto behind = std::upper_bound(line.begin(), line.end(), version,
                                         [](std::uint64_t v, const auto& entry) { return v < entry.first; });
    if (behind == line.begin()) return std::nullopt;
    return std::prev(behind)->second;
  };
  if (const auto own = accounts_.find(account); own != accounts_.end())
    if (auto found = latest(own->second)) return found;
  if (auto found = latest(fallback_)) return found;
  return configured_at(hybrid_time);
}

} // namespace troupe::check
