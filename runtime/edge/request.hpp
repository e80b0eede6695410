#pragma once
// What a handler is told about one HTTP request. Built by the session on the edge's thread, never changed afterwards;
// it lives as long as any responder of the request.

#include "runtime/core/result.hpp"
#include "runtime/core/text.hpp"
#include "runtime/core/time.hpp"
#include "runtime/edge/access.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::edge {

struct route;

enum class method : std::uint8_t { get, post, put, patch, del };
inline constexpr std::size_t method_count = 5;

/// "GET", "POST", "PUT", "PATCH", "DELETE".
[[nodiscard]] std::string_view to_string(method m) noexcept;

/// Names and decoded values, in the order of the request.
using named_values = std::vector<std::pair<std::string, std::string>>;

struct request_context {
  /// Counts the requests of this process from 1: the number of a cause_id.
  std::uint64_t number = 0;
  /// "BOOT-NUMBER", with server_options.boot_id and the number above; returned as X-Request-Id and in every error body.
  text<32> id;
  time_ns received_at{};
  /// "127.0.0.1:53124".
  text<63> peer;
  method verb = method::get;
  /// The method as sent: also HEAD, which is served as `get`, and those that no route has, whose `verb` says nothing.
  std::string sent_verb;
  /// The name of the listener that took the connection, and the route that matched. Valid until the server ends.
  std::string_view listener;
  const std::vector<std::string>* surfaces = nullptr; // served by that listener
  const route* matched = nullptr;
  /// As sent, with the query.
  std::string target;
  named_values path;
  named_values query;
  /// Empty when the header is absent.
  std::string idempotency_key;
  std::string authorization;
  /// Whose key came with it; nothing when none came, or nobody's where none is needed.
  std::optional<edge::caller> caller;
  /// At most options.body_bytes long, as sent.
  std::string body;

  /// The decoded value of `{name}` in the route's path; empty when the path has no such part.
  [[nodiscard]] std::string_view path_value(std::string_view name) const noexcept;
  /// The first decoded value of `name` in the query.
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const noexcept;
};

/// Decodes %XX (and '+' as a space when `plus_is_space`). Nothing when an escape is not two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view s, bool plus_is_space = false);
/// Splits and decodes "a=1&b=2". Errors: malformed (a bad escape), too_large (more than 64 pairs).
[[nodiscard]] result<named_values> parse_query(std::string_view s);

} // namespace troupe::edge
