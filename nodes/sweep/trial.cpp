#include "nodes/sweep/trial.hpp"

#include "actors/research/sweep/grid.hpp"
#include "nodes/desk/until_done.hpp"
#include "nodes/sweep/feed_contents.hpp"
#include "nodes/sweep/idle_trial.hpp"
#include "runtime/core/counted.hpp"
#include "runtime/wire/json_value.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>

namespace troupe::sweep_node {
namespace {

constexpr std::string_view strategy_prefix = "strategy.";

/// "strategy.NAME.PARAMETER" taken apart; nothing for other keys. Names have no dot.
struct strategy_key {
  std::string name;
  std::string parameter;
};
std::optional<strategy_key> strategy_key_of(std::string_view key) {
  if (!key.starts_with(strategy_prefix)) return std::nullopt;
  key.remove_prefix(strategy_prefix.size());
  const auto dot = key.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == key.size()) return std::nullopt;
  return strategy_key{std::string{key.substr(0, dot)}, std::string{key.substr(dot + 1)}};
}

result<std::size_t> strategy_named(const desk::configuration& c, const std::string& name) {
  std::string known;
  for (std::size_t i = 0; i < c.strategies.size(); ++i) {
    if (c.strategies[i].name.value().value.view() == name) return i;
    known += (known.empty() ? "" : ", ") + c.strategies[i].name.value().value.str();
  }
  return fail(errc::invalid_argument, "there is no strategy \"" + name + "\"; there are " + (known.empty() ? "none" : known));
}

void set_parameter(std::vector<std::string>& parameters, const std::string& name, const std::string& value) {
  const auto at = std::ranges::find_if(parameters, [&](const auto& p) { return p.starts_with(name + "="); });
  if (at == parameters.end()) parameters.push_back(name + "=" + value);
  else *at = name + "=" + value;
}

std::string json_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    wire::append_json_string(out, item);
  }
  return out + "]";
}

/// Of parameters that make no strategy what is wrong with them: the list of all of a strategy's was put together here, and nobody wrote it.
std::string without_list(const std::string& message) {
  constexpr std::string_view before = " is refused: it makes no strategy: "; // as the configuration's checks say it
  const auto at = message.find(before);
  return at == std::string::npos ? message : message.substr(at + before.size());
}

/// One sentence of it all, and where in a file something stands left out: it is not the trial's.
std::string sentence_of(const error& e) {
  std::string out;
  for (const auto& f : e.fields) out += (out.empty() ? "" : "; ") + (f.field.empty() ? "" : f.field + ": ") + without_list(f.message);
  return out.empty() ? e.message : out;
}

std::vector<std::string> all_overrides(const sweep::description& what, const std::filesystem::path& feed) {
  std::vector<std::string> sets;
  if (!feed.empty()) {
    std::string file;
    wire::append_json_string(file, feed.string());
    sets.push_back("feeds=[{\"name\":\"main\",\"file\":" + file + "}]");
  }
  std::ranges::remove_copy_if(what.overrides, std::back_inserter(sets), is_content);
  return sets;
}

/// With what a trial has chosen. Errors: as overrides_of.
result<config::source> chosen_source(const char* name, const sweep::description& what, const desk::configuration& base, const std::filesystem::path& feed,
                                     const std::vector<std::pair<std::string, std::string>>& chosen) {
  auto more = overrides_of(base, chosen);
  if (!more) return more.error();
  auto sets = all_overrides(what, feed);
  sets.insert(sets.end(), more->begin(), more->end());
  return config::source{name, what.configuration, std::move(sets)};
}

} // namespace

result<std::vector<std::string>> overrides_of(const desk::configuration& base, const std::vector<std::pair<std::string, std::string>>& chosen) {
  std::vector<std::string> sets;
  std::map<std::size_t, std::vector<std::string>> parameters; // by strategy
  for (const auto& [key, value] : chosen) {
    const auto about = strategy_key_of(key);
    if (!about) {
      sets.push_back(key + "=" + value);
      continue;
    }
    const auto at = strategy_named(base, about->name);
    if (!at) return at.error();
    if (!parameters.contains(*at)) parameters[*at] = base.strategies[*at].parameters.value();
    set_parameter(parameters[*at], about->parameter, value);
  }
  for (const auto& [at, list] : parameters) sets.push_back("strategies." + std::to_string(at) + ".parameters=" + json_list(list));
  return sets;
}

result<desk::configuration> base_configuration(const sweep::description& what, const std::filesystem::path& feed) {
  return config::load<desk::configuration>({"the sweep's configuration", what.configuration, all_overrides(what, feed)});
}

namespace {

/// One of the trials makes a desk; of a large grid some that are spread over it are tried. Errors: the first one's.
result<void> check_some_trial(const sweep::description& what, const desk::configuration& base, const std::filesystem::path& feed) {
  static constexpr std::uint64_t trials_tried = 512;
  const auto trials = sweep::size_of(what.axes);
  const auto tried = std::min(trials, trials_tried);
  std::optional<error> first;
  for (std::uint64_t i = 0; i < tried; ++i) {
    auto source = chosen_source("the trial", what, base, feed, sweep::trial_at(what.axes, i * (trials / tried)));
    if (!source) return source.error();
    const auto made = config::load<desk::configuration>(std::move(*source), desk::cross_checks());
    if (made) return {};
    if (!first) first = made.error();
  }
  if (!first) return {};
  return fail(errc::invalid_argument, "none of " + counted(tried, "trial") + " could run: " + sentence_of(*first));
}

} // namespace

result<void> check_keys(const sweep::description& what, const std::filesystem::path& feed) {
  static constexpr std::size_t values_tried = 16; // one of them that can be read is enough: the others may be wrong
  if (what.kind == sweep::trial_kind::idle) return {};
  const auto base = base_configuration(what, feed);
  if (!base) return base.error();
  error wrong{errc::invalid_argument, "no trial could use this", {}};
  for (const auto& axis : what.axes) {
    std::optional<error> first;
    bool is_usable = false;
    for (std::size_t i = 0; i < std::min(values_tried, axis.values.size()) && !is_usable; ++i) {
      auto source = chosen_source("the sweep's configuration", what, *base, feed, {{axis.key, axis.values[i]}});
      const auto made = source ? config::load<desk::configuration>(std::move(*source)) : result<desk::configuration>{source.error()};
      is_usable = made.has_value();
      if (!made && !first) first = made.error();
    }
    if (!is_usable) wrong.fields.push_back({"--set " + axis.key, first ? sentence_of(*first) : "no value"});
  }
  if (!wrong.fields.empty()) return wrong;
  return check_some_trial(what, *base, feed);
}

sweep::trial_result trial_runner::run(std::uint64_t index) {
  const auto began = std::chrono::steady_clock::now();
  sweep::trial_result r;
  r.index = index;
  const auto chosen = sweep::trial_at(what_.axes, index);
  if (what_.kind == sweep::trial_kind::idle) run_idle(chosen, r);
  else run_desk(chosen, r);
  r.reason = without_path(std::move(r.reason)).substr(0, sweep::reason_bytes_max); // in this order: where it is cut is nothing of this host either
  r.took_us = static_cast<std::uint64_t>(
    std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began).count());
  return r;
}

/// A file whose content is not on record could be another one for every row.
result<void> trial_runner::check_is_known(const desk::configuration& config) const {
  for (const auto& f : config.feeds) {
    const auto& file = f.file.value();
    if (file.empty() || file == feed_.string() || contents_.contains(file)) continue;
    return fail(errc::invalid_argument, "the sweep began without looking at what is in the feed " + file);
  }
  return {};
}

void trial_runner::run_desk(const std::vector<std::pair<std::string, std::string>>& chosen, sweep::trial_result& r) {
  const auto end_as = [&r](sweep::trial_status s, const error& e) {
    r.status = s;
    r.reason = sentence_of(e);
  };
  if (!base_) base_ = base_configuration(what_, feed_);
  const auto& base = *base_;
  if (!base) return end_as(sweep::trial_status::refused, base.error());
  auto source = chosen_source("the trial", what_, *base, feed_, chosen);
  if (!source) return end_as(sweep::trial_status::refused, source.error());
  const auto config = config::load<desk::configuration>(std::move(*source), desk::cross_checks());
  if (!config) return end_as(sweep::trial_status::refused, config.error());
  if (config->feeds.empty()) return end_as(sweep::trial_status::refused, fail(errc::invalid_argument, "there is no feed to run until done"));
  if (auto all = desk::check_ends(*config); !all) return end_as(sweep::trial_status::refused, all.error());
  if (auto all = check_is_known(*config); !all) return end_as(sweep::trial_status::refused, all.error());
  const auto begin = desk::begin_of(*config);
  if (!begin) return end_as(sweep::trial_status::failed, begin.error());
  desk::desk_options o;
  o.config = &*config;
  o.deterministic = true;
  auto node = desk::desk::open(o);
  if (!node) return end_as(sweep::trial_status::refused, node.error());
  (*node)->driver_clock().set(*begin);
  if (auto started = (*node)->start(); !started) return end_as(sweep::trial_status::failed, started.error());
  const auto summary = desk::run_until_done(**node, [](std::uint64_t) {});
  if (!summary) return end_as(sweep::trial_status::failed, summary.error());
  if (!summary->positions_equal_fills)
    return end_as(sweep::trial_status::failed, fail(errc::internal, "the positions are not the sums of the fills"));
  r.orders = summary->orders;
  r.fills = summary->fills;
  r.realized_pnl = summary->earned.realized;
  r.unrealized_pnl = summary->earned.unrealized;
  r.fees = summary->earned.fees;
  r.journal_hash = summary->hash;
  for (const auto& warning : summary->warnings) r.reason += (r.reason.empty() ? "" : "; ") + warning;
}

/// Where the feed lies here is nobody's result.
std::string trial_runner::without_path(std::string text) const {
  const auto here = feed_.string();
  if (here.empty()) return text;
  for (auto at = text.find(here); at != std::string::npos; at = text.find(here, at + 1)) text.replace(at, here.size(), what_.feed->path);
  return text;
}

} // namespace troupe::sweep_node
