#pragma once
// Rows of corrections and of disputed fills in the table "done" of a slot's journal, written in the batch of the turn that decided them. Pure functions; anybody
// who reads the table uses these.

#include "actors/trading/oms/correction_messages.hpp"
#include "runtime/actor/core.hpp"
#include "runtime/core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::oms {

/// What such keys begin with: behind every order's, which begin with their slot.
inline constexpr std::string_view corrections_begin = "c/";
inline constexpr std::string_view disputed_fills_begin = "d/";

/// Row of a correction: "c/", the account's slot in one byte, then for a booking "x", venue and execution, else "i", tenant, account and id, separated by 0x1f, which none
/// can contain. So an execution has one row in its slot, whichever account books it.
[[nodiscard]] std::string correction_key(const correct_position& c);
/// Of the booking of an execution by an account of `slot`.
[[nodiscard]] std::string booking_key(std::uint32_t slot, const venue_id& venue, const execution_id& execution);
/// Row of a disputed fill: "d/", its order's slot in one byte, execution, 0x1f, venue.
[[nodiscard]] std::string disputed_fill_key(std::uint32_t slot, const venue_id& venue, const execution_id& execution);
/// What the keys of all venues' fills with that execution id begin with.
[[nodiscard]] std::string disputed_fill_prefix(std::uint32_t slot, const execution_id& execution);
/// The slot in a key of either kind. Requires: a key of these.
[[nodiscard]] std::uint32_t slot_in_key(std::string_view key);

// Errors: malformed, out_of_range (a damaged row; not retriable).
[[nodiscard]] result<position_corrected> decode_correction(std::string_view value);
[[nodiscard]] result<fill_disputed> decode_disputed_fill(std::string_view value);

void archive_correction(const position_corrected& e, actor::archive& rows);
void archive_disputed_fill(const fill_disputed& e, actor::archive& rows);

} // namespace troupe::oms
