#pragma once
// What this binary was made from. Constant; any thread.

#include <string>
#include <string_view>

namespace troupe::telemetry {

struct build_info {
  std::string_view version; // "0.1.0"
  /// Abbreviated commit when it was built, with "-dirty." and a hash of what differed when the tree was not that commit; "unknown" without git.
  std::string_view commit;
  std::string_view compiler; // "gcc 12.2.0"
  std::string_view build_type;
};

/// In a source that every build writes (cmake/commit.cmake).
extern const char* const described_commit;

[[nodiscard]] const build_info& this_build() noexcept;

/// "troupe 0.1.0+abcdef012345 (gcc 12.2.0, Release)".
[[nodiscard]] std::string version_line();

/// What nodes compare when they greet each other: version and commit, as the version line shows them ("0.1.0+abcdef012345").
[[nodiscard]] std::string build_id();
/// True for what a build may be called. Whether there is such a build nobody knows.
[[nodiscard]] bool is_build_id(std::string_view text);

} // namespace troupe::telemetry
