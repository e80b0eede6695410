#pragma once
// A projection: folds the events of the OMS streams into positions, cash and fills, and journals nothing. Pure; owned by
// the actor that reads the streams, used on its thread only.

#include "actors/trading/oms/messages.hpp"
#include "actors/trading/portfolio/interface.hpp"
#include "actors/trading/portfolio/state.hpp"
#include "runtime/actor/core.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace troupe::portfolio {

inline constexpr std::string_view fills_table = "fills";

struct configuration {
  std::size_t recent_fills = 1000; // kept in memory; the table has all
};

enum class folded : std::uint8_t {
  done,
  repeated, // at or below the stream's position: nothing changed
  gap,      // a turn before it is missing: nothing changed, read the stream
};

/// Key of a fill's row: when it was decided, slot, sequence, index, all big-endian, so that a scan is in order of time
/// and the key is the same on every run.
[[nodiscard]] std::string fill_key(const fill& f, std::uint16_t index);
/// First key at or after an instant, for paging.
[[nodiscard]] std::string fills_from(time_ns decided_at);

class core {
public:
  using state = portfolio::state;
  using view = portfolio::view;
  using protocol = portfolio::protocol;

  explicit core(configuration c = {}) : config_{c} {}

  /// All events of one turn of `stream`. Turns come gapless from 1; rows of new fills go to the table "fills". A position that was corrected changes as by a fill, which
  /// is in no row and no count.
  folded fold(state&, const actor_name& stream, std::uint64_t sequence, std::span<const oms::event> events,
              actor::archive& rows) const;

  void observe(view&, const market::quote&) const;

  positions_view answer(const state&, const view&, const positions_query&) const;
  cash_list answer(const state&, const view&, const cash_query&) const;
  fills_view answer(const state&, const view&, const fills_query&) const;

private:
  configuration config_;
};

/// Books one trade: a partial close takes basis x closed / quantity (half-even), what crosses zero opens anew at the
/// trade's price. `signed_quantity` is negative for a sell and not zero; `total` is |signed_quantity| x price.
void book(position& p, quantity signed_quantity, price at, const money& total, const money& fee);
/// The same without counting a fill; of zero quantity only the fee.
void correct(position& p, quantity signed_quantity, price at, const money& total, const money& fee);

} // namespace troupe::portfolio
