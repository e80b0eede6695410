#pragma once
// How a correction that came over HTTP becomes a command of the account's slot, and the lists of corrections and disputed fills over all nodes. Call the asks on the
// edge's thread; the rest is pure.

#include "actors/trading/oms/messages.hpp"
#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/v1_correction_messages.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk {

using instrument_table = std::map<trading::instrument_id, trading::instrument>;

/// The venue of the execution that a request is to book: the one it names, else the instrument's. Requires: it books one. Errors: invalid_argument.
[[nodiscard]] result<trading::venue_id> venue_to_book(const v1::correction_request& asked, const instrument_table& instruments);

/// The command. `disputed` is what is on record of the execution that is to be booked: that very quantity, price and fee are booked, and what the request says must agree.
/// Errors: not_found (nothing is on record of it), invalid_argument with every field that is wrong.
[[nodiscard]] result<oms::correct_position> correction_of(const v1::correction_request& asked, const instrument_table& instruments,
                                                          const std::optional<oms::fill_disputed>& disputed);

/// What positions of an account, flat ones too, say of an instrument that is not configured any more: its quote currency, and the venue that its name has. Nothing: the account
/// has none in it.
[[nodiscard]] std::optional<trading::instrument> instrument_held(const std::vector<portfolio::position_view>& positions, const trading::instrument_id& id);

/// Why a slot did nothing, as an error that names the field; nothing when the position was corrected. A function of the answer alone.
[[nodiscard]] std::optional<error> failure_of(const oms::correction_ack& ack);

/// Errors: as correction_of, as failure_of, and those of asks.hpp.
void correct(const api_ptr& a, const context& c, const v1::correction_request& asked, answer_to<oms::correction_ack> then);

template <class Row>
struct correction_list {
  std::vector<Row> rows;           // ascending by key
  std::optional<std::string> next; // cursor to go on from
  std::vector<node_name> missing;
};
/// What was durable when asked, from the cursor `from` on (empty: the beginning). Of an account whose node is away: unavailable.
void list_corrections(const api_ptr& a, const context& c, const std::string& from, const order_scope& scope, std::size_t limit,
                      answer_to<correction_list<oms::position_corrected>> then);
void list_disputes(const api_ptr& a, const context& c, const std::string& from, const order_scope& scope, std::size_t limit, answer_to<correction_list<disputed_row>> then);

} // namespace troupe::desk
