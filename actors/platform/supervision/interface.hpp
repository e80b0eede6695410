#pragma once
// Everything one may say to the record of supervision.

#include "actors/platform/supervision/messages.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::supervision {

using protocol = actor::protocol<
  // Put it on record. Never refused; one that is said again, because its answer got lost, is on record once.
  actor::ask<report, recorded_reply>>;

} // namespace troupe::supervision
