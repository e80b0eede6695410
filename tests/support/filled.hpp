#pragma once
// Values of described types in which every field is set, each to something of its own within its bounds, and every
// alternative of every variant has its turn. The same on every run.

#include "runtime/wire/describe.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace troupe::test {

/// How many values it takes to see every alternative of every variant in a `T`, those inside others included.
template <class T>
constexpr std::uint64_t rounds_of() {
  if constexpr (wire::is_variant<T>) {
    std::uint64_t most = 1;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, boost::mp11::mp_rename<T, boost::mp11::mp_list>>>(
      [&](auto a) { most = std::max(most, rounds_of<typename decltype(a)::type>()); });
    return most * std::variant_size_v<T>;
  } else if constexpr (wire::is_optional<T> || wire::is_vector<T>) return rounds_of<typename T::value_type>();
  else if constexpr (wire::is_map<T>) return rounds_of<typename T::mapped_type>();
  else if constexpr (wire::wrapper<T>) return rounds_of<decltype(T::value)>();
  else if constexpr (wire::described_struct<T>) {
    std::uint64_t most = 1;
    boost::mp11::mp_for_each<wire::members_of<T>>(
      [&](auto d) { most = std::max(most, rounds_of<std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>>()); });
    return most;
  } else return 1;
}

class filler {
public:
  explicit filler(std::uint64_t round) : round_{round} {}

  template <class T>
  T make() {
    ++n_;
    if constexpr (std::is_same_v<T, bool>) return true;
    else if constexpr (wire::described_enum<T>) return enumerator<T>();
    else if constexpr (std::is_arithmetic_v<T>) return static_cast<T>(n_);
    else if constexpr (std::is_same_v<T, std::string>) return "said " + std::to_string(n_);
    else if constexpr (wire::is_text<T>) return T::make(("t" + std::to_string(n_)).substr(0, T::size_max)).value();
    else if constexpr (wire::is_scaled<T>) return T{static_cast<std::int64_t>(n_) * 1'000'001};
    else if constexpr (std::is_same_v<T, money>) return money{-(int128{n_} << 70), "USDT"};
    else if constexpr (std::is_same_v<T, time_ns>) return time_from_ns(1'723'118'400'000'000'000 + static_cast<std::int64_t>(n_));
    else if constexpr (std::is_same_v<T, boot_ns>) return boot_ns{make<nanoseconds>()};
    else if constexpr (std::is_same_v<T, nanoseconds>) return nanoseconds{3'600'000'000'000 + n_};
    else if constexpr (std::is_same_v<T, sha256_digest>) return sha256(std::to_string(n_));
    else if constexpr (std::is_same_v<T, std::monostate>) return {};
    else if constexpr (wire::is_optional<T>) return T{make<typename T::value_type>()};
    else if constexpr (wire::is_variant<T>) return alternative<T>();
    else if constexpr (wire::is_vector<T>) return list<T>(2);
    else if constexpr (wire::is_map<T>) {
      T all;
      for (int i = 0; i < 2; ++i) {
        auto key = make<typename T::key_type>();
        all[std::move(key)] = make<typename T::mapped_type>();
      }
      return all;
    } else if constexpr (requires { T::min; T::max; }) { // bounded
      const auto width = static_cast<std::uint64_t>(T::max - T::min) + 1;
      T x;
      x.value = static_cast<decltype(T::value)>(T::min + static_cast<decltype(T::value)>(width == 0 ? n_ : n_ % width));
      return x;
    } else if constexpr (wire::wrapper<T>) {
      T x;
      x.value = make<decltype(T::value)>();
      return x;
    } else {
      static_assert(wire::described_struct<T>, "a kind of type that nothing is known about");
      T x;
      wire::for_each_member(x, [&](const char*, auto& member) { member = make<std::remove_cvref_t<decltype(member)>>(); });
      return x;
    }
  }

private:
  template <class T>
  T list(std::size_t size) {
    T all;
    for (std::size_t i = 0; i < size; ++i) all.push_back(make<typename T::value_type>());
    return all;
  }
  template <class T>
  T enumerator() {
    using all = boost::describe::describe_enumerators<T>;
    T chosen{};
    std::uint64_t at = 0;
    boost::mp11::mp_for_each<all>([&](auto d) {
      if (at++ == n_ % boost::mp11::mp_size<all>::value) chosen = d.value;
    });
    return chosen;
  }
  /// What is left of the round behind the choice is the round of what was chosen.
  template <class T>
  T alternative() {
    constexpr auto size = std::variant_size_v<T>;
    const auto whole = round_;
    round_ = whole / size;
    auto x = boost::mp11::mp_with_index<size>(whole % size, [&](auto i) { return T{std::in_place_index<i>, make<std::variant_alternative_t<i, T>>()}; });
    round_ = whole;
    return x;
  }

  std::uint64_t round_;
  std::uint64_t n_ = 0;
};

template <class T>
[[nodiscard]] T filled(std::uint64_t round = 0) {
  return filler{round}.make<T>();
}

} // namespace troupe::test
