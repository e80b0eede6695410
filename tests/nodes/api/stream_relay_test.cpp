// What the order streams of two nodes tell each other when something between them is lost.

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/stream_relay.hpp"

#include "nodes/desk/mesh.hpp"
#include "runtime/actor/send.hpp"
#include "tests/support/still_system.hpp"
#include "tests/support/test.hpp"

#include <algorithm>
#include <memory>
#include <vector>

using namespace troupe;
using namespace troupe::desk;
using namespace std::chrono_literals;

namespace {

class deaf_link final : public cluster::link {
public:
  bool send(const node_name&, lane, std::string_view) override { return true; }
  std::size_t waiting(const node_name&, lane) const override { return 0; }
  std::vector<cluster::peer_view> peers() const override { return {}; }
};

const node_name relayed{"b"};

/// The relay of node a, and what it sends to the order stream of b.
struct relaying_node : test::still_system {
  std::unique_ptr<configuration> config;
  std::unique_ptr<mesh> nodes;
  shared_parts parts;
  std::shared_ptr<edge::stream_hub> hub = std::make_shared<edge::stream_hub>();
  caf::scoped_actor self{system}, other{system};
  std::unique_ptr<stream_relay> relay;
  cluster::link_events* events = nullptr;
  std::vector<stream_row> told; // to b, of all values
  std::vector<stream_rows> changes; // to b

  relaying_node() {
    auto loaded = config::load_file<configuration>(test::source_dir() / "config/cluster/a.json", {}, cross_checks());
    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    config = std::make_unique<configuration>(std::move(*loaded));
    nodes = std::make_unique<mesh>(*config, false);
    parts.nodes = nodes.get();
    parts.env.clock = &clock;
    parts.env.names = &names;
    for (const char* channel : {"orders", "fills", "corrections", "positions"}) hub->declare(channel, {});
    const auto carrier = [this](cluster::greeting, cluster::admission, cluster::link_events& e) -> result<std::unique_ptr<cluster::link>> {
      events = &e;
      return std::unique_ptr<cluster::link>{std::make_unique<deaf_link>()};
    };
    REQUIRE(nodes->open(system, names, nullptr, {order_stream_name}, 1, carrier));
    names.bind(nodes->name_on(relayed, order_stream_name), caf::actor_cast<caf::strong_actor_ptr>(other));
    cluster::greeting who;
    who.name = relayed;
    events->up(who);
    begin();
    relay->flush();
    (void)requests();
  }
  ~relaying_node() {
    relay.reset();
    names.clear();
    nodes->close();
    dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler()).run();
  }

  void begin() { relay = std::make_unique<stream_relay>(*self.ptr(), parts, hub, std::make_shared<order_counts>(), std::make_shared<other_totals>()); }
  void meet_again() {
    events->down(relayed, "cut");
    cluster::greeting who;
    who.name = relayed;
    events->up(who);
  }
  void pass(nanoseconds d) { clock.set(clock.now() + d); }
  void take_change(std::uint64_t number) { relay->take(stream_rows{relayed, number, false, true, true, {}, {}}); }
  void take_all(std::uint64_t number, std::vector<stream_row> rows) { relay->take(stream_rows{relayed, number, true, true, true, std::move(rows), {}}); }
  /// How often b was asked for everything since the last call.
  int requests() {
    int n = 0;
    for (bool more = true; more;) {
      more = false;
      other->receive(
        [&](const stream_request&) {
          more = true;
          ++n;
        },
        [&](const stream_rows& r) {
          more = true;
          if (r.is_anew) told.insert(told.end(), r.rows.begin(), r.rows.end());
          else changes.push_back(r);
        },
        caf::after(caf::timespan{0}) >> [] {});
    }
    return n;
  }
};

stream_row fill_row(const char* key) { return {text<15>{"fills"}, key, "1", false}; }
stream_row order_row(trading::order_id of) { return {text<15>{"orders"}, to_text(of), "1", false}; }

using order_ids = std::vector<trading::order_id>;

} // namespace

TEST_SUITE_BEGIN("nodes/api/stream_relay");

TEST_CASE_FIXTURE(relaying_node, "what was lost is asked for again every second until it comes, also when nothing else comes any more") {
  take_change(2); // the first was lost
  CHECK(requests() == 1);
  take_change(3);
  pass(999ms);
  relay->flush();
  CHECK(requests() == 0);
  pass(1ms);
  relay->flush();
  relay->flush();
  CHECK(requests() == 1);
  take_all(4, {});
  pass(2s);
  relay->flush();
  take_change(5);
  CHECK(requests() == 0);
}

TEST_CASE_FIXTURE(relaying_node, "all values have the newest of every order that is kept, when there are as many as are kept too") {
  for (int i = 0; i <= 10'000; ++i) relay->publish("orders", "k" + std::to_string(i), std::string{"1"});
  relay->publish("orders", "k0", std::string{"2"});
  relay->flush();
  (void)requests();
  told.clear();
  relay->take(stream_request{relayed});
  relay->flush();
  (void)requests();
  CHECK(told.size() == 10'000);
  const auto first = std::ranges::find(told, "k0", &stream_row::key);
  REQUIRE(first != told.end());
  CHECK(first->data == "2");
}

TEST_CASE_FIXTURE(relaying_node, "fills that all values have again are shown once, over a new start of the order stream too") {
  take_all(1, {fill_row("SIM/1")});
  CHECK(hub->metrics().published == 1);
  take_all(2, {fill_row("SIM/1"), fill_row("SIM/2")});
  CHECK(hub->metrics().published == 2);
  begin();
  take_all(3, {fill_row("SIM/1"), fill_row("SIM/2"), fill_row("SIM/3")});
  CHECK(hub->metrics().published == 3);
}

TEST_CASE_FIXTURE(relaying_node, "corrections are relayed as fills are: all values have them again, and they are shown once") {
  const auto row = [](const char* key) { return stream_row{text<15>{"corrections"}, key, "1", false}; };
  take_all(1, {row("main/a/k1"), fill_row("SIM/1")});
  CHECK(hub->metrics().published == 2);
  take_all(2, {row("main/a/k1"), fill_row("SIM/1"), row("main/a/k2")});
  CHECK(hub->metrics().published == 3);
  begin();
  take_all(3, {row("main/a/k1"), row("main/a/k2"), row("main/a/SIM/1")});
  CHECK(hub->metrics().published == 4);
  relay->publish("corrections", "main/c/k1", edge::lazy_json{[] { return std::string{"1"}; }});
  relay->flush();
  (void)requests();
  told.clear();
  relay->take(stream_request{relayed});
  relay->flush();
  (void)requests();
  CHECK(std::ranges::any_of(told, [](const auto& r) { return r.channel.view() == "corrections" && r.key == "main/c/k1"; }));
}

TEST_CASE_FIXTURE(relaying_node, "the last state of an order that ended while nobody listened is asked for again until it comes, over every loss, and shown once") {
  const auto kept = trading::order_id::make(22, 1), ended = trading::order_id::make(22, 2); // of b
  take_all(1, {order_row(kept), order_row(ended)});
  CHECK(relay->ended_to_ask().empty());
  take_all(2, {order_row(kept)});
  CHECK(relay->ended_to_ask() == order_ids{ended});
  CHECK(relay->ended_to_ask().empty());
  take_all(3, {order_row(kept)}); // the link was down again, and no answer came
  pass(10s);
  CHECK(relay->ended_to_ask() == order_ids{ended});
  pass(10s);
  events->down(relayed, "cut");
  CHECK(relay->ended_to_ask().empty());
  cluster::greeting again;
  again.name = relayed;
  events->up(again);
  CHECK(relay->ended_to_ask() == order_ids{ended});
  const auto before = hub->metrics().published.load();
  CHECK(relay->publish_ended(to_text(ended), "2"));
  CHECK_FALSE(relay->publish_ended(to_text(ended), "2"));
  CHECK(hub->metrics().published == before + 1);
  CHECK(hub->keys("orders") == std::vector<std::string>{to_text(kept)});
  pass(10s);
  CHECK(relay->ended_to_ask().empty());
}

TEST_CASE_FIXTURE(relaying_node, "of many orders that ended while nobody listened a few are asked for at a time, and whoever tells of one has it") {
  std::vector<stream_row> all;
  for (std::uint64_t n = 1; n <= 250; ++n) all.push_back(order_row(trading::order_id::make(22, n)));
  take_all(1, all);
  take_all(2, {});
  CHECK(relay->ended_to_ask().size() == 100);
  CHECK(relay->ended_to_ask().size() == 100);
  CHECK(relay->ended_to_ask().size() == 50);
  CHECK(relay->ended_to_ask().empty());
  pass(10s);
  relay->take(stream_rows{{"c"}, 1, true, true, true, all, {}}); // their slot has moved
  CHECK(relay->ended_to_ask().empty());
}

TEST_CASE_FIXTURE(relaying_node, "where the numbering stands is said within a second of silence, without a row, so that the last row before it is not lost unnoticed") {
  relay->publish("orders", "22-1", std::string{"1"});
  relay->flush();
  for (int i = 0; i < 49; ++i) {
    pass(20ms);
    relay->flush();
  }
  (void)requests();
  REQUIRE(changes.size() == 1);
  pass(20ms);
  relay->flush();
  relay->flush();
  (void)requests();
  REQUIRE(changes.size() == 2);
  CHECK(changes[1].number == changes[0].number + 1);
  CHECK(changes[1].rows.empty());
}

TEST_CASE_FIXTURE(relaying_node, "all values that do not come by themselves in a new session are asked for, also when nothing shows that they were lost") {
  take_all(1, {});
  for (const bool comes : {true, false}) {
    CAPTURE(comes);
    meet_again();
    if (comes) take_all(2, {}); // before we look at the session ourselves
    relay->flush();
    pass(999ms);
    relay->flush();
    take_change(3);
    CHECK(requests() == 0);
    pass(1ms);
    relay->flush();
    CHECK(requests() == (comes ? 0 : 1));
    take_all(2, {});
  }
}
