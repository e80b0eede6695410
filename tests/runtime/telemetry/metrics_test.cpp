#include "runtime/core/tally.hpp"
#include "runtime/telemetry/build_info.hpp"
#include "runtime/telemetry/metrics.hpp"
#include "runtime/telemetry/process_metrics.hpp"
#include "tests/support/test.hpp"

#include <thread>

#include <fcntl.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::telemetry;

namespace {

bool has_line(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line + "\n") != std::string::npos; }

} // namespace

TEST_SUITE_BEGIN("telemetry/metrics");

TEST_CASE("exposition: counters, gauges and histograms in the text format, in the order of their names") {
  metrics_registry registry;
  registry.make_counter("troupe_oms_orders_total", "Orders.", {{"slot", "1"}}).add(3);
  registry.make_counter("troupe_oms_orders_total", "Orders.", {{"slot", "0"}}).add();
  registry.make_gauge("troupe_book_depth_levels", "Levels.").set(-4);
  auto sizes = registry.make_histogram("troupe_journal_batch_turns", "Turns a batch.", {1, 10});
  for (int n : {0, 1, 2, 10, 11}) sizes.observe(n);
  auto commit = registry.make_duration_histogram("troupe_journal_commit_seconds", "Commit.");
  commit.observe(std::chrono::microseconds{1});
  commit.observe(std::chrono::milliseconds{30});
  commit.observe(std::chrono::nanoseconds{-5}); // a clock that stepped back counts as no time
  const auto text = registry.exposition();
  CAPTURE(text);
  CHECK(text.starts_with("# HELP troupe_book_depth_levels Levels.\n# TYPE troupe_book_depth_levels gauge\n"
                         "troupe_book_depth_levels -4\n"));
  CHECK(has_line(text, "# TYPE troupe_oms_orders_total counter"));
  CHECK(text.find("troupe_oms_orders_total{slot=\"0\"} 1\ntroupe_oms_orders_total{slot=\"1\"} 3\n") != std::string::npos);
  CHECK(has_line(text, "troupe_journal_batch_turns_bucket{le=\"1\"} 2"));
  CHECK(has_line(text, "troupe_journal_batch_turns_bucket{le=\"10\"} 4"));
  CHECK(has_line(text, "troupe_journal_batch_turns_bucket{le=\"+Inf\"} 5"));
  CHECK(has_line(text, "troupe_journal_batch_turns_sum 24"));
  CHECK(has_line(text, "troupe_journal_commit_seconds_count 3"));
  CHECK(has_line(text, "troupe_journal_commit_seconds_bucket{le=\"0.02\"} 2"));
  CHECK(has_line(text, "troupe_journal_commit_seconds_bucket{le=\"0.05\"} 3"));
  CHECK(text.find("troupe_oms_orders_total{") > text.find("troupe_journal_commit_seconds_count"));
}

TEST_CASE("exposition: what somebody else counted into the same bounds is taken over whole") {
  metrics_registry registry;
  auto h = registry.make_duration_histogram("troupe_x_answer_seconds", "Answer.", {}, {1'000'000, 1'000'000'000});
  h.add(0, 2);
  h.add(2, 1);
  h.add(9, 1); // no such bucket: beyond all bounds
  h.add_sum(2'500'000'000);
  const auto text = registry.exposition();
  CHECK(has_line(text, "troupe_x_answer_seconds_bucket{le=\"0.001\"} 2"));
  CHECK(has_line(text, "troupe_x_answer_seconds_bucket{le=\"1\"} 2"));
  CHECK(has_line(text, "troupe_x_answer_seconds_bucket{le=\"+Inf\"} 4"));
  CHECK(has_line(text, "troupe_x_answer_seconds_sum 2.5"));
}

TEST_CASE("series: the same name and labels are the same series, in any order of labels") {
  metrics_registry registry;
  auto first = registry.make_counter("troupe_x_things_total", "Things.", {{"a", "1"}, {"b", "2"}});
  auto again = registry.make_counter("troupe_x_things_total", "Things.", {{"b", "2"}, {"a", "1"}});
  first.add(2);
  again.add(3);
  CHECK(first.value() == 5);
}

TEST_CASE("series: a full family refuses, counts the refusal, and the handle is harmless") {
  metrics_registry registry{2};
  auto make = [&](const char* name) { return registry.make_gauge("troupe_x_depth", "Depth.", {{"actor", name}}); };
  make("a").set(1);
  make("b").set(1);
  make("c").set(1);
  make("a").set(7);
  const auto text = registry.exposition();
  CAPTURE(text);
  CHECK(text.find("actor=\"c\"") == std::string::npos);
  CHECK(has_line(text, "troupe_x_depth{actor=\"a\"} 7"));
  CHECK(has_line(text, "troupe_metrics_series_refused_total 1"));
  counter{}.add();
  histogram{}.observe(1);
  CHECK(counter{}.value() == 0);
}

TEST_CASE("counters: increments of many threads are all there") {
  metrics_registry registry;
  auto total = registry.make_counter("troupe_x_hits_total", "Hits.");
  auto time = registry.make_duration_histogram("troupe_x_hit_seconds", "Hit.");
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([=] {
        for (int i = 0; i < 20'000; ++i) {
          total.add();
          time.observe(std::int64_t{i});
        }
      });
    for (int i = 0; i < 20; ++i) CHECK(registry.exposition().find("troupe_x_hits_total") != std::string::npos);
  }
  CHECK(total.value() == 80'000);
  CHECK(time.count() == 80'000);
}

TEST_CASE("follow: a histogram takes over what a tally counted, each value once") {
  metrics_registry registry;
  auto time = registry.make_duration_histogram("troupe_x_handling_seconds", "Handling.");
  duration_tally measured;
  duration_tally::counts seen;
  measured.add(std::chrono::microseconds{1});
  measured.add(std::chrono::milliseconds{3});
  measured.add(std::chrono::hours{1});
  time.follow(measured.read(), seen);
  time.follow(measured.read(), seen);
  CHECK(time.count() == 3);
  measured.add(std::chrono::milliseconds{4});
  time.follow(measured.read(), seen);
  const auto text = registry.exposition();
  CHECK(has_line(text, "troupe_x_handling_seconds_bucket{le=\"1e-06\"} 1"));
  CHECK(has_line(text, "troupe_x_handling_seconds_bucket{le=\"0.002\"} 1"));
  CHECK(has_line(text, "troupe_x_handling_seconds_bucket{le=\"0.005\"} 3"));
  CHECK(has_line(text, "troupe_x_handling_seconds_count 4"));
  CHECK(text.find("troupe_x_handling_seconds_sum 3600.007") != std::string::npos);
}

TEST_CASE("before_scrape: a hook runs at each scrape while its token lives") {
  metrics_registry registry;
  auto depth = registry.make_gauge("troupe_x_depth", "Depth.");
  int runs = 0;
  auto token = registry.before_scrape([&] { depth.set(++runs); });
  CHECK(has_line(registry.exposition(), "troupe_x_depth 1"));
  CHECK(has_line(registry.exposition(), "troupe_x_depth 2"));
  token.reset();
  CHECK(has_line(registry.exposition(), "troupe_x_depth 2"));
  CHECK(runs == 2);
}

TEST_CASE("time is counted in nanoseconds and shown in seconds, by counters and gauges as by histograms") {
  metrics_registry registry;
  registry.make_duration_counter("troupe_x_busy_seconds_total", "x").add(1'500'000'000);
  registry.make_duration_gauge("troupe_x_wait_seconds", "x").set(250'000'000);
  CHECK(has_line(registry.exposition(), "troupe_x_busy_seconds_total 1.5"));
  CHECK(has_line(registry.exposition(), "troupe_x_wait_seconds 0.25"));
}

TEST_CASE("bounds of buckets are shown as anybody would write them") {
  metrics_registry registry;
  registry.make_duration_histogram("troupe_x_step_seconds", "x", {}, {1'000, 4'000, 32'000, 512'000, 8'192'000, 10'000'000'000}).observe(std::int64_t{3});
  const auto text = registry.exposition();
  CAPTURE(text);
  for (const char* bound : {"1e-06", "4e-06", "3.2e-05", "0.000512", "0.008192", "10", "+Inf"})
    CHECK_MESSAGE(has_line(text, "troupe_x_step_seconds_bucket{le=\"" + std::string{bound} + "\"} 1"), bound);
}

TEST_CASE("process: descriptors, threads, memory and start are what they are") {
  const auto before = read_process_facts();
  const int fd = ::open("/dev/null", O_RDONLY);
  REQUIRE(fd >= 0);
  CHECK(read_process_facts().open_fds == before.open_fds + 1);
  ::close(fd);
  CHECK(before.threads >= 1);
  CHECK(before.resident_bytes > 1 << 20);
  CHECK(before.virtual_bytes >= before.resident_bytes);
  CHECK(before.max_fds > before.open_fds);
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  CHECK(before.start_time_seconds > now - 7 * 24 * 3600);
  CHECK(before.start_time_seconds <= now + 2);

  metrics_registry registry;
  const auto watching = watch_process(registry);
  const auto text = registry.exposition();
  CAPTURE(text);
  CHECK(text.find("process_resident_memory_bytes 0\n") == std::string::npos);
  for (const char* standard : {"process_cpu_seconds_total", "process_max_fds", "process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds", "process_virtual_memory_bytes"})
    CHECK_MESSAGE(text.find('\n' + std::string{standard} + ' ') != std::string::npos, standard); // by the names that Prometheus gives them everywhere
  CHECK(text.find("troupe_build_info{commit=\"" + std::string{this_build().commit}) != std::string::npos);
}

TEST_CASE("build_info: version, commit, compiler and build type are known") {
  CHECK(this_build().version.find('.') != std::string_view::npos);
  CHECK_FALSE(this_build().commit.empty());
  CHECK(build_id() == std::string{this_build().version} + "+" + std::string{this_build().commit});
}

TEST_CASE("build_info: the version line shows the build as nodes compare it and as the configuration takes it") {
  CHECK(version_line().starts_with("troupe " + build_id() + " ("));
  CHECK(is_build_id(build_id()));
  for (const char* good : {"0.1.0+7bf1422eceb0", "0.1.0+7bf1422eceb0-dirty", "0.1.0+7bf1422eceb0-dirty.b8e7997c2de1", "12.0.3+unknown"}) CHECK(is_build_id(good));
  for (const char* wrong : {"", "0.1.0", "7bf1422eceb0", "0.1+7bf1422eceb0", "0.1.0 (7bf1422eceb0)", "0.1.0+", "0.1.0+7bf1422eceb0 ", "troupe 0.1.0+7bf1422eceb0", "0.1.0+7bf1422eceb0-dirty.", "0.1.0+7BF1422ECEB0"})
    CHECK_FALSE_MESSAGE(is_build_id(wrong), wrong);
}
