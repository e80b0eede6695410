#pragma once
// Who gets what a feed publishes, and how much may be under way to each. A subscriber without credit holds the feed back;
// one that stays silent is left behind until it answers; nobody waits for who is gone. Another node's relay never holds anybody
// back: while it has no credit it gets nothing, then the last value of everything. Used on the feed's own thread.

#include "actors/market/messages.hpp"
#include "nodes/desk/feed_progress.hpp"
#include "nodes/desk/parts.hpp"

#include <caf/fwd.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::desk {

class feed_subscribers {
public:
  /// `self` sends, as `feed`. All of them outlive this.
  feed_subscribers(caf::local_actor& self, const shared_parts& parts, actor_name feed, const std::vector<actor_name>& names,
                   std::shared_ptr<feed_progress> progress);

  /// What was sent to nobody, or lies in a mailbox that died, gives no credit back: whoever is new starts with a full
  /// window and with what is known, and nobody waits for who is gone. Call before publishing.
  void look();
  /// Somebody's window is full, so the feed waits. One that stays silent is left behind, and told so that its book is gone.
  [[nodiscard]] bool is_blocked(const cause_id& cause);
  void on_credit(const actor_name& from);
  /// `heard_at`: as market_relay's.
  void publish(const market::market_batch&, const std::vector<boot_ns>& heard_at);
  /// Every top was so at `now`: told to the other nodes that keep up, now and then, as a batch without events.
  void confirm(boot_ns now);
  /// To the other nodes that keep up. At most one before each `publish`: that batch's credit comes back behind it, and bounds both.
  void show_levels(const market::instrument_id&, const book_levels&);
  /// Everything a quote was published of.
  [[nodiscard]] const std::set<market::instrument_id>& instruments() const noexcept { return instruments_; }
  /// A JSON array: name, batches under way, whether it lags.
  [[nodiscard]] std::string shown() const;
  void clear() { lines_.clear(); }

private:
  struct line {
    caf::strong_actor_ptr to;
    std::shared_ptr<actor::pulse> pulse; // of one that runs here
    std::optional<node_name> node;       // of one that does not
    std::uint64_t number = 0;            // of the last batch to another node
    bool is_there = false;
    std::uint64_t incarnation = 0;
    std::uint32_t under_way = 0;
    bool lagging = false;
    boot_ns since{}; // of the window being full, or of the last probe
  };

  [[nodiscard]] bool is_there(const line&) const;
  [[nodiscard]] std::uint64_t incarnation_of(const line&) const;
  void leave_behind(const actor_name& name, line& l, const cause_id& cause);
  void send(line&, const market::market_batch&, const std::vector<boot_ns>& heard_at, bool is_anew = false);
  /// Every book lost, then every known quote: where a subscriber may start anew.
  void send_present(line&);

  caf::local_actor& self_;
  const shared_parts& parts_;
  actor_name feed_;
  std::shared_ptr<feed_progress> progress_;
  const std::uint64_t run_; // drawn: numbers of another life of the feed begin anew
  std::map<actor_name, line> lines_;
  std::set<market::instrument_id> instruments_;
  boot_ns confirmed_at_{}; // to other nodes
};

} // namespace troupe::desk
