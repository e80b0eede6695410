// troupe completion bash, zsh, fish: scripts made from the declared commands, so that they are never behind them. All three go over the words in the
// same way: arguments are in no path and do not end it, an option takes the word behind it, and where no word fits the shell completes files.

#include "tools/troupe/commands.hpp"
#include "tools/troupe/declared.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace troupe::cli {
namespace {

/// A command as a shell must know it. Words end with a blank each.
struct described {
  std::string path;                                        // "orders show"
  std::string offered;                                     // what may follow: commands and options
  std::string takes;                                       // the options that take a value
  std::vector<std::pair<std::string, std::string>> values; // of an option, or of the argument behind so many others: what it may be
};

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) (all += word) += ' ';
  return all;
}

void describe(CLI::App& app, const std::string& path, std::vector<described>& out) {
  described d;
  d.path = path;
  std::size_t arguments = 0;
  const auto add_values = [&](const std::string& of, const CLI::Option& option) {
    if (const auto all = values_of(option); !all.empty()) d.values.emplace_back(of, joined(all));
  };
  const auto subcommands = app.get_subcommands([](CLI::App*) { return true; });
  for (const auto* sub : subcommands) d.offered += sub->get_name() + ' ';
  for (const auto* option : app.get_options()) {
    if (option->get_positional()) add_values(std::to_string(arguments++), *option);
    for (const auto& name : option->get_lnames()) {
      d.offered += "--" + name + ' ';
      if (option->get_items_expected_max() == 0) continue;
      d.takes += "--" + name + ' ';
      add_values("--" + name, *option);
    }
  }
  out.push_back(std::move(d));
  for (auto* sub : subcommands) describe(*sub, path.empty() ? sub->get_name() : path + ' ' + sub->get_name(), out);
}

/// Branches of a `case`, as bash and zsh read them.
struct shell_cases {
  std::string commands, paths, values;
};
shell_cases cases_of(const std::vector<described>& all) {
  shell_cases b;
  for (const auto& d : all) {
    b.commands += "    \"" + d.path + "\") offered=\"" + d.offered + "\" takes=\"" + d.takes + "\" ;;\n";
    if (!d.path.empty()) b.paths += (b.paths.empty() ? "\"" : "|\"") + d.path + '"';
    for (const auto& [of, values] : d.values) b.values += "    \"" + d.path + ' ' + of + "\") values=\"" + values + "\" ;;\n";
  }
  return b;
}

/// What bash and zsh have in common: where the words in front of the cursor lead. `words_before`: those behind the program's name.
std::string walk_of(const shell_cases& b, const char* words_before) {
  return std::string{"  _troupe_command\n  for word in "} + words_before +
         "; do\n"
         "    if [[ -n $option ]]; then option=; continue; fi\n" // its value
         "    case ${at:+$at }$word in\n    " +
         b.paths +
         ") at=${at:+$at }$word given=0; _troupe_command; continue ;;\n"
         "    esac\n"
         "    case $word in\n"
         "    -*) [[ \" $takes\" == *\" $word \"* ]] && option=$word ;;\n"
         "    *) given=$((given + 1)) ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$at ${option:-$given}\" in\n" +
         b.values +
         "  esac\n"
         "  [[ -n $option ]] && offered=\n";
}

std::string begin_of(const shell_cases& b) {
  return "_troupe_command() {\n  case $at in\n" + b.commands + "  esac\n}\n";
}

std::string for_bash(const std::vector<described>& all) {
  const auto b = cases_of(all);
  return begin_of(b) +
         "_troupe() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} at= word= offered= takes= values= option= given=0\n" +
         walk_of(b, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"") +
         "  [[ $current == [[:lower:]]* ]] && values=${values,,}\n"
         "  COMPREPLY=($(compgen -W \"$values $offered\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -F _troupe troupe\n";
}

/// Sourced, or as the file _troupe in a folder of $fpath.
std::string for_zsh(const std::vector<described>& all) {
  const auto b = cases_of(all);
  return "#compdef troupe\n" + begin_of(b) +
         "_troupe() {\n"
         "  local current=${words[CURRENT]} at= word= offered= takes= values= option= given=0\n" +
         walk_of(b, "\"${(@)words[2,CURRENT-1]}\"") +
         "  [[ $current == [[:lower:]]* ]] && values=${(L)values}\n"
         "  local -a fitting=(${=values} ${=offered})\n"
         "  compadd -a fitting || _files\n"
         "}\n"
         "if [[ ${funcstack[1]} == _troupe ]]; then\n"
         "  _troupe \"$@\"\n"
         "else\n"
         "  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"
         "  compdef _troupe troupe\n"
         "fi\n";
}

std::string for_fish(const std::vector<described>& all) {
  std::string commands, paths, values;
  for (const auto& d : all) {
    commands += "    case '" + d.path + "'\n      set offered " + d.offered + "\n      set takes " + d.takes + '\n';
    if (!d.path.empty()) paths += " '" + d.path + '\'';
    for (const auto& [of, some] : d.values) values += "    case '" + d.path + ' ' + of + "'\n      set values " + some + '\n';
  }
  return "function __troupe_command --no-scope-shadowing\n  switch \"$at\"\n" + commands +
         "  end\nend\n"
         "function __troupe_offer\n"
         "  set -l at ''; set -l offered; set -l takes; set -l values; set -l option ''; set -l given 0\n"
         "  set -l current (commandline -ct)\n"
         "  set -l before (commandline -opc)\n"
         "  set -e before[1]\n"
         "  __troupe_command\n"
         "  for word in $before\n"
         "    if test -n \"$option\"\n      set option ''\n      continue\n    end\n"
         "    set -l next (string trim -- \"$at $word\")\n"
         "    if contains -- \"$next\"" + paths + "\n      set at \"$next\"\n      set given 0\n      __troupe_command\n      continue\n    end\n"
         "    if string match -q -- '-*' \"$word\"\n      contains -- \"$word\" $takes; and set option \"$word\"\n"
         "    else\n      set given (math $given + 1)\n    end\n"
         "  end\n"
         "  set -l of $given\n"
         "  test -n \"$option\"; and set of $option; and set offered\n"
         "  switch \"$at $of\"\n" + values +
         "  end\n"
         "  string match -qr -- '^[a-z]' \"$current\"; and set values (string lower -- $values)\n"
         "  set -l fitting (string match -- \"$current*\" $values $offered)\n"
         "  if test -n \"$fitting\"\n    printf '%s\\n' $fitting\n  else\n    __fish_complete_path \"$current\"\n  end\n"
         "end\n"
         "complete -c troupe -f -a '(__troupe_offer)'\n";
}

} // namespace

void add_completion_command(CLI::App& root, int& code) {
  struct dialect {
    const char* name;
    const char* footer;
    std::string (*script)(const std::vector<described>&);
  };
  static constexpr dialect dialects[] = {
    {"bash", "Example: source <(troupe completion bash)\nFor every shell to come: put that line into ~/.bashrc.", for_bash},
    {"zsh", "Example: source <(troupe completion zsh)\nFor every shell to come: put that line into ~/.zshrc, or the script into a folder of $fpath as _troupe.", for_zsh},
    {"fish", "Example: troupe completion fish | source\nFor every shell to come: troupe completion fish > ~/.config/fish/completions/troupe.fish", for_fish}};
  auto* completion = root.add_subcommand("completion", "Prints a script that completes commands and options in a shell");
  completion->require_subcommand(1);
  for (const auto& d : dialects) {
    auto* c = completion->add_subcommand(d.name, std::string{"For "} + d.name);
    c->footer(d.footer);
    c->callback([&root, &code, script = d.script] {
      std::vector<described> all;
      describe(root, "", all);
      std::cout << script(all);
      code = done;
    });
  }
}

} // namespace troupe::cli
