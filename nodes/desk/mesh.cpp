#include "nodes/desk/mesh.hpp"

#include "actors/platform/placement/core.hpp"
#include "runtime/cluster/boot.hpp"
#include "runtime/cluster/tls_link.hpp"
#include "runtime/config/describe.hpp"
#include "runtime/core/assert.hpp"
#include "runtime/telemetry/build_info.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/wire/wire.hpp"

#include <algorithm>

namespace troupe::desk {
namespace {

constexpr const char* node_mark = "@";

constexpr std::string_view keeper_prefix = "placement/"; // its node is in its name: others know it by that

bool is_keeper(const actor_name& name) { return name.value.view().starts_with(keeper_prefix); }

actor_name with_node(const actor_name& name, const node_name& node) {
  return actor_name{decltype(actor_name::value)::make(name.value.str() + node_mark + node.value.str()).value_or(name.value)};
}

} // namespace

mesh::mesh(const configuration& c, bool is_alone) : self_{c.node.name.value()}, configuration_hash_{config::hash_of_cluster_wide(c)} {
  if (is_alone) return;
  section_hashes_ = config::hashes_of_cluster_wide_sections(c);
  auto placed = placement_of(c);
  TROUPE_ASSERT(placed.has_value(), "a configuration is checked before anything is placed by it");
  placement_ = std::move(*placed);
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) seats_.push_back({declared(slot), 0});
  for (const auto& m : c.cluster.members)
    if (m.name.value() != self_) others_.push_back(m.name.value());
  std::ranges::sort(others_);
  builds_.insert(c.cluster.builds.value().begin(), c.cluster.builds.value().end());
}

std::vector<node_name> mesh::all() const {
  auto nodes = others_;
  nodes.push_back(self_);
  std::ranges::sort(nodes);
  return nodes;
}

node_name mesh::declared(std::uint32_t slot) const {
  const auto* at = placement_.node_of(trading::slot_name(slot));
  return at ? *at : self_;
}

node_name mesh::node_of(const actor_name& name) const {
  if (const auto slot = trading::slot_called(name); slot && !seats_.empty()) {
    std::lock_guard guard{mutex_};
    return seats_[*slot].node;
  }
  if (is_keeper(name)) return {decltype(node_name::value)::make(name.value.view().substr(keeper_prefix.size())).value_or(self_.value)};
  if (const auto* at = placement_.node_of(name)) return *at;
  const auto text = name.value.view();
  const auto mark = text.rfind(node_mark);
  if (mark == std::string_view::npos) return self_;
  const auto node = decltype(node_name::value)::make(text.substr(mark + 1));
  return node ? node_name{*node} : self_;
}

actor_name mesh::name_on(const node_name& node, const actor_name& name) const { return node == self_ ? name : with_node(name, node); }

actor_name mesh::called_here(const node_name& node, const actor_name& name) const {
  return placement_.node_of(name) || is_keeper(name) ? name : name_on(node, name);
}

actor_name mesh::shown(const node_name& node, const actor_name& name) const {
  return is_alone() || placement_.node_of(name) || is_keeper(name) ? name : with_node(name, node);
}

actor_name mesh::bare(const actor_name& name) {
  const auto text = name.value.view();
  return actor_name{decltype(actor_name::value)::make(text.substr(0, text.rfind(node_mark))).value_or(name.value)};
}

std::uint64_t mesh::slots_of(const node_name& node) const {
  if (seats_.empty()) return node == self_ ? ~std::uint64_t{0} : 0;
  std::lock_guard guard{mutex_};
  std::uint64_t slots = 0;
  for (std::size_t slot = 0; slot < seats_.size(); ++slot)
    if (seats_[slot].node == node) slots |= std::uint64_t{1} << slot;
  return slots;
}

bool mesh::move(std::uint32_t slot, const node_name& node, std::uint64_t generation) {
  std::lock_guard guard{mutex_};
  if (slot >= seats_.size() || generation <= seats_[slot].generation) return false;
  seats_[slot] = {node, generation};
  bind(slot);
  return true;
}

std::uint64_t mesh::generation_of(std::uint32_t slot) const {
  std::lock_guard guard{mutex_};
  return slot < seats_.size() ? seats_[slot].generation : 0;
}

void mesh::lead_away(std::uint32_t slot) {
  std::lock_guard guard{mutex_};
  bind(slot);
}

/// Under `mutex_`. A slot that is here is put behind its name by its supervisor.
void mesh::bind(std::uint32_t slot) {
  const auto& node = seats_[slot].node;
  if (node != self_ && names_) names_->bind(trading::slot_name(slot), remote_->proxy(node, trading::slot_name(slot)));
}

std::map<actor_name, node_name> mesh::placed() const {
  auto all = placement_.all();
  std::lock_guard guard{mutex_};
  for (std::uint32_t slot = 0; slot < seats_.size(); ++slot) all[trading::slot_name(slot)] = seats_[slot].node;
  return all;
}

result<void> mesh::open(caf::actor_system& system, actor::directory& names, actor::hybrid_clock* clock,
                        const std::vector<actor_name>& own, std::uint64_t boot, const carrier& open) {
  boot_ = boot != 0 ? boot : cluster::draw_boot();
  if (is_alone()) return {};
  cluster::greeting self;
  self.name = self_;
  self.boot = boot_;
  self.build = telemetry::build_id();
  self.schema = wire::schema_hash();
  self.configuration = configuration_hash_;
  self.sections = section_hashes_;
  cluster::admission rule;
  for (const auto& node : all()) rule.members.insert(node);
  rule.builds = builds_;
  remote_ = std::make_unique<cluster::remote_actors>(system, names, boot_, clock);
  remote_->on_up = [this](const cluster::greeting& who) {
    std::lock_guard guard{mutex_};
    auto& n = neighbours_[who.name];
    n.is_up = true;
    ++n.sessions;
  };
  remote_->on_down = [this](const node_name& who, const std::string&) {
    std::lock_guard guard{mutex_};
    neighbours_[who].is_up = false;
  };
  names_ = &names;
  for (const auto& [name, node] : placed())
    if (node != self_) names.bind(name, remote_->proxy(node, name));
  for (const auto& node : others_)
    names.bind(placement::keeper_of(node), remote_->proxy(node, placement::keeper_of(node)));
  for (const auto& node : others_)
    for (const auto& name : own) names.bind(name_on(node, name), remote_->proxy(node, name));
  auto opened = open(std::move(self), std::move(rule), *remote_);
  if (!opened) return opened.error();
  link_ = std::move(*opened);
  return {};
}

void mesh::close() {
  if (remote_) remote_->clear();
  std::unique_lock guard{mutex_};
  const auto ends = std::move(link_);
  guard.unlock(); // as it ends it tells us that everybody is down
}

void mesh::show(cluster::link_tls renewed) {
  std::lock_guard guard{mutex_};
  if (link_) link_->show(std::move(renewed));
}

std::vector<cluster::peer_view> mesh::peers() const {
  std::lock_guard guard{mutex_};
  return link_ ? link_->peers() : std::vector<cluster::peer_view>{};
}

bool mesh::is_up(const node_name& node) const {
  if (node == self_) return true;
  std::lock_guard guard{mutex_};
  const auto at = neighbours_.find(node);
  return at != neighbours_.end() && at->second.is_up;
}

std::uint64_t mesh::sessions_of(const node_name& node) const {
  std::lock_guard guard{mutex_};
  const auto at = neighbours_.find(node);
  return at == neighbours_.end() ? 0 : at->second.sessions;
}

std::string why_silent(const node_name& node, const actor_name& name) {
  const auto why = name.value.str() + " is starting on node " + node.value.str() + ", or was given up there: ";
  const auto bare = mesh::bare(name).value.str();
  if (bare == "node") return why + "at that node's own edge `troupe restart node` brings it back"; // who else could be asked answers through it
  return why + "`troupe inspect info " + name.value.str() + "` says which";
}

std::optional<std::string> mesh::why_away(const actor_name& name) const {
  const auto node = node_of(name);
  if (is_up(node)) return std::nullopt;
  std::string why = "it was not reached yet";
  for (const auto& p : peers())
    if (p.name == node && !p.problem.empty()) why = p.problem;
  return name.value.str() + " is on node " + node.value.str() + ", which is away: " + why;
}

mesh::carrier tls_carrier(const configuration& c) {
  cluster::tls_link_options o;
  o.log = [](const char* severity, const std::string& line) { log::write(severity, "cluster", {}, line); };
  const auto self = c.node.name.value();
  o.files = cluster::link_files_in(c.cluster.certificates.value(), self);
  o.beats.dead_after = c.cluster.dead_after.value();
  o.greet_within = std::chrono::milliseconds{1200}; // an attempt that began before the network was back may last as long: all serve again within 2 s
  for (const auto& m : c.cluster.members) {
    const cluster::tls_address at{m.host.value(), static_cast<std::uint16_t>(m.port.value())};
    if (m.name.value() != self) o.peers[m.name.value()] = at;
    else o.listen = c.cluster.listen.value().empty() ? at : cluster::tls_address{c.cluster.listen.value(), at.port};
  }
  return [o = std::move(o)](cluster::greeting who, cluster::admission rule, cluster::link_events& events) mutable {
    o.self = std::move(who);
    o.rule = std::move(rule);
    return cluster::open_tls_link(std::move(o), events);
  };
}

} // namespace troupe::desk
