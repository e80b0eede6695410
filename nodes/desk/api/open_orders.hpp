#pragma once
// Open orders as clients see them, folded from the events that slots publish: what the stream shows without asking a slot
// for each change. Owned by the order stream's actor; its thread only. No CAF.

#include "actors/trading/oms/messages.hpp"
#include "nodes/desk/api/order_counts.hpp"
#include "nodes/desk/api/v1_messages.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace troupe::desk {

class open_orders {
public:
  /// `show` is called with every changed order and whether it is finished.
  open_orders(std::shared_ptr<order_counts> counts, std::function<void(const v1::order_view&, bool finished)> show)
    : counts_{std::move(counts)}, show_{std::move(show)} {}

  /// Folds one durable event and counts it. One about an order that is not known only counts; one that `take` has shown
  /// already changes nothing more.
  void fold(const oms::event& e);
  /// Takes an order as its slot holds it: those that were open before this listened.
  void take(const oms::order& o);
  /// The slot has moved away: its orders are shown elsewhere.
  void forget(std::uint32_t slot);

private:
  struct row {
    v1::order_view view;
    money notional; // of all fills
    std::optional<venue::replace> asked;
  };

  void on(const oms::order_accepted& e);
  void on(const oms::order_rejected& e);
  void on(const oms::cancel_requested& e);
  void on(const oms::order_withdrawn& e);
  void on(const oms::replace_requested& e);
  void on(const oms::replace_recovered& e);
  void on(const oms::execution& e);
  void on(const oms::order_lost& e);
  void on(const oms::order_recovered& e);
  void open(trading::order_id id, const oms::new_order& request, time_ns at);
  void withdraw(trading::order_id id, std::optional<std::string> why, time_ns at);
  void on(const oms::numbers_skipped&) {}
  void on(const oms::account_disputed&) {}
  void on(const oms::dispute_closed&) {}
  void on(const oms::position_corrected&) {}
  void on(const oms::fill_disputed&) {}
  void on(const oms::stray_order&) {}
  void on(const oms::command_refused& e);
  row* find(trading::order_id id);
  void changed(row& r);

  std::shared_ptr<order_counts> counts_;
  std::function<void(const v1::order_view&, bool)> show_;
  std::map<trading::order_id, row> rows_;
};

/// The fill an execution reports, as the portfolio shows it; nothing for other reports.
[[nodiscard]] std::optional<portfolio::fill> fill_of(const oms::execution& e, std::uint64_t sequence);

} // namespace troupe::desk
