#pragma once
// The whole desk on virtual time without feeds or strategies: a test shows it a quote, places orders, lets time pass, and
// stops and starts it on the same folder, at another time and after another start of the machine. One thread.

#include "runtime/actor/caf_inspect.hpp"

#include "actors/trading/oms/core.hpp"
#include "actors/trading/oms/done.hpp"
#include "nodes/desk/until_done.hpp"
#include "runtime/actor/messages.hpp"
#include "tests/support/test.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <string>

namespace troupe::test {

inline const trading::instrument_id btc_sim{"BTCUSDT.SIM"};
inline const time_ns noon{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + std::chrono::hours{12}};

class small_desk {
public:
  explicit small_desk(std::filesystem::path data_dir, std::vector<std::string> more = {}) : data_dir_{std::move(data_dir)} {
    std::vector<std::string> sets{"feeds=[]", "strategies=[]", "journal.reserve_mib=0", "journal.ballast_mib=0", "journal.write_buffer_mib=4"};
    sets.insert(sets.end(), more.begin(), more.end());
    auto loaded = config::load_file<desk::configuration>(source_dir() / "config/desk.json", sets, desk::cross_checks());
    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    config_ = std::make_unique<desk::configuration>(std::move(*loaded));
  }

  /// Opens the folder and no more.
  [[nodiscard]] auto open(const std::string& host_boot = "this-start", bool accept_older_journal = false) const {
    desk::desk_options o;
    o.config = config_.get();
    o.data_dir = data_dir_;
    o.deterministic = true;
    o.host_boot = host_boot;
    o.accept_older_journal = accept_older_journal;
    o.stores = stores;
    return desk::desk::open(o);
  }
  /// Opens the folder and starts; slots have their leases and the market shows 44,999 to 45,001.
  void start(time_ns at, const std::string& host_boot = "this-start") {
    auto opened = open(host_boot);
    REQUIRE_MESSAGE(opened.has_value(), to_string(opened.error()));
    node_ = std::move(*opened);
    node_->driver_clock().set(at);
    REQUIRE(node_->start());
    pass(std::chrono::seconds{1});
    show("44999", "45001");
  }
  void stop() { node_.reset(); }
  void pass(nanoseconds d) { desk::advance(*node_, node_->driver_clock().now() + d); }
  [[nodiscard]] desk::desk& node() { return *node_; }
  desk::kept_stores stores; // without a folder, those of a test; none: in memory

  void show(const char* bid, const char* ask) {
    market::quote q;
    q.instrument = btc_sim;
    q.bid = *price::parse(bid);
    q.ask = *price::parse(ask);
    q.bid_size = q.ask_size = quantity::whole(5);
    q.received_at = node_->driver_clock().now();
    node_->parts().board->take({{q}}, {node_->driver_clock().boot()});
  }

  /// A resting buy of account "a".
  oms::order_ack buy(const char* client, const char* limit = "44000", trading::time_in_force tif = trading::time_in_force::day) {
    oms::new_order o{{"main"}, {"a"}, {client}, btc_sim, trading::side::buy, trading::order_type::limit, tif, *quantity::parse("0.01"), *price::parse(limit), {}};
    return ask<oms::order_ack>(slot(), o);
  }
  /// The order as its slot has it: open, or in the table of finished ones.
  [[nodiscard]] oms::order look(trading::order_id id) {
    auto open = ask<oms::orders_view>(slot(), oms::order_query{id});
    if (!open.orders.empty()) return open.orders.front();
    auto row = node_->parts().journal->get(oms::done_table, oms::done_order_key(id));
    REQUIRE(row);
    REQUIRE_MESSAGE(row->has_value(), "the order is neither open nor finished");
    auto o = oms::decode_done(**row);
    REQUIRE(o);
    return *o;
  }

  /// Sends a numbered message to a name, runs what follows, and takes the answer.
  template <class Answer, class Question>
  Answer ask(const actor_name& to, const Question& question, const principal_id& who = principal_id{"test"}) {
    caf::scoped_actor self{node_->system()};
    context c;
    c.cause = {"test", ++asked_};
    c.principal = who;
    c.request = asked_;
    node_->parts().env.names->ref(to)->enqueue(
      caf::make_mailbox_element(caf::actor_cast<caf::strong_actor_ptr>(self), caf::make_message_id(), {}, c, question), nullptr);
    pass({});
    std::optional<Answer> answer;
    self->receive([&](std::uint64_t, const Answer& a) { answer = a; }, [&](const actor::unanswered&) { FAIL("nobody answers"); });
    return *answer;
  }
  static actor_name slot() { return trading::slot_name(trading::slot_of({"main"}, {"a"})); }

private:
  std::filesystem::path data_dir_;
  std::unique_ptr<desk::configuration> config_;
  std::unique_ptr<desk::desk> node_;
  std::uint64_t asked_ = 0;
};

} // namespace troupe::test
