#pragma once
// doctest plus what every test of ours needs: a skip that says why, and a folder that cleans up after itself.

#include "runtime/core/result.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

/// A failed check on a result shows its error.
template <class T>
struct doctest::StringMaker<troupe::result<T>> {
  static doctest::String convert(const troupe::result<T>& r) {
    return r ? doctest::String{"a value"} : doctest::String{to_string(r.error()).c_str()};
  }
};

namespace troupe::test {

/// Records that the running test case could not run on this machine. The runner prints every reason at the end and
/// `.ci/run` fails when a reason is not true there.
void skip(const std::string& reason);

/// Where real market data lies: $TROUPE_DATA, else ../shared/data beside the source tree. Empty path if absent.
[[nodiscard]] std::filesystem::path market_data();

/// The folder of the running binary, where troupe-node and troupe lie too.
[[nodiscard]] std::filesystem::path binary_dir();

/// The root of the source tree.
[[nodiscard]] std::filesystem::path source_dir();

/// An empty folder, removed at the end of the scope.
class temporary_directory {
public:
  temporary_directory();
  ~temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace troupe::test

/// Leaves the test case with a reason. Use it for what the machine lacks, never for what does not work.
#define TROUPE_SKIP(reason)                                                                                  \
  do {                                                                                                       \
    ::troupe::test::skip(reason);                                                                            \
    return;                                                                                                  \
  } while (false)
