#include "tools/troupe/scrape.hpp"

#include "tools/troupe/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace troupe::cli {
namespace {

template <class N>
std::optional<N> number_of(std::string_view text) {
  N n{};
  const auto [stop, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return n;
}

std::uint64_t count_in(const wire::json_value& row, std::string_view name) { return number_of<std::uint64_t>(cell(row, name)).value_or(0); }

actor_counts counts_of(const wire::json_value& row, const std::string& asked_node) {
  actor_counts a;
  a.name = cell(row, "name");
  a.status = cell(row, "status");
  a.is_supervisor = cell(row, "is_supervisor") == "yes";
  a.messages = count_in(row, "messages");
  a.mailbox = count_in(row, "mailbox");
  a.restarts = count_in(row, "restarts");
  if (const auto ns = number_of<double>(cell(row, "handling_mean_ns"))) a.handling_us = *ns / 1000;
  if (const auto runs_on = cell(row, "node"); runs_on.empty() || runs_on == asked_node) // the metrics are the asked node's alone
    a.series = a.name.substr(0, a.name.find('@'));                                      // which calls "history@a" what it is there
  return a;
}

} // namespace

metric_values metrics_of(std::string_view text) {
  metric_values all;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line[0] == '#') continue;
    // A label's value may hold a blank; behind the series there is none.
    const auto labels_end = line.find("} ");
    const auto end = labels_end == std::string_view::npos ? line.find(' ') : labels_end + 1;
    if (end == std::string_view::npos) continue;
    const auto series = line.substr(0, end);
    if (series.substr(0, series.find('{')).ends_with("_bucket")) continue;
    const auto rest = line.substr(end + 1);
    const auto value = number_of<double>(rest.substr(0, rest.find(' '))); // an instant may follow
    if (value && std::isfinite(*value)) all.emplace(series, *value);
  }
  return all;
}

scrape scrape_of(const wire::json_value& node, const wire::json_value& halts, const wire::json_value& actors) {
  scrape s;
  s.node = cell(node, "name");
  s.boot_id = cell(node, "boot_id");
  s.not_ready = cell(node, "not_ready");
  if (const auto* rows = halts.find("halts"))
    for (const auto& h : rows->items) s.halts.push_back(cell(h, "scope") + (cell(h, "key").empty() ? "" : ' ' + cell(h, "key")));
  if (const auto* away = actors.find("missing"))
    for (const auto& n : away->items) s.missing.push_back(n.text);
  if (const auto* rows = actors.find("actors"))
    for (const auto& row : rows->items) s.actors.push_back(counts_of(row, s.node));
  return s;
}

result<scrape> read_scrape(node_client& node) {
  auto self = node.get("/v1/node", {"name", "boot_id"});
  if (!self) return self.error();
  auto halts = node.get_all("/v1/halts", "halts", missing_nodes::left_to_caller);
  if (!halts) return halts.error();
  auto actors = node.get_all("/v1/actors", "actors", missing_nodes::left_to_caller);
  if (!actors) return actors.error();
  auto s = scrape_of(self->value, halts->value, actors->value);
  s.at = std::chrono::steady_clock::now();
  const auto metrics = node.get_text("/metrics"); // a listener without the surface "ops" has none
  if (!metrics && metrics.error().code != errc::not_found && metrics.error().code != errc::route_not_found) return metrics.error();
  s.metrics_at = std::chrono::steady_clock::now();
  if (metrics) s.metrics = metrics_of(metrics->text);
  return s;
}

} // namespace troupe::cli
