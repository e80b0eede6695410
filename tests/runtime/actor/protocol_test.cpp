// What a protocol list adds to the schema hash, and what it makes CAF know. On lists of the test's own.
#include "runtime/actor/message_types.hpp"
#include "runtime/core/bounded.hpp"
#include "runtime/wire/wire.ipp"
#include "tests/support/test.hpp"

#include <set>

using namespace troupe;
using namespace troupe::actor;

namespace lists {

template <int Max>
struct lot {
  bounded<int, 1, Max> size;
  BOOST_DESCRIBE_CLASS(lot, (), (size), (), ())
};
struct reply {
  bool accepted = false;
};
BOOST_DESCRIBE_STRUCT(reply, (), (accepted))
struct longer_reply {
  bool accepted = false;
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(longer_reply, (), (accepted, number))

using first = protocol<ask<lot<10>, reply>, query<reply, lot<10>>>;
using same = protocol<ask<lot<10>, reply>, query<reply, lot<10>>>;
using with_one_more = protocol<ask<lot<10>, reply>, query<reply, lot<10>>, tell<reply>>;
using wider = protocol<ask<lot<11>, reply>, query<reply, lot<11>>>;
using another_reply = protocol<ask<lot<10>, longer_reply>, query<reply, lot<10>>>;
using another_kind = protocol<ask<lot<10>, reply>, ask<reply, lot<10>>>;
using another_order = protocol<query<reply, lot<10>>, ask<lot<10>, reply>>;

} // namespace lists

TROUPE_WIRE(lists::lot<10>)
TROUPE_WIRE(lists::lot<11>)
TROUPE_WIRE(lists::reply)
TROUPE_WIRE(lists::longer_reply)

TEST_SUITE_BEGIN("actor/protocol");

namespace {

template <class Protocol, class... Sent>
std::string hash() {
  return wire::hash_of({}, {{"lists", protocol_layout<Protocol, Sent...>()}});
}

} // namespace

TEST_CASE("an operation more, another kind, reply or order, a wider bound, a message more: each makes another schema hash") {
  CHECK(hash<lists::first>() == hash<lists::same>());
  const std::set<std::string> different{hash<lists::first>(),         hash<lists::with_one_more>(), hash<lists::wider>(),
                                        hash<lists::another_reply>(), hash<lists::another_kind>(),  hash<lists::another_order>(),
                                        hash<lists::first, lists::longer_reply>()};
  CHECK(different.size() == 7);
}

TEST_CASE("the hash covers the protocols beside the types, by name") {
  const std::vector<wire::registered_type> types{{"lists.reply", wire::layout<lists::reply>(), nullptr}};
  const auto layout = protocol_layout<lists::first>();
  CHECK(wire::hash_of(types, {}) != wire::hash_of(types, {{"a", layout}}));
  CHECK(wire::hash_of(types, {{"a", layout}}) != wire::hash_of(types, {{"b", layout}}));
  CHECK(wire::hash_of({}, {{"a", layout}}) != wire::hash_of(types, {{"a", layout}}));
  CHECK(wire::schema_hash() == wire::hash_of(wire::registered_types(), wire::registered_protocols()));
}

TEST_CASE("the types of a list are known to CAF under their wire names, each once") {
  caf::actor_system_config config;
  add_protocol<lists::with_one_more, lists::longer_reply>(config);
  for (const auto& name : {wire::name<lists::lot<10>>(), wire::name<lists::reply>(), wire::name<lists::longer_reply>()})
    CHECK_MESSAGE(config.value_factories_by_name.count(name) == 1, name);
  CHECK(config.value_factories_by_name.count(wire::name<lists::lot<11>>()) == 0);
  CHECK(boost::mp11::mp_size<message_types_of<lists::with_one_more>>::value == 2);
}
