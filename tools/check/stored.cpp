#include "tools/check/stored.hpp"

#include "runtime/wire/wire.ipp"

// Bytes only, and not registered: these are second names of types the actors register.
#define TROUPE_CHECK_BYTES(...)                                                                              \
  template <> inline constexpr bool troupe::wire::registers<__VA_ARGS__> = false;                           \
  template void troupe::wire::encode<__VA_ARGS__>(const __VA_ARGS__&, std::string&);                        \
  template troupe::result<__VA_ARGS__> troupe::wire::decode<__VA_ARGS__>(std::string_view);               \
  template const troupe::wire::type_description& troupe::wire::type_of<__VA_ARGS__>() noexcept;

TROUPE_CHECK_BYTES(troupe::check::oms_turn)
TROUPE_CHECK_BYTES(troupe::check::risk_turn)
TROUPE_CHECK_BYTES(troupe::check::venue_turn)
TROUPE_CHECK_BYTES(troupe::check::strategy_turn)
TROUPE_CHECK_BYTES(troupe::check::operations_turn)
TROUPE_CHECK_BYTES(troupe::check::placement_turn)
TROUPE_CHECK_BYTES(troupe::check::turn_front)
template troupe::result<troupe::check::turn_front> troupe::wire::decode_front<troupe::check::turn_front>(std::string_view);
TROUPE_CHECK_BYTES(troupe::actor::shell_state<troupe::check::oms_stored>)
TROUPE_CHECK_BYTES(troupe::actor::shell_state<troupe::check::risk_stored>)
TROUPE_CHECK_BYTES(troupe::actor::shell_state<troupe::check::venue_stored>)
