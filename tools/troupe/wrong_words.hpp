#pragma once
// What is wrong with a line's words as far as the declarations tell, said so that the next try is right: a command or an option that there is
// none of, and a command where one is missing. Pure: reads the declarations, parses nothing.

#include <CLI/App.hpp>

#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

/// The command that the words name, options and arguments left out: "troupe orders show".
[[nodiscard]] std::string command_named(CLI::App& root, const std::vector<std::string>& words);

/// The first word that is no command or option where it stands, with the one that was meant when one is near, else with those there are; or that a
/// command is missing. Nothing when the words are right so far, or ask for help.
[[nodiscard]] std::optional<std::string> wrong_word(CLI::App& root, const std::vector<std::string>& words);

} // namespace troupe::cli
