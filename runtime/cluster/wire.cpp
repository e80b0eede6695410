#include "runtime/actor/caf_inspect.hpp"
#include "runtime/cluster/certificate.hpp"
#include "runtime/cluster/envelope.hpp"
#include "runtime/cluster/messages.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::cluster::greeting)
TROUPE_WIRE(troupe::cluster::beat)
TROUPE_WIRE(troupe::cluster::hello)
TROUPE_WIRE(troupe::cluster::welcome)
TROUPE_WIRE(troupe::cluster::peer_view)
TROUPE_WIRE(troupe::cluster::envelope)
TROUPE_WIRE(troupe::cluster::certificate_view)

namespace troupe::cluster {

std::string frame_of(const envelope& e) {
  std::string frame;
  frame.reserve(e.content.size() + 96);
  wire::encode(e, frame);
  return frame;
}

} // namespace troupe::cluster
