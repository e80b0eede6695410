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

void add_message_type(caf::actor_system_config& config, std::type_index type, std::string name,
                      caf::actor_system_config::value_factory make) {
  config.type_names_by_rtti.emplace(type, name);
  config.value_factories_by_name.emplace(std::move(name), make);
  config.value_factories_by_rtti.emplace(type, make);
}

} // namespace detail

void add_message_types(caf::actor_system_config& config) {
  add_message_types(config, system_messages{});
  for (const auto add : adders()) add(config);
}

} // namespace troupe::actor
