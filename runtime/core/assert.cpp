#include "runtime/core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace troupe {

void assert_failed(const char* condition, const char* why, const char* file, int line) noexcept {
  std::fprintf(stderr, "troupe: invariant broken: %s (%s) at %s:%d\n", why, condition, file, line);
  std::fflush(stderr);
  std::abort();
}

} // namespace troupe
