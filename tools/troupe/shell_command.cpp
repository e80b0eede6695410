// troupe shell: the commands of `troupe` one after the other, typed at a terminal or read as a script.

#include "tools/troupe/commands.hpp"
#include "tools/troupe/declared.hpp"
#include "tools/troupe/history_file.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/line_editor.hpp"
#include "tools/troupe/node_client.hpp"
#include "tools/troupe/run_line.hpp"
#include "tools/troupe/terminal.hpp"
#include "tools/troupe/words.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>

#include <termios.h>
#include <unistd.h>

namespace troupe::cli {
namespace {

constexpr std::size_t line_bytes_max = 64 * 1024; // a command line that is longer was never typed

struct shell_session {
  CLI::App& root;
  operator_options given; // what the shell was started with
  std::vector<shared_option> shared;
};

/// What every line gets that takes it: the options the shell was started with, none that only has its default.
std::vector<shared_option> shared_of(const CLI::App& command) {
  std::vector<shared_option> all;
  for (const auto* option : command.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty() || option->get_name() == "--help") continue;
    all.emplace_back("--" + option->get_lnames().front(), option->get_items_expected_max() > 0 ? option->results().back() : std::string{});
  }
  return all;
}

/// A line as the words of a run; none when there is nothing to run. Errors: invalid_argument.
result<std::vector<std::string>> command_in(const shell_session& s, const std::string& line) {
  auto words = words_of(line);
  if (!words) return words;
  if (!words->empty() && words->front() == "troupe") words->erase(words->begin()); // as the pages show it
  if (words->empty()) return words;
  if (words->front() == "shell") return fail(errc::invalid_argument, "this is the shell already; exit ends it");
  if (words->front() == "help" && words->size() > 1) { // "help inspect at"
    words->erase(words->begin());
    words->push_back("--help");
    return words;
  }
  return with_shared(s.root, std::move(*words), s.shared);
}

bool ends_shell(const std::vector<std::string>& words) { return words.size() == 1 && (words[0] == "exit" || words[0] == "quit"); }

// -- a script -------------------------------------------------------------------------------------------------------------

/// Stops at the first line that does not end with 0, as `set -e`, and ends as that did.
int run_script(const shell_session& s) {
  std::string line;
  std::vector<char> buffer(line_bytes_max);
  for (std::uint64_t number = 1; std::cin.getline(buffer.data(), static_cast<std::streamsize>(buffer.size())) || std::cin.gcount() > 0; ++number) {
    if (std::cin.fail() && !std::cin.eof())
      return complain(fail(errc::invalid_argument, "line " + std::to_string(number) + " is longer than 64 KiB"));
    line.assign(buffer.data(), static_cast<std::size_t>(std::cin.gcount()) - (std::cin.eof() ? 0 : 1));
    auto words = command_in(s, line);
    if (!words) return complain(words.error(), "line " + std::to_string(number));
    if (words->empty()) continue;
    if (ends_shell(*words)) break;
    std::cout.flush();
    // Only while a command runs: between them a signal ends the shell as it ends any program.
    signal_queue signals{SIGINT, SIGTERM, SIGHUP, SIGCHLD};
    const auto ran = run_line(*words, signals, true);
    if (!ran) return complain(ran.error());
    const int code = ran->asked_by ? 128 + *ran->asked_by : ran->code;
    if (code == done) continue;
    std::cerr << "troupe: line " << number << " ended with exit code " << code << ", and nothing behind it was run: " << line << '\n';
    return code;
  }
  return std::ferror(stdin) == 0 ? static_cast<int>(done) : complain(fail(errc::io_error, "the script cannot be read: standard input is no file"));
}

// -- a terminal -----------------------------------------------------------------------------------------------------------

/// What `member` of the rows of /v1/LIST says and begins so, from the node that the line asks; none when it does not answer at once.
std::vector<std::string> names_that_begin(const shell_session& s, const begun_line& line, const char* list, const char* member) {
  node_options at = s.given;
  at.timeout_s = 1;
  for (std::size_t i = 0; i < line.before.size(); ++i) {
    const auto& word = line.before[i];
    if (word.starts_with("--data-dir")) return {}; // a folder is read, and no node asked
    if (word == "--edge" && i + 1 < line.before.size()) at.edge = line.before[i + 1];
    if (word.starts_with("--edge=")) at.edge = word.substr(7);
  }
  std::vector<std::string> names;
  auto node = node_client::at(at);
  if (!node) return names;
  const auto got = node->get(std::string{"/v1/"} + list + "?limit=500", {list});
  if (!got) return names;
  if (const auto* rows = got->value.find(list))
    for (const auto& row : rows->items)
      if (auto name = cell(row, member); name.starts_with(line.current)) names.push_back(std::move(name));
  std::ranges::sort(names);
  return names;
}

offered what_may_follow(const shell_session& s, std::string_view typed) {
  auto line = begun_line_of(typed);
  if (!line) return {};
  if (!line->before.empty() && line->before.front() == "troupe") line->before.erase(line->before.begin());
  const bool asks_help = !line->before.empty() && line->before.front() == "help";
  if (asks_help) line->before.erase(line->before.begin());
  auto found = complete(s.root, line->before, line->current);
  if (asks_help) found.takes_actor = found.takes_instrument = false;
  if (line->before.empty() && !asks_help)
    for (const std::string own : {"exit", "help", "quit"})
      if (own.starts_with(line->current)) found.words.push_back(own);
  std::ranges::sort(found.words);
  if ((found.takes_actor || found.takes_instrument) && !line->current.starts_with('-')) {
    const auto names = found.takes_actor ? names_that_begin(s, *line, "actors", "name") : names_that_begin(s, *line, "instruments", "id");
    found.words.insert(found.words.end(), names.begin(), names.end());
  }
  return {std::move(found.words), line->current.size()};
}

/// Back from the other page, with a cursor: one that was killed may have left the terminal so. Where that is not the case nothing happens.
constexpr const char* usual_screen = "\033[?1047l\033[?25h\033[0m";

void greet(const shell_session& s) {
  std::cout << "troupe shell, edge " << s.given.edge << ". Commands as `troupe` has them; TAB completes, `help` lists them, exit or Ctrl-D ends.\n" << std::flush;
}

int talk(const shell_session& s) {
  // A shell is not stopped by Ctrl-Z and has no jobs; its commands inherit that, so that none is stopped with nobody to go on with it.
  std::signal(SIGTSTP, SIG_IGN);
  std::signal(SIGQUIT, SIG_IGN);
  signal_queue signals{SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT, SIGCHLD};
  termios modes{};
  const bool has_modes = ::tcgetattr(STDIN_FILENO, &modes) == 0;
  line_editor editor{signals, [&s](std::string_view typed) { return what_may_follow(s, typed); }};
  auto file = history_path();
  if (file)
    for (const auto& line : read_history(*file)) editor.remember(line);
  greet(s);
  int code = done;
  std::string last;
  while (auto line = editor.read(code == done ? "troupe> " : "troupe [" + std::to_string(code) + "]> ")) {
    if (line->find_first_not_of(" \t") == std::string::npos) continue;
    if (*line != last) {
      editor.remember(*line);
      if (file && !add_to_history(*file, *line)) {
        std::cerr << "troupe: the history cannot be kept in " << file->string() << '\n';
        file.reset();
      }
    }
    last = *line;
    auto words = command_in(s, *line);
    if (!words) {
      code = complain(words.error());
      continue;
    }
    if (words->empty()) continue;
    if (ends_shell(*words)) return done;
    std::cout.flush();
    const auto ran = run_line(*words, signals, false);
    if (has_modes) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
    if (!ran) {
      code = complain(ran.error());
      continue;
    }
    code = ran->code;
    if (code == 128 + SIGINT) std::cerr << '\n';
    else if (code > 128) std::cerr << usual_screen << "troupe: the command was ended by signal " << code - 128 << '\n';
    if (ran->asked_by && *ran->asked_by != SIGINT) return 128 + *ran->asked_by;
  }
  if (const auto by = editor.ended_by()) return 128 + *by;
  std::cout << '\n'; // behind the prompt that Ctrl-D was typed at
  return done;
}

} // namespace

void add_shell_command(CLI::App& root, int& code) {
  auto given = std::make_shared<operator_options>();
  auto* shell = root.add_subcommand("shell", "Takes commands line by line: typed, with history and completion, or as a script");
  given->add_with_key_to(*shell);
  shell->footer("Example: troupe shell --edge http://127.0.0.1:8080\n"
                "The options are those of every line that takes them and does not give its own. When standard input is no terminal, its\n"
                "lines are a script: # begins a remark, and the first line that does not end with 0 ends it with that exit code.");
  shell->callback([given, shell, &root, &code] {
    const node_options& asked = *given; // each line looks for its operator's key by itself
    if (auto edge = node_client::at(asked); !edge) { // said once, and not at every line
      code = complain(edge.error());
      return;
    }
    const shell_session s{root, *given, shared_of(*shell)};
    code = ::isatty(STDIN_FILENO) != 0 ? talk(s) : run_script(s);
  });
}

} // namespace troupe::cli
