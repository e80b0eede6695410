#include "tests/support/shell.hpp"

#include <array>
#include <cstdio>

#include <sys/wait.h>

namespace troupe::test {

shell_outcome run_in_shell(const std::string& line) {
  auto* pipe = ::popen(("{ " + line + "\n} </dev/null 2>&1").c_str(), "re");
  if (!pipe) return {-1, "popen failed"};
  shell_outcome o;
  std::array<char, 4096> buffer;
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) o.output.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  o.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return o;
}

} // namespace troupe::test
