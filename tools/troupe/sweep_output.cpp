#include "tools/troupe/sweep_output.hpp"

#include "actors/research/sweep/grid.hpp"
#include "actors/research/sweep/rows.hpp"
#include "nodes/sweep/feed_contents.hpp"
#include "runtime/core/counted.hpp"
#include "runtime/wire/json_value.hpp"
#include "tools/troupe/sweep_csv.hpp"
#include "tools/troupe/sweep_ranking.hpp"
#include "tools/troupe/terminal.hpp"

#include <cstdio>
#include <iostream>

#include <unistd.h>

namespace troupe::cli {

using namespace troupe::sweep_node;

namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  wire::append_json_string(out, text);
  return out;
}

/// {"event":...,"sweep":...,"trials":...,... without the closing brace.
std::string counts_json(const char* event, const std::string& name, const sweep_moment& m) {
  return std::string{"{\"event\":\""} + event + "\",\"sweep\":" + in_quotes(name) + ",\"trials\":" + std::to_string(m.trials) +
         ",\"finished\":" + std::to_string(m.finished()) + ",\"done\":" + std::to_string(m.done) + ",\"refused\":" + std::to_string(m.refused) +
         ",\"failed\":" + std::to_string(m.failed);
}

std::string number(double x, const char* form) {
  char text[32];
  std::snprintf(text, sizeof text, form, x);
  return text;
}

std::string counts_text(const sweep_moment& m) {
  return std::to_string(m.done) + " done, " + std::to_string(m.refused) + " refused, " + std::to_string(m.failed) + " failed";
}

sweep_moment moment_of(const sweep::sweep_state& s) { return {s.trials, s.done, s.refused, s.failed, 0, 0}; }

} // namespace

const char* state_of(const sweep::sweep_state& s, bool runs) {
  if (s.finished_count() == s.trials) return "complete";
  return runs ? "running" : "stopped";
}

sweep_output::sweep_output(std::string name, bool json) : name_{std::move(name)}, json_{json}, has_terminal_{::isatty(STDERR_FILENO) != 0} {}

void sweep_output::moment(const sweep_moment& m) {
  std::lock_guard guard{mutex_};
  const auto now = steady::now();
  if (!first_) {
    first_ = m.finished();
    began_ = now;
  }
  const auto pause = json_ ? std::chrono::milliseconds{1000} : std::chrono::milliseconds{100};
  if (now - drawn_ < pause || (!json_ && !has_terminal_)) return;
  drawn_ = now;
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now - began_).count());
  const double rate = static_cast<double>(m.finished() - *first_) / seconds;
  const auto left = m.trials - m.finished();
  const double eta = rate > 0 ? static_cast<double>(left) / rate : 0;
  if (json_) {
    std::cout << counts_json("progress", name_, m) << ",\"workers_up\":" << m.workers_up << ",\"rate\":" << number(rate, "%.1f")
              << ",\"eta_s\":" << (rate > 0 ? number(eta, "%.0f") : std::string{"null"}) << '}' << std::endl;
    return;
  }
  constexpr int bar = 24;
  const int full = m.trials == 0 ? 0 : static_cast<int>(m.finished() * bar / m.trials);
  const auto line = name_ + " [" + std::string(static_cast<std::size_t>(full), '#') + std::string(static_cast<std::size_t>(bar - full), '.') + "] " +
                    std::to_string(m.finished()) + "/" + std::to_string(m.trials) + "  " + number(rate, rate < 10 ? "%.1f" : "%.0f") + "/s  " +
                    (rate > 0 ? time_left(eta) : std::string{"-"}) + "  " + std::to_string(m.workers_up) + " of " + std::to_string(m.workers) +
                    (m.workers == 1 ? " worker" : " workers");
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  is_drawn_ = true;
}

void sweep_output::note(const char* level, const std::string& line) {
  std::lock_guard guard{mutex_};
  if (std::string_view{level} == "info" && !json_) return;
  if (json_) {
    std::cout << "{\"event\":\"note\",\"level\":" << in_quotes(level) << ",\"message\":" << in_quotes(line) << '}' << std::endl;
    return;
  }
  if (std::exchange(is_drawn_, false)) std::fputs("\r\033[K", stderr);
  std::cerr << "troupe: " << line << std::endl;
}

void sweep_output::clear() {
  std::lock_guard guard{mutex_};
  if (std::exchange(is_drawn_, false)) std::fputs("\r\033[K", stderr);
}

void sweep_output::finish(const run_outcome& o) {
  std::lock_guard guard{mutex_};
  const double seconds = std::chrono::duration<double>(steady::now() - began_).count();
  if (json_) {
    std::cout << counts_json(o.is_complete ? "done" : "stopped", name_, o.last) << ",\"earlier\":" << o.earlier << ",\"table_hash\":" << (o.table ? in_quotes(o.table->value.view()) : "null") << "}\n";
    return;
  }
  if (!o.is_complete) {
    std::cout << "stopped: " << o.last.finished() << " of " << counted(o.last.trials, "trial") << (o.last.trials == 1 ? " is" : " are") << " finished; go on with: troupe sweep resume " << name_ << '\n';
    return;
  }
  std::cout << counted(o.last.trials, "trial") << ": " << counts_text(o.last) << "; " << o.last.finished() - first_.value_or(0) << " of them now, in "
            << number(seconds, "%.1f") << " s"
            << (o.earlier == 0 ? "" : ", " + std::to_string(o.earlier) + " on record in sweeps beside this one (--again runs them too)") << '\n'
            << "table " << o.table->value.view() << '\n';
}

std::string status_text(const std::string& name, const sweep::sweep_state& s, std::optional<int> runs_in, const table_hash& table) {
  const auto m = moment_of(s);
  return name + " is " + state_of(s, runs_in.has_value()) + (runs_in ? " in process " + std::to_string(*runs_in) : "") + ": " + std::to_string(m.finished()) +
         " of " + counted(m.trials, "trial") + ", " + counts_text(m) + "\n" +
         (m.finished() == m.trials ? "table " : "table so far ") + table.hash.value.str() + "\n";
}

namespace {

/// Feed files that the configuration or a parameter names.
std::string files_json(const feed_contents& files) {
  std::string out = "[";
  for (const auto& [file, hash] : files)
    out += (out.size() > 1 ? ",{\"file\":" : "{\"file\":") + in_quotes(file) + ",\"sha256\":" + in_quotes(hash.value.view()) + "}";
  return out + "]";
}

} // namespace

std::string status_json(const std::string& name, const sweep::sweep_state& s, std::optional<int> runs_in, const table_hash& table) {
  return counts_json("status", name, moment_of(s)) + ",\"state\":\"" + state_of(s, runs_in.has_value()) +
         "\",\"process\":" + (runs_in ? std::to_string(*runs_in) : "null") + ",\"identity\":" + in_quotes(s.identity.value.view()) +
         ",\"feed\":" + (s.what.feed ? in_quotes(s.what.feed->hash.value.view()) : "null") + ",\"files\":" + files_json(contents_of(s.what)) + ",\"build\":" + in_quotes(s.what.build) +
         ",\"rows\":" + std::to_string(table.rows) + ",\"table_hash\":" + in_quotes(table.hash.value.view()) + "}\n";
}

std::string list_json(const std::string& name, const sweep::sweep_state& s, std::optional<int> runs_in) {
  return counts_json("sweep", name, moment_of(s)) + ",\"state\":\"" + state_of(s, runs_in.has_value()) + "\",\"process\":" + (runs_in ? std::to_string(*runs_in) : "null") +
         ",\"build\":" + in_quotes(s.what.build) + "}\n";
}

namespace {

std::vector<std::string> cells_of(const sweep::trial_result& r, const std::vector<sweep::axis>& axes) {
  std::vector<std::string> cells{std::to_string(r.index)};
  for (auto& [key, value] : sweep::trial_at(axes, r.index)) cells.push_back(std::move(value));
  const auto net = sweep::net_pnl(r);
  for (auto cell : {std::string{boost::describe::enum_to_string(r.status, "?")}, std::to_string(r.orders), std::to_string(r.fills),
                    net ? net->str() + (net->ccy.empty() ? "" : ' ' + net->ccy.str()) : std::string{}, r.realized_pnl, r.unrealized_pnl, r.fees, r.journal_hash.substr(0, 12),
                    r.worker.value.str(), r.reason})
    cells.push_back(std::move(cell));
  return cells;
}

} // namespace

result<void> show_table(const journal::journal& store, const sweep::sweep_state& s, table_form form, const table_choice& choice, std::ostream& out) {
  const bool as_lines = form != table_form::columns;
  const auto write_line = [&](const sweep::trial_result& r) { out << (form == table_form::csv ? csv_row(s.what.axes, r) : sweep::canonical_row(s.what.axes, r)) << '\n'; };
  if (form == table_form::csv) out << csv_head(s.what.axes) << '\n';
  if (as_lines && !choice.best_first)
    return for_each_row(store, [&](const sweep::trial_result& r) {
      write_line(r);
      return true;
    });
  std::vector<std::string> head{"TRIAL"};
  for (const auto& a : s.what.axes) head.push_back(a.key);
  for (const char* column : {"STATUS", "ORDERS", "FILLS", "NET", "REALIZED", "UNREALIZED", "FEES", "JOURNAL", "WORKER", "REASON"}) head.emplace_back(column);
  table t{std::move(head)};
  std::uint64_t rows = 0;
  const auto show = [&](const sweep::trial_result& r) {
    if (as_lines) write_line(r);
    else t.row(cells_of(r, s.what.axes), r.status == sweep::trial_status::done ? colour::plain : r.status == sweep::trial_status::refused ? colour::dim : colour::red);
    ++rows;
  };
  sweep_ranking best{choice.limit};
  auto whole = hash_table(store, s.what.axes, [&](const sweep::trial_result& r) {
    if (choice.best_first) best.add(r);
    else if (choice.limit == 0 || rows < choice.limit) show(r);
  });
  if (!whole) return whole.error();
  for (const auto& r : best.take()) show(r.row);
  if (as_lines) return {};
  out << t.str();
  if (rows < whole->rows) out << "... " << whole->rows - rows << " more rows; --limit 0 shows all\n";
  out << (whole->rows == s.trials ? "table " : "table so far ") << whole->hash.value.view() << '\n';
  return {};
}

} // namespace troupe::cli
