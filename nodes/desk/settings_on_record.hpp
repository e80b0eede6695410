#pragma once
// What the node is configured with goes into its data folder before anything is decided with it: turns cite what was in force and do not
// repeat it. Once at each start, on the caller's thread.

#include "actors/trading/start_settings.hpp"
#include "nodes/desk/config.hpp"
#include "runtime/journal/journal.hpp"

#include <filesystem>

namespace troupe::desk {

[[nodiscard]] trading::start_settings settings_of(const configuration& c);

/// Puts `now` on record, from `now.since` on or from behind the last turn of `orders`, what is later; nothing when it is what was in force.
/// `slots`: bit n says that slot n is this node's. A file that is damaged is put aside and begins anew, and the log says so. Returns what is in force, with the
/// quotes of all that was ever listed, since when: no later turn may be before that. Errors: invalid_argument (an order is open in an instrument that had another quote when it was
/// taken; nothing is changed), io_error, and those of reading a journal.
[[nodiscard]] result<trading::start_settings> put_settings_on_record(const std::filesystem::path& data_dir, const journal::journal& orders, std::uint64_t slots,
                                                           trading::start_settings now);

/// What the folder `from` remembers, into `to`, which is a copy of its journals: on the disk when the call is over; nothing when there is none.
/// Errors: io_error.
[[nodiscard]] result<void> copy_settings(const std::filesystem::path& from, const std::filesystem::path& to);

} // namespace troupe::desk
