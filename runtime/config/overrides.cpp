#include "runtime/config/overrides.hpp"

#include "runtime/config/describe.hpp"
#include "runtime/config/nearest.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::config {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts{{}};
  for (char c : path) {
    if (c == '.' || c == '[') parts.emplace_back();
    else if (c != ']') parts.back() += c;
  }
  return parts;
}

wire::json_value& member_or_new(wire::json_value& object, const std::string& name) {
  for (auto& [given, value] : object.members)
    if (given == name) return value;
  return object.members.emplace_back(name, wire::json_value{}).second;
}

node* child_named(section& in, std::string_view name) {
  const auto all = in.children();
  const auto found = std::find_if(all.begin(), all.end(), [&](const node* n) { return n->name() == name; });
  return found == all.end() ? nullptr : *found;
}

/// Steps through schema and tree together, one part of the path at a time.
class walk {
public:
  walk(section& root, wire::json_value& tree) : at_{&root}, place_{&tree} {}

  /// Says why the path cannot be followed.
  refusal step(const std::string& part) {
    if (auto* s = at_->as_section()) return into_section(*s, part);
    if (auto* l = at_->as_list()) return into_list(*l, part);
    return path_ + " is a value; nothing lies below it";
  }
  refusal put(std::string_view text) {
    if (auto* p = at_->as_property()) {
      *place_ = p->literal(text);
      return std::nullopt;
    }
    auto value = wire::parse_json(text);
    if (!value) return "a section or list is set with JSON: " + value.error().message;
    *place_ = std::move(*value);
    return std::nullopt;
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  refusal into_section(section& s, const std::string& part) {
    auto* child = child_named(s, part);
    if (!child) return unknown_key(part, s);
    if (place_->kind == wire::json_kind::null) place_->kind = wire::json_kind::object;
    if (place_->kind != wire::json_kind::object) return "the file gives a value here, not a section in {}";
    place_ = &member_or_new(*place_, part);
    path_ += (path_.empty() ? "" : ".") + part;
    at_ = child;
    return std::nullopt;
  }
  refusal into_list(list_base& l, const std::string& part) {
    if (place_->kind == wire::json_kind::null) *place_ = value_of(l); // what the list holds by default
    if (place_->kind != wire::json_kind::array) return "the file gives a value here, not a list in []";
    std::size_t index = 0;
    const auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (part.empty() || ec != std::errc{} || end != part.data() + part.size() || index > place_->items.size())
      return "\"" + part + "\" is not an element of " + path_ + "; give an index from 0 to " +
             std::to_string(place_->items.size()) + " (the last one adds an element)";
    if (index == place_->items.size()) place_->items.emplace_back();
    place_ = &place_->items[index];
    path_ += "[" + part + "]";
    at_ = &l.prototype();
    return std::nullopt;
  }

  node* at_;
  wire::json_value* place_;
  std::string path_;
};

} // namespace

std::string unknown_key(std::string_view typed, const section& in) {
  std::vector<std::string_view> names;
  for (const auto* child : in.children()) names.push_back(child->name());
  if (auto near = nearest_name(typed, names); !near.empty())
    return "unknown key \"" + std::string{typed} + "\"; did you mean \"" + std::string{near} + "\"?";
  std::string all;
  for (auto name : names) all += (all.empty() ? "" : ", ") + std::string{name};
  return "unknown key \"" + std::string{typed} + "\"; the keys here are " + all;
}

void apply_override(section& root, wire::json_value& tree, std::string_view assignment, origins& where, report& findings) {
  const auto equals = assignment.find('=');
  const auto given = std::string{assignment.substr(0, equals)};
  const auto origin = "--set " + std::string{assignment};
  if (equals == std::string_view::npos || equals == 0) {
    findings.add(given, origin, "write --set path=value, for example --set node.name=desk-1");
    return;
  }
  auto changed = tree; // so that a path that fails half-way leaves nothing behind
  walk w{root, changed};
  refusal refused;
  for (const auto& part : split(given))
    if (!refused) refused = w.step(part);
  if (!refused) refused = w.put(assignment.substr(equals + 1));
  if (refused) {
    findings.add(given, origin, *refused);
    return;
  }
  tree = std::move(changed);
  where.forget_below(w.path());
  where.note(w.path(), origin);
}

} // namespace troupe::config
