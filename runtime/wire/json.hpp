#pragma once
// Described types to JSON and back. Included by wire.ipp only.

#include "runtime/wire/describe.hpp"
#include "runtime/wire/text_forms.hpp"
#include "runtime/wire/wire.hpp"

#include <cctype>
#include <charconv>
#include <limits>

namespace troupe::wire {

/// Enumerators are upper case in JSON, as order protocols write them, and read in any case. A trailing underscore only
/// keeps a C++ keyword apart (`new_`) and is not shown.
inline std::string upper(std::string_view s) {
  if (s.ends_with('_')) s.remove_suffix(1);
  std::string out{s};
  for (auto& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

// -- out -------------------------------------------------------------------------------------------------------------

/// The text a value has as a JSON object's key, or inside a string.
template <class T>
std::string key_text(const T& x) {
  if constexpr (is_text<T>) return x.str();
  else if constexpr (is_scaled<T>) return x.str();
  else if constexpr (std::is_same_v<T, std::string>) return x;
  else if constexpr (std::is_integral_v<T>) return std::to_string(x);
  else if constexpr (wrapper<T>) return key_text(x.value);
  else if constexpr (described_enum<T>) return upper(boost::describe::enum_to_string(x, "?"));
  else if constexpr (requires { to_text(x); }) return to_text(x);
  else static_assert(sizeof(T) == 0, "this type cannot be a JSON key");
}

template <class T>
void json_out(const T& x, std::string& out);

template <class T>
void json_members(const T& x, std::string& out, bool first = true) {
  for_each_member(x, [&](const char* name, const auto& member) {
    if constexpr (is_optional<std::remove_cvref_t<decltype(member)>>)
      if (!member) return;
    if (!first) out += ',';
    first = false;
    out += '"';
    out += name;
    out += "\":";
    json_out(member, out);
  });
}

template <class T>
void json_out(const T& x, std::string& out) {
  if constexpr (std::is_same_v<T, bool>) out += x ? "true" : "false";
  else if constexpr (std::is_integral_v<T>) out += std::to_string(x);
  else if constexpr (std::is_floating_point_v<T>) append_double(out, x);
  else if constexpr (std::is_same_v<T, std::string>) append_json_string(out, x);
  else if constexpr (std::is_same_v<T, time_ns>) append_json_string(out, format_time(x));
  else if constexpr (std::is_same_v<T, nanoseconds>) out += std::to_string(x.count());
  else if constexpr (std::is_same_v<T, boot_ns>) out += std::to_string(x.time_since_epoch().count());
  else if constexpr (std::is_same_v<T, sha256_digest>) append_json_string(out, to_hex(x));
  else if constexpr (std::is_same_v<T, std::monostate>) out += "null";
  else if constexpr (std::is_same_v<T, money>) {
    out += "{\"amount\":\"" + x.str() + "\",\"currency\":";
    append_json_string(out, x.ccy.view());
    out += '}';
  } else if constexpr (is_as_number<T>) {
    if constexpr (std::is_same_v<decltype(x.value), money> || is_scaled<decltype(x.value)>) out += x.value.str();
    else json_out(x.value, out);
  } else if constexpr (is_text<T> || is_scaled<T> || described_enum<T>) append_json_string(out, key_text(x));
  else if constexpr (requires { to_text(x); }) append_json_string(out, to_text(x));
  else if constexpr (wrapper<T>) json_out(x.value, out);
  else if constexpr (is_optional<T>) {
    if (x) json_out(*x, out);
    else out += "null";
  } else if constexpr (is_vector<T>) {
    out += '[';
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (i > 0) out += ',';
      json_out(x[i], out);
    }
    out += ']';
  } else if constexpr (is_map<T>) {
    out += '{';
    bool first = true;
    for (const auto& [k, v] : x) {
      if (!first) out += ',';
      first = false;
      append_json_string(out, key_text(k));
      out += ':';
      json_out(v, out);
    }
    out += '}';
  } else if constexpr (is_variant<T>) {
    std::visit(
      [&](const auto& alternative) {
        using A = std::remove_cvref_t<decltype(alternative)>;
        out += "{\"kind\":\"" + short_name<A>() + '"';
        if constexpr (described_struct<A>) json_members(alternative, out, false);
        out += '}';
      },
      x);
  } else if constexpr (described_struct<T>) {
    out += '{';
    json_members(x, out);
    out += '}';
  } else static_assert(sizeof(T) == 0, "this type has no JSON form");
}

// -- in --------------------------------------------------------------------------------------------------------------

struct json_reader {
  json_decoding& mode;
  error violations{errc::invalid_argument, "the request has invalid fields", {}};

  void violate(const std::string& path, std::string message) {
    constexpr std::size_t violations_max = 100; // enough for a person, bounded for a hostile body
    if (violations.fields.size() < violations_max) violations.fields.push_back({path, std::move(message)});
  }

  template <class T>
  void read(const json_value& v, T& out, const std::string& path);
  template <class T>
  void read_struct(const json_value& v, T& out, const std::string& path, std::string_view skip = {});

private:
  template <class T>
  bool read_key(const std::string& k, T& out, const std::string& path) {
    json_value v{json_kind::string};
    v.text = k;
    const auto before = violations.fields.size();
    read(v, out, path + "." + k);
    return violations.fields.size() == before;
  }
};

template <class T>
void json_reader::read_struct(const json_value& v, T& out, const std::string& path, std::string_view skip) {
  if (v.kind != json_kind::object) return violate(path, "must be an object");
  for_each_member(out, [&](const char* name, auto& member) {
    using M = std::remove_cvref_t<decltype(member)>;
    const auto where = path.empty() ? std::string{name} : path + "." + name;
    const auto* found = v.find(name);
    const bool absent = !found || (found->kind == json_kind::null && (is_optional<M> || is_with_default<M>));
    if (!absent) read(*found, member, where);
    else if constexpr (!is_optional<M> && !is_with_default<M>) violate(where, "is required");
  });
  for (const auto& given : v.members) {
    const auto& name = given.first; // not a structured binding: clang 14 does not capture one
    if (name == skip) continue;
    bool known = false;
    for_each_member(out, [&](const char* declared, const auto&) { known = known || name == declared; });
    if (known) continue;
    if (mode.unknown == unknown_fields::count) {
      ++mode.unknown_seen;
    } else {
      violations.code = errc::unknown_field;
      violate(path.empty() ? name : path + "." + name, "is not a known field");
    }
  }
}

template <class T>
void json_reader::read(const json_value& v, T& out, const std::string& path) {
  const bool scalar_text = v.kind == json_kind::string || v.kind == json_kind::number;
  if constexpr (std::is_same_v<T, std::monostate>) {
    if (v.kind != json_kind::null) violate(path, "must be null");
  } else if constexpr (std::is_same_v<T, bool>) {
    if (v.kind == json_kind::boolean) out = v.boolean;
    else if (v.kind == json_kind::string && (v.text == "true" || v.text == "false")) out = v.text == "true";
    else violate(path, "must be true or false");
  } else if constexpr (std::is_integral_v<T>) {
    T n{};
    const auto* end = v.text.data() + v.text.size();
    auto [stop, ec] = std::from_chars(v.text.data(), end, n);
    if (!scalar_text || v.text.empty() || stop != end || ec == std::errc::invalid_argument)
      violate(path, "must be an integer");
    else if (ec != std::errc{})
      violate(path, "must be between " + std::to_string(std::numeric_limits<T>::min()) + " and " +
                      std::to_string(std::numeric_limits<T>::max()));
    else out = n;
  } else if constexpr (std::is_floating_point_v<T>) {
    double n = 0;
    const auto* end = v.text.data() + v.text.size();
    auto [stop, ec] = std::from_chars(v.text.data(), end, n);
    if (v.kind != json_kind::number || stop != end || ec != std::errc{}) violate(path, "must be a finite number");
    else out = static_cast<T>(n);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (v.kind == json_kind::string) out = v.text;
    else violate(path, "must be a string");
  } else if constexpr (is_text<T>) {
    if (v.kind != json_kind::string) return violate(path, "must be a string");
    if (auto made = T::make(v.text)) out = *made;
    else violate(path, "must be at most " + std::to_string(T::size_max) + " printable ASCII characters");
  } else if constexpr (is_scaled<T>) {
    auto parsed = scalar_text ? T::parse(v.text) : std::nullopt;
    if (parsed) out = *parsed;
    else violate(path, "must be a decimal with at most 8 decimal places between -92233720368 and 92233720368");
  } else if constexpr (std::is_same_v<T, money>) {
    const auto* amount = v.find("amount");
    const auto* ccy = v.find("currency");
    auto units = amount && (amount->kind == json_kind::string || amount->kind == json_kind::number)
                   ? parse_scaled(amount->text) : std::nullopt;
    auto name = ccy && ccy->kind == json_kind::string ? currency::make(ccy->text) : std::nullopt;
    if (v.kind != json_kind::object || v.members.size() != 2 || !units || !name)
      violate(path, "must be {\"amount\": decimal, \"currency\": text}");
    else out = {*units, *name};
  } else if constexpr (std::is_same_v<T, time_ns>) {
    auto parsed = scalar_text ? parse_time(v.text) : std::nullopt;
    if (parsed) out = *parsed;
    else violate(path, "must be RFC 3339 in UTC (2024-08-08T23:54:13Z) or nanoseconds since 1970");
  } else if constexpr (std::is_same_v<T, nanoseconds>) {
    std::int64_t n = 0;
    read(v, n, path);
    out = nanoseconds{n};
  } else if constexpr (std::is_same_v<T, boot_ns>) {
    std::int64_t n = 0;
    read(v, n, path);
    out = boot_ns{nanoseconds{n}};
  } else if constexpr (described_enum<T>) {
    bool found = false;
    std::string choices;
    const auto given = v.kind == json_kind::string ? upper(v.text) : std::string{};
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) {
      const auto written = upper(d.name);
      if (written == given) {
        out = d.value;
        found = true;
      }
      choices += (choices.empty() ? "" : ", ") + written;
    });
    if (!found) violate(path, "must be one of " + choices);
  } else if constexpr (requires { from_text(std::string_view{}, out); }) {
    if (v.kind != json_kind::string || !from_text(v.text, out)) violate(path, "is not an id of this kind");
  } else if constexpr (wrapper<T>) {
    const auto before = violations.fields.size();
    auto value = out.value;
    read(v, value, path);
    if (violations.fields.size() != before) return;
    if constexpr (checked_value<T>) {
      if (auto why = T::check(value)) return violate(path, *why);
    }
    out.value = std::move(value);
  } else if constexpr (is_optional<T>) {
    if (v.kind == json_kind::null) return out.reset();
    typename T::value_type inner{};
    const auto before = violations.fields.size();
    read(v, inner, path);
    if (violations.fields.size() == before) out = std::move(inner);
  } else if constexpr (is_vector<T>) {
    if (v.kind != json_kind::array) return violate(path, "must be an array");
    out.resize(v.items.size());
    for (std::size_t i = 0; i < v.items.size(); ++i) read(v.items[i], out[i], path + "[" + std::to_string(i) + "]");
  } else if constexpr (is_map<T>) {
    if (v.kind != json_kind::object) return violate(path, "must be an object");
    for (const auto& [k, item] : v.members) {
      typename T::key_type key{};
      typename T::mapped_type mapped{};
      if (!read_key(k, key, path)) continue;
      read(item, mapped, path + "." + k);
      out.emplace(std::move(key), std::move(mapped));
    }
  } else if constexpr (is_variant<T>) {
    const auto* type = v.find("kind");
    if (!type || type->kind != json_kind::string) return violate(path, "must be an object with a \"kind\"");
    bool found = false;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, boost::mp11::mp_rename<T, boost::mp11::mp_list>>>(
      [&](auto identity) {
        using A = typename decltype(identity)::type;
        if (found || type->text != short_name<A>()) return;
        found = true;
        A alternative{};
        if constexpr (described_struct<A>) read_struct(v, alternative, path, "kind");
        out = std::move(alternative);
      });
    if (!found) violate(path.empty() ? "kind" : path + ".kind", "is not a known kind");
  } else if constexpr (described_struct<T>) {
    read_struct(v, out, path);
  } else static_assert(sizeof(T) == 0, "this type cannot be read from JSON");
}

} // namespace troupe::wire
