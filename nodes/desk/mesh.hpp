#pragma once
// This node among the others of its desk: what runs here and what elsewhere, the link to them, and names that lead to actors
// wherever they run. A node that is alone has no link and runs everything. Names that every node has for itself ("portfolio",
// "edge/orders") mean this node's; another's is "portfolio@b". Thread-safe once it is open.

#include "nodes/desk/config.hpp"
#include "runtime/actor/directory.hpp"
#include "runtime/cluster/admission.hpp"
#include "runtime/cluster/link.hpp"
#include "runtime/cluster/remote_actors.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::desk {

/// Why nobody answers behind `name` on another node, which is up: as much as can be known from here, and how to know more.
[[nodiscard]] std::string why_silent(const node_name& node, const actor_name& name);

class mesh {
public:
  /// Opens what carries frames to the other nodes.
  using carrier = std::function<result<std::unique_ptr<cluster::link>>(cluster::greeting, cluster::admission, cluster::link_events&)>;

  /// `is_alone`: whatever the configuration says, everything runs here. Requires: a configuration whose placement was checked.
  mesh(const configuration& c, bool is_alone);
  ~mesh() { close(); }
  mesh(const mesh&) = delete;
  mesh& operator=(const mesh&) = delete;

  [[nodiscard]] const node_name& self() const noexcept { return self_; }
  [[nodiscard]] bool is_alone() const noexcept { return others_.empty(); }
  /// Of this life of the process, as it greets others. After open.
  [[nodiscard]] std::uint64_t boot() const noexcept { return boot_; }
  [[nodiscard]] const std::vector<node_name>& others() const noexcept { return others_; }
  /// All nodes, this one among them, ordered by name.
  [[nodiscard]] std::vector<node_name> all() const;
  /// Where everything is that was placed, ordered by name: as declared, or where it was moved since.
  [[nodiscard]] std::map<actor_name, node_name> placed() const;
  /// Where the configuration puts the slot.
  [[nodiscard]] node_name declared(std::uint32_t slot) const;
  /// Where `name` leads: its place, the node behind its '@', or this one.
  [[nodiscard]] node_name node_of(const actor_name& name) const;
  [[nodiscard]] bool runs_here(const actor_name& name) const { return node_of(name) == self_; }
  /// What a name that every node has is called for `node`'s: the bare name for ours.
  [[nodiscard]] actor_name name_on(const node_name& node, const actor_name& name) const;
  /// By what name an actor of `node` is known here, whatever it is: "oms/17", "portfolio", "portfolio@b".
  [[nodiscard]] actor_name called_here(const node_name& node, const actor_name& name) const;
  /// How people see it on any node: with its node, unless there is only one like it.
  [[nodiscard]] actor_name shown(const node_name& node, const actor_name& name) const;
  /// What it is called on its own node: without the node.
  [[nodiscard]] static actor_name bare(const actor_name& name);
  /// Bit n: slot n runs on `node`.
  [[nodiscard]] std::uint64_t slots_of(const node_name& node) const;
  /// The slot is `node`'s by its `generation`-th move; older news than what is known changes nothing. Calls for it go there from now
  /// on, unless that is here: then its supervisor puts it behind its name. True when it was news.
  bool move(std::uint32_t slot, const node_name& node, std::uint64_t generation);
  /// Of the newest move of the slot that is known here; 0: it is where it was declared.
  [[nodiscard]] std::uint64_t generation_of(std::uint32_t slot) const;
  /// Calls for a slot that is elsewhere go there again, when its supervisor here has taken the name away late.
  void lead_away(std::uint32_t slot);

  /// Puts stand-ins behind the names of what runs elsewhere and behind every other node's `own`, then opens the link; none of it
  /// when alone. `boot`: of the process, another in each of its lives; 0: drawn. Errors: as `open`.
  [[nodiscard]] result<void> open(caf::actor_system& system, actor::directory& names, actor::hybrid_clock* clock,
                                  const std::vector<actor_name>& own, std::uint64_t boot, const carrier& open);
  /// Ends the link, and whoever still waits is told. Actors may run yet: for them everybody is away. The system must not end before.
  void close();

  /// What the link shows and trusts from now on; nothing when there is none.
  void show(cluster::link_tls renewed);

  [[nodiscard]] std::vector<cluster::peer_view> peers() const;
  [[nodiscard]] bool is_up(const node_name& node) const;
  /// How often a session with `node` has begun; another number means that something may have been lost.
  [[nodiscard]] std::uint64_t sessions_of(const node_name& node) const;
  /// Why nobody answers behind `name`, when that is because its node cannot be reached.
  [[nodiscard]] std::optional<std::string> why_away(const actor_name& name) const;
  [[nodiscard]] cluster::remote_statistics stats() const { return remote_ ? remote_->stats() : cluster::remote_statistics{}; }

private:
  struct seat {
    node_name node;
    std::uint64_t generation = 0; // 0: as declared
  };
  struct neighbour {
    bool is_up = false;
    std::uint64_t sessions = 0;
  };

  void bind(std::uint32_t slot);

  const node_name self_;
  std::uint64_t boot_ = 0;
  std::vector<node_name> others_;
  cluster::placement placement_;
  std::string configuration_hash_;
  std::map<std::string, std::string> section_hashes_;
  std::set<std::string> builds_;
  std::unique_ptr<cluster::remote_actors> remote_;
  actor::directory* names_ = nullptr;
  mutable std::mutex mutex_;
  std::unique_ptr<cluster::link> link_; // none when alone, and when closed
  std::vector<seat> seats_; // by slot; empty when alone
  std::map<node_name, neighbour> neighbours_;
};

/// The carrier between hosts, as the configuration describes it.
[[nodiscard]] mesh::carrier tls_carrier(const configuration& c);

} // namespace troupe::desk
