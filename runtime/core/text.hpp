#pragma once
// Short text without an allocation: symbols, accounts, ids that clients choose. The bound is part of the type,
// so the decoder, the schema and the store share it.

#include "runtime/core/assert.hpp"

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace troupe {

/// At most `N` bytes of printable ASCII (0x20 .. 0x7e). Ordered by bytes; default is empty.
template <std::size_t N>
struct text {
  static_assert(N > 0 && N < 256);
  static constexpr std::size_t size_max = N;

  std::array<char, N> bytes{};
  std::uint8_t length = 0;

  constexpr text() = default;
  /// Requires: `s` fits and is printable. For text from outside use `make`.
  constexpr text(std::string_view s) { // NOLINT: implicit, so that literals read well
    TROUPE_ASSERT(is_valid(s), "text from inside the program is short and printable");
    assign(s);
  }
  constexpr text(const char* s) : text(std::string_view{s}) {}
  text(const std::string& s) : text(std::string_view{s}) {}

  [[nodiscard]] static constexpr bool is_valid(std::string_view s) noexcept {
    if (s.size() > N) return false;
    for (char c : s)
      if (c < 0x20 || c > 0x7e) return false;
    return true;
  }
  /// Returns nothing when `s` is too long or not printable ASCII.
  [[nodiscard]] static constexpr std::optional<text> make(std::string_view s) noexcept {
    if (!is_valid(s)) return std::nullopt;
    text t;
    t.assign(s);
    return t;
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept { return {bytes.data(), length}; }
  [[nodiscard]] std::string str() const { return std::string{view()}; }
  [[nodiscard]] constexpr bool empty() const noexcept { return length == 0; }

  friend constexpr bool operator==(const text& a, const text& b) noexcept { return (a <=> b) == 0; }
  /// What is behind a text is zero, less than any byte of one: so all bytes are compared, whole words at a time, and mostly the first tells. Keys of every
  /// map of the order path are texts, and a call for each comparison would cost more than it.
  friend constexpr std::strong_ordering operator<=>(const text& a, const text& b) noexcept {
    if constexpr (N >= word_bytes)
      if (!std::is_constant_evaluated()) {
        for (std::size_t i = 0; i + word_bytes < N; i += word_bytes)
          if (const auto order = word(a, i) <=> word(b, i); order != 0) return order;
        return word(a, N - word_bytes) <=> word(b, N - word_bytes); // overlaps what is known to be equal
      }
    return a.view() <=> b.view();
  }

private:
  static constexpr std::size_t word_bytes = 8;
  /// Ordered as its bytes are.
  static std::uint64_t word(const text& t, std::size_t at) noexcept {
    std::uint64_t w = 0;
    std::memcpy(&w, t.bytes.data() + at, word_bytes);
    return std::endian::native == std::endian::little ? __builtin_bswap64(w) : w;
  }
  constexpr void assign(std::string_view s) noexcept {
    for (std::size_t i = 0; i < s.size(); ++i) bytes[i] = s[i];
    length = static_cast<std::uint8_t>(s.size());
  }
};

/// Nothing in it that can be seen: empty, or white space alone.
[[nodiscard]] constexpr bool is_blank(std::string_view s) noexcept { return s.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos; }
template <std::size_t N>
[[nodiscard]] constexpr bool is_blank(const text<N>& t) noexcept {
  return is_blank(t.view());
}

} // namespace troupe
