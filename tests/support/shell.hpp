#pragma once
// Runs a line of the shell, as a person would.

#include <string>

namespace troupe::test {

struct shell_outcome {
  int exit_code = -1; // or minus the signal
  std::string output; // both streams
};
[[nodiscard]] shell_outcome run_in_shell(const std::string& line);

} // namespace troupe::test
