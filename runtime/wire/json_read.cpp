// Described values from JSON.
#include "runtime/core/assert.hpp"
#include "runtime/wire/text_forms.hpp"
#include "runtime/wire/type_description.hpp"
#include "runtime/wire/wire.hpp"

#include <algorithm>

namespace troupe::wire {

void json_reader::violate(const std::string& path, std::string message) {
  constexpr std::size_t violations_max = 100; // enough for a person, bounded for a hostile body
  if (violations.fields.size() < violations_max) violations.fields.push_back({path, std::move(message)});
}

namespace {

/// Members that nobody declared are violations, or are counted.
template <class IsKnown>
void meet_unknown(json_reader& r, const json_value& v, const std::string& path, IsKnown is_known) {
  for (const auto& [name, given] : v.members) {
    if (is_known(name)) continue;
    if (r.mode.unknown == unknown_fields::count) {
      ++r.mode.unknown_seen;
    } else {
      r.violations.code = errc::unknown_field;
      r.violate(path.empty() ? name : path + "." + name, "is not a known field");
    }
  }
}

} // namespace

void json_reader::read_structure(const type_description& type, const json_value& v, void* out, const std::string& path,
                                 std::string_view skip) {
  if (v.kind != json_kind::object) return violate(path, "must be an object");
  for (const auto& m : type.members) {
    const auto where = path.empty() ? std::string{m.name} : path + "." + m.name;
    const auto* found = v.find(m.name);
    const bool may_be_absent = m.type->is_optional() || m.type->has_default();
    const bool absent = !found || (found->kind == json_kind::null && may_be_absent);
    if (!absent) read(*m.type, *found, m.of(out), where);
    else if (!may_be_absent) violate(where, "is required");
  }
  meet_unknown(*this, v, path, [&](const std::string& name) {
    return name == skip || std::any_of(type.members.begin(), type.members.end(), [&](const auto& m) { return name == m.name; });
  });
}

void json_reader::read_wrapper(const type_description& type, const json_value& v, void* out, const std::string& path) {
  const auto before = violations.fields.size();
  read(*type.part, v, out, path);
  if (!clean_since(before) || !type.wrapper->check) return;
  if (auto why = type.wrapper->check(out)) violate(path, std::move(*why));
}

void json_reader::read_enumeration(const type_description& type, const json_value& v, void* out, const std::string& path) {
  const auto given = v.kind == json_kind::string ? upper(v.text) : std::string{};
  std::string choices;
  for (const auto& e : type.enumeration->enumerators) {
    const auto written = upper(e.name);
    if (written == given) return type.enumeration->set(out, e.value);
    choices += (choices.empty() ? "" : ", ") + written;
  }
  violate(path, "must be one of " + choices);
}

void json_reader::read_list(const type_description& type, const json_value& v, void* out, const std::string& path) {
  if (v.kind != json_kind::array) return violate(path, "must be an array");
  type.list->resize(out, v.items.size());
  for (std::size_t i = 0; i < v.items.size(); ++i)
    read(*type.part, v.items[i], type.list->at(out, i), path + "[" + std::to_string(i) + "]");
}

void json_reader::read_map(const type_description& type, const json_value& v, void* out, const std::string& path) {
  if (v.kind != json_kind::object) return violate(path, "must be an object");
  for (const auto& given : v.members) {
    const auto where = path + "." + given.first;
    type.map->add(
      out,
      [&](void* key) {
        json_value text{json_kind::string};
        text.text = given.first;
        const auto before = violations.fields.size();
        read(*type.part, text, key, where);
        return clean_since(before);
      },
      [&](void* mapped) { read(*type.mapped, given.second, mapped, where); });
  }
}

void json_reader::read_variant(const type_description& type, const json_value& v, void* out, const std::string& path) {
  const auto* kind = v.find("kind");
  if (!kind || kind->kind != json_kind::string) return violate(path, "must be an object with a \"kind\"");
  const auto all = type.variant->alternatives;
  const auto chosen = std::find_if(all.begin(), all.end(), [&](const auto* a) { return kind->text == short_name_of(*a); });
  if (chosen == all.end()) return violate(path.empty() ? "kind" : path + ".kind", "is not a known kind");
  void* alternative = type.variant->emplace(out, static_cast<std::size_t>(chosen - all.begin()));
  if ((*chosen)->made_as != shape::structure) return;
  if (!has_own_kind(**chosen)) return read_structure(**chosen, v, alternative, path, "kind");
  const auto where = path.empty() ? kind->text : path + "." + kind->text;
  if (const auto* own = v.find(kind->text)) read_structure(**chosen, *own, alternative, where);
  else violate(where, "is required");
  meet_unknown(*this, v, path, [&](const std::string& name) { return name == "kind" || name == kind->text; });
}

void json_reader::read(const type_description& type, const json_value& v, void* out, const std::string& path) {
  if (type.scalar) return type.scalar->read(*this, v, out, path);
  switch (type.made_as) {
  case shape::scalar: TROUPE_ASSERT(type.scalar, "a scalar has rules, which were used above"); return;
  case shape::enumeration: return read_enumeration(type, v, out, path);
  case shape::wrapper: return read_wrapper(type, v, out, path);
  case shape::optional:
    if (v.kind == json_kind::null) type.optional->reset(out);
    else read(*type.part, v, type.optional->emplace(out), path);
    return;
  case shape::list: return read_list(type, v, out, path);
  case shape::map: return read_map(type, v, out, path);
  case shape::variant: return read_variant(type, v, out, path);
  case shape::structure: return read_structure(type, v, out, path);
  }
}

std::optional<error> read_json(const type_description& type, const json_value& v, void* out, json_decoding& mode) {
  json_reader reader{mode};
  reader.read(type, v, out, "");
  if (reader.violations.fields.empty()) return std::nullopt;
  return std::move(reader.violations);
}

} // namespace troupe::wire
