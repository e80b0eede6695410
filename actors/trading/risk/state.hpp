#pragma once
// What the risk stream adds up to, and which leases are out.

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
  friend bool operator==(const state&, const state&) = default;
};
BOOST_DESCRIBE_STRUCT(state, (), (version, fallback, accounts, halts, blocked))

/// A budget somebody may still be using.
struct outstanding {
  price budget;
  boot_ns expires_at{};
};
struct slot_leases {
  std::uint64_t epoch = 0;
  nanoseconds clock_ahead{};       // of ours, at least: its clock when it asked, less ours when that arrived
  price exposure; // as reported last
  std::vector<outstanding> leases; // unexpired ones; a smaller renewal does not take back the larger one before it
};

/// Volatile: what was granted to whom until when.
struct view {
  std::map<std::uint32_t, slot_leases> slots;
  /// Set by the wiring when only the risk actor restarted: until then slots may hold leases nobody remembers, so a
  /// request gets at most what it still holds. Zero when the whole node started.
  boot_ns forgotten_until{};
};

/// Decisions read nothing besides state and command.
struct inputs {};
BOOST_DESCRIBE_STRUCT(inputs, (), ())

/// Leases leave by `grant`, not as effects: nothing of the stream goes anywhere.
using effect = std::variant<std::monostate>;

} // namespace troupe::risk
