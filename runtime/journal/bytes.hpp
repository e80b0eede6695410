#pragma once
// Little-endian integers and length-prefixed text for the journal's own small formats (record, frontier,
// snapshot, archive). Owned by nobody; any thread. The reader never walks past its end: one failed read makes
// all later ones fail.

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace troupe::journal {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian and copied as they lie");

/// Writes `value` at `place` and returns the byte behind it.
template <std::unsigned_integral T>
inline char* put(char* place, T value) noexcept {
  std::memcpy(place, &value, sizeof value);
  return place + sizeof value;
}

inline char* put(char* place, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(place, text.data(), text.size());
  return place + text.size();
}

template <std::unsigned_integral T>
inline void append(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <std::unsigned_integral T>
[[nodiscard]] inline T get(const char* place) noexcept {
  T value;
  std::memcpy(&value, place, sizeof value);
  return value;
}

/// Reads from the front of a view; `ok()` says whether everything asked for was there.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) noexcept : rest_{bytes} {}

  template <std::unsigned_integral T>
  [[nodiscard]] T number() noexcept {
    auto raw = view(sizeof(T));
    return raw.size() == sizeof(T) ? get<T>(raw.data()) : T{};
  }
  [[nodiscard]] std::string_view view(std::size_t size) noexcept {
    if (!ok_ || rest_.size() < size) {
      ok_ = false;
      return {};
    }
    auto front = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return front;
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

private:
  std::string_view rest_;
  bool ok_ = true;
};

} // namespace troupe::journal
