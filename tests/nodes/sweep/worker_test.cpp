// The worker as an actor, beside an orchestrator that the test plays.

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/sweep/running_hash.hpp"
#include "nodes/sweep/sweep_link.hpp"
#include "nodes/sweep/worker_actor.hpp"
#include "runtime/actor/thread_pool.hpp"
#include "tests/support/node_process.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::sweep_node;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("sweep/worker");

namespace {

/// A worker without a link: the test is its orchestrator and its feeds' server.
class lone_worker {
public:
  explicit lone_worker(worker_options options) {
    env_.clock = &clock_;
    env_.pulses = &pulses_;
    options.name = node_name{"a1"};
    actor::use_thread_pool(config_, 2);
    add_messages(config_);
    system_ = std::make_unique<caf::actor_system>(config_);
    self = std::make_unique<caf::scoped_actor>(*system_);
    const auto me = caf::actor_cast<caf::strong_actor_ptr>(*self);
    worker_ = start_worker(*system_, env_, options, me, me).value();
    tell_link(worker_, true);
  }
  ~lone_worker() {
    caf::anon_send_exit(worker_, caf::exit_reason::user_shutdown);
    worker_ = nullptr;
    self.reset();
  }
  lone_worker(const lone_worker&) = delete;
  lone_worker& operator=(const lone_worker&) = delete;

  template <class T>
  void answer(std::uint64_t question, const T& reply) const {
    worker_->enqueue(nullptr, caf::make_message_id(), caf::make_message(question, reply), nullptr);
  }
  /// Answers the first question, which is what the sweep is.
  void begin(const sweep::description& what) {
    std::uint64_t question = 0;
    (*self)->receive([&](const context& c, const sweep::plan_query&) { question = c.request; }, caf::after(10s) >> [] {});
    CHECK(question != 0);
    sweep::plan plan;
    plan.has_begun = true;
    plan.what = what;
    answer(question, plan);
  }
  [[nodiscard]] std::shared_ptr<actor::pulse> pulse() { return pulses_.of(worker_name); }

private:
  actor::wall_clock clock_;
  actor::pulse_board pulses_;
  actor::environment env_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::strong_actor_ptr worker_;

public:
  std::unique_ptr<caf::scoped_actor> self;
};

} // namespace

TEST_CASE("a worker that looks whether a large feed is whole has its own limit, and no watchdog takes it for stuck") {
  temporary_directory dir;
  const sweep::feed_file feed{"feed.jsonl", {std::string(64, 'a')}, std::uint64_t{512} << 20};
  const auto file = dir.path() / feed.hash.value.str() / feed.path;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream{file}.close();
  std::filesystem::resize_file(file, feed.size); // no byte of it is written, all of it is read
  worker_options options;
  options.cache = dir.path();
  lone_worker worker{options};
  sweep::description what;
  what.feed = feed;
  worker.begin(what);
  const auto pulse = worker.pulse();
  CHECK(eventually([&] { return actor::watchdog_tick_length * pulse->patience.load() >= slow_work_max; }));
  CHECK(eventually([&] { return pulse->busy_since == 0; }));
  CHECK(pulse->patience == 0);
}

TEST_CASE("a copy of the feed that another program never leaves alone is looked at five times, then the worker says so, and nothing was taken for a result") {
  temporary_directory dir;
  const auto made = dir.path() / "feed.jsonl";
  std::ofstream{made} << "a feed";
  const auto known = hash_file(made).value();
  const sweep::feed_file feed{"feed.jsonl", known.hash, known.size};
  const auto copy = dir.path() / feed.hash.value.str() / feed.path;
  std::filesystem::create_directories(copy.parent_path());
  std::filesystem::copy_file(made, copy);
  std::atomic<bool> is_over{false};
  std::thread toucher{[&] {
    for (int i = 1; !is_over; ++i) {
      std::error_code ignored;
      std::filesystem::last_write_time(copy, std::filesystem::file_time_type::clock::now() - std::chrono::seconds{i}, ignored);
      std::this_thread::sleep_for(1ms);
    }
  }};
  worker_options options;
  options.cache = dir.path();
  options.idle_allowed = true;
  options.runner = {(binary_dir() / "troupe-worker").string(), "--runner"};
  std::string problem;
  std::size_t results = 0;
  {
    lone_worker worker{options};
    sweep::description what;
    what.kind = sweep::trial_kind::idle;
    what.axes = {{"idle.us", {"100000"}}};
    what.feed = feed;
    worker.begin(what);
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (problem.empty() && std::chrono::steady_clock::now() < until)
      (*worker.self)->receive(
        [&](const context& c, const sweep::work_request& q) {
          problem = q.problem;
          results += q.results.size();
          worker.answer(c.request, sweep::work{true, false, q.wants > 0 && q.holds.empty() ? std::vector<std::uint64_t>{0} : std::vector<std::uint64_t>{}});
        },
        [](const context&, const sweep::chunk_request&) {}, caf::after(1s) >> [] {});
  }
  is_over = true;
  toucher.join();
  CHECK_MESSAGE(problem.find("feed.jsonl was removed or changed by another program 5 times, and no trial ended in between") != std::string::npos, problem);
  CHECK(results == 0);
}

TEST_SUITE_END();
