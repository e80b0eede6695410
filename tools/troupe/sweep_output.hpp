#pragma once
// What a person or a program sees of a sweep: a line that keeps itself current on a terminal, JSON lines for programs, the
// table. One thread but for `note`.

#include "nodes/sweep/sweep_run.hpp"
#include "runtime/journal/journal.hpp"

#include <chrono>
#include <iosfwd>
#include <mutex>
#include <optional>
#include <string>

namespace troupe::cli {

/// While it runs. On a terminal standard error has the bar; with `json` standard output has one object a second; else it is quiet
/// until the end.
class sweep_output {
public:
  sweep_output(std::string name, bool json);
  void moment(const sweep_node::sweep_moment& m);
  /// Any thread. Errors and warnings are shown, the rest with `json` only.
  void note(const char* level, const std::string& line);
  /// Takes the bar away.
  void clear();
  void finish(const sweep_node::run_outcome& o);

private:
  using steady = std::chrono::steady_clock;
  const std::string name_;
  const bool json_;
  const bool has_terminal_;
  std::mutex mutex_;
  std::optional<std::uint64_t> first_; // finished when it was looked at first: those count for no rate
  steady::time_point began_ = steady::now(), drawn_{};
  bool is_drawn_ = false;
};

[[nodiscard]] std::string status_text(const std::string& name, const sweep::sweep_state& s, std::optional<int> runs_in, const sweep_node::table_hash& table);
[[nodiscard]] std::string status_json(const std::string& name, const sweep::sweep_state& s, std::optional<int> runs_in, const sweep_node::table_hash& table);

/// One of several, without its table.
[[nodiscard]] std::string list_json(const std::string& name, const sweep::sweep_state& s, std::optional<int> runs_in);
/// "complete", "running" or "stopped".
[[nodiscard]] const char* state_of(const sweep::sweep_state& s, bool runs);

enum class table_form { columns, lines, csv };
struct table_choice {
  std::uint64_t limit = 20; // rows; 0: all
  bool best_first = false;  // by net P&L, else in the order of the grid
};
/// In columns with the hash of the whole table below; or as canonical lines, or comma-separated under their names, and nothing else: in the order of
/// the grid all of them (of canonical lines that is what is hashed), best first as many as were asked for.
[[nodiscard]] result<void> show_table(const journal::journal& store, const sweep::sweep_state& s, table_form form, const table_choice& choice, std::ostream& out);

} // namespace troupe::cli
