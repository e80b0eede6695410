#pragma once
// Who did what to the node, and when. Pure; owned by the shell that hosts it, used on its thread only.

#include "actors/platform/operations/interface.hpp"

namespace troupe::operations {

struct state {
  std::uint64_t count = 0;
  std::vector<recorded> newest; // at most newest_max, the newest last; all of them are in the stream
};
BOOST_DESCRIBE_STRUCT(state, (), (count, newest))
struct inputs {};
BOOST_DESCRIBE_STRUCT(inputs, (), ())

class core {
public:
  using state = operations::state;
  struct view {};
  using event = std::variant<recorded>;
  using inputs = operations::inputs;
  using effect = std::variant<std::monostate>;
  using protocol = operations::protocol;
  static constexpr const char* stored_as = "operations";
  static constexpr std::uint32_t stored_version = 1;
  static constexpr std::size_t newest_max = 100;

  recorded_reply decide(const state& s, view&, const operation& what, const actor::turn_context& at,
                        actor::turn_output<event, inputs>& out) const {
    out.events.push_back(recorded{s.count + 1, what, at.message.principal, at.decided_at});
    return {s.count + 1};
  }
  void evolve(state& s, const event& e, actor::archive&) const {
    const auto& r = std::get<recorded>(e);
    s.count = r.number;
    if (s.newest.size() == newest_max) s.newest.erase(s.newest.begin());
    s.newest.push_back(r);
  }
  template <class Emit>
  void react(const state&, const event&, Emit&&) const {} // nothing leaves: whoever asked acts
};

} // namespace troupe::operations
