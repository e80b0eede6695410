#pragma once
// cereal over a contiguous buffer: the stored bytes. Integers little-endian at full width, sizes as LEB128 varints,
// text with its length, no padding, no field names. Included by wire.ipp only.

#include "runtime/wire/describe.hpp"
#include "runtime/wire/foreign_clock.hpp"

#include <cereal/cereal.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include <bit>
#include <cstring>
#include <string>
#include <string_view>

static_assert(std::endian::native == std::endian::little, "stored bytes are written as they lie in memory");

namespace troupe::wire {

template <class T> inline constexpr bool is_pair_of_cereal = false;
template <class T> inline constexpr bool is_pair_of_cereal<cereal::NameValuePair<T>> = true;
template <class T> inline constexpr bool is_map_item = false;
template <class K, class V> inline constexpr bool is_map_item<cereal::MapItem<K, V>> = true;
template <class T>
inline constexpr bool is_container = is_vector<T> || is_map<T> || is_optional<T> || is_variant<T>;

/// Appends to a text that is longer than what was written until the writer ends: fields are small, and a call for each would cost more than
/// they do.
class byte_writer : public cereal::OutputArchive<byte_writer, cereal::AllowEmptyClassElision> {
public:
  explicit byte_writer(std::string& out) : OutputArchive{this}, out_{&out}, begin_{out.size()}, at_{out.data() + begin_} { make_room(128); }
  ~byte_writer() { out_->resize(written()); }

  /// cereal asks of each type for which archive it has which of a dozen serializers. Of what is written by its description, and of the containers,
  /// that is known, and a compiler need not find it out: an actor's unit takes a tenth less.
  template <class... Ts>
  byte_writer& operator()(Ts&&... xs) {
    (one(xs), ...);
    return *this;
  }
  byte_writer(const byte_writer&) = delete;
  byte_writer& operator=(const byte_writer&) = delete;

  void raw(const void* data, std::size_t size) {
    if (size > room()) make_room(size);
    if (size == 0) return; // nothing has no address, which memcpy may not be given
    std::memcpy(at_, data, size);
    at_ += size;
  }
  /// Of `N` bytes the first `size`: all are copied, because a copy of known length is a few instructions and one of unknown length a call.
  template <std::size_t N>
  void front(const void* data, std::size_t size) {
    if (N > room()) [[unlikely]] make_room(N);
    std::memcpy(at_, data, N);
    at_ += size;
  }
  template <std::size_t N>
  void fixed(const void* data) { front<N>(data, N); }
  void varint(std::uint64_t n) {
    char bytes[10]{};
    std::size_t size = 0;
    for (; n >= 0x80; n >>= 7) bytes[size++] = static_cast<char>(n | 0x80);
    bytes[size++] = static_cast<char>(n);
    front<sizeof bytes>(bytes, size);
  }

private:
  template <class T>
  void one(const T& x) {
    if constexpr (is_pair_of_cereal<T>) one(x.value);
    else if constexpr (is_map_item<T>) (one(x.key), one(x.value));
    else if constexpr (std::is_enum_v<T>) one(static_cast<std::underlying_type_t<T>>(x));
    else if constexpr (wrapper<T>) one(x.value);
    else if constexpr (described_struct<T>) for_each_member(x, [&](const char*, const auto& member) { one(member); });
    else if constexpr (is_container<T>) cereal::CEREAL_SAVE_FUNCTION_NAME(*this, x);
    else if constexpr (std::is_arithmetic_v<T> || is_text<T> || is_scaled<T>) CEREAL_SAVE_FUNCTION_NAME(*this, x);
    else OutputArchive::operator()(x);
  }
  [[nodiscard]] std::size_t written() const noexcept { return static_cast<std::size_t>(at_ - out_->data()); }
  [[nodiscard]] std::size_t room() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  /// For `size` bytes more, and as many again as are written.
  [[gnu::noinline]] void make_room(std::size_t size) {
    const auto done = written();
    out_->resize(done + size + (done - begin_));
    at_ = out_->data() + done;
    end_ = out_->data() + out_->size();
  }

  std::string* out_;
  std::size_t begin_;
  char* at_;
  char* end_ = nullptr;
};

class byte_reader : public cereal::InputArchive<byte_reader, cereal::AllowEmptyClassElision> {
public:
  explicit byte_reader(std::string_view in) : InputArchive{this}, in_{in} {}

  /// As the writer's.
  template <class... Ts>
  byte_reader& operator()(Ts&&... xs) {
    (one(xs), ...);
    return *this;
  }
  void raw(void* data, std::size_t size) {
    if (size > in_.size()) throw cereal::Exception("the bytes end early");
    if (size == 0) return; // an empty vector of numbers has no address, which memcpy may not be given
    std::memcpy(data, in_.data(), size);
    in_.remove_prefix(size);
  }
  [[nodiscard]] std::string_view take(std::size_t size) {
    if (size > in_.size()) throw cereal::Exception("the bytes end early");
    auto part = in_.substr(0, size);
    in_.remove_prefix(size);
    return part;
  }
  [[nodiscard]] std::uint64_t varint() {
    std::uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      std::uint8_t b = 0;
      raw(&b, 1);
      n |= std::uint64_t{b & 0x7fu} << shift;
      if (!(b & 0x80u)) return n;
    }
    throw cereal::Exception("a size has too many bytes");
  }
  /// Every element takes at least one byte, so a larger size is a lie that must not become an allocation.
  [[nodiscard]] std::uint64_t size() {
    const auto n = varint();
    if (n > in_.size()) throw cereal::Exception("a size is larger than what follows");
    return n;
  }
  [[nodiscard]] std::size_t left() const noexcept { return in_.size(); }

private:
  template <class T>
  void one(T& x) {
    if constexpr (is_pair_of_cereal<T>) one(x.value);
    else if constexpr (is_map_item<T>) (one(x.key), one(x.value));
    else if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> n{};
      one(n);
      x = static_cast<T>(n);
    } else if constexpr (wrapper<T>) one(x.value);
    else if constexpr (described_struct<T>) for_each_member(x, [&](const char*, auto& member) { one(member); });
    else if constexpr (is_container<T>) cereal::CEREAL_LOAD_FUNCTION_NAME(*this, x);
    else if constexpr (std::is_arithmetic_v<T> || is_text<T> || is_scaled<T>) CEREAL_LOAD_FUNCTION_NAME(*this, x);
    else InputArchive::operator()(x);
  }

  std::string_view in_;
};

template <class T>
concept wire_arithmetic = std::is_arithmetic_v<T>;

template <wire_arithmetic T>
void CEREAL_SAVE_FUNCTION_NAME(byte_writer& a, const T& x) {
  a.template fixed<sizeof x>(&x);
}
template <wire_arithmetic T>
void CEREAL_LOAD_FUNCTION_NAME(byte_reader& a, T& x) {
  if constexpr (std::is_same_v<T, bool>) {
    std::uint8_t b = 0;
    a.raw(&b, 1);
    if (b > 1) throw cereal::Exception("a boolean is neither 0 nor 1");
    x = b == 1;
  } else {
    a.raw(&x, sizeof x);
  }
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(byte_writer& a, const cereal::SizeTag<T>& n) {
  a.varint(n.size);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(byte_reader& a, cereal::SizeTag<T>& n) {
  n.size = a.size();
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(byte_writer& a, const cereal::BinaryData<T>& d) {
  a.raw(d.data, static_cast<std::size_t>(d.size));
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(byte_reader& a, cereal::BinaryData<T>& d) {
  a.raw(d.data, static_cast<std::size_t>(d.size));
}

} // namespace troupe::wire

CEREAL_REGISTER_ARCHIVE(troupe::wire::byte_writer)
CEREAL_REGISTER_ARCHIVE(troupe::wire::byte_reader)
CEREAL_SETUP_ARCHIVE_TRAITS(troupe::wire::byte_reader, troupe::wire::byte_writer)

namespace cereal {

template <std::size_t N>
void CEREAL_SAVE_FUNCTION_NAME(troupe::wire::byte_writer& a, const troupe::text<N>& t) {
  a.template fixed<1>(&t.length);
  a.template front<N>(t.bytes.data(), t.length);
}
template <std::size_t N>
void CEREAL_LOAD_FUNCTION_NAME(troupe::wire::byte_reader& a, troupe::text<N>& t) {
  std::uint8_t length = 0;
  a.raw(&length, 1);
  auto made = troupe::text<N>::make(a.take(length));
  if (!made) throw Exception("text is too long or not printable");
  t = *made;
}
template <class K>
void CEREAL_SAVE_FUNCTION_NAME(troupe::wire::byte_writer& a, const troupe::scaled<K>& x) {
  a.template fixed<8>(&x.units);
}
template <class K>
void CEREAL_LOAD_FUNCTION_NAME(troupe::wire::byte_reader& a, troupe::scaled<K>& x) {
  a.raw(&x.units, 8);
}
inline void CEREAL_SAVE_FUNCTION_NAME(troupe::wire::byte_writer& a, const troupe::money& m) {
  a.fixed<16>(&m.units);
  a(m.ccy);
}
inline void CEREAL_LOAD_FUNCTION_NAME(troupe::wire::byte_reader& a, troupe::money& m) {
  a.raw(&m.units, 16);
  a(m.ccy);
}
inline void CEREAL_SAVE_FUNCTION_NAME(troupe::wire::byte_writer& a, const troupe::boot_ns& t) {
  a(t.time_since_epoch().count());
}
inline void CEREAL_LOAD_FUNCTION_NAME(troupe::wire::byte_reader& a, troupe::boot_ns& t) {
  std::int64_t count = 0;
  a.raw(&count, sizeof count);
  t = troupe::wire::foreign_clock::ours(troupe::boot_ns{troupe::nanoseconds{count}});
}
inline void CEREAL_SAVE_FUNCTION_NAME(troupe::wire::byte_writer& a, const troupe::sha256_digest& d) {
  a.raw(d.bytes.data(), d.bytes.size());
}
inline void CEREAL_LOAD_FUNCTION_NAME(troupe::wire::byte_reader& a, troupe::sha256_digest& d) {
  a.raw(d.bytes.data(), d.bytes.size());
}
template <class Archive>
void CEREAL_SERIALIZE_FUNCTION_NAME(Archive&, std::monostate&) {}

} // namespace cereal
