#include "runtime/cluster/host_lookup.hpp"
#include "tests/runtime/cluster/two_hosts.hpp"
#include "tests/support/test.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <future>

using namespace troupe;
using namespace troupe::cluster;
using test::two_hosts;
using namespace std::chrono_literals;

namespace {

/// Knows "quick.desk"; of "silent.desk" it says nothing before it is told to. Outlives whoever asks it.
class stubborn_resolver {
public:
  [[nodiscard]] host_lookup::resolver ask() const {
    return [s = state_](const std::string& host) -> host_lookup::addresses {
      ++s->asked;
      if (host == "nowhere.desk") return fail(errc::not_found, "nobody knows it");
      if (host == "silent.desk") {
        ++s->of_silent;
        s->released.wait();
        ++s->of_silent_answered;
      }
      return std::vector<std::string>{"127.0.0.1"};
    };
  }
  void release() { state_->release.set_value(); }
  [[nodiscard]] int asked() const { return state_->asked; }
  [[nodiscard]] int of_silent() const { return state_->of_silent; }
  [[nodiscard]] int of_silent_answered() const { return state_->of_silent_answered; }

private:
  struct state {
    std::promise<void> release;
    std::shared_future<void> released{release.get_future()};
    std::atomic<int> asked{0}, of_silent{0}, of_silent_answered{0};
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

/// Runs what is posted until `done`, at most ten seconds.
template <class F>
bool runs_until(boost::asio::io_context& io, F done) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!done() && std::chrono::steady_clock::now() < end) {
    io.restart();
    io.run_for(10ms);
  }
  return done();
}

} // namespace

TEST_SUITE_BEGIN("cluster/host_lookup");

TEST_CASE("a host whose resolver is silent holds up no other, is asked for once, and tells who asked last") {
  boost::asio::io_context io;
  stubborn_resolver names;
  host_lookup lookup{io, names.ask()};
  std::string told;
  const auto note = [&](const char* who) {
    return [&told, who](const host_lookup::addresses& found) { told += std::string{who} + ' ' + (found ? found->at(0) : found.error().message) + "; "; };
  };
  lookup.find({"b"}, "silent.desk", note("b"));
  lookup.find({"c"}, "127.0.0.9", note("c")); // nobody is asked
  CHECK(told == "c 127.0.0.9; ");
  lookup.find({"d"}, "::1", note("d"));
  CHECK(told == "c 127.0.0.9; d ::1; ");
  told.clear();
  lookup.find({"e"}, "quick.desk", note("e"));
  CHECK(runs_until(io, [&] { return !told.empty(); }));
  CHECK(told == "e 127.0.0.1; ");
  told.clear();
  lookup.find({"f"}, "nowhere.desk", note("f"));
  CHECK(runs_until(io, [&] { return !told.empty(); }));
  CHECK(told == "f nobody knows it; ");
  told.clear();
  lookup.find({"b"}, "silent.desk", note("b again"));
  names.release();
  CHECK(runs_until(io, [&] { return !told.empty(); }));
  CHECK(told == "b again 127.0.0.1; ");
  CHECK(names.asked() == 3);
  told.clear();
  lookup.find({"b"}, "silent.desk", note("b anew")); // what was found is not kept: it may move
  CHECK(runs_until(io, [&] { return !told.empty(); }));
  CHECK(told == "b anew 127.0.0.1; ");
  CHECK(names.asked() == 4);
}

TEST_CASE("who looks a host up goes without waiting for a silent resolver, and is told nothing then") {
  boost::asio::io_context io;
  stubborn_resolver names;
  bool is_told = false;
  {
    host_lookup lookup{io, names.ask()};
    lookup.find({"b"}, "silent.desk", [&](const host_lookup::addresses&) { is_told = true; });
    CHECK(runs_until(io, [&] { return names.of_silent() == 1; }));
  }
  CHECK(names.of_silent_answered() == 0); // it still waits
  names.release();
  CHECK(runs_until(io, [&] { return names.of_silent_answered() == 1; }));
  io.restart();
  io.run_for(50ms);
  CHECK_FALSE(is_told);
}

TEST_CASE("the system knows this host by name") {
  const auto found = system_addresses("localhost");
  REQUIRE(found.has_value());
  CHECK(std::ranges::any_of(*found, [](const auto& a) { return a == "127.0.0.1" || a == "::1"; }));
}

TEST_CASE_FIXTURE(two_hosts, "a link whose resolver is silent about one peer is up with the others, says so of that one, and ends at once") {
  stubborn_resolver names;
  const auto b = open(options("b", 2), at_b);
  auto o = options("a", 1);
  o.rule.members.insert({"c"});
  o.peers[{"b"}].host = "quick.desk";
  o.peers[{"c"}] = {"silent.desk", 1};
  o.resolve = names.ask();
  o.greet_within = 1s;
  auto a = open(std::move(o), at_a);
  CHECK(at_a.hears("up b"));
  std::string problem;
  for (int i = 0; i < 1000 && problem.empty(); ++i) {
    for (const auto& p : a->peers())
      if (p.name == node_name{"c"}) problem = p.problem;
    std::this_thread::sleep_for(10ms);
  }
  CHECK(problem == "its host name: no answer within the time-out");
  std::this_thread::sleep_for(1500ms); // attempts go on
  CHECK(names.of_silent() == 1);       // and ask no second time while nobody answers
  const auto began = std::chrono::steady_clock::now();
  a.reset();
  CHECK(std::chrono::steady_clock::now() - began < 2s);
  CHECK(names.of_silent_answered() == 0);
  names.release();
}

TEST_SUITE_END();
