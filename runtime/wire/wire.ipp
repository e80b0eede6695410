#pragma once
// Definitions behind wire.hpp, and the macro that instantiates them. Include this in the .cpp of a messages.hpp.

#include "runtime/wire/bytes.hpp"
#include "runtime/wire/describe_type.hpp"
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
inline const registration registered{description<T>, &round_trip<T>};
} // namespace detail

template <class T>
void encode(const T& x, std::string& out) {
  if constexpr (registers<T>) (void)&detail::registered<T>;
  byte_writer writer{out};
  writer(x);
}

namespace detail {
enum class reading : std::uint8_t { all, front, unchecked };

/// One function a type for whoever reads it: bounds of a default value need not be met, so a round trip does not check them.
template <class T>
[[gnu::noinline]] result<T> read(std::string_view bytes, reading how) {
  try { // cereal reports by exception; nothing of ours sees one
    T x{};
    byte_reader reader{bytes};
    reader(x);
    if (reader.left() != 0 && how != reading::front) return fail(errc::malformed, name<T>() + ": bytes are left over");
    if (how != reading::unchecked && !in_range(x)) return fail(errc::out_of_range, name<T>() + ": a value is outside its range");
    return x;
  } catch (const std::exception& e) {
    return fail(errc::malformed, name<T>() + ": " + e.what());
  }
}
} // namespace detail

template <class T>
result<T> decode(std::string_view bytes) {
  return detail::read<T>(bytes, detail::reading::all);
}

template <class T>
result<T> decode_front(std::string_view bytes) {
  return detail::read<T>(bytes, detail::reading::front);
}

template <class T>
const type_description& type_of() noexcept {
  return description<T>;
}

template <class T>
bool round_trip() {
  std::string first, second;
  encode(T{}, first);
  const auto read = detail::read<T>(first, detail::reading::unchecked);
  if (read) encode(*read, second);
  return read && first == second;
}

} // namespace troupe::wire

/// Instantiates bytes and description of a type, and registers it. At global scope, once per type.
#define TROUPE_WIRE(...)                                                                                     \
  template void troupe::wire::encode<__VA_ARGS__>(const __VA_ARGS__&, std::string&);                        \
  template troupe::result<__VA_ARGS__> troupe::wire::decode<__VA_ARGS__>(std::string_view);                 \
  template const troupe::wire::type_description& troupe::wire::type_of<__VA_ARGS__>() noexcept;
