#pragma once
// Pages over lists that are held in memory. A row's place is its key, not its number, so rows that come and go between two
// pages neither repeat nor hide others. Pure; any thread.

#include "nodes/desk/api/tables.hpp"
#include "nodes/desk/api/v1_messages.hpp"
#include "runtime/core/result.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::desk {

/// Parts of a key, in the order of their weight. None can contain the separator.
template <class... Parts>
[[nodiscard]] std::string key_of_parts(const Parts&... parts) {
  std::string out;
  ((out += std::string_view{parts}, out += '\x1f'), ...);
  return out;
}

/// Names its list: the place of a row in one list is no place in another, where a page from there on would lack rows and not say so.
[[nodiscard]] inline std::string cursor_in(std::string_view list, std::string_view key) { return std::string{list} + '.' + cursor_of(key); }

/// The key behind a cursor of `list`; nothing: it is none.
[[nodiscard]] inline std::optional<std::string> key_in(std::string_view list, std::string_view cursor) {
  if (cursor.size() <= list.size() + 1 || !cursor.starts_with(list) || cursor[list.size()] != '.') return std::nullopt;
  return key_of(cursor.substr(list.size() + 1));
}

/// As cursor_in, of a place that is written in hexadecimal digits already.
[[nodiscard]] inline std::optional<std::string> next_in(std::string_view list, std::optional<std::string> next) {
  if (next) next->insert(0, std::string{list} + '.');
  return next;
}

[[nodiscard]] inline error bad_cursor() {
  return {errc::invalid_argument, "the request has invalid fields", {{"cursor", "is not the `next` of a page of this list"}}};
}

/// The newest rows come without a page behind them.
[[nodiscard]] inline error no_cursor_here() {
  return {errc::invalid_argument, "the request has invalid fields", {{"cursor", "goes with sort=OLDEST: the newest rows come in one page"}}};
}

/// The rows of `list` behind `cursor`, ascending by `key(row)`, at most `limit`. `next` is set when more follow. Errors:
/// invalid_argument (a cursor that nobody was given, or of another list).
template <class Row, class Key>
[[nodiscard]] result<std::pair<std::vector<Row>, std::optional<std::string>>>
page_of(std::string_view list, std::vector<Row> rows, Key key, const std::optional<v1::page_cursor>& cursor, const std::optional<v1::page_size>& limit) {
  const auto behind = cursor ? key_in(list, cursor->view()) : std::string{};
  if (!behind) return bad_cursor();
  std::vector<std::pair<std::string, Row>> keyed;
  for (auto& r : rows)
    if (auto k = key(r); k > *behind) keyed.emplace_back(std::move(k), std::move(r));
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const std::size_t most = limit ? limit->value : v1::page_size_fallback;
  std::pair<std::vector<Row>, std::optional<std::string>> page;
  for (auto& [k, r] : keyed) {
    if (page.first.size() == most) break;
    page.first.push_back(std::move(r));
    if (page.first.size() == most && keyed.size() > most) page.second = cursor_in(list, k);
  }
  return page;
}

} // namespace troupe::desk
