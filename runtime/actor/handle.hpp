#pragma once
// From a protocol list to CAF's typed handle. Correlation: the sender numbers an ask in the context; the answer comes
// back as the message (number, R), sent when it is durable. Nothing uses CAF's request(), whose timer and pending table
// halve throughput (see docs/decisions).

#include "runtime/actor/caf_inspect.hpp"
#include "runtime/actor/core.hpp"
#include "runtime/actor/messages.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>

namespace troupe::actor {

namespace detail {
template <class Op> struct signature_of;
template <class C, class R> struct signature_of<ask<C, R>> { using type = caf::reacts_to<context, C>; };
template <class C> struct signature_of<tell<C>> { using type = caf::reacts_to<context, C>; };
template <class V> struct signature_of<answers<V>> { using type = caf::reacts_to<std::uint64_t, V>; };
template <class E> struct signature_of<receives<E>> { using type = caf::reacts_to<inbox<E>>; };
template <class I> struct signature_of<observes<I>> { using type = caf::reacts_to<std::uint64_t, I>; };
template <class I> struct signature_of<watches<I>> { using type = caf::reacts_to<I>; };
template <class Q, class V> struct signature_of<query<Q, V>> { using type = caf::reacts_to<context, Q>; };
template <class P> struct handle_of;
template <class... Ops> struct handle_of<protocol<Ops...>> {
  using type = caf::typed_actor<typename signature_of<Ops>::type...>;
};
} // namespace detail

/// The typed handle others hold.
template <class Protocol>
using handle_of = typename detail::handle_of<Protocol>::type;

} // namespace troupe::actor
