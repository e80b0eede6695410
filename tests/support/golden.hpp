#pragma once
// Golden bytes: what a released version wrote, kept in tests/golden for good. Today's reader must read it as it was meant
// and today's writer must write it again.

#include "runtime/wire/wire.hpp"
#include "tests/support/filled.hpp"
#include "tests/support/test.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::test {

[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] std::string unhex(std::string_view digits);

/// The whole of tests/golden/`name`; empty when there is none.
[[nodiscard]] std::string golden_file(const std::string& name);

/// What to do when golden bytes and today's code disagree.
[[nodiscard]] std::string golden_advice(const std::string& name);

/// Checks that `today` is what tests/golden/`name` holds. When it is not, today's bytes are left beside the test binary.
void check_golden(const std::string& name, std::string_view today);

/// Bytes of one value, and what they say as JSON.
struct golden_sample {
  std::string bytes;
  std::string said;
};
/// Two lines a sample: bytes in hexadecimal, and below them what they say.
[[nodiscard]] std::string golden_text(const std::vector<golden_sample>& samples);
[[nodiscard]] std::vector<golden_sample> golden_samples(const std::string& text);

/// Checks a stored type against tests/golden/`name`: every sample is read, says what it said when it was released, and is
/// written with the same bytes; and there is a sample for every alternative of every variant in the type.
template <class T>
void check_stored(const std::string& name) {
  std::vector<golden_sample> today;
  for (std::uint64_t round = 0; round < rounds_of<T>(); ++round) {
    const auto x = filled<T>(round);
    wire::encode(x, today.emplace_back().bytes);
    today.back().said = wire::to_json(x);
  }
  const auto released = golden_samples(golden_file(name));
  if (released.size() < today.size()) return check_golden(name, golden_text(today));
  for (const auto& sample : released) {
    CAPTURE(sample.said);
    const auto x = wire::decode<T>(sample.bytes);
    REQUIRE_MESSAGE(x.has_value(), golden_advice(name));
    std::string again;
    wire::encode(*x, again);
    CHECK_MESSAGE(hex(again) == hex(sample.bytes), golden_advice(name));
    CHECK_MESSAGE(wire::to_json(*x) == sample.said, golden_advice(name));
  }
}

} // namespace troupe::test
