// Whether a node can do its work, and what is missing when it cannot; and the wait for it at a start.

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/desk.hpp"

#include "nodes/desk/slot_sets.hpp"
#include "runtime/core/counted.hpp"

#include <algorithm>
#include <bit>
#include <thread>

namespace troupe::desk {

namespace {

constexpr nanoseconds ready_patience = std::chrono::seconds{30}; // a slot without a lease for so long is a fault

/// Of a supervisor and its children, or of everybody.
std::vector<supervise::tree_entry> entries_of(const supervise::tree& tree, const std::optional<actor_name>& below) {
  auto all = tree.all();
  if (below) std::erase_if(all, [&](const auto& e) { return e.name != *below && e.supervisor != *below; });
  return all;
}

std::size_t count_of(supervise::child_status status, const std::vector<supervise::tree_entry>& all) {
  return static_cast<std::size_t>(std::ranges::count(all, status, &supervise::tree_entry::status));
}

/// Behind a slot's name.
constexpr const char* is_contested = " is on another node as well, by its record (`troupe cluster moves` says which), and serves on neither";

constexpr nanoseconds disk_answers_within = std::chrono::seconds{5};

/// A disk that does not answer silences only who waits for it; until then its actors look well.
std::optional<std::string> is_silent(const char* what, const journal::journal& store) {
  const auto busy = store.stats().busy_for;
  if (busy < disk_answers_within) return std::nullopt;
  return "the disk has not taken what is written to " + std::string{what} + " for " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(busy).count()) + " s";
}

} // namespace

result<void> desk::wait_until_running(const std::optional<actor_name>& below) {
  const bool must_trade = !below && mesh_.is_alone();
  const auto patience = std::max<nanoseconds>(ready_patience, config().node.recover_within.value()); // from one actor to the next
  auto until = wall_clock_.boot() + patience;
  std::size_t most = 0;
  while (const auto why = must_trade ? not_trading() : not_running(below)) {
    if (options_.is_asked_to_stop()) return fail(errc::unavailable, "asked to stop before it was ready: " + *why);
    if (must_trade)
      if (auto fence = fenced()) return fail(errc::conflict, std::move(*fence)); // waiting changes nothing; `why` was asked before it
    const auto all = entries_of(tree_, below);
    if (count_of(supervise::child_status::halted, all) > 0) return fail(errc::unavailable, not_running(below).value_or(*why)); // waiting changes nothing here either
    if (const auto running = count_of(supervise::child_status::running, all); running > most) {
      most = running;
      until = wall_clock_.boot() + patience;
    }
    if (wall_clock_.boot() > until)
      return fail(errc::unavailable, "nothing more has started for " + std::to_string(patience / std::chrono::seconds{1}) + " s: " + *why);
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return {};
}

std::optional<std::string> desk::not_ready() const {
  if (auto why = not_trading()) return why;
  if (!parts_.journal->has_space()) return "the disk's reserve is reached: cancels and halts pass, nothing opens until space returns";
  for (const auto& f : feed_states())
    if (f.status == feed_status::failed)
      return "feed/" + f.name.str() + " has failed and shows no market data any more: " + f.failure.value_or("unknown reason");
  return std::nullopt;
}

std::vector<feed_state> desk::feed_states() const {
  std::vector<feed_state> all;
  const auto entries = tree_.all();
  for (const auto& [name, progress] : feeds_) {
    auto& f = all.emplace_back(feed_state{name, progress->status(), std::nullopt, progress});
    if (const auto why = progress->failure()) f.failure = to_string(*why);
    const auto own = std::ranges::find(entries, actor_name{"feed/" + name.str()}, &supervise::tree_entry::name);
    if (own == entries.end()) continue;
    using enum supervise::child_status;
    if (own->status == starting || own->status == restarting) {
      f.status = feed_status::connecting;
      f.failure.reset();
    } else if (own->status == halted || own->status == hung) {
      f.status = feed_status::failed;
      f.failure = std::string{boost::describe::enum_to_string(own->status, "?")} + ": " + own->last_reason;
    }
  }
  return all;
}

std::optional<std::string> desk::not_trading() const {
  if (stopping_) return "the node stops";
  const auto slots = mesh_.slots_of(mesh_.self());
  if (auto why = fenced()) return why;
  if (const auto both_have = slots & parts_.contested.load(); both_have != 0) return first_slot_of(both_have).value.str() + is_contested;
  if (auto why = is_silent("the slots' journal", *parts_.journal)) return why;
  if (auto why = is_silent("the venues' store", *parts_.venues)) return why;
  if (const auto without = slots & ~parts_.leased.load(); without != 0) {
    const auto away = mesh_.why_away(risk_name);
    if (away) return "no OMS slot holds a lease: " + *away;
    if (auto broken = not_running()) return broken; // whatever is behind it
    return "not every OMS slot holds a lease of the risk actor: " + first_slot_of(without).value.str() + " does not";
  }
  return not_running();
}

std::optional<std::string> desk::fenced() const {
  const auto slots = parts_.fenced.load() & mesh_.slots_of(mesh_.self());
  if (slots == 0) return std::nullopt;
  return "a venue has heard of a newer owner of " + first_slot_of(slots).value.str() +
         " (" + counted(static_cast<std::uint64_t>(std::popcount(slots)), "slot") + "): the journal is older than what has traded; restore a newer one, or start with "
         "--accept-older-journal if no other node has the slots";
}

std::optional<std::string> desk::why_unanswered(const actor_name& name) const {
  if (auto away = mesh_.why_away(name)) return away;
  const auto node = mesh_.node_of(name);
  if (node != mesh_.self()) return why_silent(node, name);
  const auto slot = trading::slot_called(name);
  if (slot && ((parts_.contested.load() >> *slot) & 1) != 0) return name.value.str() + is_contested;
  if (slot && ((parts_.leaving.load() >> *slot) & 1) != 0) return name.value.str() + " is moving to another node";
  const auto e = tree_.find(name);
  if (!e) return std::nullopt;
  const auto is = name.value.str() + " is " + boost::describe::enum_to_string(e->status, "?") + " (" + e->last_reason + ")";
  if (e->status == supervise::child_status::halted) return is + ", `troupe restart " + name.value.str() + "` brings it back";
  if (e->status == supervise::child_status::hung) return is + "; unless its handler returns, the node ends when node.stuck_after_ms are over, and its next start recovers";
  return std::nullopt;
}

std::optional<std::string> desk::out_of_reach(const trading::venue_id& venue) const {
  const auto is_this = [&](const auto& v) { return v.name.value() == venue; };
  if (std::ranges::none_of(config().venues, is_this)) return "venue " + venue.value.str() + " is not configured any more";
  const auto name = trading::venue_actor(venue);
  if (auto away = mesh_.why_away(name)) return away;
  const auto e = tree_.find(name);
  const bool is_down = e && (e->status == supervise::child_status::halted || e->status == supervise::child_status::hung);
  return is_down ? std::optional{supervise::condition_of(*e)} : std::nullopt;
}

std::optional<std::string> desk::not_running(const std::optional<actor_name>& below) const {
  if (tree_.is_healthy()) return std::nullopt;
  for (const auto& e : entries_of(tree_, below))
    if (e.status != supervise::child_status::running && e.status != supervise::child_status::stopped)
      return supervise::condition_of(e);
  return std::nullopt;
}

} // namespace troupe::desk
