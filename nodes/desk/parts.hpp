#pragma once
// How each actor of the desk is born: recovered from its stream, wired, spawned. One .cpp per actor type, because each
// instantiates the shell. All functions run on a supervisor's thread.

#include "actors/trading/ids.hpp"
#include "actors/trading/risk/messages.hpp"
#include "actors/trading/strategy/messages.hpp"
#include "nodes/desk/host_boot.hpp"
#include "nodes/desk/mark_board.hpp"
#include "runtime/actor/environment.hpp"
#include "runtime/core/result.hpp"
#include "runtime/journal/journal.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::risk {
struct configuration;
}
namespace troupe::desk {

class mesh;

/// Never lowers it, whoever else raises it meanwhile.
inline void raise_to(std::atomic<std::uint64_t>& known, std::uint64_t told) noexcept {
  auto last = known.load();
  while (last < told && !known.compare_exchange_weak(last, told)) {}
}

/// What the parts share. Outlives every actor.
struct shared_parts {
  actor::environment env;
  const mesh* nodes = nullptr; // who else there is
  std::shared_ptr<journal::journal> journal; // OMS, risk, strategies
  std::shared_ptr<journal::journal> venues;  // the simulated venues' own store
  std::shared_ptr<journal::journal> books;   // the portfolio's checkpoints and fills
  std::shared_ptr<mark_board> board;
  std::map<trading::instrument_id, trading::instrument> instruments;
  std::map<trading::instrument_id, currency> former_quotes; // of all that was ever listed in this data folder
  std::uint64_t snapshot_interval = 200'000;
  nanoseconds recover_within = std::chrono::seconds{60}; // folding one stream may take as long
  /// Bit n: slot n runs here and holds a live lease.
  std::atomic<std::uint64_t> leased{0};
  /// In force, as the newest lease of a slot here tells.
  std::atomic<std::uint64_t> halts{0};
  std::atomic<std::uint64_t> fills_booked{0}; // by the portfolio, for metrics
  /// Bit n: the actor of slot n ends here for another node, and must not be started again meanwhile.
  std::atomic<std::uint64_t> leaving{0};
  /// Bit n: another node has slot n as well, by another record and the same move, so it serves on neither.
  std::atomic<std::uint64_t> contested{0};
  /// Bit n: a venue has heard of a newer owner of slot n, which opens nothing here.
  std::atomic<std::uint64_t> fenced{0};
  /// Bit n: the supervisor here gave slot n up, and no later life of it has agreed with its venues.
  std::atomic<std::uint64_t> given_up{0};
  /// Epoch of the life of slot n that was given up last: a handler that returns after all does not make that one current.
  std::array<std::atomic<std::uint64_t>, trading::slot_count> given_up_in{};
  void give_up(std::uint32_t slot) {
    given_up_in[slot] = epochs[slot].load();
    given_up.fetch_or(std::uint64_t{1} << slot);
  }
  /// How often one was asked to.
  std::atomic<std::uint64_t> departures{0};
  /// What slot n decided up to this turn it decided on another node, by that one's clock.
  std::array<std::atomic<std::uint64_t>, trading::slot_count> moved_upto{};
  /// New orders that venues took, each once.
  std::atomic<std::uint64_t> venue_submits{0};
  std::atomic<std::uint64_t> venue_cancels{0};
  /// Reports of venues that changed nothing: repeated ones, of orders that are not open, and such as cannot be true.
  std::atomic<std::uint64_t> reports_repeated{0}, reports_late{0}, reports_impossible{0};
  nanoseconds renew = std::chrono::milliseconds{250};
  nanoseconds order_age_max = std::chrono::seconds{5};
  std::uint32_t market_protection_bps = 1000;
  bool halts_cancel_orders = true;
  /// Since the node started, for people who watch: orders on record, rejected ones included, and fills; all durable.
  std::atomic<std::uint64_t> orders{0};
  std::atomic<std::uint64_t> fills{0};
  /// Turns older than the machine's last start.
  host_boot boot;
  /// An operator said that a slot which a venue fences is this node's all the same: its journal was restored.
  bool accepts_older_journal = false;
  /// Starts that a restored journal may know nothing of.
  [[nodiscard]] std::uint64_t lost_lives() const { return accepts_older_journal ? 1024 : 0; }
  /// Epochs that venues have seen of the slots: with that word a slot starts with no lower one.
  std::array<std::atomic<std::uint64_t>, trading::slot_count> epochs_seen{};
  /// Of the newest life of slot n that this node's journal tells of. Raised by several threads.
  std::array<std::atomic<std::uint64_t>, trading::slot_count> epochs{};
  /// Whatever node they run on.
  std::set<trading::strategy_id> configured_strategies;
  /// Has risk halt one that is not among them, however long that takes.
  std::function<void(const trading::strategy_id&, const cause_id&)> halt_unconfigured;
  /// Has risk halt a scope, however long that takes; then sets what it returned.
  std::function<std::shared_ptr<std::atomic<bool>>(risk::halt_scope, std::string_view key, const cause_id&, const std::string& reason)> halt;
};

using started = result<caf::strong_actor_ptr>;

inline const actor_name risk_name{"risk"};
inline const actor_name portfolio_name{"portfolio"};
inline const actor_name operations_name{"operations"};
inline const actor_name supervision_name{"supervision"};
/// Every node has these for itself, beside the portfolio, operations and supervision: what the node tells others about itself, what is in its tables
/// and journals, and the order stream at its edge.
inline const actor_name node_actor_name{"node"};
inline const actor_name history_name{"history"};
inline const actor_name order_stream_name{"edge/orders"};

[[nodiscard]] started start_oms(caf::actor_system&, shared_parts&, std::uint32_t slot,
                                const std::vector<trading::venue_id>& venues, const std::vector<actor_name>& subscribers);
[[nodiscard]] started start_risk(caf::actor_system&, shared_parts&, const risk::configuration&);
[[nodiscard]] started start_venue(caf::actor_system&, shared_parts&, const trading::venue_id&, std::int32_t maker_fee,
                                  std::int32_t taker_fee);
[[nodiscard]] started start_strategy(caf::actor_system&, shared_parts&, const strategy::strategy_config&);
[[nodiscard]] started start_operations(caf::actor_system&, shared_parts&);
[[nodiscard]] started start_supervision(caf::actor_system&, shared_parts&);
[[nodiscard]] started start_portfolio(caf::actor_system&, shared_parts&);
/// True when the checkpoint has folded turns that the slots' journal, as these heads tell, does not hold: somebody put an older one there.
[[nodiscard]] bool portfolio_is_ahead(const journal::journal& books, const std::vector<journal::stream_head>& heads);
/// Once its name is bound: it reads what was published after it had loaded and before anybody could reach it.
void catch_up_portfolio(shared_parts&);
/// The state it would have after everything in `orders`, as JSON.
[[nodiscard]] result<std::string> portfolio_state(const journal::journal& orders);
/// Accounts with something open in a slot, as its stream says; for halting what a slot cannot look after any more.
[[nodiscard]] result<std::vector<trading::account_id>> accounts_of(const shared_parts&, std::uint32_t slot);

/// By actor, what strategies that are not among `configured` have at every place, as their streams say at their ends. Errors: as reading a journal.
[[nodiscard]] result<std::map<actor_name, std::vector<strategy::holding>>> held_by_unconfigured(const journal::journal&, const std::set<trading::strategy_id>& configured);

struct open_order {
  trading::order_id id;
  trading::instrument_id instrument;
  trading::account_id account;
};
/// The first order of a slot that is open in one of the instruments, as its stream says; nothing when none is.
[[nodiscard]] result<std::optional<open_order>> open_order_in(const journal::journal&, std::uint32_t slot, const std::set<trading::instrument_id>&);

/// One actor's history, whatever its core: what inspection and `troupe inspect` on a data folder use.
struct inspector {
  /// The state after turn `at_most` as JSON; sequence 0 when the stream is empty.
  std::function<result<std::string>(const journal::journal&, const actor_name&, std::uint64_t at_most)> state;
  /// One stored turn as JSON.
  std::function<result<std::string>(std::uint32_t schema, std::string_view payload)> turn;
};
[[nodiscard]] inspector oms_inspector();
[[nodiscard]] inspector risk_inspector();
[[nodiscard]] inspector venue_inspector();
[[nodiscard]] inspector strategy_inspector();
[[nodiscard]] inspector operations_inspector();
[[nodiscard]] inspector supervision_inspector();
[[nodiscard]] inspector placement_inspector();
/// Stretches of a feed's tape.
[[nodiscard]] inspector feed_inspector();
/// By the first part of the name ("oms", "risk", "venue", "strategy", "operations", "supervision", "placement", "feed"). Errors: not_found.
[[nodiscard]] result<inspector> inspector_of(const actor_name& name);

} // namespace troupe::desk
