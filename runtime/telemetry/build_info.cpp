#include "runtime/telemetry/build_info.hpp"

#include "runtime/core/pattern.hpp"

#define TROUPE_TEXT_OF(x) #x
#define TROUPE_TEXT(x) TROUPE_TEXT_OF(x)

namespace troupe::telemetry {

const build_info& this_build() noexcept {
#if defined(__clang__)
  static constexpr std::string_view compiler = "clang " TROUPE_TEXT(__clang_major__) "." TROUPE_TEXT(__clang_minor__);
#else
  static constexpr std::string_view compiler = "gcc " __VERSION__;
#endif
  static const build_info info{TROUPE_VERSION, described_commit, compiler, TROUPE_BUILD_TYPE};
  return info;
}

std::string version_line() {
  const auto& b = this_build();
  auto line = "troupe " + build_id();
  line.append(" (").append(b.compiler);
  return line.append(", ").append(b.build_type).append(")");
}

std::string build_id() { return std::string{this_build().version} + "+" + std::string{this_build().commit}; }

bool is_build_id(std::string_view text) { return matches_pattern(text, R"([0-9]+\.[0-9]+\.[0-9]+\+[0-9a-z]+(-dirty(\.[0-9a-f]+)?)?)"); }

} // namespace troupe::telemetry
