#include "nodes/desk/api/turns_page.hpp"

#include "runtime/journal/record_json.hpp"
#include "runtime/wire/json_value.hpp"

#include <algorithm>
#include <optional>

namespace troupe::desk {
namespace {

constexpr std::size_t turns_bytes_max = std::size_t{4} << 20; // of turns: a page ends early rather than fill the memory

/// Errors: as the actor's inspector has them.
result<std::string> json_of(const inspector* look, const journal::record_view& r) {
  if (!look) return journal::record_json(r, {});
  auto turn = look->turn(r.header.schema, r.payload);
  if (!turn) return turn.error();
  return journal::record_json(r, [&](std::uint32_t, std::string_view) { return std::optional{std::move(*turn)}; });
}

} // namespace

result<std::string> turns_page(const inspector* look, const journal::journal& j, const actor_name& stream, std::uint64_t from, std::uint64_t limit) {
  std::string out = "{\"actor\":";
  wire::append_json_string(out, stream.value.view());
  out += ",\"turns\":[";
  std::uint64_t shown = 0;
  std::optional<std::uint64_t> next;
  std::optional<error> wrong;
  auto visited = j.read(stream, std::max<std::uint64_t>(from, 1), [&](const journal::record_view& r) {
    if (shown == limit || out.size() > turns_bytes_max) {
      next = r.header.sequence;
      return false;
    }
    auto one = json_of(look, r);
    if (!one) {
      wrong = one.error();
      return false;
    }
    if (shown++ > 0) out += ',';
    out += *one;
    return true;
  });
  if (wrong) return *wrong;
  if (!visited) return visited.error();
  out += ']';
  if (next) out += ",\"next\":" + std::to_string(*next);
  return out + '}';
}

} // namespace troupe::desk
