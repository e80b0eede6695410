#pragma once
// What can go wrong, in one list, and what the caller may do about it. A refusal of the business (an order
// over its limit) is a value of the reply type, never one of these.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

namespace troupe {

/// The condition, as a phrase. Values are stable: they appear in logs, JSON and stored records.
enum class errc : std::uint16_t {
  none = 0,
  // The request is wrong; repeating it unchanged cannot help.
  invalid_argument = 1,
  malformed = 2,        // bytes or text that cannot be decoded
  unknown_field = 3,
  out_of_range = 4,
  not_found = 5,
  route_not_found = 6,
  method_not_allowed = 7,
  conflict = 8,         // same idempotency key, other body
  not_authorised = 9,
  forbidden = 10,
  too_large = 11,
  too_deep = 12,
  unsupported = 13,
  not_empty = 14,
  // The system cannot answer now; repeat with the same id after a pause.
  overloaded = 32,
  unavailable = 33,     // the actor restarts, the node drains
  timeout = 34,         // the outcome is unknown: ask again with the same id
  disk_full = 35,
  halted = 36,
  lease_expired = 37,
  // The system is wrong; an operator must look.
  fenced = 64,          // a newer epoch owns the stream
  sequence_gap = 65,
  corrupt = 66,
  io_error = 67,
  schema_mismatch = 68,
  internal = 69,
};
BOOST_DESCRIBE_ENUM(errc, none, invalid_argument, malformed, unknown_field, out_of_range, not_found, route_not_found,
                    method_not_allowed, conflict, not_authorised, forbidden, too_large, too_deep, unsupported,
                    not_empty, overloaded, unavailable, timeout, disk_full, halted, lease_expired, fenced,
                    sequence_gap, corrupt, io_error, schema_mismatch, internal)

/// True when the same request, repeated with the same id after a pause, may succeed.
[[nodiscard]] constexpr bool is_retriable(errc code) noexcept {
  return static_cast<std::uint16_t>(code) >= 32 && static_cast<std::uint16_t>(code) < 64;
}

/// Returns the enumerator's name, for example "sequence_gap".
[[nodiscard]] std::string_view to_string(errc code) noexcept;

/// One violated rule of one field. `field` is a dotted path ("legs[2].price"), empty for the whole body.
struct field_error {
  std::string field;
  std::string message;
  friend bool operator==(const field_error&, const field_error&) = default;
};
BOOST_DESCRIBE_STRUCT(field_error, (), (field, message))

/// A failure with its explanation: what was wrong and what to do next, in one sentence.
struct error {
  errc code = errc::internal;
  std::string message;
  std::vector<field_error> fields; // all violations, not only the first

  friend bool operator==(const error&, const error&) = default;
};
BOOST_DESCRIBE_STRUCT(error, (), (code, message, fields))

/// Returns "code: message (field: message; ...)".
[[nodiscard]] std::string to_string(const error& e);

} // namespace troupe
