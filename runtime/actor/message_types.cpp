#include "runtime/actor/message_types.hpp"

#include <caf/all.hpp>

#include <vector>

namespace troupe::actor {
namespace {

using adder = void (*)(caf::actor_system_config&);

/// Filled before main by the registrations.
std::vector<adder>& adders() {
  static std::vector<adder> all;
  return all;
}

} // namespace

namespace detail {
protocol_registration::protocol_registration(const char* name, std::string layout, adder add) {
  const wire::detail::registration hashed{wire::registered_protocol{name, std::move(layout)}};
  adders().push_back(add);
}
} // namespace detail

void add_message_types(caf::actor_system_config& config) {
  add_message_types(config, system_messages{});
  for (const auto add : adders()) add(config);
}

} // namespace troupe::actor
