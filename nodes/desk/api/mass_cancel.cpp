#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/mass_cancel.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/gather.hpp"

#include <memory>
#include <set>
#include <utility>

namespace troupe::desk {
namespace {

/// Of one slot at a time; a page whose cancels are all answered is followed by the next.
constexpr std::uint32_t page_orders = 500;

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
  void ask(std::uint32_t slot, trading::order_id after) {
    const oms::orders_query q{scope_.tenant, scope_.account, after, {page_orders}, false};
    api_->port->ask<oms::orders_view>(trading::slot_name(slot), lane::control, context_, q,
                                      [self = shared_from_this(), slot](result<oms::orders_view> page) { self->on_page(slot, std::move(page)); });
  }

  void on_page(std::uint32_t slot, result<oms::orders_view> page) {
    if (!page) {
      const auto node = api_->node->nodes().node_of(trading::slot_name(slot));
      if (is_away(*api_, node, page.error())) missing_.insert(node);
      else failed(page.error());
      return slot_done();
    }
    const bool is_last = page->orders.size() < page_orders;
    const auto after = is_last ? trading::order_id{} : page->orders.back().id;
    std::erase_if(page->orders, [&](const oms::order& o) { return scope_.instrument && o.request.instrument != *scope_.instrument; });
    // One more than the orders, so that answers that come at once do not end the page before all were asked.
    const auto left = std::make_shared<std::size_t>(page->orders.size() + 1);
    const auto one_less = [self = shared_from_this(), slot, left, is_last, after] {
      if (--*left > 0) return;
      if (is_last) self->slot_done();
      else self->ask(slot, after);
    };
    for (const auto& o : page->orders)
      cancel(*api_, context_, o.id, [self = shared_from_this(), one_less](const result<oms::order_ack>& ack) {
        self->on_ack(ack);
        one_less();
      });
    one_less();
  }

  void on_ack(const result<oms::order_ack>& ack) {
    const auto why = ack ? failure_of(*ack) : std::optional{ack.error()};
    if (!why) ++done_.requested;
    else if (why->code != errc::conflict && why->code != errc::not_found) failed(*why); // those two: it has ended
  }

  void failed(const error& why) {
    ++done_.failed;
    if (!done_.why) done_.why = why;
  }

  void slot_done() {
    if (--slots_left_ > 0) return;
    done_.missing.assign(missing_.begin(), missing_.end());
    then_(std::move(done_));
  }

  api_ptr api_;
  context context_;
  v1::mass_cancel_request scope_;
  answer_to<mass_cancelled> then_;
  mass_cancelled done_;
  std::set<node_name> missing_;
  std::uint32_t slots_left_ = 0;
};

} // namespace

void mass_cancel(const api_ptr& a, const context& c, const v1::mass_cancel_request& scope, answer_to<mass_cancelled> then) {
  std::make_shared<mass_cancelling>(a, c, scope, std::move(then))->start();
}

} // namespace troupe::desk
