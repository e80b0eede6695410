// The stream folds a slot's events by itself; what it shows of an order is what the slot would answer. Random stories from a printed seed.

#include "nodes/desk/api/open_orders.hpp"

#include "tests/actors/trading/oms/slot.hpp"
#include "tests/support/test.hpp"

#include <random>

using namespace troupe;
using namespace troupe::desk;
using namespace troupe::oms::test;
using venue::exec_type;

namespace {

class story {
public:
  explicit story(std::uint64_t seed) : random_{seed} {}

  /// Something that clients, risk or a venue may do.
  void step() {
    const auto n = below(100);
    if (n < 30) s_(some_new());
    else if (n < 38) s_(oms::cancel_order{some_order(), {}, {}, {}});
    else if (n < 50) s_(oms::replace_order{some_order(), {static_cast<std::int64_t>(1 + below(30)) * 100'000'000}, {}});
    else if (n < 53) halt(below(2) == 0);
    else if (n < 97) s_(some_report());
    else s_(some_reconciliation());
    for (; folded_ < s_.events.size(); ++folded_) stream_.fold(s_.events[folded_]);
  }

  void compare() const {
    for (const auto& [number, shown] : shown_) {
      CAPTURE(to_text(number));
      auto expected = v1::view_of(s_.order(number));
      CHECK(shown.updated_at <= expected.updated_at);
      expected.updated_at = shown.updated_at; // a replace that was asked shows when its venue has accepted it
      CHECK(wire::to_json(shown) == wire::to_json(expected));
    }
    for (const auto& [number, open] : s_.state.orders) CHECK(shown_.contains(number));
  }
  [[nodiscard]] std::size_t orders() const { return shown_.size(); }
  [[nodiscard]] std::size_t withdrawn() const {
    return static_cast<std::size_t>(std::ranges::count_if(s_.events, [](const auto& e) { return std::holds_alternative<oms::order_withdrawn>(e); }));
  }

private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  trading::order_id some_order() {
    if (s_.state.orders.empty() || below(10) == 0) return trading::order_id::make(17, 1 + below(s_.state.last_number + 1));
    return std::next(s_.state.orders.begin(), static_cast<std::ptrdiff_t>(below(s_.state.orders.size())))->first;
  }
  oms::new_order some_new() {
    auto o = below(4) == 0 ? buy("", "3") : below(2) == 0 ? buy("", "3", "50000") : sell("", "3", "50000");
    o.client_id = {"c" + std::to_string(++clients_)};
    return o;
  }
  void halt(bool lifted) {
    s_.lease.halts.clear();
    if (!lifted) s_.lease.halts = {{risk::halt_scope::account, "alpha", "drill", {"operator:ana"}, {}, {}}};
    s_.renew();
    s_(oms::enforce_halt{risk::halt_scope::account, "alpha"});
  }
  venue::report some_report() {
    auto r = s_.report(some_order(), static_cast<exec_type>(below(2) == 0 ? 1 : below(9)));
    r.last_quantity = quantity::whole(1);
    r.last_price = price::whole(50'000);
    r.fee = {7, "USDT"};
    r.reason = below(2) == 0 ? "by request" : "";
    if (const auto at = s_.state.orders.find(r.order); at != s_.state.orders.end() && below(4) != 0) r.revision = at->second.order.revision_asked;
    s_.pass(std::chrono::milliseconds{1});
    return r;
  }
  /// One order is lost there.
  venue::open_orders some_reconciliation() {
    venue::open_orders seen;
    seen.venue = {"SIM"};
    seen.highest_number = s_.state.last_number;
    const auto lost = some_order();
    for (const auto& [number, w] : s_.state.orders)
      if (number != lost) seen.orders.emplace_back().request.id = number;
    return seen;
  }

  std::mt19937_64 random_;
  slot s_;
  std::size_t folded_ = 0;
  std::size_t clients_ = 0;
  std::map<trading::order_id, v1::order_view> shown_; // as shown last
  open_orders stream_{std::make_shared<order_counts>(), [this](const v1::order_view& o, bool) { shown_[o.order_id] = o; }};
};

} // namespace

TEST_SUITE_BEGIN("nodes/api/order_folds");

TEST_CASE("the stream shows each order of any story as its slot does, open and finished") {
  std::size_t orders = 0, withdrawn = 0;
  const std::uint64_t first = std::random_device{}();
  CAPTURE(first);
  for (std::uint64_t seed = first; seed < first + 20; ++seed) {
    CAPTURE(seed);
    story one{seed};
    for (int i = 0; i < 300; ++i) {
      one.step();
      if (i % 20 == 19) one.compare();
    }
    orders += one.orders();
    withdrawn += one.withdrawn();
  }
  CHECK(orders > 200);
  CHECK(withdrawn > 20);
}

TEST_SUITE_END();
