#include "tests/support/test.hpp"

#include "runtime/cluster/admission.hpp"
#include "runtime/cluster/clock_gap.hpp"
#include "runtime/cluster/detector.hpp"

using namespace troupe;
using namespace troupe::cluster;
using namespace std::chrono_literals;

namespace {

const greeting ours{{"a"}, 1, "build-1", "schema-1", "config-1"};
const admission abc{{{"a"}, {"b"}, {"c"}}, {}};

std::string why(admission r, greeting theirs) { return refusal(r, ours, theirs).value_or(""); }

} // namespace

TEST_SUITE_BEGIN("cluster/rules");

TEST_CASE("nodes of one build, one schema and one configuration trade together") {
  CHECK(why(abc, {{"b"}, 2, "build-1", "schema-1", "config-1"}).empty());
}

TEST_CASE("a refusal names what differs, here and there") {
  CHECK(why(abc, {{"b"}, 2, "build-2", "schema-1", "config-1"}) == "the build differs: build-1 here, build-2 there");
  CHECK(why(abc, {{"b"}, 2, "build-1", "schema-2", "config-1"}) == "the hash of message and record layouts differs: schema-1 here, schema-2 there");
  CHECK(why(abc, {{"b"}, 2, "build-1", "schema-1", ""}) == "the cluster-wide configuration differs; its hash differs: config-1 here, none there");
  CHECK(why(abc, {{"z"}, 2, "build-1", "schema-1", "config-1"}) == "node z is not in this cluster's configuration");
  CHECK(why(abc, {{"a"}, 2, "build-1", "schema-1", "config-1"}) == "another node calls itself a");
}

TEST_CASE("a configuration that differs is told by its sections, when both sides say them") {
  auto here = ours;
  here.sections = {{"feeds", "1"}, {"oms", "1"}, {"risk", "1"}};
  greeting there{{"b"}, 2, "build-1", "schema-1", "config-2", {{"feeds", "1"}, {"risk", "2"}, {"strategies", "1"}}};
  CHECK(refusal(abc, here, there) == "the cluster-wide configuration differs in oms, risk, strategies; its hash differs: config-1 here, config-2 there");
  there.sections.clear();
  CHECK(refusal(abc, here, there) == "the cluster-wide configuration differs; its hash differs: config-1 here, config-2 there");
}

TEST_CASE("while an upgrade is open its other build is let in, with the same layouts only") {
  auto open = abc;
  open.builds = {"build-2"};
  CHECK(why(open, {{"b"}, 2, "build-2", "schema-1", "config-1"}).empty());
  CHECK_FALSE(why(open, {{"b"}, 2, "build-2", "schema-2", "config-1"}).empty());
  CHECK_FALSE(why(open, {{"b"}, 2, "build-3", "schema-1", "config-1"}).empty());
}

TEST_CASE("a silent peer is suspect, then dead; one beat and it is alive") {
  detector d{{100ms, 350ms, 900ms}, 0ms};
  liveness last = liveness::alive;
  for (auto t = 100ms; t <= 300ms; t += 100ms) last = d.look(t);
  CHECK(last == liveness::alive);
  CHECK(d.look(400ms) == liveness::suspect);
  d.heard(450ms);
  CHECK(d.look(500ms) == liveness::alive);
  for (auto t = 600ms; t <= 1300ms; t += 100ms) last = d.look(t);
  CHECK(last == liveness::suspect);
  CHECK(d.look(1400ms) == liveness::dead);
}

TEST_CASE("after this node stood still its peers are not called dead for the silence") {
  detector d{{100ms, 350ms, 900ms}, 0ms};
  CHECK(d.look(100ms) == liveness::alive);
  CHECK(d.look(60s) == liveness::alive);
  CHECK(d.look(60s + 100ms) == liveness::alive);
}

TEST_CASE("how far two clocks are apart is known from both sides, by the quickest messages") {
  clock_gap a, b; // b's clock is 60 s ahead of a's; messages take 1 to 5 ms
  CHECK(b.at_least() == clock_gap::unknown);
  b.heard(1s, 61s + 5ms, clock_gap::unknown);
  CHECK(b.at_most() == 60s + 5ms);
  a.heard(61s + 5ms, 1s + 7ms, b.at_most());
  CHECK(a.at_most() == -60s + 2ms);
  CHECK(a.at_least() == -60s - 5ms);
  b.heard(2s, 62s + 1ms, a.at_most());
  CHECK(b.at_most() == 60s + 1ms);
  CHECK(b.at_least() == 60s - 2ms); // what b takes for a's instants: never later than they are
  CHECK(b.round_trip() == 3ms);
}

TEST_CASE("an instant or a gap that no clock can have says nothing about it, and what was known stays") {
  for (const auto nonsense : {nanoseconds::min(), nanoseconds{-1}, clock_gap::furthest + 1ns, nanoseconds::max()}) {
    clock_gap g;
    g.heard(nonsense, 10s, clock_gap::unknown);
    CHECK(g.at_most() == clock_gap::unknown);
    g.heard(4s, 10s, -5s);
    g.heard(nonsense, 11s, -5s);
    CHECK(g.at_most() == 6s);
    CHECK(g.at_least() == 5s);
  }
  for (const auto nonsense : {nanoseconds::min(), -clock_gap::furthest - 1ns, clock_gap::furthest + 1ns}) {
    clock_gap g;
    g.heard(4s, 10s, nonsense);
    CHECK(g.at_most() == 6s);
    CHECK(g.at_least() == clock_gap::unknown);
    CHECK(g.round_trip() == 0s);
  }
}

TEST_CASE("clocks that drift apart are followed: what is older than twenty seconds counts no more") {
  clock_gap g;
  g.heard(0s, 10s, clock_gap::unknown);
  for (auto t = 0s; t <= 30s; t += 1s) g.heard(t, t + 10s + nanoseconds{t} / 100, clock_gap::unknown); // 10 ms a second
  CHECK(g.at_most() > 10s + 50ms);
}

TEST_SUITE_END();
