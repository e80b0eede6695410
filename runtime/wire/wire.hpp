#pragma once
// One description of a struct drives its bytes (cereal, with an archive of our own over a contiguous buffer), JSON,
// JSON Schema, range checks and CAF inspection. This header only declares bytes and the description; `TROUPE_WIRE(type)` in
// the .cpp beside the messages instantiates them (wire.ipp), so nobody else pays for cereal or the tables.

#include "runtime/core/result.hpp"
#include "runtime/wire/json_value.hpp"
#include "runtime/wire/type_description.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::wire {

/// Appends the stored bytes of `x`: little-endian, no padding, sizes as varints. Equal values, equal bytes.
template <class T>
void encode(const T& x, std::string& out);

/// Reads the whole of `bytes`. Errors: malformed (short, long, impossible size), out_of_range (enumerator or bound).
template <class T>
[[nodiscard]] result<T> decode(std::string_view bytes);

/// Reads a `T` from the front of `bytes`, whatever follows it. Errors: as decode.
template <class T>
[[nodiscard]] result<T> decode_front(std::string_view bytes);

/// What `T` consists of.
template <class T>
[[nodiscard]] const type_description& type_of() noexcept;

/// Appends `x` as JSON. Decimals and instants are strings (exact); `as_number` fields are numbers.
template <class T>
void write_json(const T& x, std::string& out) {
  write_json(type_of<T>(), &x, out);
}
template <class T>
[[nodiscard]] std::string to_json(const T& x) {
  std::string out;
  write_json(x, out);
  return out;
}

/// What to do with members nobody declared.
enum class unknown_fields : std::uint8_t { refuse, count };

struct json_decoding {
  unknown_fields unknown = unknown_fields::refuse;
  std::uint64_t unknown_seen = 0; // with `count`: how many were ignored
};

/// Builds a `T`, or reports every violation with its field. Missing fields keep the default of an optional or
/// with_default; any other missing field is a violation. Errors: invalid_argument, unknown_field.
template <class T>
[[nodiscard]] result<T> from_json(const json_value& value, json_decoding& mode) {
  T x{};
  if (auto wrong = read_json(type_of<T>(), value, &x, mode)) return std::move(*wrong);
  return x;
}
template <class T>
[[nodiscard]] result<T> from_json(const json_value& value) {
  json_decoding strict;
  return from_json<T>(value, strict);
}

/// JSON Schema (2020-12, as OpenAPI 3.1 uses it) of what write_json writes and from_json reads.
template <class T>
[[nodiscard]] std::string schema() {
  return schema_of(type_of<T>());
}

/// Name of the type in schemas, errors and CAF: "oms.new_order".
template <class T>
[[nodiscard]] std::string name() {
  return name_of(type_of<T>());
}

/// A canonical one-line layout ("oms.new_order{account:text<32>,...}"): what the schema hash covers.
template <class T>
[[nodiscard]] std::string layout() {
  return layout_of(type_of<T>());
}

// -- every type that was instantiated, for tests and the hello between nodes -----------------------------------------

struct registered_type {
  std::string name;
  std::string layout;
  /// Encodes a default value, decodes it, encodes again: true when both byte strings agree.
  bool (*round_trip)();
};

/// What may be said to an actor: every operation with its kind and the layouts of what it carries.
struct registered_protocol {
  std::string name;
  std::string layout;
};

/// All types, ordered by name.
[[nodiscard]] const std::vector<registered_type>& registered_types();
/// All protocols, ordered by name.
[[nodiscard]] const std::vector<registered_protocol>& registered_protocols();
/// SHA-256 over names and layouts, hexadecimal.
[[nodiscard]] std::string hash_of(const std::vector<registered_type>& types, const std::vector<registered_protocol>& protocols);
/// That of everything registered: nodes with different hashes do not trade together.
[[nodiscard]] const std::string& schema_hash();

namespace detail {
struct registration {
  registration(const type_description& type, bool (*round_trip)());
  explicit registration(registered_protocol protocol);
};
} // namespace detail

} // namespace troupe::wire
