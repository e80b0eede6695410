#pragma once
// What the declared commands say about a line's words: which command they are, what may follow, which options of the shell it takes.
// Pure: reads the declarations, parses nothing.

#include <CLI/App.hpp>

#include <string>
#include <utility>
#include <vector>

namespace troupe::cli {

/// The command of that name right below `of`; null when there is none.
[[nodiscard]] CLI::App* subcommand(CLI::App& of, const std::string& name);
/// Whether the word behind it is its value. Null takes none.
[[nodiscard]] bool takes_value(const CLI::Option* option);

/// The deepest command that the words name, and how many of them it took.
struct named_command {
  CLI::App* app;
  std::size_t words;
};
[[nodiscard]] named_command command_of(CLI::App& root, const std::vector<std::string>& words);

/// What the option or argument may be, when that is a fixed set, as it is declared; else nothing.
[[nodiscard]] std::vector<std::string> values_of(const CLI::Option& option);

/// What may stand where `current` is typed behind `before`, ascending.
struct completions {
  std::vector<std::string> words; // each begins with what is typed; of values in capitals also in small letters
  bool takes_actor = false;       // the name of an actor may stand here
  bool takes_instrument = false;  // the id of an instrument may
};
[[nodiscard]] completions complete(CLI::App& root, const std::vector<std::string>& before, const std::string& current);

/// An option of the shell: its name with dashes, and its value; none of a flag.
using shared_option = std::pair<std::string, std::string>;

/// What an operator's `--data-dir` says; by it `with_shared` tells it from a folder that is read instead of the node.
inline constexpr const char* operator_folder = "The node's data folder; without --key-file the first key in its folder keys is an operator's";

/// The words with every shared option that their command takes and does not give itself, behind the command's name: what follows may be
/// behind a "--". Of all that are called `--data-dir` only an operator's is shared.
[[nodiscard]] std::vector<std::string> with_shared(CLI::App& root, std::vector<std::string> words, const std::vector<shared_option>& shared);

} // namespace troupe::cli
