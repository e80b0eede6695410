#pragma once
// What leaves for one request, and how an error becomes a body. Plain values and pure functions: any thread.

#include "runtime/core/error.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace troupe::edge {

struct response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  /// Further header lines, each ending in CR LF. Filled by `header`.
  std::string headers;

  /// Adds a header line. Control characters in `value` become spaces, so that no value can add a line.
  response& header(std::string_view name, std::string_view value);
};

/// The status an error answers with: 400, 401, 403, 404, 405, 409, 413, 422, 500, 503 or 504.
[[nodiscard]] unsigned http_status(errc code) noexcept;
/// "Not Found", "Too Many Requests".
[[nodiscard]] std::string_view reason_phrase(unsigned status) noexcept;

/// Renders `e` as the body of `status`.
using error_format = std::function<response(const error& e, unsigned status, std::string_view request_id)>;

/// {"code","message","fields":[{"field","message"}],"retriable","request_id"}: the one error body of native routes.
[[nodiscard]] response native_error(const error& e, unsigned status, std::string_view request_id);
/// {"detail": message}, and with violated fields 422 {"detail":[{"loc":["body",field],"msg","type"}]}, as FastAPI does.
[[nodiscard]] response fastapi_error(const error& e, unsigned status, std::string_view request_id);

/// JSON Schema of native_error's body, for OpenAPI.
[[nodiscard]] std::string_view native_error_schema() noexcept;
[[nodiscard]] std::string_view fastapi_error_schema() noexcept;

} // namespace troupe::edge
