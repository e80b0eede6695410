#include "actors/research/sweep/identity.hpp"

#include "actors/research/sweep/grid.hpp"
#include "runtime/core/hash.hpp"
#include "runtime/wire/wire.hpp"

namespace troupe::sweep {

content_hash identity_of(const description& what) {
  std::string bytes;
  wire::encode(what, bytes);
  return {to_hex(sha256(bytes))};
}

content_hash identity_of_trial(const description& what, std::uint64_t index) {
  description alone = what;
  alone.axes.clear();
  for (auto& [key, value] : trial_at(what.axes, index)) alone.axes.push_back({std::move(key), {std::move(value)}});
  return identity_of(alone);
}

} // namespace troupe::sweep
