#pragma once
// SHA-256 for chains and content names, CRC-32C for torn or flipped bytes.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace troupe {

struct sha256_digest {
  std::array<std::uint8_t, 32> bytes{};
  friend auto operator<=>(const sha256_digest&, const sha256_digest&) = default;
};

/// SHA-256 (FIPS 180-4) of `data`.
[[nodiscard]] sha256_digest sha256(std::string_view data) noexcept;
/// Lower-case hexadecimal, 64 characters.
[[nodiscard]] std::string to_hex(const sha256_digest& digest);

/// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), as in RFC 3720. `seed` continues an earlier call.
[[nodiscard]] std::uint32_t crc32c(std::string_view data, std::uint32_t seed = 0) noexcept;

/// FNV-1a, 32 bits: names to small stable numbers (schema ids). Not for untrusted keys.
[[nodiscard]] constexpr std::uint32_t fnv1a(std::string_view text) noexcept {
  std::uint32_t h = 0x811c9dc5u;
  for (char c : text) h = (h ^ static_cast<std::uint8_t>(c)) * 0x01000193u;
  return h;
}

} // namespace troupe
