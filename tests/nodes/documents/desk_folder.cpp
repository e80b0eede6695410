#include "tests/nodes/documents/desk_folder.hpp"

#include "nodes/desk/config.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>

#include <sys/wait.h>

namespace troupe::test {
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

std::string text_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_program(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream{file} << text;
  fs::permissions(file, fs::perms::owner_all);
}

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

/// A word that stands alone in `text`: "--json" is not in "--json-lines".
bool holds_word(const std::string& text, const std::string& word) {
  const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

/// A target of the build that this program comes from.
bool is_target(const std::string& name) {
  static const auto rules = text_of(binary_dir().parent_path() / "build.ninja");
  return rules.find("\nbuild " + name + ":") != std::string::npos;
}

/// Options after which troupe-node ends by itself.
bool ends_by_itself(const std::vector<std::string>& words) {
  static const std::set<std::string> options{"--until-done", "--check", "--version", "--help", "--list-crash-points"};
  return std::ranges::any_of(words, [](const auto& w) { return options.contains(w); });
}

/// May be asked again until it shows what is expected: an order is filled some milliseconds after it was taken.
bool only_reads(const std::vector<std::string>& words) {
  static const std::set<std::string> commands{"inspect", "orders", "positions", "cash", "fills", "marks", "instruments", "feeds", "halts", "check", "tape"};
  if (words.size() > 2 && words[1] == "cluster") return words[2] == "status";
  if (words.size() > 2 && words[1] == "order") return std::ranges::find(words, "--check") != words.end();
  if (words[0] == "curl") return std::ranges::none_of(words, [](const auto& w) { return w == "-d" || w == "-X"; });
  return words[0] == "build/bin/troupe" && words.size() > 1 && commands.contains(words[1]);
}

bool asks_a_node(const std::vector<std::string>& words) {
  static const std::set<std::string> without{"ca", "config", "completion", "keys", "sweep", "version", "--version", "--help"};
  if (words[0] == "curl") return true;
  return words[0] == "build/bin/troupe" && words.size() > 1 && !without.contains(words[1]);
}

/// Reads a data folder, whether a node runs on it or not.
bool reads_a_folder(const std::vector<std::string>& words) {
  if (words[0] != "build/bin/troupe" || words.size() < 2) return false;
  if (words[1] == "journal" || words[1] == "check" || words[1] == "tape") return true;
  return words[1] == "inspect" && std::ranges::find(words, "--data-dir") != words.end();
}

std::string words_of(std::string text, const std::vector<std::string>& more) {
  for (const auto& w : more) text += ' ' + w;
  return text;
}

} // namespace

desk_folder::desk_folder() {
  const auto root = dir_.path();
  fs::create_directories(root / "build/bin");
  fs::create_directories(root / "docs"); // a command may write there; the real one stays as it is
  fs::copy(source_dir() / "config", root / "config", fs::copy_options::recursive);
  fs::create_symlink(binary_dir() / "troupe-node", root / "build/bin/troupe-node");
  // The real tools/run, with nothing to install or build.
  fs::create_directories(root / "tools");
  fs::copy_file(source_dir() / "tools/run", root / "tools/run");
  for (const auto* name : {"tools/setup", "tools/build"}) write_program(root / name, "#!/bin/sh\nexit 0\n");
  // The port of this desk in the place of the default one, where the command takes one and reads no folder instead.
  const auto troupe = "'" + (binary_dir() / "troupe").string() + "'";
  write_program(root / "build/bin/troupe", "#!/bin/sh\ncase \" $* \" in *' --edge '* | *' --help '* | ' inspect '*' --data-dir '*) exec " + troupe + " \"$@\" ;; esac\n" +
                "if " + troupe + " \"$@\" --help 2>&1 | grep -q -e ' --edge '; then exec " + troupe +
                " \"$@\" --edge \"http://127.0.0.1:$(cat port)\"; fi\nexec " + troupe + " \"$@\"\n");
  // An answer that is an error is a command that failed.
  write_program(root / "bin/curl", "#!/bin/sh\nPATH=${PATH#*:}\nexec curl --fail-with-body \"$@\"\n");
  // What a page calls FILE: one line of a captured market.
  fs::copy_file(source_dir() / "tests/fuzz/corpus/feed/futures", root / "binance_usdm_btcusdt_20240808.jsonl");
}

shell_outcome desk_folder::shell(const std::string& command) const {
  return test::run_in_shell("cd '" + dir_.path().string() + "' && export PATH=\"$PWD/bin:$PATH\" && { " + command + "\n}");
}

std::string desk_folder::run(const step& s) {
  const auto words = words_of(s.command);
  const auto& program = words.at(0);
  const std::vector<std::string> arguments{words.begin() + 1, words.end()};
  if ((program == "tools/run" || program == "build/bin/troupe-node") && !ends_by_itself(words)) {
    if (auto wrong = start(s, arguments); !wrong.empty() || s.in_block) return wrong;
    return stop(); // what a sentence mentions is tried, and the desk of the page comes back when it is needed
  }
  // Exactly these: they are meant for the one desk of the reader's machine, and here for ours.
  if (s.command == "kill -TERM $(pidof troupe-node)") return node_ ? stop() : "there is no node to stop";
  if (s.command == "kill -9 $(pidof troupe-node)") {
    if (!node_) return "there is no node to kill";
    node_->kill();
    node_.reset();
    return {};
  }
  static const std::set<std::string> run_as_they_stand{"tools/run", "build/bin/troupe-node", "build/bin/troupe", "curl"};
  static const std::set<std::string> scripts{"tools/build", "tools/bench", "tools/cluster", "tools/setup", ".ci/run"};
  if (run_as_they_stand.contains(program)) return run_in_shell(s);
  if (program == "tools/test" || program == "build/bin/troupe_tests") return count_tests(arguments);
  if (scripts.contains(program)) return look_at_script(words);
  if (program == "build/bin/troupe-load" || program == "build/bin/troupe-worker" || program == "troupe" || program == "troupe-node") return look_at_help(words);
  if (program.starts_with("build/bin/tests_")) return is_target(program.substr(10)) ? "" : "nothing builds it";
  return "the test does not know how to run it";
}

std::string desk_folder::run_in_shell(const step& s) {
  const auto words = words_of(s.command);
  auto command = s.command;
  replace_all(command, "--feed FILE", "--feed binance_usdm_btcusdt_20240808.jsonl");
  const bool folder_will_do = reads_a_folder(words) && fs::exists(dir_.path() / "data");
  if (asks_a_node(words) && !folder_will_do)
    if (auto wrong = need_node(); !wrong.empty()) return wrong;
  if (node_) {
    const auto port = ":" + std::to_string(node_->port());
    replace_all(command, "localhost:8080", "localhost" + port);
    replace_all(command, "127.0.0.1:8080", "127.0.0.1" + port);
  }
  shell_outcome o;
  std::string missing;
  const auto as_shown = [&] {
    o = shell(command);
    missing = missing_line(s.shown, o.output);
    return o.exit_code == s.exit_code && missing.empty();
  };
  if (as_shown() || (only_reads(words) && eventually(as_shown))) return {};
  if (o.exit_code != s.exit_code)
    return "exit code " + std::to_string(o.exit_code) + " instead of " + std::to_string(s.exit_code) + ": " + o.output;
  return "prints no line like \"" + missing + "\" but: " + o.output;
}

std::string desk_folder::start(const step& s, const std::vector<std::string>& arguments) {
  if (auto wrong = stop(); !wrong.empty()) return wrong;
  node_options options;
  options.data_dir = dir_.path() / "data";
  options.as_shipped = dir_.path() / "config/desk.json";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& a = arguments[i];
    if (a == "--config" && i + 1 < arguments.size()) options.as_shipped = dir_.path() / arguments[++i];
    else if (a == "--data-dir") return "a page's desk has the default data folder";
    else options.arguments.push_back(a == "FILE" ? (dir_.path() / "binance_usdm_btcusdt_20240808.jsonl").string() : a);
  }
  auto config = config::load_file<desk::configuration>(options.as_shipped, {}, desk::cross_checks());
  if (!config) return to_string(config.error());
  for (std::size_t i = 0; i < config->edge.listeners.size(); ++i)
    options.sets.push_back("edge.listeners." + std::to_string(i) + ".port=0");
  // A machine that is busy with other things must not turn into refusals for age: what is tested is what pages say.
  for (const auto* patience : {"risk.lease_ms=30000", "oms.order_age_max_ms=30000", "risk.mark_age_max_ms=60000",
                               "edge.answer_timeout_ms=30000"})
    options.sets.emplace_back(patience);
  node_.emplace(std::move(options));
  if (!node_->start()) {
    const auto log = node_->log();
    node_.reset();
    return "does not start: " + log;
  }
  std::ofstream{dir_.path() / "port"} << node_->port() << '\n';
  const auto missing = missing_line(s.shown, node_->ready_line());
  return missing.empty() ? "" : "prints no line like \"" + missing + "\" but: " + node_->ready_line();
}

std::string desk_folder::stop() {
  if (!node_) return {};
  node_->signal(SIGTERM); // as Ctrl-C
  const bool ended = node_->join(30s);
  const auto code = ended ? node_->exit_code() : -1;
  const auto log = node_->log();
  node_.reset();
  return code == 0 ? "" : "the desk ends with " + std::to_string(code) + ": " + log;
}

std::string desk_folder::need_node() { return node_ ? std::string{} : start(step{}, {}); }

std::string desk_folder::look_at_script(const std::vector<std::string>& words) const {
  const auto script = source_dir() / words[0];
  std::error_code failed;
  if ((fs::status(script, failed).permissions() & fs::perms::owner_exec) == fs::perms::none) return "is no program";
  if (words[0] == "tools/cluster" && words.size() > 3 && words[1] == "exec") return look_at_help({words.begin() + 3, words.end()});
  const auto text = text_of(script);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[0] == "tools/build" && is_target(words[i])) continue;
    auto word = words[i];
    std::erase_if(word, [](char c) { return c == '[' || c == ']' || c == '.'; }); // a synopsis: [a|b]...
    for (std::size_t from = 0, bar = 0; bar != std::string::npos; from = bar + 1) {
      bar = word.find('|', from);
      const auto name = word.substr(from, bar == std::string::npos ? bar : bar - from);
      if (!name.empty() && !holds_word(text, name)) return "knows no " + name;
    }
  }
  return {};
}

std::string desk_folder::count_tests(const std::vector<std::string>& arguments) const {
  std::vector<std::string> filters;
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (arguments[i] != "--preset") filters.push_back(arguments[i]);
    else if (++i == arguments.size() || !holds_word(text_of(source_dir() / "CMakePresets.json"), arguments[i]))
      return "there is no such preset";
  filters.emplace_back("--count");
  if (!fs::exists(binary_dir() / "troupe_tests")) return "troupe_tests is not built";
  std::string output;
  if (run_program("troupe_tests", filters, output) != 0) return "the runner refuses it: " + output;
  const auto number = output.find_last_of(' ');
  return number != std::string::npos && std::atoi(output.c_str() + number) > 0 ? "" : "no test case matches: " + output;
}

std::string desk_folder::look_at_help(const std::vector<std::string>& words) const {
  const auto program = fs::path{words[0]}.filename().string();
  if (!fs::exists(binary_dir() / program)) return program + " is not built";
  // Subcommands are the words in front of the first option, operand in capitals, or operand with a number or path.
  std::vector<std::string> path;
  for (std::size_t i = 1; i < words.size() && words[i].find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos; ++i)
    path.push_back(words[i]);
  auto asked = path;
  asked.emplace_back("--help");
  std::string help;
  if (run_program(program, asked, help) != 0) return "has no help";
  auto usage = words_of(program, path); // an unknown word would be answered with the help of what stands before it
  const auto is_of = [&](const std::string& command) { return help.find("Usage: " + command) != std::string::npos; };
  // Up to two last words may be operands, as a scope and a strategy's name are.
  std::size_t operands = help.find("\nPositionals:") != std::string::npos ? 2 : 0;
  for (; !path.empty() && !is_of(usage); usage.resize(usage.rfind(' '))) {
    if (operands == 0 || usage.find(' ') == std::string::npos) return "there is no " + words_of(program, path);
    --operands;
  }
  for (const auto& w : words)
    if (w.starts_with('-') && !holds_word(help, w)) return "knows no " + w;
  return {};
}

} // namespace troupe::test
