#pragma once
// The OpenAPI 3.1 document of the routes of some surfaces. A pure function of the table.

#include "runtime/edge/route.hpp"

#include <string>
#include <vector>

namespace troupe::edge {

/// JSON text. Types become components by name; every route lists its parameters, body, reply and errors, with the
/// refusals of the edge itself (400, 404, 405, 413, 415, 429, 503).
[[nodiscard]] std::string openapi_json(const route_table& table, const std::vector<std::string>& surfaces,
                                       const std::string& title, const std::string& version);

} // namespace troupe::edge
