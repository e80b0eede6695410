#pragma once
// The commands of `troupe`. Each function declares its subcommand with help and an example, and leaves an exit code when
// it was the one called. One thread.

#include <CLI/App.hpp>

namespace troupe::cli {

/// What the shell sees.
enum exit_code : int {
  done = 0,
  finding = 1,     // the answer is no: a violation, a refusal, damage
  usage = 2,       // the command line or a file it names is wrong
  unreachable = 3, // no node answers, or it cannot say now (503, 504: a slot that does not run, too much at once); or the folder cannot be opened
};

void add_journal_commands(CLI::App& root, int& code);
void add_journal_copy_commands(CLI::App& journal, int& code);
void add_tape_commands(CLI::App& root, int& code);
void add_inspect_commands(CLI::App& root, int& code);
void add_trade_commands(CLI::App& root, int& code);
void add_position_commands(CLI::App& root, int& code);
void add_strategy_commands(CLI::App& root, int& code);
void add_risk_commands(CLI::App& root, int& code);
void add_limit_commands(CLI::App& root, int& code);
void add_operate_commands(CLI::App& root, int& code);
void add_check_commands(CLI::App& root, int& code);
void add_config_commands(CLI::App& root, int& code);
void add_cluster_commands(CLI::App& root, int& code);
/// Of `troupe cluster`.
void add_move_commands(CLI::App& cluster, int& code);
void add_ca_commands(CLI::App& root, int& code);
void add_keys_commands(CLI::App& root, int& code);
void add_sweep_commands(CLI::App& root, int& code);
void add_completion_command(CLI::App& root, int& code);
void add_shell_command(CLI::App& root, int& code);
void add_top_command(CLI::App& root, int& code);

} // namespace troupe::cli
