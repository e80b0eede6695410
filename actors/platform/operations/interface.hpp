#pragma once
// Everything one may say to the record of operations.

#include "actors/platform/operations/messages.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::operations {

using protocol = actor::protocol<
  // Put it on record, with the principal and the time of the turn. Never refused.
  actor::ask<operation, recorded_reply>>;

} // namespace troupe::operations
