// troupe: the command line beside the node. It looks, checks, copies and asks; it is never needed for the node to run.

#include "runtime/core/result.hpp"
#include "runtime/telemetry/build_info.hpp"
#include "runtime/telemetry/open_files.hpp"
#include "tools/common/arguments.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/terminal.hpp"
#include "tools/troupe/wrong_words.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

int main(int argc, char** argv) {
  using namespace troupe;
  telemetry::hold_standard_files();
  std::signal(SIGPIPE, SIG_DFL); // `troupe ... | head` ends quietly
  std::signal(SIGXFSZ, SIG_IGN); // and what is beyond a limit of files' sizes with the file's name
  telemetry::allow_open_files_up_to(65'536); // every table of a journal that is looked at is open, of all stores of a desk at once
  CLI::App root{"Looks into a Troupe node, checks and copies its journals, and trades from the command line.", "troupe"};
  root.require_subcommand(1);
  root.set_version_flag("--version", telemetry::version_line());
  root.footer("Exit codes: 0 done, 1 the answer is no (violation, refusal, damage), 2 wrong command line or file, 3 no answer: no node or\n"
              "folder there, or a node that cannot say now, with the reason (503, 504: a slot that does not run, too much at once). `troupe COMMAND --help` shows options and an example.");
  root.get_formatter()->column_width(26);
  int code = cli::usage;
  cli::add_inspect_commands(root, code);
  cli::add_trade_commands(root, code);
  cli::add_position_commands(root, code);
  cli::add_strategy_commands(root, code);
  cli::add_risk_commands(root, code);
  cli::add_limit_commands(root, code);
  cli::add_operate_commands(root, code);
  cli::add_journal_commands(root, code);
  cli::add_tape_commands(root, code);
  cli::add_check_commands(root, code);
  cli::add_config_commands(root, code);
  cli::add_cluster_commands(root, code);
  cli::add_ca_commands(root, code);
  cli::add_keys_commands(root, code);
  cli::add_sweep_commands(root, code);
  cli::add_top_command(root, code);
  cli::add_shell_command(root, code);
  cli::add_completion_command(root, code);
  bool version_as_json = false;
  auto* version = root.add_subcommand("version", "Version, commit and compiler");
  version->add_flag("--json", version_as_json, "For programs");
  version->footer("Example: troupe version --json");
  version->callback([&] {
    const auto& b = telemetry::this_build();
    const nlohmann::ordered_json all{{"version", b.version}, {"commit", b.commit}, {"build", telemetry::build_id()}, {"compiler", b.compiler}, {"build_type", b.build_type}};
    std::cout << (version_as_json ? all.dump() : telemetry::version_line()) << '\n';
    code = cli::done;
  });
  std::vector<const char*> words{argv, argv + argc};
  if (argc > 1 && std::string_view{argv[1]} == "help") { // of a command, as that with --help
    words.erase(words.begin() + 1);
    words.push_back("--help");
  }
  const int count = static_cast<int>(words.size());
  if (std::ranges::find(words, std::string_view{"--json"}, [](const char* w) { return std::string_view{w}; }) != words.end()) cli::errors_as_json();
  auto wrong = tools::empty_argument(count, words.data());
  const std::vector<std::string> typed{words.begin() + 1, words.end()};
  if (!wrong) wrong = cli::wrong_word(root, typed);
  if (wrong) return cli::complain(fail(errc::invalid_argument, *wrong));
  try {
    root.parse(count, words.data());
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return root.exit(e) == 0 ? cli::done : cli::usage;
    return cli::complain(fail(errc::invalid_argument, std::string{e.what()} + "; see `" + cli::command_named(root, typed) + " --help`"));
  } catch (const std::exception& e) { // a file system that says no in the middle
    return cli::complain(fail(errc::io_error, e.what()));
  }
  if (code != cli::unreachable && !(std::cout << std::flush)) return cli::complain(fail(errc::io_error, "not all could be written to standard output: is its disk full?"));
  return code;
}
