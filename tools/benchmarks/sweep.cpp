// The sweep itself, without desks: trials that do nothing or wait. An orchestrator in this process, workers in processes of their
// own, each with one runner; TLS on loopback and a durable journal, as always.

#include "tools/benchmarks/bench.hpp"

#include "actors/research/sweep/grid.hpp"
#include "nodes/sweep/sweep_run.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/telemetry/build_info.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace troupe::bench {
namespace {

namespace fs = std::filesystem;
using clock = std::chrono::steady_clock;

struct measured {
  double per_second = 0;
  double efficiency = 0; // time inside trials as a share of the runners' time
  double of_nominal = 0; // the same with the time that trials were asked to take
};

/// From the moment all workers are up and the first results are durable to the last one.
measured run(const settings& s, const std::string& us, std::uint64_t hundreds, std::uint32_t workers) {
  const auto folder = fs::path{s.directory} / "sweep";
  fs::remove_all(folder);
  sweep_node::run_options o;
  o.folder = folder;
  o.worker_program = fs::read_symlink("/proc/self/exe").parent_path() / "troupe-worker";
  o.places.workers = workers;
  o.places.allow_idle = true;
  sweep::begin begin;
  begin.what.kind = sweep::trial_kind::idle;
  begin.what.build = telemetry::build_id();
  begin.what.axes = sweep::parse_grid({"idle.us=" + us, "idle.a=1:100:1", "idle.b=1:" + std::to_string(hundreds) + ":1"}).value();
  o.begin = begin;
  std::uint64_t first = 0;
  clock::time_point began{}, ended{};
  o.moment = [&](const sweep_node::sweep_moment& m) {
    if (began == clock::time_point{} && m.workers_up == m.workers && m.finished() > 0) {
      began = clock::now();
      first = m.finished();
    }
    ended = clock::now();
  };
  const auto outcome = sweep_node::run_sweep(o);
  if (!outcome) throw std::runtime_error(to_string(outcome.error()));
  if (outcome->last.done != hundreds * 100 || first == outcome->last.done) throw std::runtime_error("too few trials to measure");
  const double seconds = std::chrono::duration<double>(ended - began).count();
  const auto counted = static_cast<double>(outcome->last.done - first);
  auto store = journal::open_for_reading(folder / "journal");
  if (!store) throw std::runtime_error(to_string(store.error()));
  double inside = 0;
  auto read = sweep_node::for_each_row(**store, [&](const sweep::trial_result& r) {
    inside += static_cast<double>(r.took_us);
    return true;
  });
  if (!read) throw std::runtime_error(to_string(read.error()));
  const double mean = inside / static_cast<double>(outcome->last.done) / 1e6;
  measured m;
  m.per_second = counted / seconds;
  m.efficiency = counted * mean / (seconds * workers);
  m.of_nominal = counted * std::stod(us) / 1e6 / (seconds * workers);
  fs::remove_all(folder);
  return m;
}

} // namespace

figures sweep(const settings& s) {
  figures all;
  // As many trials as fill the time at the rate there should be.
  const auto hundreds = [&](double per_second) { return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(s.seconds * per_second / 100), 2, 10'000); };
  all.push_back({"sweep: no-op trials, one worker", run(s, "0", hundreds(30'000), 1).per_second, "1/s"});
  const auto workers = std::max(1u, std::thread::hardware_concurrency());
  for (const auto& [us, each] : {std::pair{"1000", 1000.0}, std::pair{"10000", 100.0}}) {
    const auto m = run(s, us, hundreds(each * workers), workers);
    const auto label = "sweep: trials of " + std::to_string(std::stoi(us) / 1000) + " ms, " + std::to_string(workers) + " workers, ";
    all.push_back({label + "share of time inside trials", m.efficiency, ""});
    all.push_back({label + "share by nominal length", m.of_nominal, ""});
  }
  return all;
}

} // namespace troupe::bench
