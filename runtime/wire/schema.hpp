#pragma once
// JSON Schema and the canonical layout of described types. Included by wire.ipp only.

#include "runtime/wire/json.hpp"

namespace troupe::wire {

template <class T>
void schema_out(std::string& out);

template <class T>
void schema_properties(std::string& out, std::string_view kind = {}) {
  std::string required;
  out += "\"properties\":{";
  bool first = true;
  if (!kind.empty()) {
    out += "\"kind\":{\"const\":\"" + std::string{kind} + "\"}";
    required = "\"kind\"";
    first = false;
  }
  boost::mp11::mp_for_each<members_of<T>>([&](auto d) {
    using M = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
    if (!first) out += ',';
    first = false;
    out += '"';
    out += d.name;
    out += "\":";
    schema_out<M>(out);
    if constexpr (!is_optional<M> && !is_with_default<M>) {
      if (!required.empty()) required += ',';
      required += std::string{"\""} + d.name + '"';
    }
  });
  out += "},\"required\":[" + required + "],\"additionalProperties\":false";
}

/// Inserts members before the closing brace of the schema that was just appended.
inline void amend(std::string& out, const std::string& members) {
  out.pop_back();
  if (out.back() != '{') out += ',';
  out += members + '}';
}

template <class T> inline constexpr bool is_positive_type = false;
template <class T> inline constexpr bool is_positive_type<positive<T>> = true;
template <class T> inline constexpr bool is_bounded_type = false;
template <class T, auto A, auto B> inline constexpr bool is_bounded_type<bounded<T, A, B>> = true;
template <class T> inline constexpr bool is_required_text = false;
template <class T> inline constexpr bool is_required_text<required_text<T>> = true;
template <class T> inline constexpr std::size_t list_limit = 0;
template <class T, std::size_t N> inline constexpr std::size_t list_limit<list_max<T, N>> = N;

template <class T>
void schema_out(std::string& out) {
  if constexpr (std::is_same_v<T, bool>) out += R"({"type":"boolean"})";
  else if constexpr (std::is_integral_v<T>) {
    out += R"({"type":"integer","minimum":)" + std::to_string(std::numeric_limits<T>::min()) + R"(,"maximum":)" +
           std::to_string(std::numeric_limits<T>::max()) + '}';
  } else if constexpr (std::is_floating_point_v<T>) out += R"({"type":"number"})";
  else if constexpr (std::is_same_v<T, std::string>) out += R"({"type":"string"})";
  else if constexpr (is_text<T>) {
    out += R"({"type":"string","maxLength":)" + std::to_string(T::size_max) + R"(,"pattern":"^[ -~]*$"})";
  } else if constexpr (is_scaled<T>) out += R"({"type":["string","number"],"format":"decimal"})";
  else if constexpr (std::is_same_v<T, money>)
    out += R"({"type":"object","properties":{"amount":{"type":["string","number"],"format":"decimal"},)"
           R"("currency":{"type":"string","maxLength":8}},"required":["amount","currency"],"additionalProperties":false})";
  else if constexpr (std::is_same_v<T, time_ns>) out += R"({"type":["string","integer"],"format":"date-time"})";
  else if constexpr (std::is_same_v<T, boot_ns>)
    out += R"({"type":"integer","description":"nanoseconds since boot"})";
  else if constexpr (std::is_same_v<T, nanoseconds>) out += R"({"type":"integer","description":"nanoseconds"})";
  else if constexpr (std::is_same_v<T, sha256_digest>) out += R"({"type":"string","pattern":"^[0-9a-f]{64}$"})";
  else if constexpr (std::is_same_v<T, std::monostate>) out += R"({"type":"null"})";
  else if constexpr (described_enum<T>) {
    out += R"({"type":"string","enum":[)";
    bool first = true;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) {
      out += (first ? "\"" : ",\"") + upper(d.name) + '"';
      first = false;
    });
    out += "]}";
  } else if constexpr (requires(const T& x) { to_text(x); }) {
    out += R"({"type":"string"})";
    if constexpr (requires { text_pattern(std::type_identity<T>{}); })
      amend(out, std::string{"\"pattern\":\""} + text_pattern(std::type_identity<T>{}) + '"');
  } else if constexpr (wrapper<T>) {
    using V = decltype(T::value);
    schema_out<V>(out);
    if constexpr (is_positive_type<T>) amend(out, R"("exclusiveMinimum":0)");
    if constexpr (is_bounded_type<T>) {
      out.resize(out.rfind("\"minimum\""));
      out += "\"minimum\":" + std::to_string(T::min) + ",\"maximum\":" + std::to_string(T::max) + '}';
    }
    if constexpr (is_required_text<T>) amend(out, R"("minLength":1)");
    if constexpr (list_limit<T> != 0) amend(out, "\"maxItems\":" + std::to_string(list_limit<T>));
    if constexpr (is_with_default<T>) {
      std::string fallback;
      json_out(T::fallback, fallback);
      amend(out, "\"default\":" + fallback);
    }
  } else if constexpr (is_optional<T>) schema_out<typename T::value_type>(out);
  else if constexpr (is_vector<T>) {
    out += R"({"type":"array","items":)";
    schema_out<typename T::value_type>(out);
    out += '}';
  } else if constexpr (is_map<T>) {
    out += R"({"type":"object","additionalProperties":)";
    schema_out<typename T::mapped_type>(out);
    out += '}';
  } else if constexpr (is_variant<T>) {
    out += R"({"oneOf":[)";
    bool first = true;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, boost::mp11::mp_rename<T, boost::mp11::mp_list>>>(
      [&](auto identity) {
        using A = typename decltype(identity)::type;
        if (!first) out += ',';
        first = false;
        out += R"({"type":"object",)";
        if constexpr (described_struct<A>) schema_properties<A>(out, short_name<A>());
        else out += "\"properties\":{\"kind\":{\"const\":\"" + short_name<A>() + "\"}}";
        out += '}';
      });
    out += "]}";
  } else if constexpr (described_struct<T>) {
    out += "{\"type\":\"object\",\"title\":\"" + type_name<T>() + "\",";
    schema_properties<T>(out);
    out += '}';
  } else static_assert(sizeof(T) == 0, "this type has no schema");
}

/// Field names and types in stored order. A change here is a change of the stored bytes.
template <class T>
void layout_out(std::string& out) {
  // What a template was made from is not part of the layout: its fields are.
  const auto title = [] { return type_name<T>().substr(0, type_name<T>().find('<')); };
  if constexpr (described_enum<T>) {
    out += title();
    if constexpr (!std::is_same_v<std::underlying_type_t<T>, std::uint8_t>) { // one byte goes without saying
      out += ':';
      layout_out<std::underlying_type_t<T>>(out);
    }
    out += '(';
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
      [&](auto d) { out += std::string{d.name} + '=' + std::to_string(static_cast<long long>(d.value)) + ','; });
    out += ')';
  } else if constexpr (is_text<T>) out += "text<" + std::to_string(T::size_max) + '>';
  else if constexpr (is_scaled<T>) out += "scaled8";
  else if constexpr (is_optional<T>) {
    out += "optional<";
    layout_out<typename T::value_type>(out);
    out += '>';
  } else if constexpr (is_vector<T>) {
    out += "list<";
    layout_out<typename T::value_type>(out);
    out += '>';
  } else if constexpr (is_map<T>) {
    out += "map<";
    layout_out<typename T::key_type>(out);
    out += ',';
    layout_out<typename T::mapped_type>(out);
    out += '>';
  } else if constexpr (is_variant<T>) {
    out += "variant<";
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, boost::mp11::mp_rename<T, boost::mp11::mp_list>>>(
      [&](auto identity) {
        layout_out<typename decltype(identity)::type>(out);
        out += '|';
      });
    out += '>';
  } else if constexpr (checked_value<T> || is_with_default<T>) {
    layout_out<decltype(T::value)>(out);
    out += '[';
    schema_out<T>(out); // bounds and defaults: two nodes that differ in them do not understand each other
    out += ']';
  } else if constexpr (wrapper<T>) layout_out<decltype(T::value)>(out);
  else if constexpr (described_struct<T>) {
    out += title() + '{';
    boost::mp11::mp_for_each<members_of<T>>([&](auto d) {
      out += std::string{d.name} + ':';
      layout_out<std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>>(out);
      out += ',';
    });
    out += '}';
  } else if constexpr (std::is_floating_point_v<T>) out += "f" + std::to_string(8 * sizeof(T));
  else if constexpr (std::is_integral_v<T>) out += (std::is_signed_v<T> ? "i" : "u") + std::to_string(8 * sizeof(T));
  else out += title();
}

} // namespace troupe::wire
