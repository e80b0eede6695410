// troupe sweep run, resume, list, status, show, stop: many trials of the deterministic desk, on this machine or on others.

#include "actors/research/sweep/grid.hpp"
#include "nodes/desk/feed_file.hpp"
#include "nodes/desk/stop_signals.hpp"
#include "nodes/sweep/feed_cache.hpp"
#include "nodes/sweep/sweep_run.hpp"
#include "nodes/sweep/trial.hpp"
#include "nodes/sweep/worker_config.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/telemetry/build_info.hpp"
#include "tools/common/arguments.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/sweep_output.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include <unistd.h>

namespace troupe::cli {
namespace fs = std::filesystem;
using namespace troupe::sweep_node;

namespace {

constexpr const char* all_sweeps = "sweeps"; // the folder of those that lie nowhere else

/// A name that stays within the folder of sweeps.
CLI::Validator folder_name() {
  return {[](std::string& text) {
            const bool is_plain = std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; });
            return is_plain && !text.starts_with('.') && text.size() <= 64 ? std::string{} : "\"" + text + "\" is no name of a sweep; for a place of its own give --data-dir";
          },
          "NAME"};
}

struct sweep_arguments {
  std::string name = "sweep", data_dir, config = "config/desk.json", feed, certificates, as = orchestrator_default, instrument;
  std::vector<std::string> sets, nodes;
  std::uint64_t quotes = 0;
  std::optional<std::uint64_t> seed;
  std::uint32_t workers = 0, timeout_s = 600, attempts = 3, wait_s = 60;
  std::uint64_t limit = 20;
  bool idle = false;
  bool best_first = false;
  bool runs_all = false;
  bool json = false;
  bool csv = false;

  [[nodiscard]] fs::path folder() const { return data_dir.empty() ? fs::path{all_sweeps} / name : fs::path{data_dir}; }
  void add_name(CLI::App& c) {
    c.add_option("NAME", name, "The sweep: letters, digits, '-', '_' and '.', which does not begin it")->capture_default_str()->check(folder_name());
    c.add_option("--data-dir", data_dir, "Its folder; sweeps/NAME when not given");
    c.add_flag("--json", json, "For programs");
  }
};

/// The program beside this one.
fs::path worker_program() {
  std::error_code failed;
  return fs::read_symlink("/proc/self/exe", failed).parent_path() / "troupe-worker";
}

result<std::string> read_configuration(const std::string& file) {
  constexpr std::size_t bytes_max = 256 << 10; // it is told to every worker in one message
  auto from = config::read_source(file, {});
  if (!from) return from.error();
  if (from->text.size() > bytes_max) return fail(errc::too_large, file + " is longer than 256 KiB");
  return std::move(from->text);
}

/// What the trials are about: a file and what it brings along, or the random walk.
result<void> describe_market(const sweep_arguments& a, sweep::description& what, file_hashes& hashes) {
  if (a.feed.empty()) {
    const auto base = base_configuration(what, {});
    if (!base) return base.error();
    if (a.quotes != 0 || a.seed) what.overrides.push_back(desk::walk_override(a.seed.value_or(1), a.quotes != 0 ? a.quotes : desk::walk_quotes));
    else if (auto walk = desk::walk_instead(*base)) what.overrides.push_back(std::move(*walk));
    else return desk::check_ends(*base);
    return {};
  }
  auto there = hashes.of(a.feed);
  if (!there) return there.error();
  what.feed = sweep::feed_file{feed_path_of(a.feed), there->content.hash, there->content.size};
  if (!a.instrument.empty()) what.overrides.push_back("feeds.0.instrument=" + a.instrument);
  const auto base = base_configuration(what, a.feed);
  if (!base) return base.error();
  auto more = desk::overrides_for(*base, base->feeds[0]);
  if (!more) return more.error();
  what.overrides.insert(what.overrides.begin(), more->begin(), more->end());
  return {};
}

result<sweep::begin> describe(const sweep_arguments& a, file_hashes& hashes) {
  sweep::begin b;
  b.what.kind = a.idle ? sweep::trial_kind::idle : sweep::trial_kind::desk;
  b.what.build = telemetry::build_id();
  b.how = {a.timeout_s * 1000, a.attempts};
  auto axes = sweep::parse_grid(a.sets);
  if (!axes) return axes.error();
  b.what.axes = std::move(*axes);
  if (a.idle) return b;
  auto text = read_configuration(a.config);
  if (!text) return text.error();
  b.what.configuration = std::move(*text);
  if (auto good = describe_market(a, b.what, hashes); !good) return good.error();
  if (auto good = check_keys(b.what, a.feed); !good) return good.error();
  if (auto good = record_contents(b.what, hashes); !good) return good.error();
  return b;
}

/// From `options.begin` or from where it was left, with what a person sees of it.
int conduct(const sweep_arguments& a, run_options options) {
  if (!fs::exists(options.worker_program = worker_program())) {
    complain(fail(errc::not_found, "troupe-worker is not beside this program, in " + options.worker_program.parent_path().string()));
    return unreachable;
  }
  const desk::stop_signals signals;
  sweep_output out{a.name, a.json};
  options.folder = a.folder();
  options.workers_within = std::chrono::seconds{a.wait_s};
  options.is_asked_to_stop = [&] { return signals.is_asked(); };
  options.moment = [&](const sweep_moment& m) { out.moment(m); };
  options.log = [&](const char* level, const std::string& line) { out.note(level, line); };
  options.on_fatal = [](const std::string& why) { // what is durable is safe, and nothing else may count
    std::cerr << "\ntroupe: " << why << '\n';
    ::_exit(unreachable);
  };
  const auto outcome = run_sweep(options);
  out.clear();
  if (!outcome) {
    const int code = complain_of_place(outcome.error());
    return outcome.error().code == errc::corrupt || outcome.error().code == errc::too_large ? finding : code;
  }
  out.finish(*outcome);
  if (!outcome->is_complete) return finding;
  if (outcome->last.trials > 0 && outcome->last.refused == outcome->last.trials)
    return complain(fail(errc::forbidden, "every trial was refused; see why: troupe sweep show " + a.name));
  return outcome->last.failed == 0 ? done : finding;
}

int run(const sweep_arguments& a) {
  if (!a.feed.empty() && (a.quotes > 0 || a.seed)) return complain(fail(errc::invalid_argument, "--quotes and --seed are of the random walk, and --feed replays a file instead of it"));
  if (!a.nodes.empty() && a.workers > 0) return complain(fail(errc::invalid_argument, "--workers starts workers here, and --nodes uses those that run elsewhere"));
  if (!a.nodes.empty() && a.certificates.empty())
    return complain(fail(errc::invalid_argument, "--nodes needs --certificates FOLDER: what `troupe ca issue " + a.as + "` made"));
  run_options o;
  auto begin = describe(a, o.hashes);
  if (!begin) {
    complain(begin.error());
    return begin.error().code == errc::not_found ? unreachable : usage;
  }
  o.begin = std::move(*begin);
  o.runs_all = a.runs_all;
  o.places.feed = a.feed.empty() ? "" : fs::absolute(a.feed).lexically_normal().string();
  o.places.nodes = a.nodes;
  o.places.name = a.as;
  o.places.certificates = a.certificates.empty() ? "" : fs::absolute(a.certificates).lexically_normal().string();
  o.places.workers = a.workers > 0 ? a.workers : std::max(1u, std::thread::hardware_concurrency());
  o.places.allow_idle = a.idle;
  return conduct(a, std::move(o));
}

/// Names, ascending.
std::vector<std::string> sweeps_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& f : fs::directory_iterator{folder, failed})
    if (sweep_folder{f.path()}.has_sweep()) names.push_back(f.path().filename().string());
  std::ranges::sort(names);
  return names;
}

error no_sweep(const sweep_arguments& a) {
  std::string others;
  if (a.data_dir.empty())
    for (const auto& name : sweeps_in(all_sweeps)) others += (others.empty() ? "; there are " : ", ") + name;
  constexpr std::size_t length_max = 400; // of a sentence
  if (others.size() > length_max) others = "; `troupe sweep list` shows those there are";
  return fail(errc::not_found, "there is no sweep in " + a.folder().string() + others);
}

int resume(const sweep_arguments& a) {
  if (!sweep_folder{a.folder()}.has_sweep()) return complain_of_place(no_sweep(a));
  auto places = sweep_folder{a.folder()}.places();
  if (!places) return complain_of_place(places.error());
  run_options o;
  o.places = std::move(*places);
  if (!a.feed.empty()) o.places.feed = fs::absolute(a.feed).lexically_normal().string();
  if (!a.nodes.empty()) o.places.nodes = a.nodes;
  if (a.workers > 0) o.places.workers = a.workers;
  return conduct(a, std::move(o));
}

/// A sweep's journal as it is at this moment, whether it runs or not.
struct seen_sweep {
  std::unique_ptr<journal::journal> store;
  sweep::sweep_state state;
  std::optional<pid_t> runs_in;
};
result<seen_sweep> look(const sweep_arguments& a) {
  const sweep_folder folder{a.folder()};
  if (!folder.has_sweep()) return no_sweep(a);
  seen_sweep s;
  s.runs_in = folder.runs_in();
  auto store = journal::open_for_reading(folder.journal());
  if (!store) return store.error();
  s.store = std::move(*store);
  auto state = read_sweep(*s.store);
  if (!state) return state.error();
  s.state = std::move(*state);
  return s;
}

int status(const sweep_arguments& a) {
  const auto s = look(a);
  if (!s) return complain_of_place(s.error());
  auto table = hash_table(*s->store, s->state.what.axes);
  if (!table) return complain(table.error());
  std::cout << (a.json ? status_json(a.name, s->state, s->runs_in, *table) : status_text(a.name, s->state, s->runs_in, *table));
  return done;
}

/// Every sweep of the folder, as far as it is; one that cannot be read is told, and the others are shown all the same.
int list(const sweep_arguments& a) {
  const fs::path folder = a.data_dir.empty() ? fs::path{all_sweeps} : fs::path{a.data_dir};
  if (!a.data_dir.empty() && !fs::is_directory(folder)) return complain_of_place(fail(errc::not_found, "there is no folder " + folder.string()));
  table t{{"SWEEP", "STATE", "TRIALS", "DONE", "REFUSED", "FAILED", "BUILD"}};
  int code = done;
  for (const auto& name : sweeps_in(folder)) {
    sweep_arguments one;
    one.name = name;
    one.data_dir = (folder / name).string();
    const auto s = look(one);
    if (!s) {
      code = complain_of_place(s.error(), name);
      continue;
    }
    const auto& is = s->state;
    if (a.json) std::cout << list_json(name, is, s->runs_in);
    else t.row({name, state_of(is, s->runs_in.has_value()), std::to_string(is.trials), std::to_string(is.done), std::to_string(is.refused), std::to_string(is.failed), is.what.build});
  }
  if (!a.json) std::cout << t.str();
  return code;
}

int show(const sweep_arguments& a) {
  const auto s = look(a);
  if (!s) return complain_of_place(s.error());
  const auto shown = show_table(*s->store, s->state, a.csv ? table_form::csv : a.json ? table_form::lines : table_form::columns, {a.limit, a.best_first}, std::cout);
  return shown ? done : complain(shown.error());
}

int stop(const sweep_arguments& a) {
  const sweep_folder folder{a.folder()};
  if (!folder.has_sweep()) return complain_of_place(no_sweep(a));
  const auto pid = folder.runs_in();
  if (!pid) return complain(fail(errc::conflict, "the sweep " + a.name + " does not run"));
  if (::kill(*pid, SIGTERM) != 0) return complain(fail(errc::unavailable, "process " + std::to_string(*pid) + " cannot be asked to stop"));
  for (int i = 0; i < 3000; ++i) {
    if (folder.runs_in() != pid) {
      if (a.json) std::cout << "{\"event\":\"stopped\",\"sweep\":\"" << a.name << "\"}\n";
      else std::cout << "stopped; what was finished is on record: troupe sweep resume " << a.name << '\n';
      return done;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return complain(fail(errc::timeout, "process " + std::to_string(*pid) + " was asked to stop and has not ended within 30 s"));
}

void add_run(CLI::App& parent, int& code) {
  auto a = std::make_shared<sweep_arguments>();
  auto* c = parent.add_subcommand("run", "Runs every trial of a grid and prints the hash of the result table");
  a->add_name(*c);
  c->add_option("--set", a->sets, "A parameter: KEY=FROM:TO:STEP, KEY=V1,V2,... or KEY=VALUE; repeatable. strategy.NAME.PARAMETER is that "
                                  "strategy's, everything else a configuration key")->allow_extra_args(false)->take_all();
  c->add_option("--config", a->config, "The desk's configuration")->capture_default_str();
  c->add_option("--feed", a->feed, "Captured stream or bar file every trial replays");
  c->add_option("--instrument", a->instrument, "SYMBOL.VENUE of the file when its name does not tell");
  c->add_option("--quotes", a->quotes, "Without a file: events of the random walk; 100000 when the configuration says none")->check(tools::whole_number(1));
  c->add_option("--seed", a->seed, "Seed of the random walk; 1 without it")->check(tools::whole_number());
  c->add_option("--workers", a->workers, "Worker processes started here; as many as cores when not given")->check(CLI::Range(1u, 256u));
  c->add_option("--nodes", a->nodes, "Use workers that run already, as [NAME@]HOST:PORT; without NAME the host's name is the certificate's")->delimiter(',')->allow_extra_args(false);
  c->add_option("--certificates", a->certificates, "With --nodes: folder with NAME.crt, NAME.key and ca.crt of the orchestrator");
  c->add_option("--as", a->as, "With --nodes: the orchestrator's name in its certificate")->capture_default_str();
  c->add_option("--trial-timeout", a->timeout_s, "Seconds after which a trial is ended")->capture_default_str()->check(CLI::Range(1u, 86'400u));
  c->add_option("--attempts", a->attempts, "A trial that ended its process so often has failed")->capture_default_str()->check(CLI::Range(1u, 10u));
  c->add_option("--wait", a->wait_s, "Seconds without any worker after which the sweep is given up")->capture_default_str()->check(CLI::Range(1u, 86'400u));
  c->add_flag("--again", a->runs_all, "Run every trial, also those that another sweep in the same folder has on record");
  c->add_flag("--idle", a->idle, "Trials that only wait (idle.us), die (idle.die) or hang (idle.hang): measures and tests the sweep itself");
  c->footer("Example: troupe sweep run averages --set strategy.ma.fast=5:50:5 --set strategy.ma.slow=20:200:20 --feed FILE\n"
            "Without --nodes it starts its workers itself and takes them away at the end. What is finished is on the disk: kill it\n"
            "at any time and `troupe sweep resume` goes on. A trial that another sweep beside this one has finished, with the same\n"
            "configuration, feed, build and parameters, is taken over and not run again. The hash depends on the rows alone, not on who ran them, when or in which\n"
            "order. Exit codes: 0 every trial is done, some perhaps refused, 1 some failed, all were refused, it was stopped, or there is a sweep of this name,\n"
            "2 wrong command line, 3 no feed, no workers.");
  c->callback([a, &code] { code = run(*a); });
}

} // namespace

void add_sweep_commands(CLI::App& root, int& code) {
  auto* parent = root.add_subcommand("sweep", "Many trials of the deterministic desk over a grid of parameters");
  parent->require_subcommand(1);
  add_run(*parent, code);

  auto r = std::make_shared<sweep_arguments>();
  auto* again = parent->add_subcommand("resume", "Goes on with a sweep that was stopped or killed; no finished trial is run again");
  r->add_name(*again);
  again->add_option("--feed", r->feed, "The feed, when it lies elsewhere now; it must have the same content");
  again->add_option("--workers", r->workers, "Another number of workers here")->check(CLI::Range(1u, 256u));
  again->add_option("--nodes", r->nodes, "Other workers")->delimiter(',')->allow_extra_args(false);
  again->add_option("--wait", r->wait_s, "Seconds without any worker after which the sweep is given up")->capture_default_str()->check(CLI::Range(1u, 86'400u));
  again->footer("Example: troupe sweep resume averages\nExit codes: as run.");
  again->callback([r, &code] { code = resume(*r); });

  auto l = std::make_shared<sweep_arguments>();
  auto* all = parent->add_subcommand("list", "The sweeps there are, and how far each is");
  all->add_option("--data-dir", l->data_dir, "The folder they lie in; sweeps when not given");
  all->add_flag("--json", l->json, "For programs: one object a line");
  all->footer("Example: troupe sweep list");
  all->callback([l, &code] { code = list(*l); });

  auto s = std::make_shared<sweep_arguments>();
  auto* look_at = parent->add_subcommand("status", "How far a sweep is, whether it runs, and the hash of its table so far");
  s->add_name(*look_at);
  look_at->footer("Example: troupe sweep status averages --json");
  look_at->callback([s, &code] { code = status(*s); });

  auto t = std::make_shared<sweep_arguments>();
  auto* table_of = parent->add_subcommand("show", "The result table");
  t->add_name(*table_of);
  table_of->add_option("--limit", t->limit, "Rows shown; 0: all. With --json or --csv always all, but with --best")->capture_default_str()->check(tools::whole_number());
  table_of->add_flag("--best", t->best_first, "The best first, by net P&L: realized and unrealized less fees; else in the order of the grid");
  table_of->add_flag("--csv", t->csv, "For spreadsheets and data frames: comma-separated, the names of the columns first")->excludes("--json");
  table_of->footer("Examples: troupe sweep show averages --best --limit 10\n          troupe sweep show averages --csv > averages.csv\nWith --json the rows as they are hashed, a line each: `troupe sweep show averages --json | sha256sum` is the table's hash.");
  table_of->callback([t, &code] { code = show(*t); });

  auto e = std::make_shared<sweep_arguments>();
  auto* end = parent->add_subcommand("stop", "Asks the process that runs a sweep to stop, and waits until it has");
  e->add_name(*end);
  end->footer("Example: troupe sweep stop averages\nExit code 1 when it does not run. Nothing finished is lost: troupe sweep resume.");
  end->callback([e, &code] { code = stop(*e); });
}

} // namespace troupe::cli
