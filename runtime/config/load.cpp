#include "runtime/config/load.hpp"

#include "runtime/config/commented_json.hpp"
#include "runtime/config/overrides.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace troupe::config {
namespace {

/// Moves a parsed tree into the declared one and reports what does not fit.
class filler {
public:
  explicit filler(report& findings) : findings_{findings} {}

  /// `value` is null where the file says nothing: then only what must be given is reported.
  void fill(section& into, const wire::json_value* value, const std::string& path) {
    if (value && value->kind != wire::json_kind::object) {
      findings_.add(path, detail::must_be(*value, "a section in {}"));
      return;
    }
    const auto children = into.children();
    if (value)
      for (const auto& member : value->members) {
        const auto& name = member.first;
        if (std::none_of(children.begin(), children.end(), [&](const node* n) { return n->name() == name; }))
          findings_.add(below(path, name), unknown_key(name, into));
      }
    for (auto* child : children) {
      const auto* given = value ? value->find(child->name()) : nullptr;
      const auto inner = below(path, child->name());
      if (auto* s = child->as_section()) fill(*s, given, inner);
      if (auto* p = child->as_property()) fill(*p, given, inner);
      if (auto* l = child->as_list()) fill(*l, given, inner);
    }
  }

private:
  static std::string below(const std::string& path, std::string_view name) {
    return (path.empty() ? "" : path + ".") + std::string{name};
  }

  void fill(property_base& p, const wire::json_value* given, const std::string& path) {
    if (given) {
      if (auto refused = p.assign(*given)) findings_.add(path, *refused);
    } else if (p.is_required()) {
      findings_.add(path, "is missing and has no default: " + std::string{p.sentence()});
    }
  }

  void fill(list_base& l, const wire::json_value* given, const std::string& path) {
    if (given && given->kind != wire::json_kind::array) {
      findings_.add(path, detail::must_be(*given, "a list in []"));
      return;
    }
    const auto size = given ? given->items.size() : l.size();
    if (size < l.size_min() || size > l.size_max()) {
      findings_.add(path, "has " + std::to_string(size) + " elements; it must have between " +
                            std::to_string(l.size_min()) + " and " + std::to_string(l.size_max()));
      return;
    }
    if (!given) return;
    l.resize(size);
    for (std::size_t i = 0; i < size; ++i) fill(l.element(i), &given->items[i], path + "[" + std::to_string(i) + "]");
    check_unique(l, path);
  }

  void check_unique(const list_base& l, const std::string& path) {
    if (l.unique().empty()) return;
    std::map<std::string, std::size_t> first;
    for (std::size_t i = 0; i < l.size(); ++i)
      for (const auto* child : std::as_const(l).element(i).children()) {
        const auto* p = child->as_property();
        if (!p || p->name() != l.unique()) continue;
        const auto [at, is_new] = first.emplace(p->json(), i);
        if (!is_new)
          findings_.add(path + "[" + std::to_string(i) + "]." + std::string{l.unique()},
                        p->json() + " is refused: " + path + "[" + std::to_string(at->second) + "] has it already");
      }
  }

  report& findings_;
};

} // namespace

result<source> read_source(const std::filesystem::path& file, std::vector<std::string> overrides) {
  constexpr std::uintmax_t bytes_max = 1 << 20;
  std::error_code ec;
  if (!std::filesystem::is_regular_file(file, ec))
    return fail(errc::not_found, "there is no configuration file " + file.string() + "; --config FILE names another");
  if (std::filesystem::file_size(file, ec) > bytes_max)
    return fail(errc::too_large, file.string() + " is larger than 1 MiB, the most a configuration may have");
  std::ifstream in{file, std::ios::binary};
  source from{file.string(), {std::istreambuf_iterator<char>{in}, {}}, std::move(overrides)};
  if (!in) return fail(errc::io_error, "cannot read " + file.string() + "; check its permissions");
  return from;
}

result<void> detail::load(section& root, const source& from, const std::function<void(report&)>& cross_checks) {
  auto parsed = parse_commented_json(from.text);
  if (!parsed) {
    auto e = parsed.error();
    e.message = from.name + ": " + e.message;
    return e;
  }
  origins where;
  for (const auto& [path, line] : parsed->line_of) where.note(path, from.name + ":" + std::to_string(line));
  report findings{root, where};
  for (const auto& assignment : from.overrides) apply_override(root, parsed->value, assignment, where, findings);
  filler{findings}.fill(root, &parsed->value, {});
  cross_checks(findings);
  if (!findings.is_clean()) return findings.as_error();
  return {};
}

} // namespace troupe::config
