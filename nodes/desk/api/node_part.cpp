#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/node_part.hpp"

#include "nodes/desk/api/actor_rows.hpp"
#include "nodes/desk/api/supervised.hpp"
#include "runtime/actor/last_answers.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/wire/wire.ipp"

#include <caf/all.hpp>

#include <algorithm>

using namespace troupe;

TROUPE_WIRE(desk::node_query)
TROUPE_WIRE(desk::node_state)
TROUPE_WIRE(desk::restart_command)
TROUPE_WIRE(desk::log_level_command)
TROUPE_WIRE(desk::commanded)

namespace troupe::desk {

using node_protocol = actor::protocol<
  actor::query<node_query, node_state>,
  actor::ask<restart_command, commanded>,
  actor::ask<log_level_command, commanded>>;

} // namespace troupe::desk

TROUPE_PROTOCOL("node", desk::node_protocol)

namespace troupe::desk {
namespace {

commanded refused(error why) { return {false, std::move(why)}; }

class node_actor final : public actor::last_answers<caf::event_based_actor> {
public:
  node_actor(caf::actor_config& config, desk& d)
    : last_answers(config), node_{d}, pulse_{d.parts().env.pulses->of(node_actor_name)} {}
  caf::behavior make_behavior() override;
  const char* name() const override { return "node"; }

private:
  template <class Q>
  auto on() {
    return [this](const troupe::context& c, const Q& q) {
      actor::handling scope{*pulse_, *this};
      actor::reply(*this, c, answer_of(node_, q));
    };
  }

  desk& node_;
  std::shared_ptr<actor::pulse> pulse_;
};

caf::behavior node_actor::make_behavior() {
  return caf::message_handler{on<node_query>(), on<restart_command>(), on<log_level_command>()}.or_else(
    under_supervision(*this, node_.parts(), node_actor_name));
}

} // namespace

node_state answer_of(desk& node, const node_query&) {
  node_state s{node.not_ready(), {}, actor_rows(node), feed_rows(node), {}};
  for (const auto& other : node.nodes().others())
    if (!node.nodes().is_up(other)) s.cannot_reach.push_back(other);
  for (const auto& [pattern, level] : log::levels())
    s.log_levels.push_back({{}, text<48>{pattern}, text<8>{boost::describe::enum_to_string(level, "")}});
  return s;
}

commanded answer_of(desk& node, const restart_command& c) {
  auto rows = actor_rows(node);
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == c.name; });
  if (row == rows.end()) return refused(fail(errc::not_found, "there is no actor \"" + c.name.value.str() + "\""));
  if (row->is_supervisor || !row->supervisor)
    return refused(fail(errc::unsupported, c.name.value.str() + " is a supervisor; its children can be restarted"));
  if (!is_given_up(*row))
    return refused(fail(errc::conflict, c.name.value.str() + " is neither halted, stopped nor hung"));
  supervise::restart_child(node.parts().env.names->ref(*row->supervisor), c.name);
  return {true, {}};
}

commanded answer_of(desk&, const log_level_command& c) {
  auto level = log::level::info;
  if (!boost::describe::enum_from_string(c.level.str().c_str(), level))
    return refused({errc::invalid_argument, "the request has invalid fields", {{"level", "must be one of trace, debug, info, warn, error, off"}}});
  if (auto changed = log::set_level(c.pattern.view(), level); !changed) return refused(changed.error());
  return {true, {}};
}

started start_node_actor(desk& d) { return caf::actor_cast<caf::strong_actor_ptr>(d.system().spawn<node_actor>(std::ref(d))); }

} // namespace troupe::desk
