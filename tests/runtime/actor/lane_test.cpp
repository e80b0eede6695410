// Lanes on the real scheduler: what must be heard at once overtakes whatever waits.

#include "tests/support/test.hpp"

#include "runtime/actor/shell.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/runtime/actor/bank.hpp"

using namespace troupe;
using namespace troupe::actor;

TEST_SUITE_BEGIN("actor/lanes");

TEST_CASE("a control message sent behind a flood of orders is handled before the flood is over") {
  constexpr std::uint64_t flood = 1'000'000;
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-throughput", 50);
  caf::actor_system system{config};
  wall_clock clock;
  pulse_board pulses;
  directory names{system};
  environment env;
  env.clock = &clock;
  env.names = &names;
  env.pulses = &pulses;
  std::shared_ptr<journal::journal> store = journal::make_memory_journal();
  auto from = recover(*store, bank::core{}, actor_name{"bank/flooded"});
  REQUIRE(from);
  shell_options options;
  options.node = &env;
  options.journal = store;
  options.snapshot_interval = 0;
  auto bank = caf::actor_cast<caf::strong_actor_ptr>(system.spawn<shell<bank::core>>(bank::core{}, std::move(*from), options));
  names.bind(actor_name{"bank/flooded"}, bank);
  {
    caf::scoped_actor self{system};
    context tell;
    for (std::uint64_t i = 1; i <= flood; ++i) send_to(*self.ptr(), bank, lane::order, tell, bank::deposit{i, 1});
    context ask_now;
    ask_now.request = 1;
    send_to(*self.ptr(), bank, lane::control, ask_now, inspect_request{true});
    std::uint64_t handled_before = flood;
    self->receive([&](std::uint64_t, const inspected& view) { handled_before = view.sequence; });
    MESSAGE("handled before the control message: " << handled_before << " of " << flood);
    CHECK(handled_before < flood);
    caf::anon_send_exit(bank, caf::exit_reason::kill);
    self->wait_for(caf::actor_cast<caf::actor>(bank)); // what it uses ends before the actor system does
  }
  bank = nullptr;
  names.clear();
}
