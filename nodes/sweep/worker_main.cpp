// troupe-worker: a node that runs trials of sweeps and nothing else. Exit codes: 0 ended by a signal, 2 usage or configuration,
// 3 cannot start, 4 no trial can be run here, 5 a handler never returned.

#include "nodes/desk/complain.hpp"
#include "nodes/desk/stop_signals.hpp"
#include "nodes/sweep/runner.hpp"
#include "nodes/sweep/worker.hpp"
#include "runtime/telemetry/build_info.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/telemetry/open_files.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <thread>

#include <sys/prctl.h>
#include <unistd.h>

using namespace troupe;

namespace {

struct arguments {
  std::string config;
  std::vector<std::string> sets;
  bool check = false;
  bool allow_idle = false;
  bool is_runner = false;
};

int complain(const error& e, const char* what, int code) { return desk::complain("troupe-worker", what, e, code); }

result<sweep_node::worker_configuration> configuration_of(const arguments& a) {
  if (!a.config.empty()) return config::load_file<sweep_node::worker_configuration>(a.config, a.sets, sweep_node::worker_checks());
  return config::load<sweep_node::worker_configuration>({"no file", "{}", a.sets}, sweep_node::worker_checks());
}

sweep_node::worker_options options_of(const arguments& a, const sweep_node::worker_configuration& c) {
  sweep_node::worker_options o;
  o.name = c.name.value();
  o.runner = {std::filesystem::read_symlink("/proc/self/exe").string(), "--runner"};
  o.runners = c.runners.value() > 0 ? static_cast<std::size_t>(c.runners.value()) : std::max(1u, std::thread::hardware_concurrency());
  o.idle_allowed = a.allow_idle;
  o.cache = c.cache.folder.value();
  o.cache_bytes_max = static_cast<std::uint64_t>(c.cache.mib_max.value()) << 20;
  o.broken = [](const std::string& why) { // whoever started it must hear of it
    log::error("worker", {}, why);
    log::stop();
    ::_exit(why.starts_with("watchdog") ? 5 : 4);
  };
  return o;
}

int work(const arguments& a, const sweep_node::worker_configuration& config) {
  const desk::stop_signals signals;
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN); // what is beyond a limit of files' sizes fails as on a full disk
  log::options logging;
  logging.node = config.name.value().value.str();
  logging.least = boost::describe::enum_from_string(config.log_level.value().c_str(), logging.least) ? logging.least : log::level::info;
  if (auto started = log::start(logging); !started) return complain(started.error(), "cannot log", 3);
  const auto options = options_of(a, config);
  auto node = sweep_node::worker_node::open(config, options);
  if (!node) {
    log::stop();
    return complain(node.error(), "cannot start", 3);
  }
  const auto& to = config.orchestrator;
  std::cout << "{\"event\":\"ready\",\"node\":\"" << options.name.value.str() << "\",\"role\":\"worker\",\"runners\":" << options.runners;
  if (to.address.value().empty()) std::cout << ",\"listen\":\"" << config.listen.address.value() << ':' << config.listen.port.value() << '"';
  else std::cout << ",\"orchestrator\":\"" << to.address.value() << ':' << to.port.value() << '"';
  std::cout << '}' << std::endl;
  signals.wait();
  node->reset();
  log::stop();
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  telemetry::hold_standard_files();
  arguments a;
  CLI::App app{"A node that runs trials of sweeps and nothing else. It waits for an orchestrator (`troupe sweep run --nodes ...`), fetches\n"
               "the feed once, and runs one trial after the other, each of its runners in a process of its own.\n\n"
               "  troupe ca init --ca sweep-ca --name sweep\n"
               "  troupe ca issue orchestrator worker-1 --ca sweep-ca --out certificates\n"
               "  troupe-worker --set name=worker-1 --set certificates=certificates/worker-1\n"
               "  troupe-worker --config worker.json --check            validate only"};
  app.add_option("--config", a.config, "configuration, JSON with comments; without one the defaults hold");
  app.add_option("--set", a.sets, "override one property: key=value, repeatable")->take_all();
  app.add_flag("--check", a.check, "validate the configuration and exit");
  app.add_flag("--allow-idle", a.allow_idle, "also run trials that only wait, die or hang; for measuring and tests");
  app.add_flag("--runner", a.is_runner, "be a process that trials run in")->group("");
  app.set_version_flag("--version", telemetry::version_line());
  app.footer("Keys: name, role, certificates, runners, log_level, listen.address, listen.port, orchestrator.name, orchestrator.address,\n"
             "orchestrator.port, cache.folder, cache.mib_max. Exit codes: 0 ended by a signal, 2 usage or configuration, 3 cannot start,\n"
             "4 no trial can be run here, 5 a handler never returned.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (a.is_runner) {
    ::prctl(PR_SET_TIMERSLACK, 1000); // idle trials wait as long as they say
    return sweep_node::serve_trials(3);
  }
  auto config = configuration_of(a);
  if (!config) return complain(config.error(), "configuration", 2);
  if (a.check) {
    std::cout << "the configuration is valid" << std::endl;
    return 0;
  }
  return work(a, *config);
}
