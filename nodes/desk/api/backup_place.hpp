#pragma once
// A node makes one backup at a time. One whose file system hangs may never end; whoever comes next is told so and does not wait behind it.

#include "runtime/core/error.hpp"
#include "runtime/core/result.hpp"
#include "runtime/core/time.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace troupe::desk {

class backup_place {
public:
  /// Held until the last copy of what is returned is gone, on whichever thread. Errors: overloaded (another is under way, and for how long).
  [[nodiscard]] result<std::shared_ptr<const boot_ns>> take(boot_ns now) {
    if (const auto since = since_.lock())
      return fail(errc::overloaded, "another backup has been under way for " +
                                      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - *since).count()) +
                                      " s; repeat when it has ended, or look at the folder that it goes to");
    auto since = std::make_shared<const boot_ns>(now);
    since_ = since;
    return since;
  }

private:
  std::weak_ptr<const boot_ns> since_;
};

} // namespace troupe::desk
