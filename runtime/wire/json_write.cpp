// Described values as JSON.
#include "runtime/core/assert.hpp"
#include "runtime/wire/text_forms.hpp"
#include "runtime/wire/type_description.hpp"

namespace troupe::wire {
namespace {

/// The accessors of a shape serve reading too, so they take what may be changed; nothing here changes it.
void* mutable_address(const void* x) { return const_cast<void*>(x); }

std::string enumerator_of(const enumeration_rules& rules, const void* x) {
  const auto value = rules.get(x);
  for (const auto& e : rules.enumerators)
    if (e.value == value) return upper(e.name);
  return "?";
}

/// The text a value has as a JSON object's key.
std::string key_text(const type_description& type, const void* x) {
  if (type.scalar) return type.scalar->text(x);
  if (type.made_as == shape::wrapper) return key_text(*type.part, x);
  return enumerator_of(*type.enumeration, x); // the compiler let no other type be a key
}

void members_out(const type_description& type, const void* x, std::string& out, bool first) {
  for (const auto& m : type.members) {
    const auto* member = m.of(mutable_address(x));
    if (m.type->is_optional() && !m.type->optional->get(mutable_address(member))) continue;
    if (!first) out += ',';
    first = false;
    out += '"';
    out += m.name;
    out += "\":";
    write_json(*m.type, member, out);
  }
}

void list_out(const type_description& type, const void* x, std::string& out) {
  out += '[';
  const auto n = type.list->size(x);
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) out += ',';
    write_json(*type.part, type.list->at(mutable_address(x), i), out);
  }
  out += ']';
}

void map_out(const type_description& type, const void* x, std::string& out) {
  out += '{';
  bool first = true;
  type.map->each(x, [&](const void* key, const void* mapped) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, key_text(*type.part, key));
    out += ':';
    write_json(*type.mapped, mapped, out);
  });
  out += '}';
}

} // namespace

void write_json(const type_description& type, const void* x, std::string& out) {
  if (type.scalar) return type.scalar->write(x, out);
  switch (type.made_as) {
  case shape::scalar: TROUPE_ASSERT(type.scalar, "a scalar has rules, which were used above"); return;
  case shape::enumeration: return append_json_string(out, enumerator_of(*type.enumeration, x));
  case shape::wrapper:
    if (type.wrapper->as_number) out += type.part->scalar->text(x);
    else write_json(*type.part, x, out);
    return;
  case shape::optional:
    if (const auto* value = type.optional->get(mutable_address(x))) write_json(*type.part, value, out);
    else out += "null";
    return;
  case shape::list: return list_out(type, x, out);
  case shape::map: return map_out(type, x, out);
  case shape::variant: {
    const auto& alternative = *type.variant->alternatives[type.variant->index(x)];
    const auto* value = type.variant->get(x);
    const std::string name{short_name_of(alternative)};
    out += "{\"kind\":\"" + name + '"';
    if (has_own_kind(alternative)) {
      out += ",\"" + name + "\":";
      write_json(alternative, value, out);
    } else {
      members_out(alternative, value, out, false);
    }
    out += '}';
    return;
  }
  case shape::structure:
    out += '{';
    members_out(type, x, out, true);
    out += '}';
    return;
  }
}

} // namespace troupe::wire
