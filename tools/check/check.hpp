#pragma once
// Recomputes the invariants from journals alone. None of it is code of the actors that wrote them: what a bug of theirs
// would hide, this finds. Reads only; one call runs on the caller's thread.

#include "actors/trading/risk/messages.hpp"
#include "actors/trading/start_settings.hpp"
#include "runtime/journal/journal.hpp"
#include "tools/check/report.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace troupe::check {

/// What a client was told: the order's id, and its own id when the line has one.
struct acknowledgement {
  std::string client_id;
  trading::order_id order;
};

struct check_options {
  /// Nothing may be under way between slots and venues: the node was stopped after it had settled.
  bool drained = false;
  /// A node writes meanwhile: what a venue knows beyond the slots' last turn is newer than the look.
  bool running = false;
  /// Limits of accounts until a command sets others; they are in the configuration, not in the journal. For turns from before `in_force`.
  std::optional<risk::limits> configured;
  /// What each node was configured with, start by start: `check_data_folders` reads it.
  std::vector<std::vector<trading::start_settings>> in_force;
  /// How many operators must agree before a halt of the firm ends; in the configuration as well.
  std::optional<std::size_t> firm_approvals;
  std::vector<acknowledgement> acknowledged;
};

struct sources {
  const journal::journal& desk;                // OMS slots and risk
  const journal::journal& venues;
  std::vector<const journal::journal*> portfolios; // derived, one a node; looked at when all are there
  std::vector<const journal::journal*> nodes{};    // of `desk`, each node's; none: it is one node's
};

/// What cannot be read is a violation of I9; everything else is still checked.
[[nodiscard]] check_report check_journals(const sources& from, const check_options& options);

/// The journals of the data folders of all nodes of a desk, each verified record by record as well. Whether a node runs on one is found
/// out here. Errors: not_found (no journal there), corrupt, io_error.
[[nodiscard]] result<check_report> check_data_folders(const std::vector<std::filesystem::path>& folders, check_options options);

/// One acknowledged order a line: "ORDER" or "CLIENT_ID ORDER". A last line that was cut off is left out, because the
/// writer flushes whole lines. Errors: not_found, malformed (with the line).
[[nodiscard]] result<std::vector<acknowledgement>> read_acknowledgements(const std::filesystem::path& file);

} // namespace troupe::check
