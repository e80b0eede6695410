#pragma once
// Reads corrections and disputed fills from a node's table in pages. Pure functions of a journal; call them on a thread that may wait for the disk. Each looks at a bounded
// number of rows and says where it stopped.

#include "actors/trading/oms/correction_messages.hpp"
#include "nodes/desk/api/tables.hpp"
#include "runtime/core/error.hpp"
#include "runtime/core/result.hpp"
#include "runtime/journal/journal.hpp"

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk {

/// A fill that no order could take, and the correction that has booked it since.
struct disputed_row {
  oms::fill_disputed fill;
  std::optional<oms::position_corrected> booked;
};
BOOST_DESCRIBE_STRUCT(disputed_row, (), (fill, booked))

/// Rows ascending by their keys.
template <class Row>
struct correction_page {
  std::vector<Row> rows;
  std::vector<std::string> keys;   // theirs
  std::optional<std::string> next; // key to go on from
};

// Errors of all: corrupt, malformed (a damaged row), io_error. `slots`: bit n, rows of slot n are wanted.

/// Corrections from `key` on, ascending by slot; those that book an execution behind the others.
[[nodiscard]] result<correction_page<oms::position_corrected>> read_corrections(const journal::journal& j, const std::string& key, const order_scope& scope, std::size_t limit,
                                                                                std::uint64_t slots = every_slot);
/// Disputed fills from `key` on, ascending by the slot of their order and by execution id. A scope passes over those of orders that are not known here.
[[nodiscard]] result<correction_page<disputed_row>> read_disputed_fills(const journal::journal& j, const std::string& key, const order_scope& scope, std::size_t limit,
                                                                        std::uint64_t slots = every_slot);
[[nodiscard]] result<std::optional<oms::fill_disputed>> disputed_fill_of(const journal::journal& j, std::uint32_t slot, const trading::venue_id& venue,
                                                                        const trading::execution_id& execution);

} // namespace troupe::desk
