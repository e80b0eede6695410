// troupe completion bash: a script made from the declared commands, so that it is never behind them.

#include "tools/troupe/commands.hpp"
#include "tools/troupe/declared.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace troupe::cli {
namespace {

struct script {
  std::string words;  // one line a command: its path, the words that may follow, and its options that take a value
  std::string paths;  // every path, as a pattern
  std::string values; // one line a fixed set: path and option, or path and how many arguments stand before
};

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) (all += word) += ' ';
  return all;
}

void describe(CLI::App& app, const std::string& path, script& out) {
  std::string words, takes;
  std::size_t arguments = 0;
  const auto add_values = [&](const std::string& before, const CLI::Option& option) {
    if (const auto all = values_of(option); !all.empty()) out.values += "    \"" + path + ' ' + before + "\") values=\"" + joined(all) + "\" ;;\n";
  };
  for (auto* sub : app.get_subcommands([](CLI::App*) { return true; })) words += sub->get_name() + ' ';
  for (const auto* option : app.get_options()) {
    if (option->get_positional()) add_values(std::to_string(arguments++), *option);
    for (const auto& name : option->get_lnames()) {
      words += "--" + name + ' ';
      if (option->get_items_expected_max() == 0) continue;
      takes += "--" + name + ' ';
      add_values("--" + name, *option);
    }
  }
  out.words += "    \"" + path + "\") words=\"" + words + "\" takes=\"" + takes + "\" ;;\n";
  if (!path.empty()) out.paths += (out.paths.empty() ? "\"" : "|\"") + path + '"';
  for (auto* sub : app.get_subcommands([](CLI::App*) { return true; }))
    describe(*sub, path.empty() ? sub->get_name() : path + ' ' + sub->get_name(), out);
}

} // namespace

void add_completion_command(CLI::App& root, int& code) {
  auto* completion = root.add_subcommand("completion", "Prints a script that completes commands and options in a shell");
  completion->require_subcommand(1);
  auto* bash = completion->add_subcommand("bash", "For bash");
  bash->footer("Example: source <(troupe completion bash)");
  bash->callback([&root, &code] {
    script made;
    describe(root, "", made);
    // Arguments are in no path and do not end it; where no word fits, bash completes files as it always does.
    std::cout << "_troupe_command() {\n"
                 "  case $path in\n"
              << made.words
              << "  esac\n"
                 "}\n"
                 "_troupe() {\n"
                 "  local current=${COMP_WORDS[COMP_CWORD]} path= word words= takes= values= option= given=0\n"
                 "  _troupe_command\n"
                 "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                 "    if [[ $option ]]; then option=; continue; fi\n" // its value
                 "    case ${path:+$path }$word in\n"
                 "    "
              << made.paths
              << ") path=${path:+$path }$word given=0; _troupe_command; continue ;;\n"
                 "    esac\n"
                 "    case $word in\n"
                 "    -*) [[ \" $takes\" == *\" $word \"* ]] && option=$word ;;\n"
                 "    *) given=$((given + 1)) ;;\n"
                 "    esac\n"
                 "  done\n"
                 "  case \"$path ${option:-$given}\" in\n"
              << made.values
              << "  esac\n"
                 "  [[ $option ]] && words=\n"
                 "  [[ $current == [[:lower:]]* ]] && values=${values,,}\n"
                 "  COMPREPLY=($(compgen -W \"$values $words\" -- \"$current\"))\n"
                 "}\n"
                 "complete -o default -F _troupe troupe\n";
    code = done;
  });
}

} // namespace troupe::cli
