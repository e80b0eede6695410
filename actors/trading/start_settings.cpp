#include "actors/trading/start_settings.hpp"

#include "runtime/wire/wire.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe::trading {

namespace {

template <class N>
bool read_number(const wire::json_value& from, const char* name, N& out) {
  const auto* v = from.find(name);
  if (!v || v->kind != wire::json_kind::number) return false;
  const auto* end = v->text.data() + v->text.size();
  const auto [rest, failed] = std::from_chars(v->text.data(), end, out);
  return failed == std::errc{} && rest == end;
}

bool read_quotes(const wire::json_value& from, std::map<instrument_id, currency>& out) {
  const auto* v = from.find("quotes");
  if (!v || v->kind != wire::json_kind::object) return false;
  for (const auto& [name, quote] : v->members) {
    const auto id = decltype(instrument_id::value)::make(name);
    const auto in = currency::make(quote.text);
    if (!id || !in || quote.kind != wire::json_kind::string) return false;
    out[{*id}] = *in;
  }
  return true;
}

bool read(std::string_view line, start_settings& out) {
  const auto parsed = wire::parse_json(line);
  if (!parsed) return false;
  const auto* limits = parsed->find("limits");
  if (!limits || !read_number(*parsed, "since", out.since) || !read_number(*parsed, "market_protection_bps", out.market_protection_bps)) return false;
  auto read_limits = wire::from_json<risk::limits>(*limits);
  if (!read_limits) return false;
  out.limits = *read_limits;
  return read_quotes(*parsed, out.quotes);
}

} // namespace

std::string to_text(const std::vector<start_settings>& all) {
  std::string out;
  for (const auto& s : all) {
    out += "{\"since\":" + std::to_string(s.since) + ",\"limits\":" + wire::to_json(s.limits) +
           ",\"market_protection_bps\":" + std::to_string(s.market_protection_bps) + ",\"quotes\":{";
    bool is_first = true;
    for (const auto& [id, quote] : s.quotes) {
      if (!std::exchange(is_first, false)) out += ',';
      wire::append_json_string(out, id.value.view());
      out += ':';
      wire::append_json_string(out, quote.view());
    }
    out += "}}\n";
  }
  return out;
}

result<std::vector<start_settings>> start_settings_from(std::string_view text) {
  std::vector<start_settings> all;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto& one = all.emplace_back();
    const bool is_later = [&] {
      if (end == std::string_view::npos || !read(text.substr(0, end), one)) return false;
      return all.size() == 1 || all[all.size() - 2].since < one.since;
    }();
    if (!is_later) return fail(errc::malformed, "line " + std::to_string(all.size()) + " does not say what was configured from when on");
    text.remove_prefix(end + 1);
  }
  return all;
}

const start_settings* in_force(const std::vector<start_settings>& all, std::uint64_t hybrid_time) noexcept {
  const auto behind = std::ranges::upper_bound(all, hybrid_time, {}, &start_settings::since);
  return behind == all.begin() ? nullptr : &*std::prev(behind);
}

bool note(std::vector<start_settings>& all, start_settings now) {
  if (!all.empty()) {
    const auto& last = all.back();
    now.quotes.insert(last.quotes.begin(), last.quotes.end()); // what is listed counts more
    const auto since = std::exchange(now.since, last.since);
    if (now == last) return false;
    now.since = std::max(since, last.since + 1);
  }
  all.push_back(std::move(now));
  if (all.size() > start_settings_max) all.erase(all.begin());
  return true;
}

} // namespace troupe::trading
