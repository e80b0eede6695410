#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/v1_cluster.hpp"

#include "actors/platform/placement/core.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/api/pages.hpp"
#include "nodes/desk/api/v1_routes.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::desk::v1::members_page)
TROUPE_WIRE(troupe::desk::v1::placement_params)
TROUPE_WIRE(troupe::desk::v1::placement_page)
TROUPE_WIRE(troupe::desk::v1::akka_members)
TROUPE_WIRE(troupe::desk::v1::move_request)
TROUPE_WIRE(troupe::desk::v1::move_reply)
TROUPE_WIRE(troupe::desk::v1::leave_request)
TROUPE_WIRE(troupe::desk::v1::moves_list)

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;

v1::member_status status_of(cluster::peer_state s) {
  using enum cluster::peer_state;
  switch (s) {
  case up: return v1::member_status::up;
  case suspect: return v1::member_status::suspect;
  case refused: return v1::member_status::refused;
  case connecting: break;
  }
  return v1::member_status::connecting;
}

std::string address_of(const member_section& m) { return m.host.value() + ":" + std::to_string(m.port.value()); }

/// What the configuration and the link know.
std::vector<v1::member_row> members(const desk& node) {
  const auto& nodes = node.nodes();
  const auto placed = nodes.placed();
  const auto actors_on = [&](const node_name& name) {
    return static_cast<std::uint64_t>(std::ranges::count(placed, name, [](const auto& place) { return place.second; }));
  };
  std::vector<v1::member_row> all;
  for (const auto& m : node.config().cluster.members) {
    auto& row = all.emplace_back();
    row.name = m.name.value();
    row.address = address_of(m);
    row.runs = m.runs.value();
    row.actors = actors_on(row.name);
    if (row.name == nodes.self()) row.status = v1::member_status::self;
  }
  if (all.empty()) {
    auto& row = all.emplace_back();
    row.name = nodes.self();
    row.status = v1::member_status::self;
    row.actors = actors_on(row.name);
  }
  for (const auto& p : nodes.peers()) {
    const auto row = std::ranges::find(all, p.name, &v1::member_row::name);
    if (row == all.end()) continue;
    row->status = status_of(p.state);
    row->sessions = p.sessions;
    if (!p.problem.empty()) row->problem = p.problem;
    if (p.state != cluster::peer_state::up && p.state != cluster::peer_state::suspect) continue;
    row->silent_ms = static_cast<std::uint64_t>(p.silent.count() / 1'000'000);
    row->round_trip_us = static_cast<std::uint64_t>(p.round_trip.count() / 1000);
  }
  return all;
}

/// What a node lacks, by itself. One that is up and does not say lacks that, and hides nothing of the others.
void ask_what_it_lacks(const std::shared_ptr<api>& a, const context& c, const node_name& node, answer_to<node_state> then) {
  ask_node(*a, c, node, [a, node, then = std::move(then)](result<node_state> told) {
    if (told || is_away(*a, node, told.error())) return then(std::move(told));
    node_state silent;
    silent.not_ready = "it does not say what it lacks: " + told.error().message;
    then(std::move(silent));
  });
}

void list_members(const std::shared_ptr<api>& a, const request_context& request, const v1::page_params& p, const responder& reply) {
  const auto ask = [a, c = a->context_of(request)](const node_name& node, answer_to<node_state> done) { ask_what_it_lacks(a, c, node, std::move(done)); };
  gather<node_state>(a, a->node->nodes().all(), ask, [a, p, reply](result<gathered<node_state>> found) {
    auto all = members(*a->node); // also of who is away: that is what it is for
    if (found)
      for (auto& row : all)
        if (const auto at = found->answers.find(row.name); at != found->answers.end()) {
          row.not_ready = at->second.not_ready;
          row.cannot_reach = at->second.cannot_reach;
        }
    auto page = page_of("members", std::move(all), [](const v1::member_row& m) { return m.name.value.str(); }, p.cursor, p.limit);
    if (page) reply.value(v1::members_page{std::move(page->first), std::move(page->second)});
    else reply.fail(page.error());
  });
}

void list_placement(const api& a, const v1::placement_params& p, const responder& reply) {
  std::vector<v1::place_row> all;
  for (const auto& [name, node] : a.node->nodes().placed())
    if (!p.node || *p.node == node) all.push_back({name, node, a.node->nodes().is_up(node)});
  auto page = page_of("placement", std::move(all), [](const v1::place_row& r) { return r.name.value.str(); }, p.cursor, p.limit);
  if (page) reply.value(v1::placement_page{std::move(page->first), std::move(page->second)});
  else reply.fail(page.error());
}

std::optional<error> unknown_node(const mesh& nodes, const node_name& node) {
  const auto all = nodes.all();
  if (std::ranges::find(all, node) != all.end()) return std::nullopt;
  std::string names;
  for (const auto& n : all) names += (names.empty() ? "" : ", ") + n.value.str();
  return fail(errc::not_found, "there is no node \"" + node.value.str() + "\"; there are " + names);
}

void leave(const api& a, const v1::leave_request& wanted, const responder& reply) {
  const auto who = require_operator(reply);
  if (!who) return;
  if (auto unknown = unknown_node(a.node->nodes(), wanted.node)) return void(reply.fail(*unknown));
  if (a.node->nodes().is_alone()) return void(reply.fail(fail(errc::invalid_argument, "the desk has one node; stop its process")));
  a.port->ask<placement::leave_reply>(placement::keeper_of(wanted.node), lane::control, a.context_of(reply.context(), *who), placement::leave_desk{},
                                      [reply, node = wanted.node](result<placement::leave_reply> said) {
                                        if (!said) return void(reply.fail(said.error()));
                                        if (!said->refused.empty()) return void(reply.fail(fail(errc::invalid_argument, said->refused)));
                                        reply.value(v1::leave_request{node}, 202);
                                      });
}

/// The node that shall have it fetches it.
void move_slot(const api& a, const v1::move_request& wanted, const responder& reply) {
  const auto who = require_operator(reply);
  if (!who) return;
  const auto& nodes = a.node->nodes();
  if (auto unknown = unknown_node(nodes, wanted.node)) return void(reply.fail(*unknown));
  const auto slot = wanted.slot.value;
  const auto from = nodes.node_of(trading::slot_name(slot));
  if (from == wanted.node)
    return void(reply.fail(fail(errc::invalid_argument, "slot " + std::to_string(slot) + " is on node " + from.value.str() + " already")));
  if (!nodes.is_up(from))
    return void(reply.fail(fail(errc::unavailable, "slot " + std::to_string(slot) + " is on node " + from.value.str() + ", which is away. Its journal is there: it can be moved when that node, or a backup of it, is up")));
  a.port->ask<placement::fetch_reply>(
    placement::keeper_of(wanted.node), lane::control, a.context_of(reply.context(), *who), placement::fetch_slot{slot, from},
    [reply, slot, from, to = wanted.node](result<placement::fetch_reply> said) {
      if (!said) return void(reply.fail(said.error()));
      if (!said->refused.empty()) return void(reply.fail(fail(errc::invalid_argument, said->refused)));
      reply.value(v1::move_reply{slot, from, to}, 202);
    });
}

/// In pages by slot, each node's own move of it.
void list_moves(const std::shared_ptr<api>& a, const request_context& request, const v1::page_params& p, const responder& reply) {
  const auto c = a->context_of(request);
  const auto nodes = a->node->nodes().is_alone() ? std::vector<node_name>{} : a->node->nodes().all(); // alone, nothing moves
  gather<placement::moves_view>(
    a, nodes,
    [a, c](const node_name& node, answer_to<placement::moves_view> done) {
      a->port->ask<placement::moves_view>(placement::keeper_of(node), lane::data, c, placement::moves_query{}, std::move(done));
    },
    [p, reply](result<gathered<placement::moves_view>> found) {
      if (!found) return void(reply.fail(found.error()));
      std::vector<v1::move_row> all;
      const auto tells_itself = [&](const placement::move_row& m) {
        return m.status == placement::move_status::given && std::ranges::any_of(found->answers, [&](const auto& said) { return said.first == m.to; });
      };
      for (const auto& [node, seen] : found->answers)
        for (const auto& m : seen.moves) {
          if (tells_itself(m)) continue;
          auto& row = all.emplace_back(v1::move_row{m.slot, m.from, m.to, m.status, m.generation, {}, {}});
          if (m.status == placement::move_status::done) row.pause_us = static_cast<std::uint64_t>(m.pause.count() / 1000);
          if (!m.why.empty()) row.why = m.why;
        }
      const auto key = [](const v1::move_row& r) { return key_of_parts(std::to_string(1000 + r.slot), r.to.value.view()); };
      auto page = page_of("moves", std::move(all), key, p.cursor, p.limit);
      if (!page) return void(reply.fail(page.error()));
      reply.value(v1::moves_list{std::move(page->first), std::move(page->second), unless_none(std::move(found->missing))});
    });
}

v1::akka_members akka_members_of(const api& a) {
  v1::akka_members out;
  const auto called = [](const v1::member_row& m) { return "troupe://desk@" + (m.address.empty() ? m.name.value.str() : m.address); };
  const auto all = members(*a.node);
  const auto peers = a.node->nodes().peers();
  for (const auto& m : all) {
    const bool is_self = m.status == v1::member_status::self;
    const bool is_up = is_self || m.status == v1::member_status::up || m.status == v1::member_status::suspect;
    if (is_self) out.selfNode = called(m);
    const auto p = std::ranges::find(peers, m.name, &cluster::peer_view::name);
    const auto uid = is_self ? a.node->nodes().boot() : p == peers.end() ? 0 : p->boot;
    out.members.push_back({called(m), std::to_string(uid), m.sessions > 0 || is_self ? "Up" : "Joining", m.runs});
    if (!is_up) out.unreachable.push_back({called(m), {}});
  }
  for (auto& u : out.unreachable) u.observedBy = {out.selfNode};
  if (!out.members.empty()) out.leader = out.oldest = out.members.front().node;
  return out;
}

} // namespace

void add_cluster_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.get<v1::page_params, v1::members_page>(
    "v1", "/v1/cluster/members", "The desk's nodes: address, state as this node sees it, what each lacks. In pages.", {},
    [a](const request_context& request, const v1::page_params& p, const responder& reply) { list_members(a, request, p, reply); });
  table.get<v1::placement_params, v1::placement_page>(
    "v1", "/v1/cluster/placement", "Which node runs which actor, in pages.", {},
    [a](const request_context&, const v1::placement_params& p, const responder& reply) { list_placement(*a, p, reply); });
  table.get<v1::page_params, v1::moves_list>(
    "v1", "/v1/cluster/moves", "The newest move of every slot that came to a node, is coming, or was given to one that is away.", {},
    [a](const request_context& request, const v1::page_params& p, const responder& reply) { list_moves(a, request, p, reply); });
  table.post<v1::move_request, v1::move_reply>(
         "v1", "/v1/cluster/moves",
         "Moves a slot to another node while it trades: its stream is copied, then it stops for a moment and goes on there. Answered when it has begun; GET shows how far it is.",
         {errc::not_authorised, errc::not_found},
         [a](const request_context&, const v1::move_request& body, const responder& reply) { move_slot(*a, body, reply); })
    .authorised()
    .may_answer(202);
  table.post<v1::leave_request, v1::leave_request>(
         "v1", "/v1/cluster/leave", "Ends a node that has no slots, gracefully; started again it is a member as before.", {errc::not_authorised, errc::not_found},
         [a](const request_context&, const v1::leave_request& body, const responder& reply) { leave(*a, body, reply); })
    .authorised()
    .may_answer(202);
  table.get<edge::none, v1::akka_members>(
    "v1", "/cluster/members", "The nodes in the form of Akka's management.", {},
    [a](const request_context&, edge::none, const responder& reply) { reply.value(akka_members_of(*a)); });
}

} // namespace troupe::desk
