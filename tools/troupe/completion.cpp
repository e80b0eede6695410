// troupe completion bash: a script made from the declared commands, so that it is never behind them.

#include "tools/troupe/commands.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>

namespace troupe::cli {
namespace {

struct script {
  std::string words; // one line a command: its path, and the words that may follow
  std::string paths; // every path, as a pattern
};

void describe(CLI::App& app, const std::string& path, script& out) {
  std::string words;
  for (auto* sub : app.get_subcommands([](CLI::App*) { return true; })) words += sub->get_name() + ' ';
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) words += "--" + name + ' ';
  out.words += "    \"" + path + "\") words=\"" + words + "\" ;;\n";
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
    std::cout << "_troupe() {\n"
                 "  local current=${COMP_WORDS[COMP_CWORD]} path= word words=\n"
                 "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                 "    case ${path:+$path }$word in\n"
                 "    "
              << made.paths
              << ") path=${path:+$path }$word ;;\n"
                 "    esac\n"
                 "  done\n"
                 "  case $path in\n"
              << made.words
              << "  esac\n"
                 "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                 "}\n"
                 "complete -o default -F _troupe troupe\n";
    code = done;
  });
}

} // namespace troupe::cli
