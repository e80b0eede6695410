#pragma once
// What the risk stream adds up to, and what the slots have said.

#include "actors/trading/risk/messages.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace troupe::risk {

struct state {
  std::uint64_t version = 0;      // grows with every change a lease carries
  std::optional<limits> fallback; // as set while running; absent: the configured one
  std::map<account_id, limits> accounts;
  std::vector<halt> halts;              // ordered by (scope, key)
  std::vector<instrument_id> blocked;   // ordered
  std::map<std::uint32_t, price> budgets; // by slot: no lease that it may still use carries more
  friend bool operator==(const state&, const state&) = default;
};
BOOST_DESCRIBE_STRUCT(state, (), (version, fallback, accounts, halts, blocked, budgets))

/// A lease that carries less than the slot's budget: the rest is free for others once the slot holds it.
struct offer {
  std::uint64_t number = 0; // of the first such lease
  price budget;
};
struct slot_leases {
  std::uint64_t epoch = 0;
  nanoseconds clock_ahead{}; // of ours, at least: its clock when it asked, less ours when that arrived
  price exposure;            // as reported last
  price wanted;              // what it would use with an order that was refused for its budget; zero: none was
  boot_ns heard_at{};        // on our clock
  price reachable;           // the most its budget could become, as reckoned when it asked last
  std::optional<offer> offered;
};

/// Volatile: who has asked since risk started, and what has not changed since.
struct view {
  std::map<std::uint32_t, slot_leases> slots;
  /// Of the lease granted last. The wiring begins above everything earlier lives of risk granted.
  std::uint64_t last_number = 0;
  /// When the first one asked. Everybody who is there has asked a lease later.
  std::optional<boot_ns> asked_since;
  /// The version since which no limits were changed, as far as this life of risk knows: at most the one it began with is too late. Halts and blocks come behind it.
  std::optional<std::uint64_t> limits_unchanged_since;
};

/// Decisions read nothing besides state and command.
struct inputs {};
BOOST_DESCRIBE_STRUCT(inputs, (), ())

/// Leases are answers, not effects: nothing of the stream goes anywhere.
using effect = std::variant<std::monostate>;

} // namespace troupe::risk
