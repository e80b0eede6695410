// The portfolio reads what was published while nobody could reach it: positions are late at most, never wrong.

#include "runtime/actor/caf_inspect.hpp"

#include "actors/trading/oms/core.hpp"
#include "actors/trading/portfolio/messages.hpp"
#include "nodes/desk/mesh.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/support/still_system.hpp"
#include "tests/support/turns.hpp"

#include <caf/all.hpp>

#include <algorithm>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// A memory journal that says when turns are read from it.
class watched_journal final : public journal::journal {
public:
  std::function<void()> reads = [] {};
  result<troupe::journal::stream_head> open_stream(const actor_name& s) override { return inner_->open_stream(s); }
  void append(troupe::journal::append_request r, troupe::journal::completion done) override { inner_->append(std::move(r), std::move(done)); }
  result<void> flush() override { return inner_->flush(); }
  result<void> read(const actor_name& s, std::uint64_t from, const std::function<bool(const troupe::journal::record_view&)>& v) const override {
    reads();
    return inner_->read(s, from, v);
  }
  result<std::optional<troupe::journal::snapshot>> load_snapshot(const actor_name& s, std::uint64_t m) const override { return inner_->load_snapshot(s, m); }
  result<std::optional<std::string>> get(std::string_view t, std::string_view k) const override { return inner_->get(t, k); }
  result<void> scan(std::string_view t, std::string_view f, const std::function<bool(std::string_view, std::string_view)>& v) const override { return inner_->scan(t, f, v); }
  result<std::vector<troupe::journal::stream_head>> heads() const override { return inner_->heads(); }
  troupe::journal::statistics stats() const override { return inner_->stats(); }
  bool has_space() const noexcept override { return true; }

private:
  std::unique_ptr<journal> inner_ = troupe::journal::make_memory_journal();
};

struct portfolio_house : still_system {
  desk::configuration alone;
  desk::mesh nodes{alone, true};
  desk::shared_parts parts;
  actor_name slot = trading::slot_name(3);
  journal::stream_head head;
  std::uint64_t fills = 0;
  caf::strong_actor_ptr born;

  std::shared_ptr<watched_journal> orders = std::make_shared<watched_journal>();

  portfolio_house() {
    parts.journal = orders;
    parts.books = journal::make_memory_journal({"fills"});
    parts.board = std::make_shared<desk::mark_board>(10);
    parts.nodes = &nodes;
    parts.env.clock = &clock;
    parts.env.names = &names;
    parts.env.pulses = &pulses;
    head = parts.journal->open_stream(slot).value();
  }
  ~portfolio_house() {
    if (born) caf::anon_send_exit(born, caf::exit_reason::user_shutdown);
    born = nullptr;
    names.clear();
    scheduler.run();
  }
  void start() {
    auto started = desk::start_portfolio(system, parts);
    REQUIRE(started);
    born = *started;
  }
  /// One bought unit becomes durable in the slot's stream; no message says so.
  void fill() {
    oms::execution e;
    e.venue = {"SIM"};
    e.report.id.value = std::string_view{std::to_string(++fills)};
    e.report.order = trading::order_id::make(3, 1);
    e.report.type = venue::exec_type::trade;
    e.report.last_quantity = quantity::whole(1);
    e.report.last_price = price::whole(100);
    e.report.fee = {0, "USDT"};
    e.account = {"a"};
    e.tenant = {"main"};
    e.instrument = {"BTCUSDT.SIM"};
    e.side = trading::side::buy;
    e.quote = "USDT";
    e.filled = quantity::whole(static_cast<std::int64_t>(fills));
    actor::turn<oms::core> t;
    t.command = actor::batch<venue::report>{{e.report}};
    t.events.push_back(e);
    append_turn(*parts.journal, head, t);
  }
  std::string position() {
    caf::scoped_actor self{system};
    context c;
    c.request = 1;
    names.ref(desk::portfolio_name)->enqueue(caf::make_mailbox_element(caf::actor_cast<caf::strong_actor_ptr>(self), caf::make_message_id(), {}, c,
                                                                       portfolio::positions_query{}), nullptr);
    scheduler.run();
    std::string shown = "flat";
    self->receive([&](std::uint64_t, const portfolio::positions_view& v) {
      if (!v.positions.empty()) shown = v.positions.front().quantity.str();
    });
    return shown;
  }
};

} // namespace

TEST_SUITE_BEGIN("desk/portfolio");

TEST_CASE_FIXTURE(portfolio_house, "what became durable between loading and being reachable is read once the name is bound") {
  fill();
  start();
  fill(); // its message found nobody
  names.bind(desk::portfolio_name, born);
  scheduler.run();
  CHECK(position() == "1");
  desk::catch_up_portfolio(parts);
  CHECK(position() == "2");
}

TEST_CASE_FIXTURE(portfolio_house, "a lost message is made good at the next checkpoint, also when its stream stays silent") {
  start();
  names.bind(desk::portfolio_name, born);
  scheduler.run();
  fill();
  CHECK(position() == "flat");
  scheduler.advance_time(2s);
  scheduler.run();
  CHECK(position() == "1");
}

TEST_CASE_FIXTURE(portfolio_house, "reading what is behind its position, as of a slot that came, is measured as a start is and not as a handler") {
  start();
  names.bind(desk::portfolio_name, born);
  scheduler.run();
  fill();
  const auto pulse = pulses.of(desk::portfolio_name);
  std::vector<bool> patient;
  orders->reads = [&] { patient.push_back(pulse->patience.load() * actor::watchdog_tick_length >= parts.recover_within); };
  SUBCASE("at a checkpoint") {
    scheduler.advance_time(2s);
    scheduler.run();
  }
  SUBCASE("when the first turn of a slot that came is published") {
    fill();
    actor::published<oms::event> message{slot, 1, 2, {}};
    names.ref(desk::portfolio_name)->enqueue(nullptr, caf::make_message_id(), caf::make_message(message), nullptr);
    scheduler.run();
  }
  CHECK(std::ranges::count(patient, true) > 0);
  CHECK(std::ranges::count(patient, false) == 0);
  CHECK(pulse->patience == 0);
}
