// troupe completion bash: a script made from the declared commands, so that it is never behind them.

#include "tools/troupe/commands.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>

namespace troupe::cli {
namespace {

/// One line a command: its path, and the words that may follow.
void write_cases(CLI::App& app, const std::string& path, std::string& out) {
  std::string words;
  for (auto* sub : app.get_subcommands([](CLI::App*) { return true; })) words += sub->get_name() + ' ';
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) words += "--" + name + ' ';
  out += "    \"" + path + "\") words=\"" + words + "\" ;;\n";
  for (auto* sub : app.get_subcommands([](CLI::App*) { return true; }))
    write_cases(*sub, path.empty() ? sub->get_name() : path + ' ' + sub->get_name(), out);
}

} // namespace

void add_completion_command(CLI::App& root, int& code) {
  auto* completion = root.add_subcommand("completion", "Prints a script that completes commands and options in a shell");
  completion->require_subcommand(1);
  auto* bash = completion->add_subcommand("bash", "For bash");
  bash->footer("Example: source <(troupe completion bash)");
  bash->callback([&root, &code] {
    std::string cases;
    write_cases(root, "", cases);
    std::cout << "_troupe() {\n"
                 "  local current=${COMP_WORDS[COMP_CWORD]} path= word words=\n"
                 "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                 "    case $word in -*) break ;; esac\n"
                 "    path=${path:+$path }$word\n"
                 "  done\n"
                 "  case $path in\n"
              << cases
              << "  esac\n"
                 "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                 "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
                 "}\n"
                 "complete -o filenames -F _troupe troupe\n";
    code = done;
  });
}

} // namespace troupe::cli
