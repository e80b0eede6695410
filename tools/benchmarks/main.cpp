// tools/bench: measures this machine's limits and Troupe on it. `tools/bench` all, `tools/bench orders --json` one.

#include "runtime/telemetry/build_info.hpp"
#include "tools/benchmarks/bench.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <iostream>

using namespace troupe;

int main(int argc, char** argv) {
  CLI::App app{"Measures this machine's limits and Troupe on it, in this order: limits, orders, recovery, messaging, lanes, link, sweep.\n"
               "Run it on an idle machine; figures of one run belong together. Over running nodes measure: tools/bench edge|entry|failover|moves|lagging|soak.", "troupe-bench"};
  app.set_version_flag("--version", telemetry::version_line());
  std::vector<std::string> names;
  bench::settings s;
  bool json = false;
  s.directory = (std::filesystem::temp_directory_path() / "troupe-bench").string();
  app.add_option("NAME", names, "which: limits, orders, recovery, messaging, lanes, link, sweep; none means all");
  app.add_option("--seconds", s.seconds, "length of each measurement")->capture_default_str();
  app.add_option("--directory", s.directory, "where files go: measure the disk you care about")->capture_default_str();
  app.add_option("--accounts", s.accounts, "that the orders of `orders` go round: few accounts are few slots, whose turns share batches")->check(CLI::Range(1, 4096))->capture_default_str();
  app.add_option("--in-flight", s.in_flight, "orders under way at once, a row of `orders` for each: 64 or 64,1024")->delimiter(',')->check(CLI::Range(1, 65536))->capture_default_str();
  app.add_flag("--json", json, "one JSON object per line");
  app.footer("Exit codes: 0 done, 1 a benchmark failed, 2 wrong command line.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  const std::vector<std::pair<std::string, bench::figures (*)(const bench::settings&)>> all{
    {"limits", bench::machine_limits}, {"orders", bench::durable_orders}, {"recovery", bench::recovery}, {"messaging", bench::messaging},
    {"lanes", bench::lanes}, {"link", bench::link}, {"sweep", bench::sweep}};
  for (const auto& name : names)
    if (std::none_of(all.begin(), all.end(), [&](const auto& b) { return b.first == name; })) {
      std::cerr << "troupe-bench: there is no benchmark \"" << name << "\"; see --help\n";
      return 2;
    }
  std::filesystem::create_directories(s.directory);
  for (const auto& [name, measure] : all) {
    if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
    try {
      for (const auto& f : measure(s)) {
        if (json) std::printf("{\"bench\":\"%s\",\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"}\n", name.c_str(), f.name.c_str(), f.value, f.unit.c_str());
        else std::printf("%-48s %14.6g %s\n", f.name.c_str(), f.value, f.unit.c_str());
        std::fflush(stdout);
      }
    } catch (const std::exception& e) {
      std::cerr << "troupe-bench: " << name << ": " << e.what() << '\n';
      return 1;
    }
  }
  return 0;
}
