#pragma once
// An account is whoever trades, so commands that stop or withdraw take any name; of one that nobody knows the person is told.

#include "tools/troupe/node_client.hpp"

#include <string>

namespace troupe::cli {

/// True when the main tenant has neither order nor position under `account`: it may be a slip, and the account that was meant trades on. False also
/// when that cannot be known within 2 s a request.
[[nodiscard]] bool is_unknown_account(node_options options, const std::string& account);

} // namespace troupe::cli
