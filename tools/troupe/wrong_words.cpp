#include "tools/troupe/wrong_words.hpp"

#include "runtime/config/nearest.hpp"
#include "tools/troupe/declared.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <string_view>

namespace troupe::cli {
namespace {

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* c : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(c->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string nearest(const std::string& typed, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views{names.begin(), names.end()};
  return std::string{config::nearest_name(typed, views)};
}

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

/// "troupe", "troupe orders show".
std::string path_of(const CLI::App& app) {
  return app.get_parent() ? path_of(*app.get_parent()) + ' ' + app.get_name() : app.get_name();
}

/// Whether a word that is no option can be nothing but a command there.
bool takes_commands_alone(const CLI::App& app) {
  return !commands_of(app).empty() && std::ranges::none_of(app.get_options(), [](const CLI::Option* o) { return o->get_positional(); });
}

bool asks_for_help(const std::string& word) { return word == "-h" || word == "--help" || word == "--version"; }

/// Walks over the words: `visit` gets each that is neither an option's value nor the name of a command, with the command it stands behind, and ends
/// the walk with true.
template <class F>
CLI::App* walk(CLI::App& root, const std::vector<std::string>& words, F&& visit) {
  auto* at = &root;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const auto& word = words[i];
    const auto* option = word.size() > 1 && word[0] == '-' ? at->get_option_no_throw(word.substr(0, word.find('='))) : nullptr;
    if (option) {
      if (takes_value(option) && word.find('=') == std::string::npos) ++i; // its value
      continue;
    }
    if (auto* next = subcommand(*at, word)) at = next;
    else if (visit(*at, word)) break;
  }
  return at;
}

} // namespace

std::string command_named(CLI::App& root, const std::vector<std::string>& words) {
  return path_of(*walk(root, words, [](CLI::App&, const std::string&) { return false; }));
}

std::optional<std::string> wrong_word(CLI::App& root, const std::vector<std::string>& words) {
  std::optional<std::string> wrong;
  const auto* last = walk(root, words, [&](CLI::App& at, const std::string& word) {
    if (word.starts_with("--")) {
      const auto name = word.substr(0, word.find('='));
      const auto near = nearest(name, options_of(at));
      wrong = path_of(at) + " has no option " + name + (near.empty() ? "" : "; did you mean " + near + "?");
    } else if (!word.starts_with('-') && takes_commands_alone(at)) {
      const auto near = nearest(word, commands_of(at));
      wrong = "there is no command \"" + word + "\"; " + (near.empty() ? "there are " + listed(commands_of(at)) : "did you mean \"" + near + "\"?");
    }
    return wrong.has_value();
  });
  if (std::ranges::any_of(words, asks_for_help) && !(wrong && wrong->starts_with("there is no command"))) return std::nullopt;
  if (!wrong && last->get_require_subcommand_min() > 0) wrong = path_of(*last) + " needs a command; there are " + listed(commands_of(*last));
  return wrong;
}

} // namespace troupe::cli
