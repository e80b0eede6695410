#pragma once
// What a type consists of, as data. JSON, schemas and layouts are made from it by functions that know no type, so that a
// described struct costs a table and not five generated functions in every file that sends it.

#include "runtime/core/result.hpp"
#include "runtime/wire/json_value.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace troupe::wire {

struct json_reader;
struct type_description;

enum class shape : std::uint8_t { scalar, enumeration, wrapper, optional, list, map, variant, structure };

/// How a value that is one token in JSON is written and read, whatever it consists of.
struct scalar_rules {
  std::string (*text)(const void* x);
  void (*write)(const void* x, std::string& out);
  void (*read)(json_reader& reader, const json_value& v, void* out, const std::string& path);
  void (*schema)(std::string& out);
};
struct enumerator {
  const char* name;
  std::int64_t value;
};
struct enumeration_rules {
  std::span<const enumerator> enumerators;
  std::int64_t (*get)(const void* x);
  void (*set)(void* x, std::int64_t value);
};
/// A wrapper is its value in memory; `part` describes that.
struct wrapper_rules {
  std::optional<std::string> (*check)(const void* value) = nullptr;
  void (*amend)(std::string& schema) = nullptr; // adds bounds or a default to the schema of the value
  bool in_layout = false;                       // two nodes that differ in the rule do not understand each other
  bool has_default = false;
  bool as_number = false;
};
struct optional_rules {
  void* (*get)(void* x); // null when empty
  void* (*emplace)(void* x);
  void (*reset)(void* x);
};
struct list_rules {
  std::size_t (*size)(const void* x);
  void (*resize)(void* x, std::size_t n);
  void* (*at)(void* x, std::size_t i);
};
struct map_rules {
  void (*each)(const void* x, const std::function<void(const void* key, const void* mapped)>& f);
  /// Adds what both functions filled in, unless the first says that the key is no good.
  void (*add)(void* x, const std::function<bool(void* key)>& read_key, const std::function<void(void* mapped)>& read_mapped);
};
struct variant_rules {
  std::span<const type_description* const> alternatives;
  std::size_t (*index)(const void* x);
  const void* (*get)(const void* x);
  void* (*emplace)(void* x, std::size_t index);
};
struct member_description {
  const char* name;
  const type_description* type;
  void* (*of)(void* x);
};

/// One for each type, made by the compiler (describe_type.hpp). What is not of the type's shape is null.
struct type_description {
  shape made_as;
  std::string_view qualified;            // as the compiler spells it
  std::string_view short_name{};         // when the type names itself
  std::string_view layout{};             // of a scalar; empty: its name
  std::size_t size_max = 0;              // of a text
  const type_description* part = nullptr;   // of an enumeration, wrapper, optional or list; the key of a map
  const type_description* mapped = nullptr; // of a map
  const scalar_rules* scalar = nullptr;     // a structure may be one token too
  const enumeration_rules* enumeration = nullptr;
  const wrapper_rules* wrapper = nullptr;
  const optional_rules* optional = nullptr;
  const list_rules* list = nullptr;
  const map_rules* map = nullptr;
  const variant_rules* variant = nullptr;
  std::span<const member_description> members{};

  /// May be left out in JSON.
  [[nodiscard]] bool is_optional() const noexcept { return made_as == shape::optional; }
  [[nodiscard]] bool has_default() const noexcept { return wrapper && wrapper->has_default; }
};

/// "troupe::oms::new_order" is "oms.new_order".
[[nodiscard]] std::string name_of(const type_description& type);
/// The last part of the name: "new_order". Names the alternative of a variant in JSON.
[[nodiscard]] std::string_view short_name_of(const type_description& type) noexcept;
/// A structure with a member "kind". As an alternative of a variant it is a member of its own, named as the alternative is, because "kind" is the variant's.
[[nodiscard]] bool has_own_kind(const type_description& type) noexcept;
[[nodiscard]] std::string layout_of(const type_description& type);
[[nodiscard]] std::string schema_of(const type_description& type);
void write_json(const type_description& type, const void* x, std::string& out);

struct json_decoding;
/// Fills `out`, which holds a value of the type. Errors: every violation with its field; `out` is then of no use.
[[nodiscard]] std::optional<error> read_json(const type_description& type, const json_value& v, void* out, json_decoding& mode);

/// Reads one value and collects what is wrong with it.
struct json_reader {
  json_decoding& mode;
  error violations{errc::invalid_argument, "the request has invalid fields", {}};

  void violate(const std::string& path, std::string message);
  void read(const type_description& type, const json_value& v, void* out, const std::string& path);

private:
  [[nodiscard]] bool clean_since(std::size_t before) const noexcept { return violations.fields.size() == before; }
  void read_wrapper(const type_description& type, const json_value& v, void* out, const std::string& path);
  void read_enumeration(const type_description& type, const json_value& v, void* out, const std::string& path);
  void read_list(const type_description& type, const json_value& v, void* out, const std::string& path);
  void read_map(const type_description& type, const json_value& v, void* out, const std::string& path);
  void read_variant(const type_description& type, const json_value& v, void* out, const std::string& path);
  void read_structure(const type_description& type, const json_value& v, void* out, const std::string& path,
                      std::string_view skip = {});
};

} // namespace troupe::wire
