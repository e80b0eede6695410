#pragma once
// What became of a new order in decide and in its dry run. Included by the core's own sources only.

#include "actors/trading/oms/pretrade.hpp"

#include <cstdint>

namespace troupe::oms {

enum class outcome : std::uint8_t {
  accepted,
  rejected,           // by pre-trade risk: an order on record
  repeated,           // the first answer again
  refused,            // no order, but the refusal is on record
  refused_unrecorded, // no order and no record, the client id is free: the disk is full, no lease came yet
};

struct core::considered {
  outcome what = outcome::refused;
  order_ack ack;
  pretrade_verdict judged; // of one that is accepted or rejected
};

} // namespace troupe::oms
