#include "actors/research/sweep/messages.hpp"

#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::sweep::axis)
TROUPE_WIRE(troupe::sweep::feed_file)
TROUPE_WIRE(troupe::sweep::description)
TROUPE_WIRE(troupe::sweep::treatment)
TROUPE_WIRE(troupe::sweep::trial_result)
TROUPE_WIRE(troupe::sweep::begin)
TROUPE_WIRE(troupe::sweep::begin_reply)
TROUPE_WIRE(troupe::sweep::crash)
TROUPE_WIRE(troupe::sweep::work_request)
TROUPE_WIRE(troupe::sweep::work)
TROUPE_WIRE(troupe::sweep::worker_lost)
TROUPE_WIRE(troupe::sweep::plan_query)
TROUPE_WIRE(troupe::sweep::plan)
TROUPE_WIRE(troupe::sweep::progress_query)
TROUPE_WIRE(troupe::sweep::worker_view)
TROUPE_WIRE(troupe::sweep::progress)
TROUPE_WIRE(troupe::sweep::chunk_request)
TROUPE_WIRE(troupe::sweep::chunk)
TROUPE_WIRE(troupe::sweep::begun)
TROUPE_WIRE(troupe::sweep::trials_finished)
TROUPE_WIRE(troupe::sweep::trial_crashed)
TROUPE_WIRE(troupe::sweep::sweep_event)
TROUPE_WIRE(troupe::sweep::sweep_state)
TROUPE_WIRE(troupe::sweep::sweep_inputs)

namespace troupe::sweep {

std::string row_key(std::uint64_t index) {
  auto digits = std::to_string(index);
  return std::string(10 - std::min<std::size_t>(10, digits.size()), '0') + digits;
}

} // namespace troupe::sweep
