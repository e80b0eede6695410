#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/mass_cancel.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/api/history_messages.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace troupe::desk {
namespace {

/// Of one slot at a time; a page whose cancels are all answered is followed by the next.
constexpr std::uint32_t page_orders = 500;
/// Cancels of one slot at once: a share of what all mass cancels together may ask, so that a slot that hangs holds up no other.
std::size_t cancels_at_once(const ask_window& all) { return std::clamp<std::size_t>(all.width() / 4, 1, 32); }

class mass_cancelling : public std::enable_shared_from_this<mass_cancelling> {
public:
  mass_cancelling(api_ptr a, const context& c, const v1::mass_cancel_request& scope, answer_to<mass_cancelled> then)
    : api_{std::move(a)}, context_{c}, scope_{scope}, then_{std::move(then)} {}

  void start() {
    std::uint32_t first = 0, last = trading::slot_count - 1;
    if (scope_.account && scope_.tenant) first = last = trading::slot_of(*scope_.tenant, *scope_.account);
    slots_left_ = last - first + 1;
    for (auto slot = first; slot <= last; ++slot) ask(slot, {});
  }

private:
  struct open_order {
    trading::order_id id;
    trading::venue_id venue;
  };
  /// A page of what is open in a slot.
  struct page_of_slot {
    std::uint32_t slot;
    bool is_last;
    trading::order_id after; // what the next begins behind
    std::vector<open_order> orders;
    std::size_t asked = 0;
    std::size_t under_way = 0;
    bool is_done = false;
  };

  [[nodiscard]] ask_window& fan_out() const { return api_->port->fan_out(); }

  void ask(std::uint32_t slot, trading::order_id after) {
    fan_out().begin([self = shared_from_this(), slot, after] {
      const oms::orders_query q{self->scope_.tenant, self->scope_.account, after, {page_orders}, false, true};
      self->api_->port->ask<oms::orders_view>(trading::slot_name(slot), lane::control, self->context_, q, [self, slot](const result<oms::orders_view>& page) {
        self->fan_out().end();
        self->on_page(slot, page);
      });
    });
  }

  void on_page(std::uint32_t slot, const result<oms::orders_view>& page) {
    if (!page) return unanswered(slot, page.error());
    const bool is_last = page->orders.size() < page_orders;
    const auto p = std::make_shared<page_of_slot>(page_of_slot{slot, is_last, is_last ? trading::order_id{} : page->orders.back().id, {}});
    for (const auto& o : page->orders)
      if (!scope_.instrument || o.request.instrument == *scope_.instrument) p->orders.push_back({o.id, trading::venue_named_by(o.request.instrument)});
    go_on(p);
  }

  void unanswered(std::uint32_t slot, const error& why) {
    const auto node = api_->node->nodes().node_of(trading::slot_name(slot));
    if (is_away(*api_, node, why)) {
      missing_.insert(node);
      return slot_done();
    }
    if (scope_.account && why.code == errc::unavailable) return ask_journal(slot, node, why);
    failed(why);
    slot_done();
  }

  /// An account may be in any slot, under tenants that nobody has named. A slot that was given up keeps nothing of it back when it has nothing of it open.
  void ask_journal(std::uint32_t slot, const node_name& node, const error& why) {
    fan_out().begin([self = shared_from_this(), slot, node, why] {
      const open_in_slot_query q{slot, self->scope_.tenant, *self->scope_.account, self->scope_.instrument};
      self->api_->port->ask<open_in_slot>(self->api_->node->nodes().name_on(node, history_name), lane::control, self->context_, q,
                                          [self, slot, why](const result<open_in_slot>& found) {
                                            self->fan_out().end();
                                            if (!found || found->failed) self->failed(why);
                                            else if (found->orders > 0) self->failed(stay(slot, found->orders), found->orders);
                                            self->slot_done();
                                          });
    });
  }

  [[nodiscard]] static error stay(std::uint32_t slot, std::uint64_t orders) {
    const auto name = trading::slot_name(slot).value.str();
    return fail(errc::unavailable, name + " was given up with " + std::to_string(orders) + " of these orders open: its venues were told to withdraw them (not with "
                                          "halt.cancels_orders=false); `troupe restart " + name + "` shows what became of them");
  }

  void go_on(const std::shared_ptr<page_of_slot>& p) {
    const auto at_once = cancels_at_once(fan_out());
    while (p->under_way < at_once && p->asked < p->orders.size()) {
      ++p->under_way;
      fan_out().begin([self = shared_from_this(), p, one = p->orders[p->asked++]] { self->withdraw(p, one); });
    }
    if (p->under_way > 0 || std::exchange(p->is_done, true)) return;
    if (p->is_last) slot_done();
    else ask(p->slot, p->after);
  }

  void withdraw(const std::shared_ptr<page_of_slot>& p, const open_order& one) {
    cancel(*api_, context_, one.id, [self = shared_from_this(), p, venue = one.venue](const result<oms::order_ack>& ack) {
      self->fan_out().end();
      self->on_ack(ack, venue);
      --p->under_way;
      self->go_on(p);
    });
  }

  void on_ack(const result<oms::order_ack>& ack, const trading::venue_id& venue) {
    const auto why = ack ? failure_of(*ack) : std::optional{ack.error()};
    if (!why) {
      ++done_.requested;
      venues_.insert(venue);
    } else if (why->code != errc::conflict && why->code != errc::not_found) failed(*why); // those two: it has ended
  }

  void failed(const error& why, std::uint64_t orders = 1) {
    done_.failed += orders;
    if (!done_.why) done_.why = why;
  }

  void slot_done() {
    if (--slots_left_ > 0) return;
    done_.missing.assign(missing_.begin(), missing_.end());
    for (const auto& v : venues_)
      if (auto why = api_->node->out_of_reach(v)) done_.unreached.push_back(std::move(*why));
    then_(std::move(done_));
  }

  api_ptr api_;
  context context_;
  v1::mass_cancel_request scope_;
  answer_to<mass_cancelled> then_;
  mass_cancelled done_;
  std::set<node_name> missing_;
  std::set<trading::venue_id> venues_; // of what is requested
  std::uint32_t slots_left_ = 0;
};

} // namespace

void mass_cancel(const api_ptr& a, const context& c, const v1::mass_cancel_request& scope, answer_to<mass_cancelled> then) {
  std::make_shared<mass_cancelling>(a, c, scope, std::move(then))->start();
}

} // namespace troupe::desk
