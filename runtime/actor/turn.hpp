#pragma once
// The payload of a record: one turn of one core, whole. And the state a snapshot holds. Both are derived from the core,
// so no actor writes storage code.

#include "runtime/actor/core.hpp"
#include "runtime/actor/messages.hpp"
#include "runtime/core/hash.hpp"
#include "runtime/wire/wire.hpp"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace troupe::actor {

/// Effects taken together from one sender.
template <class E>
struct batch {
  std::vector<E> items;
  static constexpr std::string_view short_name() { return "batch"; }
  BOOST_DESCRIBE_CLASS(batch, (), (items), (), ())
};
/// Market data is on its tape; the turn's inputs cite the position instead of repeating it.
struct cited {};
BOOST_DESCRIBE_STRUCT(cited, (), ())

namespace detail {
template <class Op> struct recorded { using type = boost::mp11::mp_list<>; };
template <class C, class R> struct recorded<ask<C, R>> { using type = boost::mp11::mp_list<C>; };
template <class C> struct recorded<tell<C>> { using type = boost::mp11::mp_list<C>; };
template <class V> struct recorded<answers<V>> { using type = boost::mp11::mp_list<V>; };
template <class E> struct recorded<receives<E>> { using type = boost::mp11::mp_list<batch<E>>; };
template <class I> struct recorded<watches<I>> { using type = boost::mp11::mp_list<cited>; };
template <class P> struct commands_of;
template <class... Ops> struct commands_of<protocol<Ops...>> {
  using type = boost::mp11::mp_rename<
    boost::mp11::mp_unique<boost::mp11::mp_append<typename recorded<Ops>::type..., boost::mp11::mp_list<>>>, std::variant>;
};
} // namespace detail

/// Everything a recorded turn may have been caused by.
template <class Core>
using command_of = typename detail::commands_of<typename Core::protocol>::type;

/// Where the effects of a turn came from: makes folding twice impossible after a crash.
struct inbox_mark {
  actor_name from;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
};
BOOST_DESCRIBE_STRUCT(inbox_mark, (), (from, epoch, sequence))

/// What a turn changed. It stands first in the payload, so that a fold reads no further.
template <class Core>
struct turn_outcome {
  std::optional<inbox_mark> inbox;
  std::vector<typename Core::event> events;
  BOOST_DESCRIBE_CLASS(turn_outcome, (), (inbox, events), (), ())
};

/// And what it was changed by.
template <class Core>
struct turn : turn_outcome<Core> {
  principal_id principal;
  std::uint64_t request = 0;
  time_ns decided_at{};
  boot_ns decided_boot{};
  command_of<Core> command;
  typename Core::inputs inputs;
  std::string refusal; // the answer as JSON when nothing happened, else empty
  BOOST_DESCRIBE_CLASS(turn, (turn_outcome<Core>), (principal, request, decided_at, decided_boot, command, inputs, refusal),
                       (), ())
};

/// How far effects of a sender were folded.
struct inbox_position {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
};
BOOST_DESCRIBE_STRUCT(inbox_position, (), (epoch, sequence))

template <class Core>
struct pending_effect {
  std::uint64_t sequence = 0;
  typename Core::effect effect;
  cause_id cause;
  boot_ns asked_boot{}; // of its turn; not stored, so zero means: before the last start
  BOOST_DESCRIBE_CLASS(pending_effect, (), (sequence, effect, cause), (), ())
};

/// Effects for one receiver that it has not acknowledged.
template <class Core>
struct outbox {
  std::uint64_t acknowledged = 0;
  std::vector<pending_effect<Core>> pending; // ascending by sequence
  BOOST_DESCRIBE_CLASS(outbox, (), (acknowledged, pending), (), ())
};

/// All that replay yields.
template <class Core>
struct shell_state {
  typename Core::state core;
  std::map<actor_name, inbox_position> inboxes;
  std::map<actor_name, outbox<Core>> outboxes;
  BOOST_DESCRIBE_CLASS(shell_state, (), (core, inboxes, outboxes), (), ())
};

/// Names the payload's layout in record headers: "oms.turn/1". Core::stored_as is "oms", Core::stored_version 1.
template <class Core>
[[nodiscard]] std::uint32_t turn_schema() {
  static const auto id = fnv1a(std::string{Core::stored_as} + ".turn/" + std::to_string(Core::stored_version));
  return id;
}

/// Names the layout of snapshots. It changes with any part of the state, so a snapshot of another build is not taken for
/// one of this: it is a shortcut, and the turns are still there.
template <class Core>
[[nodiscard]] std::uint32_t state_schema() {
  static const auto id = fnv1a(wire::layout<shell_state<Core>>());
  return id;
}

/// Decodes a payload of the current layout, or of an older one through Core::upcast(schema, payload).
template <class Core>
[[nodiscard]] result<turn<Core>> decode_turn(std::uint32_t schema, std::string_view payload) {
  if (schema == turn_schema<Core>()) return wire::decode<turn<Core>>(payload);
  if constexpr (requires { Core::upcast(schema, payload); }) return Core::upcast(schema, payload);
  return fail(errc::schema_mismatch, std::string{Core::stored_as} + ": no reader for turn schema " + std::to_string(schema));
}

/// The same without what the turn was changed by.
template <class Core>
[[nodiscard]] result<turn_outcome<Core>> decode_outcome(std::uint32_t schema, std::string_view payload) {
  if (schema == turn_schema<Core>()) return wire::decode_front<turn_outcome<Core>>(payload);
  auto whole = decode_turn<Core>(schema, payload);
  if (!whole) return whole.error();
  return static_cast<turn_outcome<Core>&&>(*whole);
}

} // namespace troupe::actor

/// Instantiates everything storable about a core. In the actor's shell .cpp, beside wire.ipp.
#define TROUPE_CORE_WIRE(Core)                                                                               \
  TROUPE_WIRE(troupe::actor::turn<Core>)                                                                    \
  template troupe::result<troupe::actor::turn_outcome<Core>>                                                \
    troupe::wire::decode_front<troupe::actor::turn_outcome<Core>>(std::string_view);                        \
  TROUPE_WIRE(troupe::actor::shell_state<Core>)
