#include "tools/troupe/top_view.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <tuple>

namespace troupe::cli {
namespace {

std::optional<double> value_in(const metric_values& metrics, std::string_view series) {
  const auto at = metrics.find(series);
  return at == metrics.end() ? std::nullopt : std::optional{at->second};
}

/// How much a counter grew; none when it is not in both, or fell, which is another process's.
std::optional<double> growth(const metric_values& before, const metric_values& now, std::string_view series) {
  const auto from = value_in(before, series), to = value_in(now, series);
  return from && to && *to >= *from ? std::optional{*to - *from} : std::nullopt;
}

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::optional<double> per_second(std::optional<double> grown, double seconds) {
  return grown && seconds > 0 ? std::optional{*grown / seconds} : std::nullopt;
}

top_summary summary_between(const scrape& before, const scrape& now) {
  top_summary s{now.node, now.not_ready, now.halts, now.missing};
  s.resident_bytes = value_in(now.metrics, "process_resident_memory_bytes");
  if (before.boot_id != now.boot_id) return s;
  const auto seconds = seconds_between(before.metrics_at, now.metrics_at);
  const auto rate = [&](std::string_view series) { return per_second(growth(before.metrics, now.metrics, series), seconds); };
  s.orders_per_second = rate("troupe_oms_orders_accepted_total");
  s.fills_per_second = rate("troupe_oms_fills_total");
  s.flushes_per_second = rate("troupe_journal_flushes_total");
  if (const auto cores = rate("process_cpu_seconds_total")) s.cpu_percent = *cores * 100;
  return s;
}

std::optional<double> handling_between(const scrape& before, const scrape& now, const actor_counts& a) {
  if (a.series.empty() || before.boot_id != now.boot_id) return a.handling_us;
  const auto of = [&](const char* what) {
    return growth(before.metrics, now.metrics, std::string{"troupe_actor_handling_seconds_"} + what + "{actor=\"" + a.series + "\"}");
  };
  const auto count = of("count"), sum = of("sum");
  return count && sum && *count > 0 ? std::optional{*sum / *count * 1e6} : a.handling_us;
}

std::string digits_of(std::optional<double> n, int decimals) {
  if (!n) return {};
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, *n);
  return text;
}

/// Few are shown to a tenth.
std::string rate_text(std::optional<double> n) { return digits_of(n, n && *n < 9.95 ? 1 : 0); }

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : between) + w;
  return out;
}

/// "oms/9" before "oms/10".
auto name_key(const top_row& r) {
  const auto digits = r.actor.find_last_not_of("0123456789") + 1;
  return std::tuple{r.actor.substr(0, digits), r.actor.size() - digits, r.actor};
}

} // namespace

top_view view_between(const scrape& before, const scrape& now) {
  std::map<std::string_view, std::uint64_t> earlier;
  for (const auto& a : before.actors) earlier.emplace(a.name, a.messages);
  const auto seconds = seconds_between(before.at, now.at);
  top_view v{summary_between(before, now), {}};
  for (const auto& a : now.actors) {
    if (a.is_supervisor && a.status == "RUNNING") continue;
    top_row row{a.name, a.status, {}, a.mailbox, a.restarts, handling_between(before, now, a)};
    const auto from = earlier.find(a.name);
    if (from != earlier.end() && a.messages >= from->second && before.boot_id == now.boot_id)
      row.messages_per_second = per_second(static_cast<double>(a.messages - from->second), seconds);
    v.rows.push_back(std::move(row));
  }
  return v;
}

void sort_rows(std::vector<top_row>& rows, top_order by) {
  const auto weight = [by](const top_row& r) {
    switch (by) {
    case top_order::messages: return r.messages_per_second.value_or(-1);
    case top_order::mailbox: return static_cast<double>(r.mailbox);
    case top_order::time: return r.handling_us.value_or(-1);
    case top_order::name: break;
    }
    return 0.0;
  };
  std::ranges::sort(rows, [&](const top_row& a, const top_row& b) {
    const auto first = weight(a), second = weight(b);
    return first != second ? first > second : name_key(a) < name_key(b);
  });
}

std::vector<top_line> summary_lines(const top_summary& s, std::string_view edge) {
  std::vector<top_line> lines;
  lines.push_back({"node " + s.node + " at " + std::string{edge} + (s.not_ready.empty() ? ": ready" : ": NOT READY: " + s.not_ready),
                   s.not_ready.empty() ? colour::plain : colour::red});
  lines.push_back({"halts in force: " + (s.halts.empty() ? "none" : joined(s.halts, ", ")) +
                     (s.missing.empty() ? "" : "; away, and missing below: node " + joined(s.missing, ", ")),
                   s.halts.empty() && s.missing.empty() ? colour::plain : colour::red});
  std::vector<std::string> figures;
  const auto add = [&](std::string text, const char* unit) {
    if (!text.empty()) figures.push_back(std::move(text) + unit);
  };
  add(rate_text(s.orders_per_second), " orders/s");
  add(rate_text(s.fills_per_second), " fills/s");
  add(rate_text(s.flushes_per_second), " journal flushes/s");
  add(digits_of(s.cpu_percent, 1), " % CPU");
  if (s.resident_bytes) add(digits_of(*s.resident_bytes / (1 << 20), 1), " MiB resident");
  lines.push_back({figures.empty() ? "this edge serves no metrics" : joined(figures, "  "), figures.empty() ? colour::dim : colour::plain});
  return lines;
}

std::vector<top_line> table_lines(const std::vector<top_row>& rows, std::size_t rows_max) {
  table t{{"ACTOR", "MESSAGES/S", "MAILBOX", "MEAN US", "RESTARTS", "STATE"}};
  const auto count = std::min(rows.size(), rows_max);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& r = rows[i];
    t.row({r.actor, rate_text(r.messages_per_second), std::to_string(r.mailbox), digits_of(r.handling_us, 1), std::to_string(r.restarts), r.status});
  }
  std::vector<top_line> lines;
  for (auto& text : t.lines()) {
    const auto look = lines.empty() ? colour::bold
                      : rows[lines.size() - 1].status == "RUNNING" ? colour::plain
                      : rows[lines.size() - 1].status == "HALTED" || rows[lines.size() - 1].status == "HUNG" ? colour::red
                                                                                                              : colour::yellow;
    lines.push_back({std::move(text), look});
  }
  return lines;
}

std::string json_of(const top_view& v, std::string_view at) {
  const auto& s = v.summary;
  nlohmann::ordered_json out{{"at", at}, {"node", s.node}, {"ready", s.not_ready.empty()}};
  const auto add = [](nlohmann::ordered_json& to, const char* name, std::optional<double> n) {
    if (n) to[name] = std::round(*n * 1000) / 1000;
  };
  if (!s.not_ready.empty()) out["not_ready"] = s.not_ready;
  out["halts"] = s.halts;
  if (!s.missing.empty()) out["missing"] = s.missing;
  add(out, "orders_per_second", s.orders_per_second);
  add(out, "fills_per_second", s.fills_per_second);
  add(out, "journal_flushes_per_second", s.flushes_per_second);
  add(out, "cpu_percent", s.cpu_percent);
  if (s.resident_bytes) out["resident_bytes"] = static_cast<std::uint64_t>(*s.resident_bytes);
  auto& actors = out["actors"] = nlohmann::ordered_json::array();
  for (const auto& r : v.rows) {
    nlohmann::ordered_json row{{"name", r.actor}};
    add(row, "messages_per_second", r.messages_per_second);
    row["mailbox"] = r.mailbox;
    add(row, "handling_us", r.handling_us);
    row["restarts"] = r.restarts;
    row["status"] = r.status;
    actors.push_back(std::move(row));
  }
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string fitted(std::string_view text, std::size_t width) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80 && width-- == 0) break;
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return out;
}

} // namespace troupe::cli
