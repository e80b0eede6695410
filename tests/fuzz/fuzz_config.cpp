// Any text as a node's configuration, with what `troupe-node --check` checks: refused with everything that is wrong, or taken; then it is
// printed such that it is taken again, with equal values and the same hash. Behind a byte 0 each line is one `--set`.

#include "nodes/desk/config.hpp"
#include "runtime/config/describe.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace troupe;

namespace {

config::source source_of(std::string_view input) {
  config::source from{"fuzz", std::string{input.substr(0, input.find('\0'))}, {}};
  input.remove_prefix(std::min(input.size(), from.text.size() + 1));
  while (!input.empty()) {
    const auto line = input.substr(0, input.find('\n'));
    from.overrides.emplace_back(line);
    input.remove_prefix(std::min(input.size(), line.size() + 1));
  }
  return from;
}

std::string values_of(const desk::configuration& c) {
  std::string out;
  config::detail::append_json(out, config::value_of(c));
  return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto checks = desk::cross_checks();
  const auto read = config::load<desk::configuration>(source_of({reinterpret_cast<const char*>(data), size}), checks);
  if (!read) {
    const auto& why = read.error();
    FUZZ_CHECK(!why.message.empty());
    FUZZ_CHECK(why.code == errc::invalid_argument || why.code == errc::malformed || why.code == errc::too_deep || why.code == errc::too_large);
    if (why.code == errc::invalid_argument) FUZZ_CHECK(!why.fields.empty());
    for (const auto& f : why.fields) FUZZ_CHECK(!f.message.empty());
    return 0;
  }
  const auto again = config::load<desk::configuration>({"printed", config::effective_file(*read), {}}, checks);
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(values_of(*again) == values_of(*read));
  FUZZ_CHECK(config::hash_of_cluster_wide(*again) == config::hash_of_cluster_wide(*read));
  return 0;
}
