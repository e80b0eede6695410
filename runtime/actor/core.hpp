#pragma once
// What an event-sourced actor's core looks like to the shell that hosts it. A core is pure: no CAF, clock, I/O, logging
// or floating point; it is total (never throws) and deterministic. The shell (shell.hpp) makes its turns durable and
// lets nothing leave before that.
//
// A core is a class, built once from its configuration, with:
//   using state    = ...;  described struct; everything the stream's events add up to
//   using view     = ...;  volatile inputs: market tops, leases, indicators. Not journaled, empty after a restart
//   using event    = std::variant<...>;             described structs; a stored format
//   using inputs   = ...;  described struct: what decide read besides state and command (lease, mark); journaled
//   using effect   = std::variant<...>;             what react emits; each kind goes to the receiver named below
//   using protocol = actor::protocol<...>;          the list in interface.hpp
//
//   R    decide(const state&, view&, const C&, const turn_context&, output&) const;    for each ask<C, R>
//   void decide(const state&, view&, const C&, const turn_context&, output&) const;    for each tell<C>, answers<C>
//   void decide(const state&, view&, const E&, const turn_context&, output&) const;    for each receives<E>, per item
//   void observe(view&, const I&) const;                                               for each observes<I>
//   void evolve(state&, const event&, archive&) const;     cannot fail; live and replay share it
//   void react(const state&, const event&, emit&&) const;  after evolve; emit(receiver actor_name, effect alternative)
//   V    answer(const state&, const view&, const Q&) const;                            for each query<Q, V>
//   std::optional<lookup> wanted(const state&, const C&) const;  optional: a finished thing decide must know about
//   std::vector<lookup> wanted_rows(const state&, const C&, const turn_context&) const;  optional: rows it may look at besides

#include "runtime/core/context.hpp"
#include "runtime/core/ids.hpp"
#include "runtime/core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actor {

/// Rows that were looked up, by their keys; a core's tables do not share keys.
using found_rows = std::map<std::string, std::string>;

/// The turn's surroundings. `decided_at` is the only time a core may see.
struct turn_context {
  context message;
  time_ns decided_at{};
  boot_ns decided_boot{};      // for comparing with lease ends
  std::uint64_t sequence = 0;  // this turn's, if it is recorded
  std::uint64_t epoch = 0;
  bool has_space = true;       // false: the journal's reserve is reached, open nothing new
  const std::string* found = nullptr; // value of the `wanted` key, when it exists
  std::optional<boot_ns> asked_boot;  // of an effect: when its sender decided it; zero: before the sender's last start
  const found_rows* rows = nullptr;   // those of the `wanted_rows` that exist
  bool may_wait = false;              // of an ask: whoever asked has time for what decides it and is on its way

  [[nodiscard]] const std::string* row(const std::string& key) const {
    if (!rows) return nullptr;
    const auto at = rows->find(key);
    return at == rows->end() ? nullptr : &at->second;
  }
};

/// What decide fills: events in order, and what it read. Refusals without events are recorded too when `record` is set
/// (default for asks that change nothing on purpose: yes; for market data without consequence: no).
template <class Event, class Inputs>
struct turn_output {
  std::vector<Event> events;
  Inputs inputs{};
  bool record = false; // record the turn even without events
  bool waits = false;  // only where it `may_wait`: nothing is decided, recorded or answered, and the wiring takes it up again
};

/// Where evolve puts what is finished, out of memory and into a table of the journal, in the same batch as the turn.
/// During replay it is closed: the rows are already there.
class archive {
public:
  struct row {
    std::string table;
    std::string key;
    std::string value;
  };
  archive() = default; // closed
  explicit archive(std::vector<row>& rows) : rows_{&rows} {}
  [[nodiscard]] bool is_open() const noexcept { return rows_ != nullptr; }
  void put(std::string table, std::string key, std::string value) {
    if (rows_) rows_->push_back({std::move(table), std::move(key), std::move(value)});
  }

private:
  std::vector<row>* rows_ = nullptr;
};

/// A row decide needs before it can answer, for example the finished order behind a repeated client id.
/// `points`: the row holds the key of the row that is meant, in the same table.
struct lookup {
  std::string table;
  std::string key;
  bool points = false;
};

// -- protocol lists ---------------------------------------------------------------------------------------------------
// The list in interface.hpp is the documentation, the typed handle and the dispatcher at once.

/// Answered when durable. A rejection is a value of R.
template <class C, class R>
struct ask {
  using command = C;
  using reply = R;
};
/// A journaled command nobody waits for: timers, reconciliation.
template <class C>
struct tell {
  using command = C;
};
/// Effects of another actor's stream: delivered at least once, decided exactly once, acknowledged when durable.
template <class E>
struct receives {
  using effect = E;
};
/// The answer to a query this actor's wiring sent: decided and recorded like a tell. The wiring may hold it back.
template <class V>
struct answers {
  using answer = V;
};
/// Volatile input that only changes the view.
template <class I>
struct observes {
  using input = I;
};
/// Volatile input that may have consequences: observed, then decided; recorded only with events. Market data.
template <class I>
struct watches {
  using input = I;
};
/// Answered when what it saw is durable.
template <class Q, class V>
struct query {
  using request = Q;
  using reply = V;
};

template <class... Ops>
struct protocol {};

} // namespace troupe::actor
