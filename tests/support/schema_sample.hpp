#pragma once
// Values that a JSON Schema of ours allows: what a client would send that knows nothing but /openapi.json.

#include <nlohmann/json.hpp>

namespace troupe::test {

/// Which members of an object a sample has.
enum class members { required, all };

/// A value that `schema` allows; references are looked up in `document`. Fails the test case on a schema it cannot read,
/// so that no new kind of schema goes untested.
[[nodiscard]] nlohmann::json sample_of(const nlohmann::json& document, const nlohmann::json& schema, members which);

} // namespace troupe::test
