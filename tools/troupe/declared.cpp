#include "tools/troupe/declared.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace troupe::cli {
namespace {

/// The declared option that a word like "--edge" or "-n" names; none when its value is in the same word.
const CLI::Option* option_of(CLI::App& app, const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word.find('=') == std::string::npos ? app.get_option_no_throw(word) : nullptr;
}

/// The positional argument that comes behind the words from `from` on; none when an option's value does, or nothing more is taken.
const CLI::Option* next_positional(CLI::App& app, const std::vector<std::string>& words, std::size_t from) {
  std::size_t given = 0;
  for (auto i = from; i < words.size(); ++i) {
    if (takes_value(option_of(app, words[i]))) {
      if (++i == words.size()) return nullptr;
    } else if (words[i].empty() || words[i][0] != '-') {
      ++given;
    }
  }
  for (const auto* option : app.get_options())
    if (option->get_positional() && given-- == 0) return option;
  return nullptr;
}

std::string in_small_letters(std::string s) {
  std::ranges::transform(s, s.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return s;
}

void add_values(const CLI::Option& option, const std::string& current, std::vector<std::string>& words) {
  for (const auto& value : values_of(option))
    for (const auto& word : {value, in_small_letters(value)}) {
      if (!word.starts_with(current)) continue;
      words.push_back(word);
      break;
    }
}

bool gives(const std::vector<std::string>& words, const std::string& option) {
  return std::ranges::any_of(words, [&](const auto& w) { return w == option || w.starts_with(option + '='); });
}

} // namespace

CLI::App* subcommand(CLI::App& of, const std::string& name) {
  const auto all = of.get_subcommands([](CLI::App*) { return true; });
  const auto found = std::ranges::find(all, name, [](const CLI::App* c) { return c->get_name(); });
  return found == all.end() ? nullptr : *found;
}

bool takes_value(const CLI::Option* option) { return option && option->get_items_expected_max() > 0; }

named_command command_of(CLI::App& root, const std::vector<std::string>& words) {
  named_command at{&root, 0};
  while (at.words < words.size()) {
    auto* next = subcommand(*at.app, words[at.words]);
    if (!next) break;
    at = {next, at.words + 1};
  }
  return at;
}

std::vector<std::string> values_of(const CLI::Option& option) {
  const auto type = option.get_type_name(); // "TEXT:{BUY,SELL}"
  const auto open = type.find('{'), shut = type.find('}');
  std::vector<std::string> all;
  if (open == std::string::npos || shut == std::string::npos) return all;
  std::stringstream parts{type.substr(open + 1, shut - open - 1)};
  for (std::string value; std::getline(parts, value, ',');) all.push_back(value);
  return all;
}

completions complete(CLI::App& root, const std::vector<std::string>& before, const std::string& current) {
  const auto at = command_of(root, before);
  completions found;
  if (const auto* asks = before.empty() ? nullptr : option_of(*at.app, before.back()); takes_value(asks)) {
    add_values(*asks, current, found.words); // else only the user knows it
    found.takes_instrument = asks->get_name() == "--instrument" && at.app->get_option_no_throw("--edge"); // which a node is asked for
    std::ranges::sort(found.words);
    return found;
  }
  const auto* positional = next_positional(*at.app, before, at.words);
  if (positional) add_values(*positional, current, found.words);
  found.takes_actor = positional && positional->get_name(true) == "ACTOR";
  const bool is_of_scope = positional && positional->get_name(true) == "KEY" && in_small_letters(before.back()) == "instrument"; // halt instrument
  found.takes_instrument = is_of_scope || (positional && positional->get_name(true) == "INSTRUMENT");
  const auto subcommands = at.words == before.size() ? at.app->get_subcommands([](CLI::App*) { return true; }) : std::vector<CLI::App*>{};
  for (const auto* sub : subcommands)
    if (sub->get_name().starts_with(current)) found.words.push_back(sub->get_name());
  // Options are offered to who asks for them with a dash, or where nothing else can stand.
  if (current.starts_with('-') || (current.empty() && subcommands.empty() && !positional))
    for (const auto* option : at.app->get_options())
      for (const auto& name : option->get_lnames())
        if (("--" + name).starts_with(current)) found.words.push_back("--" + name);
  std::ranges::sort(found.words);
  return found;
}

std::vector<std::string> with_shared(CLI::App& root, std::vector<std::string> words, const std::vector<shared_option>& shared) {
  const auto at = command_of(root, words);
  const auto* folder = at.app->get_option_no_throw("--data-dir");
  if (folder && folder->get_description() != operator_folder && gives(words, "--data-dir")) { // a folder is read, and no node asked
    auto without_node = shared;
    std::erase_if(without_node, [](const auto& one) { return one.first == "--edge"; });
    if (without_node.size() < shared.size()) return with_shared(root, std::move(words), without_node);
  }
  std::vector<std::string> added;
  for (const auto& [name, value] : shared) {
    const auto* option = at.app->get_option_no_throw(name);
    if (!option || gives(words, name)) continue;
    if (name == "--data-dir" && option->get_description() != operator_folder) continue;
    added.push_back(name);
    if (!value.empty()) added.push_back(value);
  }
  words.insert(words.begin() + static_cast<std::ptrdiff_t>(at.words), added.begin(), added.end());
  return words;
}

} // namespace troupe::cli
