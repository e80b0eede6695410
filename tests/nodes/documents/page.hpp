#pragma once
// A page of the documents as a list of commands: those of its shell blocks with the output shown below them, and those in
// its sentences and tables. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

namespace troupe::test {

struct step {
  std::string command;            // without the remark behind it
  std::vector<std::string> shown; // the output block that follows
  std::size_t line = 0;           // in the page
  int exit_code = 0;              // from a remark "# exit code N"
  bool in_block = false;          // what a block starts stays for the rest of the page
};

/// The commands of a page, in its order. A block fenced as `sh` is commands; a block fenced as `text` directly below one is
/// what its last command prints. In other text a code span is a command when it begins with a program of ours and its path,
/// or curl; one that begins with a bare name (`troupe journal export`) only mentions the command.
[[nodiscard]] std::vector<step> steps_of(std::string_view page);

/// Its words as a shell would see them, with '...' and "..." taken off.
[[nodiscard]] std::vector<std::string> words_of(std::string_view command);

/// The first shown line that `output` does not hold, in order; empty when all are there. Numbers, ids and times match each
/// other, runs of blanks too; three dots stand for anything.
[[nodiscard]] std::string missing_line(const std::vector<std::string>& shown, std::string_view output);

} // namespace troupe::test
