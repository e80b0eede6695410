#pragma once
// Which halts and limits were in force at each version of the risk stream, and which budgets at each hybrid time, read from the stream.
// Owned by one check.

#include "actors/trading/start_settings.hpp"
#include "runtime/journal/journal.hpp"
#include "tools/check/audit.hpp"
#include "tools/check/deliveries.hpp"
#include "tools/check/report.hpp"
#include "tools/check/stored.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::check {

inline const actor_name risk_stream{"risk"};

class risk_history {
public:
  using settings_of_nodes = std::vector<std::vector<trading::start_settings>>;
  risk_history(std::optional<risk::limits> configured, settings_of_nodes in_force)
    : configured_{std::move(configured)}, in_force_{std::move(in_force)} {}

  /// Folds the stream "risk" and checks who lifted what (I8) and that budgets fit into the firm's maximum (I7).
  void read(const journal::journal& j, check_report& report, audit& who, deliveries& between);

  /// The scope that stops such an order at `version`, or nothing: "account alpha".
  [[nodiscard]] std::optional<std::string> stopped(std::uint64_t version, const oms::new_order& what,
                                                   std::string_view venue) const;
  /// How long after a later halt of its scope an order was decided under the lease before it; zero: no such halt.
  [[nodiscard]] nanoseconds behind_halt(std::uint64_t version, const oms::new_order& what, std::string_view venue,
                                        time_ns decided_at) const;
  /// What commands had set at `version`, else what was configured at `hybrid_time`: where nodes start anew one after the other, what any of
  /// them had. Nothing when they were configured, no folder remembers how, and the configuration was not given.
  [[nodiscard]] std::optional<risk::limits> limits_of(const trading::account_id& account, std::uint64_t version, std::uint64_t hybrid_time) const;
  /// The largest budget of the slot that was on record at `hybrid_time`; nothing when it had none. Streams of a run until done count
  /// their time alone, so what happened there in the same microsecond has no order and counts on both sides.
  [[nodiscard]] std::optional<int128> budget_of(std::uint32_t slot, std::uint64_t hybrid_time) const;
  /// Budgets were on record by then, of whichever slot: a build before that had none.
  [[nodiscard]] bool knows_budgets_at(std::uint64_t hybrid_time) const;
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  /// How often halts came into force.
  [[nodiscard]] std::uint64_t halts() const noexcept { return halts_; }

private:
  struct interval {
    std::uint64_t from = 0;
    std::uint64_t to = UINT64_MAX; // exclusive
    time_ns since{};
  };
  using timeline = std::vector<interval>;
  using limits_line = std::vector<std::pair<std::uint64_t, std::optional<risk::limits>>>; // ascending by version; nothing: removed

  void apply(const risk::halted& e, invariant& rule, const std::string& where);
  void apply(const risk::resume_approved& e, invariant& rule, const std::string& where);
  void apply(const risk::resumed& e, invariant& rule, const std::string& where);
  void apply(const risk::limits_set& e, invariant& rule, const std::string& where);
  void apply(const risk::limits_reset& e, invariant& rule, const std::string& where);
  void apply(const risk::instrument_blocked& e, invariant& rule, const std::string& where);
  void set(const risk::budget_set& e, std::uint64_t hybrid_time, invariant& rule, const std::string& where);
  void compare(const journal::snapshot& s, invariant& rule) const;
  /// Calls `visit(scope, key, timeline)` for every scope the order belongs to that was ever halted.
  template <class Visit>
  void for_each_scope(const oms::new_order& what, std::string_view venue, Visit&& visit) const;

  [[nodiscard]] std::optional<risk::limits> configured_at(std::uint64_t hybrid_time) const;

  std::optional<risk::limits> configured_;
  settings_of_nodes in_force_;
  std::map<std::pair<risk::halt_scope, std::string>, timeline> stops_;
  std::set<std::pair<risk::halt_scope, std::string>> approvals_; // halts in force whose end somebody has approved
  std::map<std::string, timeline> blocked_;
  std::map<trading::account_id, limits_line> accounts_;
  limits_line fallback_;
  std::map<std::uint32_t, std::map<std::uint64_t, std::int64_t>> budgets_; // by slot and hybrid time
  std::uint64_t version_ = 0;
  std::uint64_t halts_ = 0;
};

} // namespace troupe::check
