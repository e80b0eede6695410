#include "runtime/actor/caf_inspect.hpp"

#include "tools/benchmarks/overtaking.hpp"
#include "tools/benchmarks/still_market.hpp"

#include "actors/trading/oms/messages.hpp"
#include "nodes/desk/desk.hpp"
#include "runtime/actor/send.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <stdexcept>

namespace troupe::bench {
namespace {

using clock = std::chrono::steady_clock;

const trading::tenant_id tenant{"main"};
const trading::account_id account{"flooded"};

/// Without a client id each is an order of its own.
oms::new_order order(trading::time_in_force tif) {
  oms::new_order o;
  o.tenant = tenant;
  o.account = account;
  o.instrument = still_instrument;
  o.type = trading::order_type::limit;
  o.tif = tif;
  o.quantity = *quantity::parse("0.001");
  o.limit = price::whole(44'000);
  return o;
}

/// One question after the other, from a thread that is no actor's.
class asker {
public:
  explicit asker(desk::desk& d) : desk_{d}, self_{d.system()} {}

  template <class Reply, class Command>
  Reply ask(const actor_name& to, lane l, const Command& command) {
    actor::send_to(*self_.ptr(), desk_.parts().env.names->ref(to), l, numbered(++last_), command);
    Reply got;
    bool answered = false;
    while (!answered)
      self_->receive([&](std::uint64_t number, const Reply& reply) {
                       if (number != last_) return;
                       got = reply;
                       answered = true;
                     },
                     [](const actor::unanswered&) { throw std::runtime_error("a question was not answered"); },
                     caf::after(std::chrono::seconds{60}) >> [] { throw std::runtime_error("no answer within a minute"); });
    return got;
  }
  /// Nobody waits for an answer. The same message each time: a flood shall cost the flooded one, not us.
  template <class Command>
  void tell(const actor_name& to, lane l, const Command& command, std::uint64_t times = 1) {
    const auto receiver = desk_.parts().env.names->ref(to);
    const auto priority = l == lane::control ? caf::message_priority::high : caf::message_priority::normal;
    const auto message = caf::make_message(numbered(0), command);
    for (std::uint64_t n = 0; n < times; ++n) receiver->enqueue(nullptr, caf::make_message_id(priority), message, nullptr);
  }

private:
  static context numbered(std::uint64_t request) {
    context c;
    c.cause = {"flood", request};
    c.principal = principal_id{"flood"};
    c.request = request;
    return c;
  }
  desk::desk& desk_;
  caf::scoped_actor self_;
  std::uint64_t last_ = 0;
};

} // namespace

overtaking overtake(std::uint64_t flood) {
  config::source source;
  source.name = "overtaking";
  source.text = R"({"instruments":[{"id":"BTCUSDT.SIM","tick_size":"0.01","lot_size":"0.00001"}],"venues":[{"name":"SIM"}],
    "risk":{"mark_age_max_ms":3600000,"open_orders_max":1000000,"orders_per_second_max":10000000,"position_max":"90000000",
            "lease_ms":60000,"renew_ms":1000}})";
  auto config = config::load<desk::configuration>(source, desk::cross_checks());
  if (!config) throw std::runtime_error(to_string(config.error()));
  desk::desk_options o;
  o.config = &*config;
  auto node = desk::desk::open(o);
  if (!node) throw std::runtime_error(to_string(node.error()));
  if (auto started = (*node)->start(); !started) throw std::runtime_error(to_string(started.error()));
  show_still_market(**node);

  overtaking r;
  r.flood = flood;
  {
    asker client{**node};
    const auto slot = trading::slot_name(trading::slot_of(tenant, account));
    const auto& handled = (*node)->parts().env.pulses->of(slot)->messages;
    const auto resting = client.ask<oms::order_ack>(slot, lane::order, order(trading::time_in_force::gtc));
    if (resting.refusal != oms::refusal::none) throw std::runtime_error("the resting order was refused: " + resting.reason);
    client.tell(slot, lane::order, order(trading::time_in_force::ioc), flood);

    auto began = clock::now();
    oms::cancel_order cancel;
    cancel.order = resting.order;
    const auto cancelled = client.ask<oms::order_ack>(slot, lane::control, cancel);
    r.cancel_took = clock::now() - began;
    r.handled_at_cancel = handled;
    if (cancelled.refusal != oms::refusal::none) throw std::runtime_error("the cancel was refused: " + cancelled.reason);

    began = clock::now();
    client.tell(desk::risk_name, lane::control, risk::halt_command{risk::halt_scope::account, {account.value.view()}, {"flood"}});
    oms::check_query check;
    check.request = order(trading::time_in_force::ioc);
    do {
      check.asked_at = (*node)->parts().env.clock->now();
      check.asked_boot = (*node)->parts().env.clock->boot();
    } while (client.ask<oms::check_view>(slot, lane::control, check).refusal != oms::refusal::halted &&
             clock::now() - began < std::chrono::seconds{60});
    r.halt_took = clock::now() - began;
    r.handled_at_halt = handled;
  }
  (*node)->stop();
  return r;
}

} // namespace troupe::bench
