#pragma once
// Builds an inspector from a core: state at a turn and the turn itself, both from the journal alone.

#include "nodes/desk/parts.hpp"
#include "runtime/actor/recover.hpp"

namespace troupe::desk {

/// `make_core(name)` builds a core whose evolve is that of the stream; evolve must not depend on configuration.
template <class Core, class MakeCore>
[[nodiscard]] inspector make_inspector(MakeCore make_core) {
  inspector i;
  i.state = [make_core](const journal::journal& j, const actor_name& name, std::uint64_t at_most) -> result<std::string> {
    auto r = actor::read_state<Core>(j, make_core(name), name, at_most, false);
    if (!r) return r.error();
    if (r->head.sequence < at_most && at_most != UINT64_MAX)
      return fail(errc::not_found, name.value.str() + " has no turn " + std::to_string(at_most) + " yet; the newest is " +
                                     std::to_string(r->head.sequence));
    std::string out = "{\"actor\":";
    wire::append_json_string(out, name.value.view());
    out += ",\"sequence\":" + std::to_string(r->head.sequence) + ",\"state\":";
    wire::write_json(r->state, out);
    return out + '}';
  };
  i.turn = [](std::uint32_t schema, std::string_view payload) -> result<std::string> {
    auto t = actor::decode_turn<Core>(schema, payload);
    if (!t) return t.error();
    return wire::to_json(*t);
  };
  return i;
}

} // namespace troupe::desk
