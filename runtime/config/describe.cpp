#include "runtime/config/describe.hpp"

#include "runtime/core/assert.hpp"
#include "runtime/core/hash.hpp"

#include <functional>
#include <map>

namespace troupe::config {
namespace {

using property_visit = std::function<void(const std::string& path, const property_base&)>;

std::string below(const std::string& path, std::string_view name) {
  return (path.empty() ? "" : path + ".") + std::string{name};
}

/// Calls `f` for every property that has a value, list elements by their index.
void each_value(const section& s, const std::string& path, const property_visit& f) {
  for (const auto* child : s.children()) {
    const auto inner = below(path, child->name());
    if (const auto* p = child->as_property()) f(inner, *p);
    if (const auto* section = child->as_section()) each_value(*section, inner, f);
    if (const auto* l = child->as_list())
      for (std::size_t i = 0; i < l->size(); ++i) each_value(l->element(i), inner + "[" + std::to_string(i) + "]", f);
  }
}

void list_into(std::vector<property_info>& out, const section& s, const std::string& path) {
  for (const auto* child : s.children()) {
    const auto inner = below(path, child->name());
    if (const auto* p = child->as_property())
      out.push_back({inner, std::string{p->sentence()}, p->facts(), p->reach()});
    if (const auto* section = child->as_section()) list_into(out, *section, inner);
    if (const auto* l = child->as_list()) list_into(out, l->prototype(), inner + "[]");
  }
}

/// Text for a cell of a Markdown table.
std::string cell(std::string_view text, bool as_code = false) {
  if (text.empty()) return {};
  std::string out = as_code ? "`" : "";
  for (char c : text) out += c == '|' ? std::string{"\\|"} : std::string{c};
  return as_code ? out + "`" : out;
}

void write_row(std::string& out, const std::string& path, const property_base& p) {
  const auto f = p.facts();
  auto fallback = p.is_required() ? std::string{"must be given"} : cell(f.fallback, true);
  auto sentence = cell(p.sentence());
  if (!f.example.empty()) sentence += " Example: " + cell(f.example, true) + ".";
  out += "| " + cell(path, true) + " | " + cell(f.type) + " | " + cell(f.unit) + " | " + fallback + " | " +
         cell(f.bounds) + " | " + (p.reach() == scope::cluster_wide ? "cluster-wide" : "node-local") + " | " + sentence +
         " |\n";
}

void write_section(std::string& out, const section& s, const std::string& path, const std::string& intro) {
  if (!path.empty()) out += "\n## `" + path + "`\n\n" + intro + "\n";
  bool has_table = false;
  for (const auto* child : s.children())
    if (const auto* p = child->as_property()) {
      if (!has_table)
        out += "\n| Key | Type | Unit | Default | Bounds | Scope | Meaning |\n"
               "| --- | --- | --- | --- | --- | --- | --- |\n";
      has_table = true;
      write_row(out, below(path, child->name()), *p);
    }
  for (const auto* child : s.children()) {
    const auto inner = below(path, child->name());
    if (const auto* section = child->as_section()) write_section(out, *section, inner, std::string{section->sentence()});
    if (const auto* l = child->as_list()) {
      auto about = std::string{l->sentence()} + " A list of " + std::to_string(l->size_min()) + " to " +
                   std::to_string(l->size_max()) + " elements";
      about += l->unique().empty() ? "." : ", told apart by `" + std::string{l->unique()} + "`.";
      write_section(out, l->prototype(), inner + "[]", about);
    }
  }
}

/// Writes JSON; with `marks`, a comment behind every default.
class writer {
public:
  explicit writer(bool marks) : marks_{marks} {}

  void write(const node& n) {
    if (const auto* p = n.as_property()) out += p->json();
    if (const auto* s = n.as_section()) write_members(*s);
    if (const auto* l = n.as_list()) write_elements(*l);
  }
  std::string out;

private:
  void line() { out += '\n' + std::string(depth_ * 2, ' '); }
  void write_members(const section& s) {
    const auto children = s.children();
    out += '{';
    ++depth_;
    for (std::size_t i = 0; i < children.size(); ++i) {
      line();
      wire::append_json_string(out, children[i]->name());
      out += ": ";
      write(*children[i]);
      if (i + 1 < children.size()) out += ',';
      if (const auto* p = children[i]->as_property(); p && marks_ && !p->is_given()) out += " // default";
    }
    --depth_;
    if (!children.empty()) line();
    out += '}';
  }
  void write_elements(const list_base& l) {
    out += '[';
    ++depth_;
    for (std::size_t i = 0; i < l.size(); ++i) {
      line();
      write(l.element(i));
      if (i + 1 < l.size()) out += ',';
    }
    --depth_;
    if (l.size()) line();
    out += ']';
  }

  bool marks_;
  std::size_t depth_ = 0;
};

} // namespace

std::vector<property_info> list_properties(const section& root) {
  std::vector<property_info> all;
  list_into(all, root, {});
  return all;
}

std::string reference_page(const section& root) {
  std::string out = "# Configuration\n\n"
                    "Generated from the declared properties; do not edit. A configuration is JSON with `//` and `/* */`\n"
                    "comments. `--set path=value` overrides one value (`--set feeds.0.speed=2`), may be repeated, and the\n"
                    "last one wins. Unknown keys are refused, all violations are reported together, and the environment\n"
                    "is never read. Cluster-wide values must be the same on every node; nodes compare a hash of them.\n";
  write_section(out, root, {}, {});
  return out;
}

std::string effective_json(const section& root) {
  writer w{false};
  w.out = "{\"values\": ";
  w.write(root);
  w.out += ",\n\"defaults\": [";
  const char* between = "";
  each_value(root, {}, [&](const std::string& path, const property_base& p) {
    if (p.is_given()) return;
    w.out += between;
    wire::append_json_string(w.out, path);
    between = ", ";
  });
  w.out += "]}\n";
  return w.out;
}

std::string effective_file(const section& root) {
  writer w{true};
  w.write(root);
  return w.out + '\n';
}

wire::json_value value_of(const node& n) {
  writer w{false};
  w.write(n);
  auto value = wire::parse_json(w.out);
  TROUPE_ASSERT(value.has_value(), "a configuration in force is written as JSON");
  return std::move(*value);
}

namespace {

/// A line for every cluster-wide value, ordered by path. A path holds no line end and JSON escapes them, so lines cannot be confused.
std::map<std::string, std::string> cluster_wide_lines(const section& root) {
  std::map<std::string, std::string> lines;
  each_value(root, {}, [&](const std::string& path, const property_base& p) {
    if (p.reach() == scope::cluster_wide) lines[path] = path + '=' + p.json() + '\n';
  });
  return lines;
}

} // namespace

std::string hash_of_cluster_wide(const section& root) {
  std::string canonical;
  for (const auto& [path, line] : cluster_wide_lines(root)) canonical += line;
  return to_hex(sha256(canonical));
}

std::map<std::string, std::string> hashes_of_cluster_wide_sections(const section& root) {
  std::map<std::string, std::string> all;
  for (const auto& [path, line] : cluster_wide_lines(root)) all[path.substr(0, path.find('.'))] += line;
  for (auto& [name, text] : all) text = to_hex(sha256(text)).substr(0, 8);
  return all;
}

} // namespace troupe::config
