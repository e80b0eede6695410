#include "runtime/actor/caf_inspect.hpp"

#include "nodes/sweep/sweep_link.hpp"

#include "actors/research/sweep/interface.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/telemetry/build_info.hpp"

namespace troupe::sweep_node {

cluster::greeting greeting_of(const node_name& name, std::uint64_t boot) {
  static const auto schema =
    wire::hash_of({}, {{"feeds", actor::protocol_layout<sweep::feed_protocol>()}, {"sweep", actor::protocol_layout<sweep::protocol>()}});
  return {name, boot, telemetry::build_id(), schema, "sweep"};
}

cluster::tls_link_options link_options(const node_name& name, std::uint64_t boot, const std::filesystem::path& folder) {
  cluster::tls_link_options o;
  o.self = greeting_of(name, boot);
  o.rule.members.insert(name);
  o.files = cluster::link_files_in(folder, name);
  return o;
}

void add_messages(caf::actor_system_config& config) {
  actor::add_message_types(config, actor::system_messages{});
  actor::add_protocol<sweep::protocol>(config);
  actor::add_protocol<sweep::feed_protocol>(config);
}

} // namespace troupe::sweep_node
