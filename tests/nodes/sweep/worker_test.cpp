// The worker as an actor, beside an orchestrator that the test plays.

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/sweep/sweep_link.hpp"
#include "nodes/sweep/worker_actor.hpp"
#include "runtime/actor/thread_pool.hpp"
#include "tests/support/node_process.hpp"

#include <caf/all.hpp>

#include <filesystem>
#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::sweep_node;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("sweep/worker");

TEST_CASE("a worker that looks whether a large feed is whole has its own limit, and no watchdog takes it for stuck") {
  temporary_directory dir;
  const sweep::feed_file feed{"feed.jsonl", {std::string(64, 'a')}, std::uint64_t{512} << 20};
  const auto file = dir.path() / feed.hash.value.str() / feed.path;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream{file}.close();
  std::filesystem::resize_file(file, feed.size); // no byte of it is written, all of it is read
  actor::wall_clock clock;
  actor::pulse_board pulses;
  actor::environment env;
  env.clock = &clock;
  env.pulses = &pulses;
  worker_options options;
  options.name = node_name{"a1"};
  options.cache = dir.path();
  caf::actor_system_config config;
  actor::use_thread_pool(config, 2);
  add_messages(config);
  caf::actor_system system{config};
  caf::scoped_actor orchestrator{system};
  const auto me = caf::actor_cast<caf::strong_actor_ptr>(orchestrator);
  const auto worker = start_worker(system, env, options, me, me).value();
  tell_link(worker, true);
  std::uint64_t question = 0;
  orchestrator->receive([&](const context& c, const sweep::plan_query&) { question = c.request; }, caf::after(10s) >> [] {});
  CHECK(question != 0);
  sweep::plan plan;
  plan.has_begun = true;
  plan.what.feed = feed;
  worker->enqueue(nullptr, caf::make_message_id(), caf::make_message(question, plan), nullptr);
  const auto pulse = pulses.of(worker_name);
  CHECK(eventually([&] { return actor::watchdog_tick_length * pulse->patience.load() >= slow_work_max; }));
  CHECK(eventually([&] { return pulse->busy_since == 0; }));
  CHECK(pulse->patience == 0);
  caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
}

TEST_SUITE_END();
