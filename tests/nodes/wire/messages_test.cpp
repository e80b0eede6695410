// What the desk's actors say to each other, as another host would get it: taken apart by CAF and put together again.
#include "runtime/actor/caf_inspect.hpp"

#include "actors/platform/operations/core.hpp"
#include "actors/platform/placement/core.hpp"
#include "actors/platform/supervision/core.hpp"
#include "actors/research/sweep/core.hpp"
#include "actors/trading/oms/core.hpp"
#include "actors/trading/portfolio/core.hpp"
#include "actors/trading/risk/core.hpp"
#include "actors/trading/strategy/core.hpp"
#include "actors/trading/venue/core.hpp"
#include "nodes/desk/portfolio_part.hpp"
#include "nodes/sweep/sweep_part.hpp"
#include "runtime/actor/handle.hpp"
#include "runtime/actor/message_types.hpp"
#include "tests/nodes/desk/small_desk.hpp"
#include "tests/support/filled.hpp"
#include "tests/support/golden.hpp"

#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <set>

using namespace troupe;
using namespace troupe::test;
namespace mp = boost::mp11;

TEST_SUITE_BEGIN("desk/messages");

namespace {

using cores = mp::mp_list<oms::core, operations::core, placement::core, portfolio::core, risk::core, strategy::host, supervision::core, sweep::core, venue::simulator>;
template <class Core> using protocol_of = typename Core::protocol;
using protocols = mp::mp_push_back<mp::mp_transform<protocol_of, cores>, sweep::feed_protocol,
                                   actor::protocol<actor::query<placement::stream_page_query, placement::stream_page>>>;
using said_beside = mp::mp_list<actor::published<oms::event>, desk::settle_request, desk::settled>;
using all_types = mp::mp_unique<mp::mp_append<mp::mp_flatten<mp::mp_transform<actor::message_types_of, protocols>>, said_beside,
                                              actor::system_messages>>;

template <class List, class F>
void for_each_type(F&& f) {
  mp::mp_for_each<mp::mp_transform<std::type_identity, List>>(std::forward<F>(f));
}

template <class T>
std::string bytes_of(const T& x) {
  std::string out;
  if constexpr (std::is_same_v<T, std::uint64_t>) out = std::to_string(x);
  else wire::encode(x, out);
  return out;
}

/// The message as another host has it.
caf::message sent_over(caf::actor_system& system, caf::message original) {
  std::vector<char> buffer;
  caf::binary_serializer sink{system, buffer};
  const auto refused = sink(original);
  REQUIRE_MESSAGE(!refused, system.render(refused));
  caf::message arrived;
  caf::binary_deserializer source{system, buffer};
  const auto unread = source(arrived);
  REQUIRE_MESSAGE(!unread, system.render(unread));
  return arrived;
}

/// A message of `parts`, put together one by one: a tuple of each combination would take a minute to compile.
template <class... Parts>
caf::message message_of(const Parts&... parts) {
  caf::message_builder built;
  (built.append(parts), ...);
  return built.move_to_message();
}

template <class T>
std::string part_of(const caf::message& m, std::size_t at) {
  return m.match_element<T>(at) ? bytes_of(m.get_as<T>(at)) : "something else";
}
/// The last part as bytes.
template <class T>
std::string last_of(const caf::message& m) {
  return part_of<T>(m, m.size() - 1);
}

/// Part by part; what stands in front is a context or the number of a question.
void check_message(caf::actor_system& system, const caf::message& original, std::string (*last)(const caf::message&)) {
  const auto arrived = sent_over(system, original);
  REQUIRE(arrived.size() == original.size());
  CHECK(arrived.type_token() == original.type_token());
  CHECK(hex(last(arrived)) == hex(last(original)));
  CHECK(hex(last(original)) != hex("something else"));
  if (original.size() == 1) return;
  CHECK(hex(part_of<context>(arrived, 0)) == hex(part_of<context>(original, 0)));
  CHECK(hex(part_of<std::uint64_t>(arrived, 0)) == hex(part_of<std::uint64_t>(original, 0)));
}

/// With everything that may stand in front of it: nothing, a context, the number of a question.
template <class T>
void check_type(caf::actor_system& system) {
  const auto name = wire::name<T>();
  CAPTURE(name);
  for (std::uint64_t round = 0; round < rounds_of<T>(); ++round) {
    const auto x = filled<T>(round);
    for (const auto& original : {message_of(x), message_of(filled<context>(), x), message_of(round, x)}) check_message(system, original, &last_of<T>);
  }
}

/// What must not be, for the check itself.
struct stray {
  std::optional<std::vector<caf::actor>> handles;
};
BOOST_DESCRIBE_STRUCT(stray, (), (handles))

template <class T>
constexpr bool holds_handle() {
  if constexpr (std::is_convertible_v<T, caf::strong_actor_ptr> || std::is_convertible_v<T, caf::weak_actor_ptr> ||
                std::is_convertible_v<T, caf::actor_addr> || caf::is_actor_handle<T>::value)
    return true;
  else if constexpr (wire::is_variant<T>) return []<class... Ts>(std::type_identity<std::variant<Ts...>>) { return (holds_handle<Ts>() || ...); }(std::type_identity<T>{});
  else if constexpr (wire::is_optional<T> || wire::is_vector<T>) return holds_handle<typename T::value_type>();
  else if constexpr (wire::is_map<T>) return holds_handle<typename T::key_type>() || holds_handle<typename T::mapped_type>();
  else if constexpr (wire::wrapper<T>) return holds_handle<decltype(T::value)>();
  else if constexpr (wire::described_struct<T>) {
    bool any = false;
    mp::mp_for_each<wire::members_of<T>>([&](auto d) { any = any || holds_handle<std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>>(); });
    return any;
  } else return false;
}

} // namespace

TEST_CASE("every message type of every protocol list is sent over and arrives as it was, as the node's own system knows it") {
  small_desk d{{}};
  d.start(noon);
  std::size_t types = 0;
  for_each_type<all_types>([&](auto identity) {
    check_type<typename decltype(identity)::type>(d.node().system());
    ++types;
  });
  CHECK(types > 40);
}

TEST_CASE("every actor that has an interface has its protocol in the schema hash") {
  std::set<std::string> registered, actors;
  for (const auto& p : wire::registered_protocols()) registered.insert(p.name);
  for (const auto& entry : std::filesystem::recursive_directory_iterator{source_dir() / "actors"})
    if (entry.path().filename() == "interface.hpp") actors.insert(entry.path().parent_path().filename().string());
  CHECK(actors.size() == mp::mp_size<cores>::value); // the list above has them all
  for (const auto& name : actors) CHECK_MESSAGE(registered.contains(name), name << " lacks a TROUPE_PROTOCOL");
  CHECK(wire::hash_of(wire::registered_types(), {}) != wire::schema_hash());
}

TEST_CASE("every type that is sent enters the schema hash, and every effect has an actor that takes it") {
  std::set<std::string> registered;
  for (const auto& t : wire::registered_types()) registered.insert(t.name);
  for_each_type<all_types>([&](auto identity) {
    using T = typename decltype(identity)::type;
    CHECK_MESSAGE(registered.contains(wire::name<T>()), wire::name<T>() << " is sent and not registered");
  });
  using shelled = mp::mp_remove<cores, portfolio::core>; // a projection has no effects
  for_each_type<shelled>([&](auto identity) {
    for_each_type<mp::mp_rename<typename decltype(identity)::type::effect, mp::mp_list>>([](auto effect) {
      using E = typename decltype(effect)::type;
      static_assert(std::is_same_v<E, std::monostate> || mp::mp_contains<all_types, actor::inbox<E>>::value);
    });
  });
}

TEST_CASE("no message holds a handle: actors know names") {
  for_each_type<all_types>([](auto identity) { static_assert(!holds_handle<typename decltype(identity)::type>()); });
  static_assert(holds_handle<stray>());
}

TEST_CASE("the typed handle of every protocol list is the same actor after it was sent over") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto somebody = system.spawn([]() -> caf::behavior { return {[](int) {}}; });
  for_each_type<protocols>([&](auto identity) {
    const auto handle = caf::actor_cast<actor::handle_of<typename decltype(identity)::type>>(somebody);
    std::vector<char> buffer;
    caf::binary_serializer sink{system, buffer};
    REQUIRE_FALSE(sink(handle));
    std::decay_t<decltype(handle)> arrived;
    caf::binary_deserializer source{system, buffer};
    REQUIRE_FALSE(source(arrived));
    CHECK(arrived == handle);
  });
  caf::anon_send_exit(somebody, caf::exit_reason::kill);
}
