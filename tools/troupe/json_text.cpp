#include "tools/troupe/json_text.hpp"

#include <algorithm>

namespace troupe::cli {

using wire::json_kind;
using wire::json_value;

namespace {

constexpr std::size_t line_max = 100; // what fits beside the indentation

void write(const json_value& v, std::string& out) {
  switch (v.kind) {
  case json_kind::null: out += "null"; break;
  case json_kind::boolean: out += v.boolean ? "true" : "false"; break;
  case json_kind::number: out += v.text; break;
  case json_kind::string: wire::append_json_string(out, v.text); break;
  case json_kind::array:
    out += '[';
    for (std::size_t i = 0; i < v.items.size(); ++i) {
      if (i > 0) out += ", ";
      write(v.items[i], out);
    }
    out += ']';
    break;
  case json_kind::object:
    out += '{';
    for (std::size_t i = 0; i < v.members.size(); ++i) {
      if (i > 0) out += ", ";
      wire::append_json_string(out, v.members[i].first);
      out += ": ";
      write(v.members[i].second, out);
    }
    out += '}';
    break;
  }
}

void write_pretty(const json_value& v, std::string& out, std::size_t depth) {
  const bool is_list = v.kind == json_kind::array, is_object = v.kind == json_kind::object;
  const auto line = compact(v);
  if ((!is_list && !is_object) || line.size() + 2 * depth <= line_max) {
    out += line;
    return;
  }
  const std::string inner(2 * (depth + 1), ' ');
  out += is_list ? "[\n" : "{\n";
  const auto count = is_list ? v.items.size() : v.members.size();
  for (std::size_t i = 0; i < count; ++i) {
    out += inner;
    if (is_object) {
      wire::append_json_string(out, v.members[i].first);
      out += ": ";
    }
    write_pretty(is_list ? v.items[i] : v.members[i].second, out, depth + 1);
    out += i + 1 < count ? ",\n" : "\n";
  }
  out += std::string(2 * depth, ' ') + (is_list ? ']' : '}');
}

} // namespace

result<json_value> parse_long(std::string_view text) {
  wire::json_limits limits;
  limits.depth_max = 64;
  limits.values_max = 50'000'000;
  return wire::parse_json(text, limits);
}

std::string compact(const json_value& v) {
  std::string out;
  write(v, out);
  return out;
}

std::string pretty(const json_value& v) {
  std::string out;
  write_pretty(v, out, 0);
  return out;
}

std::string cell(const json_value& row, std::string_view name) {
  const auto* v = row.find(name);
  if (!v) return {};
  switch (v->kind) {
  case json_kind::null: return {};
  case json_kind::string:
  case json_kind::number: return v->text;
  case json_kind::boolean: return v->boolean ? "yes" : "no";
  case json_kind::object:
    if (const auto* amount = v->find("amount")) return amount->text + ' ' + cell(*v, "currency");
    return compact(*v);
  case json_kind::array: {
    const auto is_text = [](const json_value& one) { return one.kind == json_kind::string; };
    if (!std::ranges::all_of(v->items, is_text)) return compact(*v);
    std::string names;
    for (const auto& one : v->items) names += (names.empty() ? "" : ", ") + one.text;
    return names;
  }
  }
  return {};
}

} // namespace troupe::cli
