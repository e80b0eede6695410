#pragma once
// Which turns were decided before the machine last started. Leases and order ages are instants of CLOCK_BOOTTIME, which
// begins anew with every start of the host and differs from host to host; written down, such an instant means nothing
// after the next one. The data folder remembers under which start of which host it was used last.

#include "runtime/core/result.hpp"
#include "runtime/journal/journal.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace troupe::desk {

/// The kernel's random name for the machine's current start; empty when it does not tell.
[[nodiscard]] std::string this_host_boot();

class host_boot {
public:
  host_boot() = default; // nothing is older

  /// Reads DIR/host_boot. When it is missing, damaged or of another start than `id` (one word; an empty one is never the same),
  /// every turn up to `heads` is older, and the file says so, durably, before this returns. Errors: io_error.
  [[nodiscard]] static result<host_boot> open(const std::filesystem::path& data_dir, const std::string& id,
                                              const std::vector<journal::stream_head>& heads);

  /// Turns of `stream` up to this one were decided before the machine last started; 0: none.
  [[nodiscard]] std::uint64_t decided_before(const actor_name& stream) const;

private:
  std::map<std::string, std::uint64_t, std::less<>> upto_;
};

} // namespace troupe::desk
