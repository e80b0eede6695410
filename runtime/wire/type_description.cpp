#include "runtime/wire/type_description.hpp"

#include <algorithm>

namespace troupe::wire {
namespace {

void append_layout(const type_description& type, std::string& out);

/// What a template was made from is not part of the layout: its fields are.
std::string title(const type_description& type) {
  const auto name = name_of(type);
  return name.substr(0, name.find('<'));
}

void enumeration_layout(const type_description& type, std::string& out) {
  out += title(type);
  if (type.part->layout != "u8") { // one byte goes without saying
    out += ':';
    append_layout(*type.part, out);
  }
  out += '(';
  for (const auto& e : type.enumeration->enumerators) out += std::string{e.name} + '=' + std::to_string(e.value) + ',';
  out += ')';
}

void structure_layout(const type_description& type, std::string& out) {
  out += title(type) + '{';
  for (const auto& m : type.members) {
    out += std::string{m.name} + ':';
    append_layout(*m.type, out);
    out += ',';
  }
  out += '}';
}

void append_layout(const type_description& type, std::string& out) {
  switch (type.made_as) {
  case shape::scalar:
    if (type.size_max != 0) out += "text<" + std::to_string(type.size_max) + '>';
    else out += type.layout.empty() ? title(type) : std::string{type.layout};
    return;
  case shape::enumeration: return enumeration_layout(type, out);
  case shape::wrapper:
    append_layout(*type.part, out);
    if (type.wrapper->in_layout) out += '[' + schema_of(type) + ']';
    return;
  case shape::optional:
  case shape::list:
    out += type.made_as == shape::list ? "list<" : "optional<";
    append_layout(*type.part, out);
    out += '>';
    return;
  case shape::map:
    out += "map<";
    append_layout(*type.part, out);
    out += ',';
    append_layout(*type.mapped, out);
    out += '>';
    return;
  case shape::variant:
    out += "variant<";
    for (const auto* a : type.variant->alternatives) {
      append_layout(*a, out);
      out += '|';
    }
    out += '>';
    return;
  case shape::structure: return structure_layout(type, out);
  }
}

} // namespace

std::string name_of(const type_description& type) {
  auto full = type.qualified;
  if (full.starts_with("troupe::")) full.remove_prefix(8);
  std::string name;
  for (std::size_t i = 0; i < full.size(); ++i) {
    const bool separator = full.substr(i, 2) == "::";
    name += separator ? '.' : full[i];
    if (separator) ++i;
  }
  return name;
}

std::string_view short_name_of(const type_description& type) noexcept {
  if (!type.short_name.empty()) return type.short_name;
  return type.qualified.substr(type.qualified.rfind(':') + 1); // npos + 1 is 0
}

bool has_own_kind(const type_description& type) noexcept {
  return std::any_of(type.members.begin(), type.members.end(), [](const auto& m) { return std::string_view{m.name} == "kind"; });
}

std::string layout_of(const type_description& type) {
  std::string out;
  append_layout(type, out);
  return out;
}

} // namespace troupe::wire
