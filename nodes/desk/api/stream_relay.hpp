#pragma once
// What this node's slots show on the stream goes to the hub here and to the order streams of the other nodes; what they send is put on
// the hub here: a client of any node sees the whole desk. A loss is noticed by the next number, which comes within a second although nothing
// happens, and everything is asked for anew until it comes. Owned by the order stream's actor; its thread only.

#include "actors/trading/ids.hpp"
#include "nodes/desk/api/order_counts.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/edge/stream_hub.hpp"

#include <boost/describe.hpp>
#include <caf/fwd.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::desk {

/// A value on a channel of the stream. `is_last`: its key goes with it.
struct stream_row {
  text<15> channel;
  std::string key;
  std::string data; // JSON
  bool is_last = false;
};
BOOST_DESCRIBE_STRUCT(stream_row, (), (channel, key, data, is_last))
/// From one node's order stream to another's: changes, or a part of all values, which the first and the last part say.
struct stream_rows {
  node_name from;
  std::uint64_t number = 0; // counts the messages to this receiver
  bool is_anew = false;     // all values, in one or more messages
  bool is_first = false;
  bool is_last = false;
  std::vector<stream_row> rows;
  order_totals totals; // of the node
  std::uint64_t out_of_date = 0; // bit n: slot n of the node was given up, and what the stream shows of it is old
};
BOOST_DESCRIBE_STRUCT(stream_rows, (), (from, number, is_anew, is_first, is_last, rows, totals, out_of_date))
/// Something was lost: send all values again.
struct stream_request {
  node_name from;
};
BOOST_DESCRIBE_STRUCT(stream_request, (), (from))

class stream_relay {
public:
  stream_relay(caf::local_actor& self, const shared_parts& parts, std::shared_ptr<edge::stream_hub> hub, std::shared_ptr<order_counts> counts,
               std::shared_ptr<other_totals> others);

  /// A value of ours.
  void publish(std::string_view channel, std::string key, edge::lazy_json data, bool is_last = false);
  /// Orders and positions of the slot are no longer ours to tell. Whoever sees them goes on seeing them, from where the slot is now.
  void forget(std::uint32_t slot);
  /// Which of our slots were given up: clients are told when that begins and when it ends.
  void set_out_of_date(std::uint64_t slots);
  /// Sends what was published since the last call, and everything to whoever is new.
  void flush();
  void take(const stream_rows& r);
  void take(const stream_request& r) { others_[r.from].needs_all = true; }
  /// Orders of theirs that ended while nobody listened: the node that has their slot is to be asked for their last state. One that does not come is
  /// among them again later; those whose node is away wait for it.
  [[nodiscard]] std::vector<trading::order_id> ended_to_ask();
  /// The last state of one of them. False: it is none, or was told already.
  bool publish_ended(const std::string& key, std::string data);

private:
  struct peer {
    std::uint64_t session = 0;
    std::uint64_t sent = 0;       // messages, to it
    boot_ns sent_at{};            // the last of them
    bool needs_all = true;
    std::uint64_t taken = 0;      // messages, from it
    bool is_behind = false;       // something was lost, and everything is asked for
    bool awaits_all = false;      // everything is to come by itself, because a session began
    boot_ns asked_at{};           // the last time, or when the session began
    std::uint64_t out_of_date = 0; // of its slots
    std::set<std::string> orders; // open ones of its, as shown here
    std::set<std::string> fresh;  // while all are told
    std::set<std::string> fills;  // the newest fills and corrections of its, as shown here: all values have them again
    std::deque<std::string> fills_by_age;
  };

  /// In as many messages as it takes, at least one.
  void send(const node_name& to, peer& p, const std::vector<stream_row>& rows, bool is_anew);
  [[nodiscard]] std::vector<stream_row> all_values() const;
  /// The answer may get lost like anything: until it comes this is said again.
  void ask_for_all(const node_name& from, peer& p);
  [[nodiscard]] bool is_new_fill(peer& p, const std::string& key);
  void is_told(const std::string& key);
  void tell_out_of_date();
  void look_at_session(const node_name& node, peer& p);

  caf::local_actor& self_;
  const shared_parts& parts_;
  std::shared_ptr<edge::stream_hub> hub_;
  std::shared_ptr<order_counts> counts_;
  std::shared_ptr<other_totals> totals_;
  std::map<node_name, peer> others_;
  struct ended {
    boot_ns ask_at{}; // next
    int asked = 0;
  };
  std::map<std::string, ended> ended_; // shown as open, and not among all of theirs any more: their last state is asked for
  order_totals totals_sent_;
  std::uint64_t out_of_date_ = 0, out_of_date_sent_ = 0; // of our slots
  std::optional<std::uint64_t> out_of_date_told_;        // of all, to our clients
  std::vector<stream_row> waiting_;                        // since the last flush
  std::map<std::string, std::string> orders_, positions_;  // what is shown of ours
  std::deque<stream_row> fills_;                           // the newest, and corrections among them
  std::set<std::string> fills_before_;                     // shown before the actor was started again
};

} // namespace troupe::desk
