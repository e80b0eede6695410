#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/stream_relay.hpp"

#include "nodes/desk/mesh.hpp"
#include "nodes/desk/slot_sets.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;

TROUPE_WIRE(desk::order_totals)
TROUPE_WIRE(desk::stream_rows)
TROUPE_WIRE(desk::stream_request)
TROUPE_PROTOCOL("edge/orders", actor::protocol<>, desk::stream_rows, desk::stream_request)

namespace troupe::desk {
namespace {

constexpr std::size_t rows_at_once = 500;     // of a message
constexpr std::size_t rows_waiting_max = 20'000;
constexpr std::size_t orders_kept = 10'000;   // as many as the hub shows
constexpr std::size_t fills_kept = 1'000;
/// What happened and does not change: of all values only what is new is shown. Their keys differ: a correction's has two slashes.
constexpr const char* once_channels[] = {"fills", "corrections"};
bool is_shown_once(std::string_view channel) { return channel == once_channels[0] || channel == once_channels[1]; }
constexpr nanoseconds ask_again_after = std::chrono::seconds{1};
constexpr nanoseconds silence_max = std::chrono::seconds{1}; // then the number alone is said: it shows what was lost before
constexpr nanoseconds last_state_again_after = std::chrono::seconds{10};
constexpr int last_states_asked_max = 6; // it did not end: there are more open orders than all values hold, and whoever changes it tells of it
constexpr std::size_t last_states_at_once = 100; // of a look; of as many orders as are kept each comes round within that time

} // namespace

stream_relay::stream_relay(caf::local_actor& self, const shared_parts& parts, std::shared_ptr<edge::stream_hub> hub,
                           std::shared_ptr<order_counts> counts, std::shared_ptr<other_totals> others)
  : self_{self}, parts_{parts}, hub_{std::move(hub)}, counts_{std::move(counts)}, totals_{std::move(others)} {
  for (const auto& n : parts.nodes->others()) others_[n];
  if (others_.empty()) return;
  for (const auto& key : hub_->keys("orders")) { // shown before the actor was started again: what of theirs ended meanwhile will be asked for
    trading::order_id id;
    if (!trading::from_text(key, id)) continue;
    const auto theirs = others_.find(parts.nodes->node_of(trading::slot_name(id.slot())));
    if (theirs != others_.end()) theirs->second.orders.insert(key);
  }
  for (const auto* channel : once_channels)
    for (auto& key : hub_->keys(channel)) fills_before_.insert(std::move(key));
}

void stream_relay::publish(std::string_view channel, std::string key, edge::lazy_json data, bool is_last) {
  if (!others_.empty()) {
    if (channel == "orders") is_told(key);
    stream_row row{text<15>{channel}, key, data.text(), is_last};
    if (channel == "orders" && is_last) orders_.erase(key);
    else if (channel == "orders" && (orders_.contains(key) || orders_.size() < orders_kept)) orders_[key] = row.data;
    else if (channel == "positions") positions_[key] = row.data;
    else if (is_shown_once(channel)) {
      fills_.push_back(row);
      if (fills_.size() > fills_kept) fills_.pop_front();
    }
    waiting_.push_back(std::move(row));
  }
  if (is_last) hub_->publish_last(channel, key, std::move(data));
  else hub_->publish(channel, key, std::move(data));
}

void stream_relay::forget(std::uint32_t slot) {
  std::erase_if(orders_, [&](const auto& row) {
    trading::order_id id;
    return trading::from_text(row.first, id) && id.slot() == slot;
  });
  std::erase_if(positions_, [&](const auto& row) { // "tenant/account/instrument"
    const auto first = row.first.find('/'), second = row.first.find('/', first + 1);
    if (second == std::string::npos) return false;
    const auto tenant = decltype(trading::tenant_id::value)::make(row.first.substr(0, first));
    const auto account = decltype(trading::account_id::value)::make(row.first.substr(first + 1, second - first - 1));
    return tenant && account && trading::slot_of({*tenant}, {*account}) == slot;
  });
}

void stream_relay::set_out_of_date(std::uint64_t slots) {
  out_of_date_ = slots;
  tell_out_of_date();
}

void stream_relay::tell_out_of_date() {
  auto slots = out_of_date_;
  for (const auto& [node, p] : others_) slots |= p.out_of_date;
  if (std::exchange(out_of_date_told_, slots) == slots) return;
  for (const char* channel : {"orders", "fills", "corrections", "positions"})
    hub_->tell(channel, std::string{"{\"type\":\"out_of_date\",\"channel\":\""} + channel + "\",\"slots\":" + wire::to_json(slot_names(slots)) + '}', slots != 0);
}

/// In a new session both tell all values by themselves. Until theirs come their numbers prove nothing: they may go on by chance where those of
/// their last life ended.
void stream_relay::look_at_session(const node_name& node, peer& p) {
  const auto session = parts_.nodes->sessions_of(node);
  if (std::exchange(p.session, session) == session) return;
  p.needs_all = true;
  p.is_behind = false;
  p.awaits_all = true;
  p.asked_at = parts_.env.clock->boot();
}

void stream_relay::flush() {
  if (waiting_.size() > rows_waiting_max)
    for (auto& [node, p] : others_) p.needs_all = true;
  const auto totals = totals_of(*counts_);
  const bool is_news = !waiting_.empty() || totals != totals_sent_ || out_of_date_ != out_of_date_sent_;
  out_of_date_sent_ = out_of_date_;
  totals_sent_ = totals;
  const auto now = parts_.env.clock->boot();
  for (auto& [node, p] : others_) {
    if (!parts_.nodes->is_up(node)) continue;
    look_at_session(node, p);
    if ((p.is_behind || p.awaits_all) && now - p.asked_at >= ask_again_after) ask_for_all(node, p);
    if (std::exchange(p.needs_all, false)) send(node, p, all_values(), true);
    else if (is_news || now - p.sent_at >= silence_max) send(node, p, waiting_, false); // without a row it carries totals and number
  }
  waiting_.clear();
}

void stream_relay::send(const node_name& to, peer& p, const std::vector<stream_row>& rows, bool is_anew) {
  p.sent_at = parts_.env.clock->boot();
  for (std::size_t at = 0; at == 0 || at < rows.size(); at += rows_at_once) {
    const auto end = std::min(rows.size(), at + rows_at_once);
    actor::send_to(self_, parts_.env.names->ref(parts_.nodes->name_on(to, order_stream_name)), lane::data,
                   stream_rows{parts_.nodes->self(), ++p.sent, is_anew, at == 0, end == rows.size(),
                               {rows.begin() + static_cast<std::ptrdiff_t>(at), rows.begin() + static_cast<std::ptrdiff_t>(end)}, totals_sent_, out_of_date_sent_});
  }
}

std::vector<stream_row> stream_relay::all_values() const {
  std::vector<stream_row> all;
  for (const auto& [key, data] : orders_) all.push_back({text<15>{"orders"}, key, data, false});
  for (const auto& [key, data] : positions_) all.push_back({text<15>{"positions"}, key, data, false});
  all.insert(all.end(), fills_.begin(), fills_.end());
  return all;
}

void stream_relay::ask_for_all(const node_name& from, peer& p) {
  p.asked_at = parts_.env.clock->boot();
  actor::send_to(self_, parts_.env.names->ref(parts_.nodes->name_on(from, order_stream_name)), lane::data, stream_request{parts_.nodes->self()});
}

bool stream_relay::is_new_fill(peer& p, const std::string& key) {
  if (fills_before_.contains(key) || !p.fills.insert(key).second) return false;
  p.fills_by_age.push_back(key);
  if (p.fills_by_age.size() > fills_kept) { // all values have no more of them
    p.fills.erase(p.fills_by_age.front());
    p.fills_by_age.pop_front();
  }
  return true;
}

/// Whoever tells of an order has it: its slot may have come from another node.
void stream_relay::is_told(const std::string& key) {
  for (auto& [node, p] : others_) p.orders.erase(key);
  ended_.erase(key);
}

bool stream_relay::publish_ended(const std::string& key, std::string data) {
  if (ended_.erase(key) == 0) return false; // asked twice, or told by its node meanwhile
  hub_->publish_last("orders", key, std::move(data));
  return true;
}

std::vector<trading::order_id> stream_relay::ended_to_ask() {
  const auto now = parts_.env.clock->boot();
  std::vector<trading::order_id> due;
  for (auto at = ended_.begin(); at != ended_.end() && due.size() < last_states_at_once;) {
    auto& [key, e] = *at;
    trading::order_id id;
    if (now < e.ask_at || !trading::from_text(key, id) || !parts_.nodes->is_up(parts_.nodes->node_of(trading::slot_name(id.slot())))) {
      ++at;
    } else if (e.asked == last_states_asked_max) {
      at = ended_.erase(at);
    } else {
      ++e.asked;
      e.ask_at = now + last_state_again_after;
      due.push_back(id);
      ++at;
    }
  }
  return due;
}

void stream_relay::take(const stream_rows& r) {
  const auto known = others_.find(r.from);
  if (known == others_.end()) return;
  auto& p = known->second;
  look_at_session(r.from, p);
  const bool begins = r.is_anew && r.is_first;
  if (!begins && r.number != p.taken + 1) { // what is lost is in all values
    if (!std::exchange(p.is_behind, true)) ask_for_all(r.from, p);
    return;
  }
  p.taken = r.number;
  p.is_behind = false;
  if (begins) {
    p.awaits_all = false;
    p.fresh.clear();
  }
  for (const auto& row : r.rows) {
    if (row.channel.view() == "orders") {
      is_told(row.key);
      if (!row.is_last) p.orders.insert(row.key);
      if (r.is_anew) p.fresh.insert(row.key);
    }
    if (is_shown_once(row.channel.view()) && !is_new_fill(p, row.key)) continue;
    if (row.is_last) hub_->publish_last(row.channel.view(), row.key, row.data);
    else hub_->publish(row.channel.view(), row.key, row.data);
  }
  totals_->set(r.from, r.totals);
  p.out_of_date = r.out_of_date;
  tell_out_of_date();
  if (!r.is_anew || !r.is_last) return;
  for (const auto& key : p.orders)
    if (!p.fresh.contains(key)) ended_.try_emplace(key);
  p.orders = std::exchange(p.fresh, {});
}

} // namespace troupe::desk
