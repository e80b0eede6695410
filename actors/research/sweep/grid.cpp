#include "actors/research/sweep/grid.hpp"

#include "runtime/core/assert.hpp"
#include "runtime/core/decimal.hpp"
#include "runtime/core/split.hpp"

#include <algorithm>

namespace troupe::sweep {
namespace {

constexpr std::size_t key_bytes_max = 96;

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= key_bytes_max && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '[' || c == ']';
  });
}

bool is_json(std::string_view value) { return !value.empty() && (value[0] == '[' || value[0] == '{' || value[0] == '"'); }

/// FROM:TO:STEP, both ends included.
result<std::vector<std::string>> range(const std::vector<std::string_view>& parts) {
  const auto from = price::parse(parts[0]), to = price::parse(parts[1]), step = price::parse(parts[2]);
  if (!from || !to || !step) return fail(errc::invalid_argument, "a range is FROM:TO:STEP in decimals");
  if (step->units <= 0) return fail(errc::invalid_argument, "the step of a range must be greater than 0");
  if (to->units < from->units) return fail(errc::invalid_argument, "a range must not end before it begins");
  const auto count = (static_cast<int128>(to->units) - from->units) / step->units + 1;
  if (count > trials_max) return fail(errc::too_large, "a range of more than " + std::to_string(trials_max) + " values");
  std::vector<std::string> values;
  values.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(count); ++i) values.push_back(format_scaled(static_cast<int128>(from->units) + static_cast<int128>(i) * step->units));
  return values;
}

result<std::vector<std::string>> values_of(std::string_view text) {
  if (is_json(text)) return std::vector<std::string>{std::string{text}};
  if (const auto parts = split(text, ':'); parts.size() == 3 && price::parse(parts[0])) return range(parts);
  std::vector<std::string> values;
  for (const auto part : split(text, ',')) values.emplace_back(part);
  if (values.size() > 1 && std::ranges::any_of(values, &std::string::empty)) return fail(errc::invalid_argument, "an empty value in a list");
  return values;
}

/// Numbers by value, texts by bytes; the same number written twice is the same value.
result<void> order(std::vector<std::string>& values) {
  const bool numbers = std::ranges::all_of(values, [](const auto& v) { return price::parse(v).has_value(); });
  if (numbers && values.size() > 1)
    for (auto& v : values) v = price::parse(v)->str();
  std::ranges::sort(values, [numbers](const auto& a, const auto& b) { return numbers ? price::parse(a)->units < price::parse(b)->units : a < b; });
  const auto twice = std::ranges::adjacent_find(values);
  if (twice != values.end()) return fail(errc::invalid_argument, "the value " + *twice + " twice");
  return {};
}

result<axis> parse_axis(const std::string& word) {
  const auto equals = word.find('=');
  if (equals == std::string::npos) return fail(errc::invalid_argument, "must be KEY=FROM:TO:STEP, KEY=V1,V2,... or KEY=VALUE");
  axis a;
  a.key = word.substr(0, equals);
  if (!is_key(a.key)) return fail(errc::invalid_argument, "a key has letters, digits, '.', '_', '-' and brackets, at most " + std::to_string(key_bytes_max));
  auto values = values_of(std::string_view{word}.substr(equals + 1));
  if (!values) return values.error();
  if (auto ordered = order(*values); !ordered) return ordered.error();
  a.values = std::move(*values);
  return a;
}

} // namespace

result<std::vector<axis>> parse_grid(const std::vector<std::string>& words) {
  std::vector<axis> axes;
  error wrong{errc::invalid_argument, "the parameters of the sweep cannot be used", {}};
  std::size_t bytes = 0;
  for (const auto& word : words) {
    auto parsed = parse_axis(word);
    if (!parsed) {
      wrong.fields.push_back({"--set " + word, parsed.error().message});
      continue;
    }
    if (std::ranges::any_of(axes, [&](const auto& a) { return a.key == parsed->key; }))
      wrong.fields.push_back({"--set " + word, "the key is set twice"});
    for (const auto& v : parsed->values) bytes += v.size();
    axes.push_back(std::move(*parsed));
  }
  if (!wrong.fields.empty()) return wrong;
  int128 trials = 1;
  for (const auto& a : axes) {
    trials *= static_cast<int128>(a.values.size());
    if (trials > trials_max)
      return fail(errc::too_large, "the sweep would have more than " + std::to_string(trials_max) + " trials; use larger steps or fewer parameters");
  }
  if (bytes > values_bytes_max)
    return fail(errc::too_large, "the values of all parameters together are " + std::to_string(bytes) + " bytes long; at most " +
                                   std::to_string(values_bytes_max) + " can be told to a worker");
  std::ranges::sort(axes, {}, &axis::key);
  return axes;
}

std::uint64_t size_of(const std::vector<axis>& axes) {
  std::uint64_t trials = 1;
  for (const auto& a : axes) trials *= a.values.size();
  return trials;
}

std::vector<std::pair<std::string, std::string>> trial_at(const std::vector<axis>& axes, std::uint64_t index) {
  TROUPE_ASSERT(index < size_of(axes), "a trial of this grid");
  std::vector<std::pair<std::string, std::string>> chosen(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    const auto n = axes[i].values.size();
    chosen[i] = {axes[i].key, axes[i].values[index % n]};
    index /= n;
  }
  return chosen;
}

std::optional<std::uint64_t> index_of(const std::vector<axis>& axes, const std::vector<std::pair<std::string, std::string>>& trial) {
  if (trial.size() != axes.size()) return std::nullopt;
  std::uint64_t index = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto& values = axes[i].values;
    const auto at = std::ranges::find(values, trial[i].second);
    if (trial[i].first != axes[i].key || at == values.end()) return std::nullopt;
    index = index * values.size() + static_cast<std::uint64_t>(at - values.begin());
  }
  return index;
}

} // namespace troupe::sweep
