#pragma once
// A folder that looks like a clone with a finished build, and a desk of its own on free ports: where a page's commands are
// run as they stand. What would build, measure or test for minutes is looked at instead. Used by one thread.

#include "tests/nodes/documents/page.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/shell.hpp"

#include <optional>
#include <string>

namespace troupe::test {

class desk_folder {
public:
  desk_folder();

  /// Runs one command of a page. Returns what is wrong; empty when it did what the page says.
  [[nodiscard]] std::string run(const step& s);

private:
  [[nodiscard]] shell_outcome shell(const std::string& command) const;
  [[nodiscard]] std::string run_in_shell(const step& s);
  [[nodiscard]] std::string start(const step& s, const std::vector<std::string>& arguments);
  [[nodiscard]] std::string stop();
  [[nodiscard]] std::string need_node();
  [[nodiscard]] std::string look_at_script(const std::vector<std::string>& words) const;
  [[nodiscard]] std::string count_tests(const std::vector<std::string>& words) const;
  [[nodiscard]] std::string look_at_help(const std::vector<std::string>& words) const;

  temporary_directory dir_;
  std::optional<node_process> node_;
};

} // namespace troupe::test
