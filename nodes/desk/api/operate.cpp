#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/operate.hpp"

namespace troupe::desk {

void on_record(const api& a, const edge::responder& reply, const principal_id& who, const node_name& on, const operations::operation& what,
               std::function<void()> act) {
  a.port->ask<operations::recorded_reply>(a.node->nodes().name_on(on, operations_name), lane::control, a.context_of(reply.context(), who), what,
                                          [reply, then = std::move(act)](const result<operations::recorded_reply>& recorded) {
                                            if (recorded) then();
                                            else reply.fail(recorded.error());
                                          });
}

} // namespace troupe::desk
