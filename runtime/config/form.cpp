#include "runtime/config/form.hpp"

#include "runtime/wire/text_forms.hpp"

#include <cmath>

namespace troupe::config {
namespace detail {

wire::json_value string_value(std::string_view text) {
  wire::json_value v{wire::json_kind::string};
  v.text = text;
  return v;
}

wire::json_value json_or_string(std::string_view text) {
  auto parsed = wire::parse_json(text);
  return parsed ? std::move(*parsed) : string_value(text);
}

wire::json_value list_literal(std::string_view text) {
  if (text.starts_with('[')) return json_or_string(text);
  wire::json_value list{wire::json_kind::array};
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto element = text.substr(0, comma);
    auto parsed = json_or_string(element);
    const bool is_plain = parsed.kind == wire::json_kind::number || parsed.kind == wire::json_kind::boolean;
    list.items.push_back(is_plain ? std::move(parsed) : string_value(element));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return list;
}

void append_json(std::string& out, const wire::json_value& value) {
  switch (value.kind) {
  case wire::json_kind::null: out += "null"; return;
  case wire::json_kind::boolean: out += value.boolean ? "true" : "false"; return;
  case wire::json_kind::number: out += value.text; return;
  case wire::json_kind::string: wire::append_json_string(out, value.text); return;
  case wire::json_kind::array: {
    const char* between = "[";
    for (const auto& item : value.items) {
      out += between;
      append_json(out, item);
      between = ", ";
    }
    out += value.items.empty() ? "[]" : "]";
    return;
  }
  case wire::json_kind::object: {
    const char* between = "{";
    for (const auto& [name, member] : value.members) {
      out += between;
      wire::append_json_string(out, name);
      out += ": ";
      append_json(out, member);
      between = ", ";
    }
    out += value.members.empty() ? "{}" : "}";
    return;
  }
  }
}

std::string shown(const wire::json_value& value) {
  std::string text;
  append_json(text, value);
  constexpr std::size_t length_max = 60;
  if (text.size() > length_max) text = text.substr(0, length_max) + "...";
  return text;
}

std::string must_be(const wire::json_value& value, std::string_view what) {
  return shown(value) + " is refused: it must be " + std::string{what};
}

} // namespace detail

refusal form<double>::read(const wire::json_value& v, double& out) {
  if (v.kind != wire::json_kind::number) return detail::must_be(v, "a number");
  double read = 0;
  const auto* end = v.text.data() + v.text.size();
  auto [at, ec] = std::from_chars(v.text.data(), end, read);
  if (ec != std::errc{} || at != end || !std::isfinite(read)) return detail::must_be(v, "a finite number");
  out = read;
  return std::nullopt;
}

void form<double>::write(std::string& out, double x) { wire::append_double(out, x); }

} // namespace troupe::config
