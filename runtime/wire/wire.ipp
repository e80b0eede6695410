#pragma once
// Definitions behind wire.hpp, and the macro that instantiates them. Include this in the .cpp of a messages.hpp.

#include "runtime/wire/bytes.hpp"
#include "runtime/wire/json.hpp"
#include "runtime/wire/schema.hpp"
#include "runtime/wire/wire.hpp"

namespace troupe::wire {

/// Enumerators and bounds, after the bytes were read: integers from outside can hold anything.
template <class T>
bool in_range(const T& x) {
  if constexpr (described_enum<T>) return boost::describe::enum_to_string(x, nullptr) != nullptr;
  else if constexpr (checked_value<T>) return in_range(x.value) && !T::check(x.value);
  else if constexpr (is_scaled<T>) return x.units != INT64_MIN;
  else if constexpr (wrapper<T>) return in_range(x.value);
  else if constexpr (is_optional<T>) return !x || in_range(*x);
  else if constexpr (is_variant<T>) return std::visit([](const auto& a) { return in_range(a); }, x);
  else if constexpr (is_vector<T>) {
    if constexpr (!std::is_arithmetic_v<typename T::value_type>)
      for (const auto& item : x)
        if (!in_range(item)) return false;
    return true;
  } else if constexpr (is_map<T>) {
    for (const auto& [k, v] : x)
      if (!in_range(k) || !in_range(v)) return false;
    return true;
  } else if constexpr (described_struct<T>) {
    bool good = true;
    for_each_member(x, [&](const char*, const auto& member) { good = good && in_range(member); });
    return good;
  } else return true;
}

template <class T>
bool round_trip();

/// False for second names of a type that is registered under its own.
template <class T>
inline constexpr bool registers = true;

namespace detail {
/// One for each type that anybody encodes. It comes with `encode` itself: a linker that finds that in another object may
/// leave out the one beside the messages.
template <class T>
inline const registration registered{registered_type{name<T>(), layout<T>(), &round_trip<T>}};
} // namespace detail

template <class T>
void encode(const T& x, std::string& out) {
  if constexpr (registers<T>) (void)&detail::registered<T>;
  byte_writer writer{out};
  writer(x);
}

namespace detail {
template <class T>
result<T> read(std::string_view bytes, bool more_may_follow) {
  try { // cereal reports by exception; nothing of ours sees one
    T x{};
    byte_reader reader{bytes};
    reader(x);
    if (reader.left() != 0 && !more_may_follow) return fail(errc::malformed, name<T>() + ": bytes are left over");
    if (!in_range(x)) return fail(errc::out_of_range, name<T>() + ": a value is outside its range");
    return x;
  } catch (const std::exception& e) {
    return fail(errc::malformed, name<T>() + ": " + e.what());
  }
}
} // namespace detail

template <class T>
result<T> decode(std::string_view bytes) {
  return detail::read<T>(bytes, false);
}

template <class T>
result<T> decode_front(std::string_view bytes) {
  return detail::read<T>(bytes, true);
}

template <class T>
void write_json(const T& x, std::string& out) {
  json_out(x, out);
}

template <class T>
result<T> from_json(const json_value& value, json_decoding& mode) {
  json_reader reader{mode};
  T x{};
  reader.read(value, x, "");
  if (!reader.violations.fields.empty()) return reader.violations;
  return x;
}

template <class T>
const std::string& schema() {
  static const std::string text = [] {
    std::string out;
    schema_out<T>(out);
    return out;
  }();
  return text;
}

template <class T>
const std::string& name() {
  static const std::string text = type_name<T>();
  return text;
}

template <class T>
const std::string& layout() {
  static const std::string text = [] {
    std::string out;
    layout_out<T>(out);
    return out;
  }();
  return text;
}

template <class T>
bool round_trip() {
  std::string first, second;
  encode(T{}, first);
  byte_reader reader{first}; // decode() would apply bounds that a default value need not meet
  T x{};
  reader(x);
  encode(x, second);
  return first == second && reader.left() == 0;
}

} // namespace troupe::wire

/// Instantiates bytes, JSON and schema of a type, and registers it. At global scope, once per type.
#define TROUPE_WIRE(...)                                                                                     \
  template void troupe::wire::encode<__VA_ARGS__>(const __VA_ARGS__&, std::string&);                        \
  template troupe::result<__VA_ARGS__> troupe::wire::decode<__VA_ARGS__>(std::string_view);                 \
  template void troupe::wire::write_json<__VA_ARGS__>(const __VA_ARGS__&, std::string&);                    \
  template troupe::result<__VA_ARGS__> troupe::wire::from_json<__VA_ARGS__>(                                \
    const troupe::wire::json_value&, troupe::wire::json_decoding&);                                         \
  template const std::string& troupe::wire::schema<__VA_ARGS__>();                                          \
  template const std::string& troupe::wire::name<__VA_ARGS__>();                                            \
  template const std::string& troupe::wire::layout<__VA_ARGS__>();
