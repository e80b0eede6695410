// JSON Schema of described types.
#include "runtime/core/assert.hpp"
#include "runtime/wire/text_forms.hpp"
#include "runtime/wire/type_description.hpp"

namespace troupe::wire {
namespace {

void append_schema(const type_description& type, std::string& out);

void properties_schema(const type_description& type, std::string& out, std::string_view kind) {
  std::string required;
  out += "\"properties\":{";
  bool first = true;
  if (!kind.empty()) {
    out += "\"kind\":{\"const\":\"" + std::string{kind} + "\"}";
    required = "\"kind\"";
    first = false;
  }
  for (const auto& m : type.members) {
    if (!first) out += ',';
    first = false;
    out += '"' + std::string{m.name} + "\":";
    append_schema(m.type->is_optional() ? *m.type->part : *m.type, out); // one without a value is left out
    if (m.type->is_optional() || m.type->has_default()) continue;
    if (!required.empty()) required += ',';
    required += '"' + std::string{m.name} + '"';
  }
  out += "},\"required\":[" + required + "],\"additionalProperties\":false";
}

void enumeration_schema(const type_description& type, std::string& out) {
  out += R"({"type":"string","enum":[)";
  bool first = true;
  for (const auto& e : type.enumeration->enumerators) {
    out += (first ? "\"" : ",\"") + upper(e.name) + '"';
    first = false;
  }
  out += "]}";
}

void variant_schema(const type_description& type, std::string& out) {
  out += R"({"oneOf":[)";
  bool first = true;
  for (const auto* a : type.variant->alternatives) {
    if (!first) out += ',';
    first = false;
    out += R"({"type":"object",)";
    const std::string kind{short_name_of(*a)};
    if (has_own_kind(*a)) {
      out += R"("properties":{"kind":{"const":")" + kind + "\"},\"" + kind + "\":";
      append_schema(*a, out);
      out += R"(},"required":["kind",")" + kind + R"("],"additionalProperties":false)";
    } else if (a->made_as == shape::structure) properties_schema(*a, out, kind);
    else out += "\"properties\":{\"kind\":{\"const\":\"" + kind + "\"}}";
    out += '}';
  }
  out += "]}";
}

void append_schema(const type_description& type, std::string& out) {
  if (type.scalar) return type.scalar->schema(out);
  switch (type.made_as) {
  case shape::scalar: TROUPE_ASSERT(type.scalar, "a scalar has rules, which were used above"); return;
  case shape::enumeration: return enumeration_schema(type, out);
  case shape::wrapper:
    append_schema(*type.part, out);
    if (type.wrapper->amend) type.wrapper->amend(out);
    return;
  case shape::optional: // no member itself: without a value it is null
    out += R"({"oneOf":[)";
    append_schema(*type.part, out);
    out += R"(,{"type":"null"}]})";
    return;
  case shape::list:
    out += R"({"type":"array","items":)";
    append_schema(*type.part, out);
    out += '}';
    return;
  case shape::map:
    out += R"({"type":"object","additionalProperties":)";
    append_schema(*type.mapped, out);
    out += '}';
    return;
  case shape::variant: return variant_schema(type, out);
  case shape::structure:
    out += "{\"type\":\"object\",\"title\":\"" + name_of(type) + "\",";
    properties_schema(type, out, {});
    out += '}';
    return;
  }
}

} // namespace

std::string schema_of(const type_description& type) {
  std::string out;
  append_schema(type, out);
  return out;
}

} // namespace troupe::wire
