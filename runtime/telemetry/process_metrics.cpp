#include "runtime/telemetry/process_metrics.hpp"

#include "runtime/telemetry/build_info.hpp"
#include "runtime/telemetry/log.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

namespace troupe::telemetry {
namespace {

/// The fields of /proc/self/stat behind the command's name, which may itself hold blanks; the first is field 3.
std::vector<std::string> stat_fields() {
  std::ifstream in{"/proc/self/stat"};
  std::string line{std::istreambuf_iterator<char>{in}, {}};
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest{line.substr(name_end + 1)};
  return {std::istream_iterator<std::string>{rest}, {}};
}

std::int64_t boot_time_seconds() {
  std::ifstream in{"/proc/stat"};
  for (std::string word; in >> word;)
    if (std::int64_t t = 0; word == "btime" && in >> t) return t;
  return 0;
}

/// Counters only grow: a total kept elsewhere is followed by adding what is new. One scrape runs at a time.
void raise(const counter& c, std::uint64_t total) {
  if (total > c.value()) c.add(total - c.value());
}

} // namespace

process_facts read_process_facts() {
  process_facts facts;
  const auto page = ::sysconf(_SC_PAGESIZE);
  const auto ticks = ::sysconf(_SC_CLK_TCK);
  if (const auto f = stat_fields(); f.size() > 21) { // numbers as in proc(5), less 3
    facts.cpu_ns = (std::stoll(f[11]) + std::stoll(f[12])) * (1'000'000'000 / ticks);
    facts.threads = std::stoll(f[17]);
    facts.start_time_seconds = boot_time_seconds() + std::stoll(f[19]) / ticks;
    facts.virtual_bytes = std::stoll(f[20]);
    facts.resident_bytes = std::stoll(f[21]) * page;
  }
  std::error_code ec;
  for (std::filesystem::directory_iterator at{"/proc/self/fd", ec}, end; !ec && at != end; at.increment(ec))
    ++facts.open_fds;
  if (facts.open_fds > 0) --facts.open_fds; // the one that lists them
  if (rlimit files{}; ::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) facts.max_fds = static_cast<std::int64_t>(files.rlim_cur);
  return facts;
}

std::shared_ptr<void> watch_process(metrics_registry& registry) {
  const auto& b = this_build();
  registry.make_gauge("troupe_build_info", "Always 1; the labels say what was built.",
                      {{"version", b.version}, {"commit", b.commit}, {"compiler", b.compiler}}).set(1);
  auto resident = registry.make_gauge("process_resident_memory_bytes", "Resident memory.");
  auto fds = registry.make_gauge("process_open_fds", "Open file descriptors.");
  auto memory = registry.make_gauge("process_virtual_memory_bytes", "Virtual memory.");
  auto fds_max = registry.make_gauge("process_max_fds", "Most file descriptors that may be open.");
  auto threads = registry.make_gauge("process_threads", "Threads.");
  auto cpu = registry.make_duration_counter("process_cpu_seconds_total", "User and system time of all threads.");
  auto start = registry.make_gauge("process_start_time_seconds", "Start of the process since 1970, UTC.");
  auto lines = registry.make_counter("troupe_log_lines_total", "Lines logged since the process began.");
  auto dropped = registry.make_counter("troupe_log_dropped_lines_total",
                                       "Lines dropped because the log could not keep up.");
  return registry.before_scrape([=] {
    const auto facts = read_process_facts();
    resident.set(facts.resident_bytes);
    fds.set(facts.open_fds);
    threads.set(facts.threads);
    memory.set(facts.virtual_bytes);
    fds_max.set(facts.max_fds);
    raise(cpu, static_cast<std::uint64_t>(facts.cpu_ns));
    start.set(facts.start_time_seconds);
    const auto log_counts = log::totals();
    raise(lines, log_counts.written);
    raise(dropped, log_counts.dropped);
  });
}

} // namespace troupe::telemetry
