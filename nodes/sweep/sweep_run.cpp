#include "nodes/sweep/sweep_run.hpp"

#include "nodes/sweep/earlier_results.hpp"
#include "nodes/sweep/local_workers.hpp"
#include "nodes/sweep/trial.hpp"
#include "nodes/sweep/worker_build.hpp"
#include "nodes/sweep/worker_config.hpp"
#include "runtime/cluster/certificate.hpp"
#include "runtime/core/counted.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/telemetry/build_info.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <map>
#include <thread>
#include <utility>

namespace troupe::sweep_node {
namespace {

using steady = std::chrono::steady_clock;
constexpr nanoseconds look_interval = std::chrono::milliseconds{20};

/// The file is still what the sweep began with.
result<void> check_feed(const sweep::description& what, const std::filesystem::path& file, file_hashes& hashes) {
  if (!what.feed) return {};
  const auto there = hashes.of(file);
  if (!there) return there.error();
  if (there->content.hash == what.feed->hash) return {};
  return fail(errc::corrupt, "the feed " + file.string() + " is not the one this sweep began with: its content has another hash");
}

/// What is on record of a sweep that is to be resumed. Errors: not_found, conflict (another build is to go on with it), and those of the journal.
result<sweep::description> description_in(const sweep_folder& folder) {
  auto store = journal::open_for_reading(folder.journal());
  if (!store) return store.error();
  auto state = read_sweep(**store);
  if (!state) return state.error();
  if (!state->has_begun) return fail(errc::not_found, "no sweep began in " + folder.path().string());
  // Workers are let in by what this program is: rows of two builds in one table would be nobody's.
  if (const auto own = telemetry::build_id(); state->what.build != own && state->finished_count() < state->trials)
    return fail(errc::conflict, "the sweep in " + folder.path().string() + " began with build " + state->what.build + ", and this is " + own +
                                  ": resume it with that build, or run its grid with this one under another name");
  return std::move(state->what);
}

result<orchestrator_options> options_of(const run_options& o, const sweep_folder& folder) {
  orchestrator_options x;
  x.folder = folder.path();
  x.begin = o.begin;
  x.feed = o.places.feed;
  x.name = node_name{o.places.name.empty() ? orchestrator_default : o.places.name};
  x.log = o.log;
  x.on_fatal = o.on_fatal;
  if (o.places.nodes.empty()) {
    auto names = local_names(o.places.workers);
    for (const auto& name : names) x.workers[name] = {};
    names.push_back(x.name);
    if (auto made = make_certificates(folder.local() / "certificates", names); !made) return made.error();
    x.certificates = folder.local() / "certificates" / x.name.value.str();
    x.is_dialed = true;
    return x;
  }
  x.certificates = o.places.certificates;
  for (const auto& text : o.places.nodes) {
    auto worker = parse_worker(text);
    if (!worker) return worker.error();
    if (worker->first == x.name) return fail(errc::invalid_argument, "a worker cannot be called as the orchestrator, " + x.name.value.str());
    if (!x.workers.insert(*worker).second) return fail(errc::invalid_argument, "the worker " + worker->first.value.str() + " is named twice");
  }
  if (x.workers.size() > sweep::workers_max) return fail(errc::too_large, "a sweep has at most " + std::to_string(sweep::workers_max) + " workers");
  return x;
}

bool is_up(const cluster::peer_view& p) { return p.state == cluster::peer_state::up || p.state == cluster::peer_state::suspect; }

/// Why each of them runs nothing.
std::string why_none(const orchestrator& o) {
  std::string out;
  const auto problems = o.counts().problems();
  for (const auto& w : o.workers()) {
    const auto own = problems.find(w.name);
    const auto why = is_up(w) && own != problems.end() ? own->second : w.problem.empty() ? std::string{"it did not come"} : w.problem;
    out += (out.empty() ? "" : "; ") + w.name.value.str() + ": " + why;
  }
  return out;
}

sweep_moment moment_of(const orchestrator& o) {
  const auto& c = o.counts();
  const auto peers = o.workers();
  const auto problems = o.counts().problems();
  const auto up = std::ranges::count_if(peers, [&](const auto& p) { return is_up(p) && !problems.contains(p.name); });
  return {c.trials, c.done, c.refused, c.failed, static_cast<std::size_t>(up), peers.size()};
}

/// Until it is complete or is asked to stop. Errors: unavailable.
result<bool> wait(const run_options& options, const orchestrator& o, const local_workers* local) {
  auto seen_at = steady::now();
  std::map<node_name, std::string> told;
  bool had_space = true;
  while (!o.is_complete()) {
    if (options.is_asked_to_stop()) return false;
    const auto m = moment_of(o);
    options.moment(m);
    if (m.workers_up > 0) seen_at = steady::now();
    for (const auto& [worker, why] : o.counts().problems())
      if (std::exchange(told[worker], why) != why) options.log("warn", "worker " + worker.value.str() + " can run nothing: " + why);
    if (local)
      if (const auto why = local->given_up()) return fail(errc::unavailable, *why);
    if (steady::now() - seen_at > options.workers_within)
      return fail(errc::unavailable, "no worker was there for " + std::to_string(options.workers_within / std::chrono::seconds{1}) + " s: " + why_none(o));
    if (const bool has = o.has_space(); has != had_space) {
      options.log("warn", has ? "the disk has room again, trials go on" : "the disk is full: no trial is begun until it is not");
      had_space = has;
    }
    std::this_thread::sleep_for(look_interval);
  }
  options.moment(moment_of(o));
  return true;
}

} // namespace

result<std::pair<node_name, cluster::tls_address>> parse_worker(const std::string& text) {
  const auto wrong = [&](const std::string& why) { return fail(errc::invalid_argument, "\"" + text + "\" is no worker, which is [NAME@]HOST:PORT: " + why); };
  const auto at = text.find('@');
  const auto address = at == std::string::npos ? text : text.substr(at + 1);
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong("a port is missing");
  cluster::tls_address where{address.substr(0, colon), 0};
  const auto* const begin = address.data() + colon + 1;
  const auto* const end = address.data() + address.size();
  const auto [stop, ec] = std::from_chars(begin, end, where.port);
  if (ec != std::errc{} || stop != end || where.port == 0) return wrong("a port is a number from 1 to 65535");
  auto name = cluster::parse_node_name(at == std::string::npos ? where.host : text.substr(0, at));
  if (!name) return wrong(name.error().message);
  return std::pair{*name, where};
}

result<run_outcome> run_sweep(const run_options& options) {
  const sweep_folder folder{options.folder};
  if (!options.begin && !folder.has_sweep()) return fail(errc::not_found, "there is no sweep in " + folder.path().string());
  if (options.places.nodes.empty())
    if (auto same = check_worker_build(options.worker_program); !same) return same.error();
  auto lock = sweep_lock::take(folder);
  if (!lock) return lock.error();
  if (options.begin && folder.has_sweep())
    return fail(errc::conflict, "there is a sweep in " + folder.path().string() + " already; resume it, or give this one another name");
  auto what = options.begin ? result<sweep::description>{options.begin->what} : description_in(folder);
  if (!what) return what.error();
  file_hashes hashes = options.hashes;
  if (auto same = check_feed(*what, options.places.feed, hashes); !same) return same.error();
  if (auto same = check_feed_files(*what, hashes); !same) return same.error(); // other hosts look at their own
  auto made = options_of(options, folder);
  if (!made) return made.error();
  if (options.begin && !options.runs_all)
    made->known = earlier_results(options.folder, *what, [&](const std::string& why) { options.log("warn", why); });
  if (!made->known.empty()) options.log("info", counted(made->known.size(), "trial") + (made->known.size() == 1 ? " is" : " are") + " on record in sweeps beside this one");
  run_outcome out;
  out.earlier = made->known.size();
  std::atomic<bool> is_over{false}; // from then on a worker that goes is no news
  made->log = [&](const char* level, const std::string& line) {
    if (!is_over) options.log(level, line);
  };
  {
    auto o = orchestrator::open(*made);
    if (!o) return o.error();
    made->known = {}; // on record now
    if (auto kept = folder.keep(options.places); !kept) return kept.error();
    std::optional<local_workers> local;
    if (made->is_dialed) {
      local_options l;
      l.program = options.worker_program;
      l.certificates = folder.local() / "certificates";
      l.cache = folder.local() / "cache";
      l.count = made->workers.size();
      l.orchestrator = made->name;
      l.port = (*o)->port();
      l.allow_idle = options.places.allow_idle;
      l.log = made->log;
      local.emplace(std::move(l));
    }
    auto done = wait(options, **o, local ? &*local : nullptr);
    is_over = true;
    local.reset();
    if (!done) return done.error();
    out.is_complete = *done;
    out.last = moment_of(**o);
    if (out.is_complete) {
      auto table = hash_table((*o)->store(), (*o)->what().axes);
      if (!table) return table.error();
      if (table->rows != out.last.trials)
        return fail(errc::corrupt, "the table has " + counted(table->rows, "row") + " for " + counted(out.last.trials, "trial"));
      out.table = table->hash;
    }
  }
  std::error_code ignored;
  if (made->is_dialed) std::filesystem::remove_all(folder.local(), ignored);
  return out;
}

} // namespace troupe::sweep_node
