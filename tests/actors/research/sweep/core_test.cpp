#include "actors/research/sweep/core.hpp"
#include "actors/research/sweep/grid.hpp"
#include "actors/research/sweep/identity.hpp"
#include "actors/research/sweep/rows.hpp"
#include "tests/support/test.hpp"

#include <algorithm>
#include <random>

using namespace troupe;
using namespace troupe::sweep;

TEST_SUITE_BEGIN("sweep/core");

namespace {

const node_name ana{"ana"}, ben{"ben"};

/// The core with what a shell would keep for it.
struct running_sweep {
  sweep::core core;
  sweep_state state;
  core_view view;
  std::vector<sweep_event> history;
  std::vector<actor::archive::row> table;
  boot_ns now{std::chrono::nanoseconds{1}};
  bool has_space = true;

  explicit running_sweep(int trials, std::uint32_t attempts = 3) {
    REQUIRE(begin(description_of(trials), attempts).refused.empty());
  }
  static description description_of(int trials) {
    description d;
    d.axes = parse_grid({"n=1:" + std::to_string(trials) + ":1"}).value();
    return d;
  }
  template <class C>
  auto turn(const C& c) {
    actor::turn_context at;
    at.decided_boot = now;
    at.has_space = has_space;
    sweep::core::output out;
    auto reply = core.decide(state, view, c, at, out);
    fold(out.events);
    return reply;
  }
  begin_reply begin(const description& d, std::uint32_t attempts = 3) { return turn(sweep::begin{d, {1000, attempts}}); }
  void lose(const node_name& worker) {
    sweep::core::output out;
    core.decide(state, view, worker_lost{worker}, {}, out);
    CHECK(out.events.empty());
  }
  void fold(const std::vector<sweep_event>& events) {
    actor::archive open{table};
    for (const auto& e : events) {
      core.evolve(state, e, open);
      history.push_back(e);
    }
  }
  /// Another process on the same journal: the state is that of the events, the view is empty.
  void restart() {
    sweep_state again;
    actor::archive closed;
    for (const auto& e : history) core.evolve(again, e, closed);
    CHECK(again == state);
    view = {};
  }
  work ask(const node_name& who, std::uint32_t wants, const std::vector<std::uint64_t>& brings = {}, const std::vector<std::uint64_t>& holds = {},
           const std::vector<crash>& crashes = {}) {
    work_request q{who, state.identity, {}, crashes, holds, wants, {}};
    for (const auto i : brings) q.results.push_back(result_of(i));
    return turn(q);
  }
  static trial_result result_of(std::uint64_t i) {
    trial_result r;
    r.index = i;
    r.orders = 100 + i;
    return r;
  }
  [[nodiscard]] std::uint64_t repeated() const { return core.answer(state, view, progress_query{}).repeated; }
};

using indexes = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("a sweep begins once: the same again changes nothing, another one is refused") {
  running_sweep s{4};
  CHECK(s.state.trials == 4);
  CHECK(s.history.size() == 1);
  const auto same = s.begin(running_sweep::description_of(4));
  CHECK(same.refused.empty());
  CHECK(same.trials == 4);
  CHECK(s.begin(running_sweep::description_of(5)).refused.find("another sweep") != std::string::npos);
  CHECK(s.history.size() == 1);
}

TEST_CASE("trials are given in the order of the grid, never twice at a time, and never more than asked for") {
  running_sweep s{100};
  CHECK(s.ask(ana, 3).trials == indexes{0, 1, 2});
  CHECK(s.ask(ben, 2).trials == indexes{3, 4});
  CHECK(s.ask(ana, 0, {}, {0, 1, 2}).trials.empty());
  CHECK(s.ask(ana, 1, {0}, {1, 2}).trials == indexes{5});
  CHECK(s.state.done == 1);
}

TEST_CASE("the fewer are left the fewer are given at once, and the last one is given too") {
  running_sweep s{100};
  CHECK(s.ask(ana, 1024).trials.size() == 50);
  CHECK(s.ask(ben, 1024).trials.size() == 12); // a quarter of what nobody has: two work
  running_sweep one{1};
  CHECK(one.ask(ana, 1024).trials == indexes{0});
}

TEST_CASE("a result is recorded once, whoever brings it and however often") {
  running_sweep s{4};
  (void)s.ask(ana, 2);
  (void)s.ask(ana, 0, {0, 0});
  (void)s.ask(ana, 0, {0});
  (void)s.ask(ben, 0, {0, 1});
  CHECK(s.state.done == 2);
  CHECK(s.repeated() == 3);
  CHECK(s.table.size() == 2);
  CHECK(decode_row(s.table[0].value).value().worker == ana);
  CHECK(decode_row(s.table[1].value).value().worker == ben); // it says so itself
  (void)s.ask(ana, 0, {7});
  CHECK(s.state.finished_count() == 2); // there is no such trial
}

TEST_CASE("what a worker was given and does not name is lost and goes to the next who asks") {
  running_sweep s{100};
  CHECK(s.ask(ana, 4).trials == indexes{0, 1, 2, 3});
  CHECK(s.ask(ana, 0, {1}, {2}).trials.empty()); // the answer with 0 and 3 never came
  CHECK(s.ask(ben, 3).trials == indexes{0, 3, 4});
}

TEST_CASE("what a worker had goes to others when the link is down or it is silent too long") {
  running_sweep s{100};
  CHECK(s.ask(ana, 2).trials == indexes{0, 1});
  s.lose(ana);
  CHECK(s.ask(ben, 2).trials == indexes{0, 1});
  s.now += assignments::silence_max;
  CHECK(s.ask(ana, 1).trials == indexes{2}); // ben may be slow
  s.now += std::chrono::nanoseconds{1};
  CHECK(s.ask(ana, 2, {}, {2}).trials == indexes{0, 1});
}

TEST_CASE("after a restart nothing finished is given out again, and what workers say they hold is not either") {
  running_sweep s{8};
  CHECK(s.ask(ana, 4).trials == indexes{0, 1, 2, 3});
  (void)s.ask(ana, 0, {0, 2}, {1, 3});
  s.restart();
  CHECK(s.ask(ana, 1, {}, {1, 3}).trials == indexes{4});
  CHECK(s.ask(ben, 1).trials == indexes{5});
  (void)s.ask(ana, 0, {1, 3, 4});
  s.restart();
  indexes rest;
  for (work w; !w.is_complete; rest.insert(rest.end(), w.trials.begin(), w.trials.end())) w = s.ask(ben, 8, rest);
  std::ranges::sort(rest);
  rest.erase(std::unique(rest.begin(), rest.end()), rest.end());
  CHECK(rest == indexes{5, 6, 7});
}

TEST_CASE("a trial that ends its runner is tried again first of all, and has failed after the last attempt, with the reason") {
  running_sweep s{100};
  CHECK(s.ask(ana, 2).trials == indexes{0, 1});
  CHECK(s.ask(ana, 1, {}, {1}, {{0, "signal 11"}}).trials == indexes{2});
  CHECK(s.ask(ana, 1, {}, {1, 2}).trials == indexes{0});
  s.restart(); // attempts are on record
  (void)s.ask(ben, 0, {}, {0});
  CHECK(s.ask(ben, 0, {}, {}, {{0, "signal 6"}}).trials.empty());
  CHECK(s.ask(ben, 1).trials == indexes{0});
  const auto w = s.ask(ben, 1, {}, {}, {{0, "not done after 5 ms"}});
  CHECK(w.trials != indexes{0});
  CHECK(s.state.failed == 1);
  CHECK(s.state.crashes.empty());
  const auto row = decode_row(s.table.at(0).value).value();
  CHECK(row.status == trial_status::failed);
  CHECK(row.reason == "3 attempts, the last one: not done after 5 ms");
  (void)s.ask(ben, 0, {}, {}, {{0, "once more"}});
  CHECK(s.state.failed == 1);
}

TEST_CASE("a crash whose answer was lost is told again and counted once, however often, and the trial is still tried again") {
  running_sweep s{100, 2};
  CHECK(s.ask(ana, 1).trials == indexes{0});
  for (int i = 0; i < 5; ++i) { // what it is given meanwhile never arrives
    const auto w = s.ask(ana, 2, {}, {}, {{0, "signal 11"}});
    CHECK(std::ranges::count(w.trials, 0u) == 0);
  }
  CHECK(s.state.crashes == std::map<std::uint64_t, std::uint32_t>{{0, 1}});
  CHECK(s.state.failed == 0);
  CHECK(s.ask(ben, 1).trials == indexes{0}); // somebody else may have it meanwhile
  (void)s.ask(ana, 1, {}, {}, {{0, "signal 11"}});
  CHECK(s.state.failed == 0);
  (void)s.ask(ben, 1, {}, {}, {{0, "signal 11"}});
  CHECK(s.state.failed == 1);
  (void)s.ask(ana, 0, {}, {}, {{1000, "no such trial"}});
  CHECK(s.ask(ana, 1).trials != indexes{1000});
}

TEST_CASE("a trial that only one worker is left for is tried again with its next question") {
  running_sweep s{1, 3};
  CHECK(s.ask(ana, 1).trials == indexes{0});
  for (int i = 0; i < 2; ++i) {
    CHECK_FALSE(s.ask(ana, 1, {}, {}, {{0, "signal 11"}}).is_complete);
    CHECK(s.ask(ana, 1).trials == indexes{0});
  }
  CHECK(s.ask(ana, 1, {}, {}, {{0, "signal 11"}}).is_complete);
}

TEST_CASE("one attempt is one attempt") {
  running_sweep s{1, 1};
  (void)s.ask(ana, 1);
  CHECK(s.ask(ana, 1, {}, {}, {{0, "signal 11"}}).is_complete);
  CHECK(decode_row(s.table.at(0).value).value().reason == "1 attempt, the last one: signal 11");
}

TEST_CASE("a worker of another sweep gets no work and its results are not taken") {
  running_sweep s{4};
  work_request q{ana, identity_of(running_sweep::description_of(5)), {running_sweep::result_of(0)}, {}, {}, 4, {}};
  const auto w = s.turn(q);
  CHECK_FALSE(w.is_known);
  CHECK(w.trials.empty());
  CHECK(s.state.finished_count() == 0);
}

TEST_CASE("on a full disk results are recorded and nothing is given out") {
  running_sweep s{4};
  (void)s.ask(ana, 1);
  s.has_space = false;
  CHECK(s.ask(ana, 1, {0}).trials.empty());
  CHECK(s.state.done == 1);
  s.has_space = true;
  CHECK(s.ask(ana, 1).trials == indexes{1});
}

TEST_CASE("no more workers are remembered than a sweep may have, and results of other sweeps take no worker's place") {
  running_sweep s{1000};
  CHECK(s.ask(brought_from_earlier, 0).trials.empty());
  for (std::size_t i = 0; i < workers_max; ++i) CHECK(s.ask({"w" + std::to_string(i)}, 1).trials.size() == 1);
  CHECK(s.ask(ana, 1).trials.empty());
  CHECK(s.core.answer(s.state, s.view, progress_query{}).workers.size() == workers_max + 1);
}

TEST_CASE("random workers, losses, repeats and restarts: every trial is recorded once, and the rows do not depend on any of it") {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(random); };
    running_sweep s{static_cast<int>(1 + below(300))};
    std::map<node_name, std::vector<std::uint64_t>> has, done;
    const std::vector<node_name> names{ana, ben, {"cy"}};
    for (int steps = 0; s.state.finished_count() < s.state.trials; ++steps) {
      REQUIRE(steps < 20'000);
      const auto& who = names[below(3)];
      auto& mine = has[who];
      switch (below(12)) {
      case 0: s.lose(who); break; // the link blinks: the worker has it still
      case 1: mine.clear(); done[who].clear(); break; // the worker dies
      case 2: s.restart(); break;
      default:
        for (auto n = below(8); n > 0 && !mine.empty(); --n) {
          done[who].push_back(mine.back());
          mine.pop_back();
        }
        const auto w = s.ask(who, static_cast<std::uint32_t>(below(20)), done[who], mine);
        if (below(5) == 0) break; // the answer is lost: results are brought again, trials not known of
        done[who].clear();
        mine.insert(mine.end(), w.trials.begin(), w.trials.end());
      }
    }
    CHECK(s.table.size() == s.state.trials);
    std::ranges::sort(s.table, {}, &actor::archive::row::key);
    for (std::uint64_t i = 0; i < s.state.trials; ++i) {
      CHECK(s.table[i].key == row_key(i));
      CHECK(decode_row(s.table[i].value).value().orders == 100 + i);
    }
    s.restart();
  }
}

TEST_CASE("random crashes told through lost answers, losses and restarts: no trial has more of them on record than it had, and every trial is finished") {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(random); };
    running_sweep s{static_cast<int>(1 + below(60)), 1000};
    struct one_worker { std::vector<std::uint64_t> has, done; std::vector<crash> crashes; };
    std::map<node_name, one_worker> workers;
    std::map<std::uint64_t, std::uint32_t> crashed; // in truth
    const std::vector<node_name> names{ana, ben, {"cy"}};
    for (int steps = 0; s.state.finished_count() < s.state.trials; ++steps) {
      REQUIRE(steps < 20'000);
      const auto& who = names[below(3)];
      auto& w = workers[who];
      switch (below(12)) {
      case 0: s.lose(who); break;
      case 1: w = {}; break;
      case 2: s.restart(); break;
      default:
        for (auto n = below(4); n > 0 && !w.has.empty(); --n) {
          const auto i = w.has.back();
          w.has.pop_back();
          if (below(3) > 0) {
            w.done.push_back(i);
          } else {
            w.crashes.push_back({i, "signal 11"});
            ++crashed[i];
          }
        }
        const auto got = s.ask(who, static_cast<std::uint32_t>(below(6)), w.done, w.has, w.crashes);
        if (below(3) == 0) break; // the answer is lost
        w.done.clear();
        w.crashes.clear();
        w.has.insert(w.has.end(), got.trials.begin(), got.trials.end());
      }
      for (const auto& [i, times] : s.state.crashes) REQUIRE(times <= crashed[i]);
    }
    CHECK(s.state.done == s.state.trials);
  }
}

TEST_SUITE_END();
