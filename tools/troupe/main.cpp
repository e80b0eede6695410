// troupe: the command line beside the node. It looks, checks, copies and asks; it is never needed for the node to run.

#include "runtime/telemetry/build_info.hpp"
#include "tools/troupe/commands.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>

int main(int argc, char** argv) {
  using namespace troupe;
  std::signal(SIGPIPE, SIG_DFL); // `troupe ... | head` ends quietly
  CLI::App root{"Looks into a Troupe node, checks and copies its journals, and trades from the command line.", "troupe"};
  root.require_subcommand(1);
  root.set_version_flag("--version", telemetry::version_line());
  root.footer("Exit codes: 0 done, 1 the answer is no (violation, refusal, damage), 2 wrong command line or file, 3 no node or\n"
              "folder there. `troupe COMMAND --help` shows options and an example.");
  root.get_formatter()->column_width(26);
  int code = cli::usage;
  cli::add_inspect_commands(root, code);
  cli::add_trade_commands(root, code);
  cli::add_risk_commands(root, code);
  cli::add_operate_commands(root, code);
  cli::add_journal_commands(root, code);
  cli::add_check_commands(root, code);
  cli::add_config_commands(root, code);
  cli::add_cluster_commands(root, code);
  cli::add_ca_commands(root, code);
  cli::add_sweep_commands(root, code);
  cli::add_completion_command(root, code);
  root.add_subcommand("version", "Version, commit and compiler")->callback([&code] {
    std::cout << telemetry::version_line() << '\n';
    code = cli::done;
  });
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return root.exit(e) == 0 ? cli::done : cli::usage;
  }
  return code;
}
