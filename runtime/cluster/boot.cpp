#include "runtime/cluster/boot.hpp"

#include <random>

namespace troupe::cluster {

std::uint64_t draw_boot() {
  std::random_device device;
  const auto drawn = (std::uint64_t{device()} << 32 | device()) & 0xffffffffff;
  return drawn == 0 ? 1 : drawn;
}

} // namespace troupe::cluster
