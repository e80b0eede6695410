// The portfolio reads what was published while nobody could reach it: positions are late at most, never wrong.

#include "runtime/actor/caf_inspect.hpp"

#include "actors/trading/oms/core.hpp"
#include "actors/trading/portfolio/messages.hpp"
#include "nodes/desk/mesh.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/support/turns.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

struct portfolio_house {
  struct settings : caf::actor_system_config {
    settings() { set("scheduler.policy", caf::atom("testing")); }
  };
  settings given;
  caf::actor_system system{given};
  caf::scheduler::test_coordinator& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  actor::virtual_clock clock;
  actor::pulse_board pulses;
  actor::directory names{system};
  desk::configuration alone;
  desk::mesh nodes{alone, true};
  desk::shared_parts parts;
  actor_name slot = trading::slot_name(3);
  journal::stream_head head;
  std::uint64_t fills = 0;
  caf::strong_actor_ptr born;

  portfolio_house() {
    parts.journal = journal::make_memory_journal();
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
