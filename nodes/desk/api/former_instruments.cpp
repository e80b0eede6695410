#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/former_instruments.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/common.hpp"

#include <memory>
#include <set>
#include <utility>

namespace troupe::desk {
namespace {

constexpr std::size_t open_at_once = 1000; // orders in a page

/// Looks through positions and through what is open at once, so that whoever waits for a halt waits for no more than the slower of them.
class former_search : public std::enable_shared_from_this<former_search> {
public:
  former_search(api_ptr a, const context& c, const std::optional<trading::instrument_id>& only, std::function<void(former_instruments)> then)
    : api_{std::move(a)}, context_{c}, only_{only}, then_{std::move(then)} {}

  void start() {
    ask_positions(api_, context_, {{}, {}, only_, {true}}, [self = shared_from_this()](const result<found_rows<portfolio::position_view>>& held) {
      if (!held || !held->missing.empty() || held->out_of_date != 0) self->is_complete_ = false;
      if (held)
        for (const auto& p : held->rows) self->meet(p.instrument);
      self->end_look();
    });
    look_behind({});
  }

private:
  void look_behind(trading::order_id after) {
    list_orders(api_, context_, {{}, after, open_at_once, false, false}, [self = shared_from_this()](const result<order_list>& open) {
      if (!open || !open->missing.empty() || open->out_of_date != 0) self->is_complete_ = false;
      if (open)
        for (const auto& o : open->orders) self->meet(o.request.instrument);
      if (open && open->next && !self->is_told_ && !self->is_enough()) self->look_behind(*open->next);
      else self->end_look();
    });
  }

  void meet(const trading::instrument_id& id) {
    if ((!only_ || id == *only_) && !api_->node->parts().instruments.contains(id)) found_.insert(id);
  }
  /// The one that is looked for is found, or may be where nobody can look.
  [[nodiscard]] bool is_enough() const { return only_ && (!found_.empty() || !is_complete_); }
  void end_look() {
    if (is_told_ || (--left_ > 0 && !is_enough())) return;
    is_told_ = true;
    then_({{found_.begin(), found_.end()}, is_complete_});
  }

  const api_ptr api_;
  const context context_;
  const std::optional<trading::instrument_id> only_;
  const std::function<void(former_instruments)> then_;
  std::set<trading::instrument_id> found_;
  int left_ = 2; // looks
  bool is_complete_ = true;
  bool is_told_ = false;
};

} // namespace

void find_former(const api_ptr& a, const context& c, const std::optional<trading::instrument_id>& only, std::function<void(former_instruments)> then) {
  std::make_shared<former_search>(a, c, only, std::move(then))->start();
}

void find_unknown(const api_ptr& a, const context& c, risk::halt_scope scope, const text<32>& key, std::function<void(std::optional<error>)> then) {
  auto unknown = unknown_scope(*a, scope, key.view());
  const auto id = decltype(trading::instrument_id::value)::make(key.view());
  if (!unknown || scope != risk::halt_scope::instrument || !id) return then(std::move(unknown));
  find_former(a, c, trading::instrument_id{*id}, [unknown, then = std::move(then)](const former_instruments& seen) {
    then(seen.found.empty() && seen.is_complete ? unknown : std::nullopt);
  });
}

} // namespace troupe::desk
