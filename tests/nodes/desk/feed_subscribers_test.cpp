// What a feed's subscriber hears that ends and starts between two looks of the feed, whoever wanted that. A real supervisor and real names on
// virtual time; the feed is the test itself.

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/feed_subscribers.hpp"
#include "nodes/desk/market_relay.hpp"
#include "nodes/desk/mesh.hpp"
#include "runtime/actor/messages.hpp"
#include "runtime/cluster/memory_link.hpp"
#include "runtime/supervise/supervisor.hpp"
#include "tests/support/still_system.hpp"
#include "tests/support/test.hpp"

#include <caf/all.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

const actor_name told_one{"strategy/s"}, its_sibling{"strategy/t"};

/// Two subscribers under a supervisor, and a feed of one instrument.
struct subscriber_house : test::still_system {
  supervise::tree tree;
  desk::configuration declared;
  desk::mesh nodes{declared, true};
  desk::shared_parts parts;
  caf::strong_actor_ptr root;
  std::vector<std::string> heard; // by each life of the subscriber: "lost" and "quote", batches behind semicolons
  caf::scoped_actor self{system};
  std::unique_ptr<desk::feed_subscribers> feed;

  subscriber_house() {
    parts.env.clock = &clock;
    parts.env.names = &names;
    parts.env.pulses = &pulses;
    parts.env.deterministic = true; // the supervisor has no thread then
    parts.nodes = &nodes;
    parts.board = std::make_shared<desk::mark_board>(16);
  }
  ~subscriber_house() {
    if (root) caf::anon_send_exit(root, caf::exit_reason::kill);
    scheduler.run();
    names.clear();
    scheduler.run();
  }
  supervise::child_spec child(const actor_name& name) {
    supervise::child_spec s;
    s.name = name;
    s.restart = supervise::restart::transient;
    s.start = [this, name](caf::actor_system&) -> result<caf::strong_actor_ptr> {
      if (name == told_one) heard.emplace_back();
      const auto life = heard.size() - 1;
      return caf::actor_cast<caf::strong_actor_ptr>(system.spawn([this, name, life](caf::event_based_actor*) -> caf::behavior {
        return {[this, name, life](const market::market_batch& batch) {
                  if (name == told_one) heard[life] += words_of(batch);
                },
                [](const actor::ping&) {}};
      }));
    };
    return s;
  }
  void run(supervise::strategy strategy) {
    supervise::supervisor_spec spec;
    spec.name = actor_name{"root"};
    spec.strategy = strategy;
    spec.children = {child(its_sibling), child(told_one)};
    spec.node = &parts.env;
    spec.tree = &tree;
    root = supervise::spawn_supervisor(system, std::move(spec));
    scheduler.run();
    parts.env.deterministic = false;
    feed = std::make_unique<desk::feed_subscribers>(*self.ptr(), parts, actor_name{"feed/f"}, std::vector{told_one},
                                                    std::make_shared<desk::feed_progress>());
    feed->look();
    market::quote q;
    q.instrument.value = "BTCUSDT.SIM";
    q.bid = price{99};
    q.ask = price{101};
    parts.board->take({{q}}, {clock.boot()});
    feed->publish({{q}}, {clock.boot()});
    scheduler.run();
    REQUIRE(heard == std::vector<std::string>{"; quote;"}); // nothing was known when it came
  }
  void end(const actor_name& name, caf::exit_reason why) {
    caf::anon_send_exit(static_cast<actor::stable_ref*>(caf::actor_cast<caf::abstract_actor*>(names.ref(name)))->target(), why);
    scheduler.run();
  }
  void pass(nanoseconds d) {
    clock.set(clock.now() + d);
    scheduler.advance_time(d);
    scheduler.run();
  }
  void look() {
    feed->look();
    scheduler.run();
  }
  static std::string words_of(const market::market_batch& batch) {
    std::string out;
    for (const auto& e : batch.events) out += std::holds_alternative<market::book_lost>(e) ? " lost" : std::holds_alternative<market::quote>(e) ? " quote" : " other";
    return out + ';';
  }
};

desk::configuration configuration_of_a() {
  auto loaded = config::load_file<desk::configuration>(test::source_dir() / "config/cluster/a.json", {}, desk::cross_checks());
  REQUIRE(loaded);
  return std::move(*loaded);
}

/// A feed on node a of three; node b is up, and what stands here for its relay keeps what it is sent.
struct linked_feed : test::still_system {
  struct nobody final : cluster::link_events {
    void up(const cluster::greeting&) override {}
    void down(const node_name&, const std::string&) override {}
    void received(const node_name&, lane, std::string_view, nanoseconds) override {}
  };
  cluster::memory_network network{1};
  nobody at_b;
  std::unique_ptr<cluster::link> b;
  desk::mesh nodes{configuration_of_a(), false};
  desk::shared_parts parts;
  caf::scoped_actor self{system};
  std::vector<desk::relayed> told;
  caf::strong_actor_ptr relay;
  std::unique_ptr<desk::feed_subscribers> feed;

  linked_feed() {
    parts.env.clock = &clock;
    parts.env.names = &names;
    parts.env.pulses = &pulses;
    parts.nodes = &nodes;
    parts.board = std::make_shared<desk::mark_board>(16);
    const actor_name of_b{"relay/f@b"};
    const auto opened = nodes.open(system, names, nullptr, {desk::market_relay_name("f")}, 1,
                                   [this](const cluster::greeting& who, const cluster::admission& rule, cluster::link_events& events) -> result<std::unique_ptr<cluster::link>> {
                                     auto other = who;
                                     other.name = node_name{"b"};
                                     other.boot = 2;
                                     b = network.join(other, rule, at_b);
                                     return network.join(who, rule, events);
                                   });
    REQUIRE(opened);
    relay = caf::actor_cast<caf::strong_actor_ptr>(system.spawn([this](caf::event_based_actor*) -> caf::behavior { return {[this](const desk::relayed& r) { told.push_back(r); }}; }));
    names.bind(of_b, relay);
    feed = std::make_unique<desk::feed_subscribers>(*self.ptr(), parts, actor_name{"feed/f"}, std::vector{of_b}, std::make_shared<desk::feed_progress>());
  }
  ~linked_feed() {
    feed.reset();
    caf::anon_send_exit(relay, caf::exit_reason::kill);
    relay = nullptr;
    names.clear();
    nodes.close();
    scheduler.run();
  }
};

} // namespace

TEST_SUITE_BEGIN("desk/feed_subscribers");

TEST_CASE_FIXTURE(linked_feed, "a node that comes up is told every quote; of the parts in which that goes only the first may follow anything, so that one that is lost is missed") {
  constexpr std::size_t instruments = 600;
  market::market_batch all;
  for (std::size_t i = 0; i < instruments; ++i) {
    market::quote q;
    q.instrument.value = "I" + std::to_string(i) + ".SIM";
    q.bid = price{99};
    q.ask = price{101};
    all.events.emplace_back(q);
  }
  parts.board->take(all, {clock.boot()});
  feed->publish(all, {clock.boot()}); // to nobody: it is not up
  feed->look();
  scheduler.run();
  CHECK(told.empty());
  network.meet_now();
  feed->look();
  scheduler.run();
  REQUIRE(told.size() == 2);
  CHECK(told[0].is_anew);
  CHECK_FALSE(told[1].is_anew);
  CHECK(told[1].number == told[0].number + 1);
  CHECK(told[0].batch.events.size() + told[1].batch.events.size() == 2 * instruments); // each is lost first
}

TEST_CASE_FIXTURE(linked_feed, "that a quiet feed lives is told to a node ten times a second at most, as a batch in the order of the others") {
  network.meet_now();
  feed->look();
  scheduler.run();
  const auto before = told.size();
  const auto at = clock.boot() + 1s;
  feed->confirm(at);
  feed->confirm(at + 99ms);
  feed->confirm(at + 100ms);
  scheduler.run();
  REQUIRE(told.size() == before + 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& r = told[before + i];
    CHECK(r.batch.events.empty());
    CHECK_FALSE(r.is_anew);
    CHECK(r.number == before + i + 1);
    CHECK(r.heard_at == std::vector{at + static_cast<int>(i) * 100ms});
  }
}

TEST_CASE_FIXTURE(subscriber_house, "a subscriber that ends and starts between two looks of its feed is told what the market is: by an operator, with its sibling, or by itself") {
  SUBCASE("an operator starts it again") {
    run(supervise::strategy::one_for_one);
    end(told_one, caf::exit_reason::user_shutdown); // done, and no reason to start again by itself
    REQUIRE(heard.size() == 1);
    supervise::restart_child(root, told_one);
    scheduler.run();
    pass(1s);
  }
  SUBCASE("its sibling takes it along") {
    run(supervise::strategy::one_for_all);
    end(its_sibling, caf::exit_reason::kill);
    pass(2500ms);
  }
  SUBCASE("it crashes") {
    run(supervise::strategy::one_for_one);
    end(told_one, caf::exit_reason::kill);
    pass(2500ms);
  }
  REQUIRE(heard.size() == 2);
  CHECK(heard[1].empty());
  look();
  CHECK(heard[1] == " lost quote;");
  look();
  CHECK(heard[1] == " lost quote;"); // once
  CHECK(heard[0] == "; quote;");
}

TEST_SUITE_END();
