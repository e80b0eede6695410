// The stream's own fold of order events, event by event.

#include "nodes/desk/api/open_orders.hpp"

#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::desk;

namespace {

struct shown_orders {
  std::shared_ptr<order_counts> counts = std::make_shared<order_counts>();
  std::vector<std::pair<v1::order_view, bool>> shown;
  open_orders orders{counts, [this](const v1::order_view& o, bool finished) { shown.emplace_back(o, finished); }};
};

const auto id = trading::order_id::make(4, 1);

oms::order_accepted accepted() {
  oms::order_accepted e;
  e.id = id;
  e.request.account = trading::account_id{"a"};
  e.request.instrument = {"BTCUSDT.SIM"};
  e.request.quantity = quantity::whole(3);
  e.request.limit = price::whole(100);
  e.decided_at = time_from_ns(7);
  return e;
}

oms::execution trade(std::int64_t quantity_of, std::int64_t at, std::int64_t filled) {
  oms::execution e;
  e.report.order = id;
  e.report.type = venue::exec_type::trade;
  e.report.last_quantity = quantity::whole(quantity_of);
  e.report.last_price = price::whole(at);
  e.report.fee = {5, {}};
  e.quote = "USDT";
  e.filled = quantity::whole(filled);
  e.leaves = quantity::whole(3 - filled);
  e.status = filled == 3 ? trading::order_status::filled : trading::order_status::partially_filled;
  return e;
}

} // namespace

TEST_SUITE_BEGIN("nodes/api/open_orders");

TEST_CASE("an order is shown at each step, its average over all fills, and leaves when it is finished") {
  shown_orders s;
  s.orders.fold(accepted());
  s.orders.fold(trade(1, 100, 1));
  s.orders.fold(trade(2, 97, 3));
  REQUIRE(s.shown.size() == 3);
  CHECK(s.shown[0].first.status == trading::order_status::pending_new);
  CHECK(s.shown[1].first.leaves == quantity::whole(2));
  CHECK_FALSE(s.shown[1].second);
  const auto& [last, finished] = s.shown[2];
  CHECK(finished);
  CHECK(last.average_price == price::whole(98));
  CHECK(last.fee == money{10, "USDT"});
  CHECK(last.fills == 2);
  CHECK(s.counts->open == 0);
  CHECK(s.counts->accepted == 1);
  CHECK(s.counts->fills == 2);
  CHECK(s.counts->filled == 1);
  CHECK(s.counts->volume == quantity::whole(3).units);
}

TEST_CASE("the volume and the commission of all fills stay at the end of their range instead of turning round") {
  shown_orders s;
  s.orders.fold(accepted());
  auto large = trade(1, 100, 1);
  large.report.last_quantity = {INT64_MAX - 1};
  large.report.fee = {int128{INT64_MAX} * 8, {}};
  s.orders.fold(large);
  s.orders.fold(trade(1, 100, 2));
  CHECK(s.counts->volume == INT64_MAX);
  CHECK(s.counts->commission == INT64_MAX);
  auto rebate = trade(1, 100, 3);
  rebate.report.fee = {-int128{INT64_MAX} * 8, {}};
  s.orders.fold(rebate);
  CHECK(s.counts->commission == -INT64_MAX);
}

TEST_CASE("what all nodes counted stays in its range too") {
  order_totals ours, theirs;
  ours.volume = theirs.volume = INT64_MAX - 1;
  ours.filled = theirs.filled = 2;
  ours.commission = theirs.commission = -5;
  other_totals others;
  others.set(node_name{"b"}, theirs);
  const auto all = others.with(ours);
  CHECK(all.volume == INT64_MAX);
  CHECK(all.filled == 4);
  CHECK(all.commission == -10);
}

TEST_CASE("a replace shows only when the venue accepted it, with the revision that was asked") {
  shown_orders s;
  s.orders.fold(accepted());
  oms::replace_requested asked;
  asked.id = id;
  asked.revision = 1;
  asked.quantity = quantity::whole(5);
  asked.limit = price::whole(101);
  s.orders.fold(asked);
  CHECK(s.shown.size() == 1);
  oms::execution done;
  done.report.order = id;
  done.report.type = venue::exec_type::replaced;
  done.report.revision = 1;
  done.status = trading::order_status::new_;
  done.leaves = quantity::whole(5);
  s.orders.fold(done);
  REQUIRE(s.shown.size() == 2);
  CHECK(s.shown[1].first.quantity == quantity::whole(5));
  CHECK(s.shown[1].first.limit_price == price::whole(101));
}

TEST_CASE("an order refused by risk is shown once, finished, and never open") {
  shown_orders s;
  oms::order_rejected e;
  e.id = id;
  e.refusal = oms::refusal::halted;
  e.reason = "firm is halted";
  s.orders.fold(e);
  REQUIRE(s.shown.size() == 1);
  CHECK(s.shown[0].second);
  CHECK(s.shown[0].first.reason == "firm is halted");
  CHECK(s.counts->open == 0);
  CHECK(s.counts->risk_rejected == 1);
  CHECK(s.counts->refused[static_cast<std::size_t>(oms::refusal::halted)] == 1);
}

TEST_CASE("a fill that the slot's own picture holds already is counted and not added again") {
  shown_orders s;
  oms::order o;
  o.id = id;
  o.quantity = quantity::whole(3);
  o.filled = quantity::whole(1);
  o.fills = 1;
  o.filled_notional = {int128{100} * scale, "USDT"};
  o.status = trading::order_status::partially_filled;
  s.orders.take(o);
  s.orders.fold(accepted()); // published before the picture was taken, arrived behind it
  s.orders.fold(trade(1, 100, 1));
  REQUIRE(s.shown.size() == 1);
  s.orders.fold(trade(1, 98, 2));
  const auto& last = s.shown.back().first;
  CHECK(last.fills == 2);
  CHECK(last.filled == quantity::whole(2));
  CHECK(last.average_price == price::whole(99));
  CHECK(s.counts->accepted == 1);
  CHECK(s.counts->fills == 2);
}

TEST_CASE("what the venue refused and what was never sent are counted by their reason") {
  shown_orders s;
  s.orders.fold(accepted());
  oms::execution e;
  e.report.order = id;
  e.report.type = venue::exec_type::not_sent;
  e.status = trading::order_status::rejected;
  s.orders.fold(e);
  CHECK(s.counts->not_sent == 1);
  CHECK(s.counts->failed == 1);
  CHECK(s.counts->refused[static_cast<std::size_t>(oms::refusal::not_sent)] == 1);
  CHECK(s.counts->open == 0);
}

TEST_CASE("an order that ends without a refusal says why as its slot does: a halt before the venue, nothing when it is filled or kept") {
  const auto shown_after = [](trading::order_status status, venue::exec_type type, bool is_withdrawn) {
    shown_orders s;
    s.orders.fold(accepted());
    if (is_withdrawn) {
      oms::order_withdrawn w;
      w.id = id;
      w.reason = "firm is halted";
      s.orders.fold(w);
      CHECK(s.shown.back().first.cancel_requested);
      CHECK(s.shown.back().first.reason == "firm is halted");
    }
    oms::execution e;
    e.report.order = id;
    e.report.type = type;
    e.report.reason = "by request";
    e.report.last_quantity = e.filled = type == venue::exec_type::trade ? quantity::whole(3) : quantity{};
    e.report.last_price = price::whole(100);
    e.status = status;
    s.orders.fold(e);
    return s.shown.back().first;
  };
  using enum trading::order_status;
  CHECK(shown_after(canceled, venue::exec_type::canceled, true).reason == "firm is halted");
  CHECK(shown_after(canceled, venue::exec_type::canceled, false).reason == "by request");
  CHECK_FALSE(shown_after(filled, venue::exec_type::trade, true).reason);
  CHECK(shown_after(expired, venue::exec_type::expired, true).reason == "by request"); // the venue's own words
  const auto unsent = shown_after(new_, venue::exec_type::not_sent, false); // a replace
  CHECK_FALSE(unsent.reason);
  CHECK_FALSE(unsent.refusal);
  const auto kept = shown_after(new_, venue::exec_type::cancel_rejected, true);
  CHECK_FALSE(kept.reason);
  CHECK_FALSE(kept.cancel_requested);
  shown_orders s;
  s.orders.fold(accepted());
  oms::order_lost lost;
  lost.id = id;
  lost.status = rejected;
  s.orders.fold(lost);
  CHECK(s.shown.back().first.reason == "the venue does not know the order");
}

TEST_CASE("events of an order that is not known change nothing until the slot tells about it") {
  shown_orders s;
  s.orders.fold(trade(1, 100, 1));
  CHECK(s.shown.empty());
  oms::order o;
  o.id = id;
  o.quantity = quantity::whole(3);
  o.filled = quantity::whole(1);
  o.filled_notional = {int128{100} * scale, "USDT"};
  o.status = trading::order_status::partially_filled;
  s.orders.take(o);
  CHECK(s.counts->open == 1);
  s.orders.fold(trade(2, 97, 3));
  CHECK(s.shown.back().first.average_price == price::whole(98));
}
