#pragma once
// A record as people and their programs read it: the same object in an export, in tail, and in an actor's history. Pure functions; any thread.

#include "runtime/journal/journal.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::journal {

/// Payload to a JSON text; nothing when it does not know the schema.
using render_payload = std::function<std::optional<std::string>(std::uint32_t schema, std::string_view payload)>;

/// One JSON object: stream, sequence, epoch, schema, hybrid_time (ns), at (the same as RFC 3339), cause, previous and hash (hex), acknowledged, and
/// what `render` makes of the payload as `turn`; where it makes nothing of it, or is empty, the bytes as `payload_base64`.
[[nodiscard]] std::string record_json(const record_view& record, const render_payload& render);

} // namespace troupe::journal
