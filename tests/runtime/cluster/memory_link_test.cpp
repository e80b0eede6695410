#include "tests/support/test.hpp"

#include "runtime/cluster/memory_link.hpp"

using namespace troupe;
using namespace troupe::cluster;
using namespace std::chrono_literals;

namespace {

const admission three_nodes{{{"a"}, {"b"}, {"c"}}, {}};

/// What one node was told, as text.
struct witness final : link_events {
  std::vector<std::string> told;
  void up(const greeting& g) override { told.push_back("up " + g.name.value.str() + " " + std::to_string(g.boot)); }
  void down(const node_name& n, const std::string& why) override { told.push_back("down " + n.value.str() + ": " + why); }
  void received(const node_name& from, lane, std::string_view frame, nanoseconds) override { told.push_back(from.value.str() + ": " + std::string{frame}); }
};

greeting node(const char* name, std::uint64_t boot, const char* configuration = "c") { return {{name}, boot, "b", "s", configuration}; }

std::vector<std::string> run_with_faults(std::uint64_t seed) {
  memory_network network{seed};
  witness a, b;
  const auto from = network.join(node("a", 1), three_nodes, a);
  const auto to = network.join(node("b", 2), three_nodes, b);
  network.set({100, 100, 10us, 5ms, true});
  network.advance_to(100ms);
  for (int i = 0; i < 200; ++i) {
    CHECK(from->send({"b"}, lane::order, std::to_string(i)));
    network.advance_to(network.now() + 100us);
  }
  network.advance_to(1s);
  return b.told;
}

} // namespace

TEST_SUITE_BEGIN("cluster/memory_link");

TEST_CASE("frames arrive in the order of their lane, with the sender's name") {
  memory_network network{1};
  witness a, b;
  const auto from = network.join(node("a", 1), three_nodes, a);
  CHECK_FALSE(from->send({"b"}, lane::order, "too early"));
  const auto to = network.join(node("b", 2), three_nodes, b);
  network.advance_to(0ms);
  for (const char* frame : {"one", "two", "three"}) CHECK(from->send({"b"}, lane::order, frame));
  network.advance_to(1ms);
  CHECK(b.told == std::vector<std::string>{"up a 1", "a: one", "a: two", "a: three"});
  CHECK(a.told == std::vector<std::string>{"up b 2"});
}

TEST_CASE("a cut in one direction is noticed by both within the time-out, and healed by itself") {
  memory_network network{1};
  witness a, b;
  const auto first = network.join(node("a", 1), three_nodes, a);
  const auto second = network.join(node("b", 2), three_nodes, b);
  network.advance_to(0ms);
  network.cut({"a"}, {"b"});
  network.advance_to(1100ms);
  CHECK(a.told.back() == "down b: not heard");
  CHECK(b.told.back() == "down a: not heard");
  CHECK_FALSE(second->send({"a"}, lane::control, "nobody"));
  network.heal({"a"}, {"b"});
  network.advance_to(1300ms);
  CHECK(a.told.back() == "up b 2");
  CHECK(b.told.back() == "up a 1");
}

TEST_CASE("a process that ends is down at once, and its next life is another one") {
  memory_network network{1};
  witness a, b;
  const auto first = network.join(node("a", 1), three_nodes, a);
  auto second = network.join(node("b", 2), three_nodes, b);
  network.advance_to(0ms);
  second.reset();
  CHECK(a.told.back() == "down b: the connection was closed");
  second = network.join(node("b", 3), three_nodes, b);
  network.advance_to(100ms);
  CHECK(a.told.back() == "up b 3");
}

TEST_CASE("a node of another configuration never comes up, and both say why") {
  memory_network network{1};
  witness a, b;
  const auto first = network.join(node("a", 1), three_nodes, a);
  const auto second = network.join(node("b", 2, "d"), three_nodes, b);
  network.advance_to(1s);
  CHECK(a.told.empty());
  CHECK(b.told.empty());
  CHECK(first->peers().at(0).state == peer_state::refused);
  CHECK(first->peers().at(0).problem == "the cluster-wide configuration differs; its hash differs: c here, d there");
}

TEST_CASE("with faults some frames are lost, some come twice and some early; the same seed does the same") {
  const auto told = run_with_faults(7);
  CHECK(told == run_with_faults(7));
  CHECK(told != run_with_faults(8));
  const std::set<std::string> different{told.begin() + 1, told.end()};
  CHECK(different.size() < 200);
  CHECK(different.size() + 1 < told.size());
  std::vector<std::string> in_order;
  for (int i = 0; i < 200; ++i)
    if (different.contains("a: " + std::to_string(i))) in_order.push_back("a: " + std::to_string(i));
  std::vector<std::string> as_came;
  for (auto at = told.begin() + 1; at != told.end(); ++at)
    if (std::find(as_came.begin(), as_came.end(), *at) == as_came.end()) as_came.push_back(*at);
  CHECK(as_came != in_order);
}

TEST_SUITE_END();
