// troupe-node: one node of the desk. Order: arguments, configuration, log, faults, journals, actors, edge, ready line,
// wait, drain. Exit codes: 0 done, 1 a run that failed or a drain that was cut short, 2 usage or configuration, 3 cannot open
// or start, 4 journal or supervision died, 5 a handler never returned, 6 the journal is gone, or a venue knows a newer one.

#include "nodes/desk/certificates.hpp"
#include "nodes/desk/complain.hpp"
#include "nodes/desk/crash_points.hpp"
#include "nodes/desk/edge_server.hpp"
#include "nodes/desk/feed_file.hpp"
#include "nodes/desk/last_words.hpp"
#include "nodes/desk/open_files.hpp"
#include "nodes/desk/run_warnings.hpp"
#include "nodes/desk/stop_signals.hpp"
#include "nodes/desk/summary.hpp"
#include "nodes/desk/until_done.hpp"
#include "runtime/actor/clock.hpp"
#include "runtime/cluster/link_tls.hpp"
#include "runtime/config/describe.hpp"
#include "runtime/journal/fault_file_system.hpp"
#include "runtime/telemetry/build_info.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/telemetry/open_files.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <new>
#include <optional>
#include <system_error>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace troupe;
namespace fs = std::filesystem;

namespace {

struct arguments {
  std::string config = "config/desk.json";
  std::vector<std::string> sets;
  std::string data_dir;
  std::string feed;
  std::uint64_t quotes = 0;
  std::optional<std::uint64_t> seed;
  bool until_done = false;
  bool check = false;
  bool allow_faults = false;
  bool list_crash_points = false;
  bool accept_missing_frontier = false;
  bool accept_older_journal = false;
};

/// Digits that make a number of at least `from`, which is 0 or 1.
CLI::Validator whole_number(int from) {
  return {[from](std::string& text) {
            const bool is_number = text.find_first_not_of("0123456789") == std::string::npos && text.size() <= 19;
            const bool is_large = from == 0 || text.find_first_not_of('0') != std::string::npos;
            return is_number && is_large ? std::string{} : "\"" + text + "\" is not a whole number from " + std::to_string(from) + " on";
          },
          "UINT"};
}

/// What the words can do together. Errors: invalid_argument, with what to leave out or to give.
result<void> check(const arguments& a, const CLI::App& app) {
  const auto is_given = [&](const char* option) { return app.count(option) > 0; };
  for (const auto& [option, value] : {std::pair{"--data-dir", &a.data_dir}, std::pair{"--feed", &a.feed}, std::pair{"--config", &a.config}})
    if (is_given(option) && value->empty()) return fail(errc::invalid_argument, std::string{option} + " is empty: name one, or leave it out");
  for (const char* option : {"--quotes", "--seed"})
    if (is_given("--feed") && is_given(option))
      return fail(errc::invalid_argument, std::string{option} + " is of the random walk, and --feed replays a file instead of it: leave out one of them");
  return {};
}

int complain(const error& e, const char* what, int code) { return desk::complain("troupe-node", what, e, code); }

error not_written() { return fail(errc::io_error, "not all could be written to standard output: is its disk full?"); }

/// --feed and friends are shorthands for configuration; they become overrides, so that one list is checked.
/// A --set of the same key comes later and wins.
std::vector<std::string> overrides_of(const arguments& a) {
  std::vector<std::string> sets;
  if (!a.data_dir.empty()) sets.push_back("node.data_dir=" + a.data_dir);
  if (!a.feed.empty()) {
    std::string file;
    wire::append_json_string(file, a.feed);
    sets.push_back("feeds=[{\"name\":\"main\",\"file\":" + file + "}]");
  } else if (a.quotes != 0 || a.seed) {
    sets.push_back(desk::walk_override(a.seed.value_or(1), a.quotes != 0 || !a.until_done ? a.quotes : desk::walk_quotes));
  }
  sets.insert(sets.end(), a.sets.begin(), a.sets.end());
  return sets;
}

/// The configuration with everything the command line said; a file to replay brings its instrument along.
result<desk::configuration> configuration_of(const arguments& a) {
  auto sets = overrides_of(a);
  if (a.until_done && a.feed.empty() && a.quotes == 0 && !a.seed)
    if (auto given = config::load_file<desk::configuration>(a.config, sets))
      if (auto walk = desk::walk_instead(*given)) sets.insert(sets.begin(), std::move(*walk));
  if (!a.feed.empty())
    if (auto given = config::load_file<desk::configuration>(a.config, sets); given && !given->feeds.empty() && given->feeds[0].file.value() == a.feed) {
      auto more = desk::overrides_for(*given, given->feeds[0]);
      if (!more) return more.error();
      sets.insert(sets.begin(), more->begin(), more->end());
    }
  return config::load_file<desk::configuration>(a.config, std::move(sets), desk::cross_checks());
}

/// The folder of a deterministic run: none unless one was asked for, and an empty one, because the past would be part of the run.
result<fs::path> folder_of_run(const arguments& a, const desk::configuration& config) {
  const bool is_asked = !a.data_dir.empty() || std::any_of(a.sets.begin(), a.sets.end(), [](const auto& s) { return s.starts_with("node.data_dir="); });
  if (!is_asked) return fs::path{};
  fs::path folder = config.node.data_dir.value();
  std::error_code ignored;
  if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored))
    return fail(errc::not_empty, folder.string() + " is not empty: a run until done starts from nothing; name a new folder");
  return folder;
}

/// No error of the configuration: it may be looked at on another host than the node's.
void tell_missing_certificates(const desk::configuration& config) {
  if (config.cluster.members.empty()) return;
  const auto files = cluster::link_files_in(config.cluster.certificates.value(), config.node.name.value());
  for (const auto& file : {files.authority, files.certificate, files.key})
    if (std::error_code failed; !fs::exists(file, failed))
      std::cerr << "troupe-node: " << file.string() << " is not here, and without it the node does not start; `troupe ca issue` makes it\n";
}

void tell_missing_feeds(const desk::configuration& config) {
  for (const auto* f : desk::feeds_not_here(config))
    std::cerr << "troupe-node: " << f->file.value() << " of feed " << f->name.value().str() << " is not here, and without it the node that runs the feed does not start\n";
}

/// What is missing may be on the host of the node; what is here and cannot be used is wrong wherever it lies. Nothing: there is no fault that counts.
std::optional<error> wrong_certificates(const desk::configuration& config, bool may_be_missing) {
  error all{errc::invalid_argument, "the edge cannot use what its listeners name", {}};
  for (const auto& f : desk::certificate_faults(config)) {
    if (may_be_missing && f.why.code == errc::not_found) std::cerr << "troupe-node: listener " << f.listener << ": " << f.why.message << "; without it the node does not start\n";
    else all.fields.push_back({"listener " + f.listener, f.why.message});
  }
  return all.fields.empty() ? std::nullopt : std::optional{all};
}

/// What the environment asks of a node started with --allow-faults. `crash` outlives the node. Errors: invalid_argument.
result<void> obey_faults(const arguments& a, desk::crash_switch& crash, desk::desk_options& o) {
  if (!a.allow_faults) return {};
  const char* at = std::getenv("TROUPE_CRASH_AT");
  if (auto armed = desk::crash_switch::arm(crash, at ? at : ""); !armed) return armed.error();
  auto faults = std::make_shared<journal::file_faults>();
  // "ms:n": every sync of the log from the n-th on takes that much longer.
  const char* delay = std::getenv("TROUPE_SYNC_DELAY");
  const auto delay_ms = delay ? std::atoll(delay) : 0;
  const char* colon = delay ? std::strchr(delay, ':') : nullptr;
  const auto delay_from = static_cast<std::uint64_t>(colon ? std::atoll(colon + 1) : 0);
  if (const char* n = std::getenv("TROUPE_SYNC_FAIL_AT")) faults->fail_sync_in = std::atoll(n);
  if (const char* hold = std::getenv("TROUPE_LOSE_UNSYNCED")) faults->hold_unsynced = *hold == '1';
  o.crash_point = [&crash](std::string_view point) { crash.pass(point); };
  o.file_system = journal::make_fault_file_system(faults, [&crash, faults, delay_ms, delay_from](std::string_view point) {
    crash.pass(point);
    if (delay_ms > 0 && faults->syncs >= delay_from) faults->sync_delay_ms = delay_ms;
  });
  return {};
}

int run_until_done(const arguments& a, desk::configuration& config) {
  desk::desk_options o;
  o.config = &config;
  o.deterministic = true;
  desk::crash_switch crash;
  if (auto armed = obey_faults(a, crash, o); !armed) return complain(armed.error(), "environment", 2);
  if (crash.name().starts_with("journal."))
    return complain(fail(errc::unsupported, "a run until done syncs nothing, so it passes no crash point of the journal; name one of the others"), "environment", 2);
  auto folder = folder_of_run(a, config);
  if (!folder) return complain(folder.error(), "cannot open", 3);
  o.data_dir = *folder;
  static_cast<void>(telemetry::allow_open_files(desk::open_files_needed(config))); // without clients it takes a very long run to need them
  auto node = desk::desk::open(o);
  if (!node) return complain(node.error(), "cannot open", 3);
  if (config.feeds.empty()) return complain(fail(errc::invalid_argument, "there is no feed to run until done"), "configuration", 2);
  const auto begin = desk::begin_of(config);
  if (!begin) return complain(begin.error(), "cannot read the feed", 3);
  (*node)->driver_clock().set(*begin);
  if (auto started = (*node)->start(); !started) return complain(started.error(), "cannot start", 3);
  const bool terminal = ::isatty(2) != 0;
  const auto began = std::chrono::steady_clock::now();
  auto summary = desk::run_until_done(**node, [&](std::uint64_t lines) {
    if (!terminal) return;
    const auto s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::fprintf(stderr, "\r\033[K%llu entries, %.0f/s", static_cast<unsigned long long>(lines), static_cast<double>(lines) / s);
  });
  if (terminal) std::fputs("\r\033[K", stderr);
  if (!summary) return complain(summary.error(), "the run failed", 1);
  for (const auto& line : summary->bad) std::cerr << "bad line: " << line << '\n';
  if (summary->bad_lines > summary->bad.size()) std::cerr << summary->bad_lines << " bad lines in all\n";
  for (const auto& warning : summary->warnings) std::cerr << "troupe-node: " << warning << '\n';
  if (!(std::cout << summary->json() << std::endl)) return complain(not_written(), "the run is done", 1);
  if (terminal) std::fprintf(stderr, "%.2f s\n", summary->seconds);
  return summary->positions_equal_fills ? 0 : 1;
}

int exit_code_of(const error& e) { return e.code == errc::conflict ? 6 : 3; }

/// A process that cannot go on ends by then, also when the disk does not take its last words.
constexpr unsigned fatal_within_s = 2;
/// What it ends with, whoever ends it: the first reason's. Zero: it can go on.
std::atomic<int> fatal_code{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler reads it");

/// No drain: what is durable is safe, and nothing else may be acknowledged.
[[noreturn]] void end_fatally(const std::filesystem::path& data_dir, const std::string& why, int code) {
  int none_yet = 0;
  const bool is_first = fatal_code.compare_exchange_strong(none_yet, code);
  if (is_first) ::alarm(fatal_within_s);
  log::error("node", {}, why);
  while (!is_first) ::pause(); // for the end: whoever comes behind the first does not cut its words short
  log::stop();
  desk::leave_last_words(data_dir, std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now()), why);
  ::_exit(fatal_code);
}

/// What the system refused when nobody caught it: nothing is wrong with the program, and its core would tell nobody more.
std::optional<std::string> refused_by_the_system() {
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    return "the system gives this process no more memory: raise its limit (`ulimit -v`), or give it a larger machine";
  } catch (const std::system_error& e) {
    if (e.code() == std::errc::resource_unavailable_try_again)
      return "the system gives this process no more threads (" + e.code().message() + "): raise its limit (`ulimit -u`, `ulimit -v`, TasksMax= of its unit), or lower node.threads";
  } catch (...) { // a mistake in the program, which ends it with a core
  }
  return std::nullopt;
}

/// For the handler below, which nothing can be given to.
std::filesystem::path folder_of_process;
std::atomic<bool> was_ready{false};

/// A thread that cannot be made, in a library as here, ends the process with a reason and no core.
void end_with_a_reason(const std::filesystem::path& data_dir) {
  folder_of_process = data_dir;
  std::set_terminate([] {
    const auto why = refused_by_the_system();
    if (!why) std::abort();
    if (was_ready) end_fatally(folder_of_process, *why, 4);
    ::_exit(complain(fail(errc::unavailable, *why), "cannot start", 3));
  });
}

int run_live(const arguments& a, desk::configuration& config) {
  end_with_a_reason(config.node.data_dir.value());
  auto signals = std::make_unique<desk::stop_signals>();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGALRM, [](int) { // of `end_fatally`
    if (const int code = fatal_code; code != 0) ::_exit(code);
  });

  log::options logging;
  logging.node = config.node.name.value().value.str();
  logging.least = boost::describe::enum_from_string(config.node.log_level.value().c_str(), logging.least) ? logging.least : log::level::info;
  if (config.node.log_format.value() == "text") logging.as = log::format::text;
  if (config.node.log_format.value() == "json") logging.as = log::format::json;
  if (auto started = log::start(logging); !started) return complain(started.error(), "cannot log", 3);

  desk::crash_switch crash;
  desk::desk_options o;
  o.config = &config;
  o.data_dir = config.node.data_dir.value();
  o.accept_missing_frontier = a.accept_missing_frontier;
  o.accept_older_journal = a.accept_older_journal;
  o.faults_allowed = a.allow_faults;
  o.is_asked_to_stop = [&signals] { return signals->is_asked(); };
  o.leave = [] { ::kill(::getpid(), SIGTERM); };
  o.on_fatal = [data_dir = o.data_dir](const std::string& why) { end_fatally(data_dir, why, why.starts_with("watchdog") ? 5 : 4); };
  if (auto armed = obey_faults(a, crash, o); !armed) return complain(armed.error(), "environment", 2);
  if (auto allowed = telemetry::allow_open_files(desk::open_files_needed(config)); !allowed) return complain(allowed.error(), "cannot start", 3);
  auto node = desk::desk::open(o);
  if (!node) return complain(node.error(), "cannot open the data folder", exit_code_of(node.error()));
  auto edge = desk::edge_server::make(**node);
  if (!edge) return complain(edge.error(), "cannot prepare the edge", 3);
  const auto began = std::chrono::steady_clock::now();
  if (auto bound = (*edge)->bind(); !bound) return complain(bound.error(), "cannot listen", 3);
  const auto end_early = [] { // nobody was told that it is ready, and a recovery that is under way need not be waited for
    log::info("node", {}, "stopped before it was ready; what is on record is durable");
    log::stop();
    ::_exit(0);
  };
  for (const auto& warning : desk::warnings_of(config)) log::warn("node", {}, warning);
  const auto started = signals->is_asked() ? result<void>{} : (*node)->start();
  if (signals->is_asked()) end_early();
  if (!started) return complain(started.error(), "cannot start", exit_code_of(started.error()));
  const auto listening = (*edge)->start();
  if (!listening && signals->is_asked()) end_early();
  if (!listening) return complain(listening.error(), "cannot listen", 3);
  std::cout << (*edge)->ready_line() << std::endl;
  was_ready = true;
  {
    std::unique_ptr<desk::live_summary> live;
    if (::isatty(2)) live = std::make_unique<desk::live_summary>(**node);
    signals->wait();
  }
  signals->tell_what_is_left([&node, &edge] {
    const auto actors = (*node)->pulses().all();
    const auto there = std::count_if(actors.begin(), actors.end(), [](const auto& p) { return p->alive.load(); });
    return std::to_string((*edge)->requests_under_way()) + " requests were not answered, " + std::to_string(there) + " actors had not ended, " +
           std::to_string(desk::waiting_turns(**node)) + " turns were not seen durable; what was acknowledged is on record";
  });
  log::info("node", {}, "draining");
  (*node)->expect_end();
  const bool can_be_taken_apart = (*edge)->stop();
  auto all = desk::activity_of(**node); // positions are an actor's answer: now or never
  (*node)->stop();
  desk::count_at_end(**node, all);
  signals.reset(); // it is drained: nothing is left to be cut short
  log::stop();
  std::cerr << desk::report_text(all, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  if (!can_be_taken_apart) ::_exit(0); // everything is durable
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  telemetry::hold_standard_files();
  std::signal(SIGXFSZ, SIG_IGN); // what is beyond a limit of files' sizes fails as on a full disk, with a reason
  ::umask(077); // orders, accounts and keys are for who runs the node
  arguments a;
  CLI::App app{"One node of a Troupe desk: market data in, strategies, risk, orders, a simulated venue, positions; all of it\n"
               "durable, inspectable and restartable at any instant.\n\n"
               "  troupe-node --config config/desk.json                 run until Ctrl-C\n"
               "  troupe-node --until-done --feed capture.jsonl.gz      replay on virtual time, print a summary, exit\n"
               "  troupe-node --check --set risk.lease_ms=2000          validate only"};
  app.add_option("--config", a.config, "configuration, JSON with comments")->capture_default_str();
  app.add_option("--set", a.sets, "override one property: key=value, repeatable")->take_all();
  app.add_option("--data-dir", a.data_dir, "folder of journals, tape and keys");
  app.add_option("--feed", a.feed, "captured stream or bar file instead of the configured feeds");
  app.add_option("--quotes", a.quotes, "events of the random walk (default with --until-done: 100000, unless configured feeds come to an end)")->check(whole_number(1));
  app.add_option("--seed", a.seed, "seed of the random walk instead of the configured feeds (default 1)")->check(whole_number(0));
  app.add_flag("--until-done", a.until_done, "run --feed, else the configured feeds that end, else a random walk, at full speed on virtual time, deterministically; no edge");
  app.add_flag("--check", a.check, "validate the configuration and exit");
  app.add_flag("--allow-faults", a.allow_faults, "obey fault injection and TROUPE_CRASH_AT; never in production");
  app.add_flag("--list-crash-points", a.list_crash_points, "print the names TROUPE_CRASH_AT takes and exit");
  app.add_flag("--accept-older-journal", a.accept_older_journal,
               "the slots' journal was restored from a backup, and no other node has its slots: take them over at the venues again");
  app.add_flag("--accept-missing-frontier", a.accept_missing_frontier, "start although the frontier file is gone; an operator's decision");
  app.set_version_flag("--version", telemetry::version_line());
  app.footer("Exit codes: 0 done, 1 run failed or drain cut short by a second signal, 2 usage or configuration, 3 cannot open or\n"
             "start, 4 journal or supervision died, 5 a handler never returned, 6 the journal is gone, or a venue knows a newer one.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return code == 0 ? 0 : 2;
  }
  if (a.list_crash_points) {
    for (const auto& name : desk::all_crash_points()) std::cout << name << '\n';
    return 0;
  }
  if (auto sensible = check(a, app); !sensible) return complain(sensible.error(), "usage", 2);
  auto config = configuration_of(a);
  if (!config) return complain(config.error(), "configuration", 2);
  if (a.until_done)
    if (auto all = desk::check_ends(*config); !all) return complain(all.error(), "configuration", 2);
  if (a.check) {
    std::cout << "the configuration is valid; cluster-wide hash " << config::hash_of_cluster_wide(*config) << std::endl;
    tell_missing_certificates(*config);
    for (const auto& why : desk::expiring_certificates(*config, actor::wall_clock{}.now())) std::cerr << "troupe-node: " << why << '\n';
    tell_missing_feeds(*config);
    for (const auto& warning : desk::warnings_of(*config)) std::cerr << "troupe-node: " << warning << '\n';
    if (const auto wrong = wrong_certificates(*config, true)) return complain(*wrong, "certificates", 2);
    return std::cout ? 0 : complain(not_written(), "the configuration is valid", 1);
  }
  if (a.until_done) return run_until_done(a, *config);
  if (const auto wrong = wrong_certificates(*config, false)) return complain(*wrong, "certificates", 2);
  return run_live(a, *config);
}
