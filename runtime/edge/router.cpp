#include "runtime/edge/router.hpp"

#include <algorithm>

namespace troupe::edge {
namespace {

/// Takes the first segment off "/a/b": returns "a", leaves "/b".
std::string_view next_segment(std::string_view& rest) noexcept {
  rest.remove_prefix(1);
  const auto end = std::min(rest.find('/'), rest.size());
  const auto segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

} // namespace

result<router> router::make(const route_table& table, const std::vector<std::string>& surfaces) {
  router out;
  for (const auto& name : surfaces) {
    const auto* s = table.find_surface(name);
    if (!s) return fail(errc::not_found, "there is no surface \"" + name + "\"; declare it or correct the listener");
    for (const auto& r : table.routes()) {
      if (r.surface != s) continue;
      auto* at = out.root_.get();
      for (std::string_view rest = r.path; !rest.empty();) {
        const auto segment = next_segment(rest);
        auto& child = segment.starts_with('{') ? at->any : at->literal[std::string{segment}];
        if (!child) child = std::make_unique<node>();
        at = child.get();
      }
      auto& place = at->routes[static_cast<std::size_t>(r.verb)];
      if (place)
        return fail(errc::conflict, "surfaces \"" + place->surface->name + "\" and \"" + name + "\" both serve " +
                                      std::string{to_string(r.verb)} + " " + r.path + "; give them two listeners");
      place = &r;
    }
  }
  return out;
}

const router::node* router::descend(const node& at, std::string_view rest, std::vector<std::string_view>& raw) {
  if (rest.empty()) return at.routes == decltype(at.routes){} ? nullptr : &at;
  auto tail = rest;
  const auto segment = next_segment(tail);
  if (auto it = at.literal.find(segment); it != at.literal.end())
    if (const auto* found = descend(*it->second, tail, raw)) return found;
  if (!at.any || segment.empty()) return nullptr;
  raw.push_back(segment);
  if (const auto* found = descend(*at.any, tail, raw)) return found;
  raw.pop_back();
  return nullptr;
}

router::match router::find(std::string_view path) const {
  match out;
  if (!path.starts_with('/')) return out;
  std::vector<std::string_view> raw;
  const auto* found = descend(*root_, path, raw);
  const bool is_slash_over = !found && path.ends_with('/') && path.size() > 1;
  if (is_slash_over) found = descend(*root_, path.substr(0, path.size() - 1), raw);
  if (!found) return out;
  out.routes = found->routes;
  if (is_slash_over)
    for (auto& r : out.routes)
      if (r && !r->surface->rules.takes_trailing_slash) r = nullptr;
  for (auto part : raw) {
    auto value = percent_decode(part);
    out.bad_escape = out.bad_escape || !value;
    out.values.push_back(value ? std::move(*value) : std::string{});
  }
  return out;
}

bool router::match::found() const noexcept {
  return std::any_of(routes.begin(), routes.end(), [](const route* r) { return r != nullptr; });
}

std::string router::match::allowed() const {
  std::string out;
  for (std::size_t i = 0; i < method_count; ++i) {
    if (!routes[i]) continue;
    if (!out.empty()) out += ", ";
    out += to_string(static_cast<method>(i));
    if (static_cast<method>(i) == method::get) out += ", HEAD";
  }
  return out;
}

named_values name_values(std::string_view path, std::vector<std::string> values) {
  named_values out;
  for (auto& value : values) {
    const auto open = path.find('{');
    const auto close = path.find('}', open);
    out.emplace_back(std::string{path.substr(open + 1, close - open - 1)}, std::move(value));
    path.remove_prefix(close + 1);
  }
  return out;
}

} // namespace troupe::edge
