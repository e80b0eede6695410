#include "nodes/desk/api/turns_page.hpp"

#include "runtime/core/hash.hpp"
#include "runtime/wire/json_value.hpp"
#include "runtime/wire/wire.hpp"

#include <algorithm>
#include <optional>

namespace troupe::desk {
namespace {

constexpr std::size_t turns_bytes_max = std::size_t{4} << 20; // of turns: a page ends early rather than fill the memory

void member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  wire::append_json_string(out, text);
}

/// One record as JSON: its header, and the turn as its actor's inspector reads it.
result<std::string> record_json(const inspector* look, const journal::record_view& r) {
  auto turn = look ? look->turn(r.header.schema, r.payload) : result<std::string>{"null"};
  if (!turn) return turn.error();
  const auto& h = r.header;
  std::string out = "{\"sequence\":" + std::to_string(h.sequence) + ",\"epoch\":" + std::to_string(h.epoch) +
                    ",\"schema\":" + std::to_string(h.schema) + ",\"hybrid_time\":" + std::to_string(h.hybrid_time) +
                    ",\"cause\":" + wire::to_json(h.cause);
  member(out, "previous", to_hex(h.previous));
  member(out, "hash", to_hex(sha256(r.bytes)));
  out += ",\"acknowledged\":[";
  for (std::size_t i = 0; i < h.acknowledged.size(); ++i) {
    out += i == 0 ? "{\"receiver\":" : ",{\"receiver\":";
    wire::append_json_string(out, h.acknowledged[i].receiver.value.view());
    out += ",\"sequence\":" + std::to_string(h.acknowledged[i].sequence) + '}';
  }
  return out + "],\"turn\":" + *turn + '}';
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
    auto one = record_json(look, r);
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
