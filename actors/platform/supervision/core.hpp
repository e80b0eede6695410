#pragma once
// What supervisors did, and why. Pure; owned by the shell that hosts it, used on its thread only.

#include "actors/platform/supervision/interface.hpp"

#include <algorithm>
#include <map>

namespace troupe::supervision {

/// What is on record of one child, over every life of the node.
struct child {
  actor_name supervisor;
  supervision::status last_status = supervision::status::restarting;
  std::uint64_t restarts = 0;
  std::string last_reason;
  time_ns changed_at{};
};
BOOST_DESCRIBE_STRUCT(child, (), (supervisor, last_status, restarts, last_reason, changed_at))

struct state {
  std::uint64_t count = 0;
  std::map<actor_name, child> children; // at most children_max: one more takes the place of the one that nothing was heard of for longest
  std::vector<recorded> newest;         // at most newest_max, the newest last; all of them are in the stream
};
BOOST_DESCRIBE_STRUCT(state, (), (count, children, newest))
struct inputs {};
BOOST_DESCRIBE_STRUCT(inputs, (), ())

class core {
public:
  using state = supervision::state;
  struct view {};
  using event = std::variant<recorded>;
  using inputs = supervision::inputs;
  using effect = std::variant<std::monostate>;
  using protocol = supervision::protocol;
  static constexpr const char* stored_as = "supervision";
  static constexpr std::uint32_t stored_version = 1;
  static constexpr std::size_t newest_max = 100;
  static constexpr std::size_t children_max = 500; // a node has fewer; names of strategies that are gone come on top

  recorded_reply decide(const state& s, view&, const report& what, const actor::turn_context&, actor::turn_output<event, inputs>& out) const {
    auto kept = what;
    kept.reason = shortened(what.reason);
    if (!s.newest.empty() && s.newest.back().what == kept) return {s.count}; // reports come one behind the other, so a repeat is the newest
    out.events.push_back(recorded{s.count + 1, std::move(kept)});
    return {s.count + 1};
  }
  void evolve(state& s, const event& e, actor::archive&) const {
    const auto& r = std::get<recorded>(e);
    s.count = r.number;
    if (s.children.size() == children_max && !s.children.contains(r.what.child))
      s.children.erase(std::ranges::min_element(s.children, {}, [](const auto& c) { return c.second.changed_at; }));
    auto& c = s.children[r.what.child];
    c.supervisor = r.what.supervisor;
    c.last_status = r.what.status;
    c.restarts += r.what.restarts;
    c.last_reason = r.what.reason;
    c.changed_at = r.what.at;
    if (s.newest.size() == newest_max) s.newest.erase(s.newest.begin());
    s.newest.push_back(r);
  }
  template <class Emit>
  void react(const state&, const event&, Emit&&) const {} // nothing leaves
};

} // namespace troupe::supervision
