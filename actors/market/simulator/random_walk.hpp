#pragma once
// A market made of nothing but a seed, for when no file is given: quotes and trades of a few instruments on a
// random walk, in integers throughout. Same options, same events, on every machine. Owned by one feed; not
// thread-safe.

#include "actors/market/messages.hpp"
#include "actors/market/simulator/random.hpp"
#include "runtime/core/result.hpp"

#include <cstdint>
#include <vector>

namespace troupe::simulator {

struct walk_instrument {
  market::instrument_id id;
  price start;        // a multiple of `tick`
  price tick;         // > 0
  quantity size_step; // > 0
  std::int64_t size_steps_max = 1; // displayed at one price, >= 1
};

struct walk_options {
  std::uint64_t seed = 1;
  time_ns start{};                               // of the virtual clock; the first event is one step later
  nanoseconds step = std::chrono::milliseconds{1}; // between events, > 0
  std::vector<walk_instrument> instruments;      // 1 .. 1000, ids differ
};

/// BTCUSDT from 45,000, ETHUSDT from 2,500 and SOLUSDT from 100 on the venue SIM.
[[nodiscard]] std::vector<walk_instrument> default_instruments();

class random_walk {
public:
  /// Errors: invalid_argument with every violation.
  [[nodiscard]] static result<random_walk> create(walk_options options);

  /// The next quote or trade, one step later than the one before. Never ends. An instrument begins with a
  /// quote; a trade happens at the bid or the ask, mostly within the displayed size, and is followed by a
  /// quote that shows what is left. Spreads are 1 to 5 ticks; prices are never below one tick.
  [[nodiscard]] market::event next();

private:
  struct state {
    walk_instrument what;
    std::int64_t bid_ticks = 0;
    std::int64_t ask_ticks = 0;
    std::int64_t bid_steps = 0; // displayed sizes; 0 = taken, the price must move
    std::int64_t ask_steps = 0;
    std::uint64_t update_id = 0;
    std::uint64_t trade_id = 0;
    bool quote_due = true;
  };

  explicit random_walk(walk_options options);

  void move(state& s);
  void resize(state& s);
  [[nodiscard]] market::quote quote_of(state& s);
  [[nodiscard]] market::trade trade_of(state& s);

  random random_;
  time_ns now_;
  nanoseconds step_;
  std::vector<state> states_;
};

} // namespace troupe::simulator
