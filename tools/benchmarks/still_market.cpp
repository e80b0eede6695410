#include "runtime/actor/caf_inspect.hpp"

#include "tools/benchmarks/still_market.hpp"

#include "actors/market/batch.hpp"

#include <caf/all.hpp>

namespace troupe::bench {

void show_still_market(desk::desk& d) {
  market::quote q;
  q.instrument = still_instrument;
  q.bid = price::whole(45'000);
  q.ask = price::whole(45'001);
  q.bid_size = q.ask_size = quantity::whole(10);
  q.update_id = 1;
  q.received_at = d.parts().env.clock->now();
  market::market_batch batch{{q}};
  d.parts().board->take(batch, {d.parts().env.clock->boot()});
  caf::anon_send(caf::actor_cast<caf::actor>(d.parts().env.names->ref(actor_name{"venue/SIM"})), batch);
}

} // namespace troupe::bench
