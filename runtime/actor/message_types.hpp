#pragma once
// What a protocol list puts into messages, told to the two that must know: CAF, which takes a message apart for another
// host only when it knows every type in it (else nothing arrives, without an error), and the schema hash, so that builds
// with different lists do not trade together. One TROUPE_PROTOCOL per actor, in its shell .cpp; the node's system
// configuration takes them all.

#include "runtime/actor/caf_inspect.hpp"
#include "runtime/actor/core.hpp"
#include "runtime/actor/messages.hpp"

#include <boost/mp11.hpp>
#include <boost/preprocessor/cat.hpp>
#include <caf/actor_system_config.hpp>

#include <string>
#include <typeindex>

namespace troupe::actor {

namespace detail {
template <class Op> struct carried;
template <class C, class R> struct carried<ask<C, R>> { static constexpr const char* kind = "ask"; using types = boost::mp11::mp_list<C, R>; };
template <class C> struct carried<tell<C>> { static constexpr const char* kind = "tell"; using types = boost::mp11::mp_list<C>; };
template <class E> struct carried<receives<E>> { static constexpr const char* kind = "receives"; using types = boost::mp11::mp_list<inbox<E>>; };
template <class V> struct carried<answers<V>> { static constexpr const char* kind = "answers"; using types = boost::mp11::mp_list<V>; };
template <class I> struct carried<observes<I>> { static constexpr const char* kind = "observes"; using types = boost::mp11::mp_list<I>; };
template <class I> struct carried<watches<I>> { static constexpr const char* kind = "watches"; using types = boost::mp11::mp_list<I>; };
template <class Q, class V> struct carried<query<Q, V>> { static constexpr const char* kind = "query"; using types = boost::mp11::mp_list<Q, V>; };

template <class P> struct operations_of;
template <class... Ops> struct operations_of<protocol<Ops...>> { using type = boost::mp11::mp_list<Ops...>; };
template <class Op> using types_carried = typename carried<Op>::types;
} // namespace detail

/// The operations of a protocol list, in its order.
template <class Protocol>
using operations_of = typename detail::operations_of<Protocol>::type;

/// Every type that the list's messages and answers hold beside the context and the request's number, each once.
template <class Protocol>
using message_types_of =
  boost::mp11::mp_unique<boost::mp11::mp_flatten<boost::mp11::mp_transform<detail::types_carried, operations_of<Protocol>>>>;

/// What actors say to each other whatever their protocol.
using system_messages = boost::mp11::mp_list<context, delivered, credit, unanswered, ping, pong, fault_command, inspect_request, inspected>;

/// One line an operation: its kind and the layouts of what it carries; then what the actor sends beside answers.
template <class Protocol, class... Sent>
[[nodiscard]] std::string protocol_layout() {
  std::string out;
  const auto line = [&]<class... Ts>(const char* kind, boost::mp11::mp_list<Ts...>) {
    out += kind;
    ((out += ' ' + wire::layout<Ts>()), ...);
    out += ';';
  };
  boost::mp11::mp_for_each<operations_of<Protocol>>([&](auto op) {
    using described = detail::carried<decltype(op)>;
    line(described::kind, typename described::types{});
  });
  (line("sends", boost::mp11::mp_list<Sent>{}), ...);
  return out;
}

namespace detail {
/// Makes a type known to CAF. Its own add_message_type brings a vector and a stream of each type along, which nobody sends
/// and everybody compiles.
void add_message_type(caf::actor_system_config& config, std::type_index type, std::string name,
                      caf::actor_system_config::value_factory make);
} // namespace detail

/// Makes the types of a list known under their wire names.
template <class... Ts>
void add_message_types(caf::actor_system_config& config, boost::mp11::mp_list<Ts...>) {
  (detail::add_message_type(config, typeid(Ts), wire::name<Ts>(), &caf::make_type_erased_value<Ts>), ...);
}
template <class Protocol, class... Sent>
void add_protocol(caf::actor_system_config& config) {
  add_message_types(config, boost::mp11::mp_append<message_types_of<Protocol>, boost::mp11::mp_list<Sent...>>{});
}

/// System messages and those of every protocol that was registered.
void add_message_types(caf::actor_system_config& config);

namespace detail {
struct protocol_registration {
  protocol_registration(const char* name, std::string layout, void (*add)(caf::actor_system_config&));
};
} // namespace detail

} // namespace troupe::actor

/// Registers an actor's protocol list, and behind it the types of messages the list does not tell. At global scope, in
/// one .cpp that includes wire.ipp.
#define TROUPE_PROTOCOL(name, ...)                                                                           \
  namespace {                                                                                                \
  const troupe::actor::detail::protocol_registration BOOST_PP_CAT(protocol_registered_, __COUNTER__){        \
    name, troupe::actor::protocol_layout<__VA_ARGS__>(), &troupe::actor::add_protocol<__VA_ARGS__>};         \
  }
