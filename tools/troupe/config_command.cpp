// troupe config reference, check, show.

#include "nodes/desk/config.hpp"
#include "nodes/desk/run_warnings.hpp"
#include "runtime/config/describe.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace troupe::cli {
namespace {

struct config_arguments {
  std::string file = "config/desk.json";
  std::vector<std::string> sets;
  bool json = false;
  void add_to(CLI::App& c) {
    c.add_option("--config", file, "The file")->capture_default_str();
    c.add_option("--set", sets, "key=value over the file, as with troupe-node");
  }
  [[nodiscard]] result<desk::configuration> load() const {
    return config::load_file<desk::configuration>(file, sets, desk::cross_checks());
  }
};

} // namespace

void add_config_commands(CLI::App& root, int& code) {
  auto* config_app = root.add_subcommand("config", "What can be configured, whether a file is right, and what is in force");
  config_app->require_subcommand(1);

  auto* reference = config_app->add_subcommand("reference", "Every property with its sentence, unit, default and bounds, as Markdown");
  reference->footer("Example: troupe config reference > docs/configuration.md");
  reference->callback([&code] {
    std::cout << config::reference_page(desk::configuration{});
    code = done;
  });

  auto k = std::make_shared<config_arguments>();
  auto* check = config_app->add_subcommand("check", "Checks a file and lists everything that is wrong with it");
  k->add_to(*check);
  check->add_flag("--json", k->json, "For programs");
  check->footer("Example: troupe config check --config config/desk.json --set risk.lease_ms=2000\nExit code 1 when something is wrong. What is valid and yet will not trade, such as a strategy on bars that its feed does not have, is a warning.");
  check->callback([k, &code] {
    auto c = k->load();
    if (!c) {
      complain(c.error(), "configuration");
      code = c.error().code == errc::not_found ? unreachable : finding;
      return;
    }
    const std::string hash = config::hash_of_cluster_wide(*c);
    const auto warnings = desk::warnings_of(*c);
    if (k->json) std::cout << nlohmann::ordered_json{{"valid", true}, {"config_hash", hash}, {"warnings", warnings}}.dump() << '\n';
    else std::cout << "the configuration is valid; cluster-wide hash " << hash << '\n';
    for (const auto& w : warnings) std::cerr << "troupe: " << w << '\n';
    code = done;
  });

  auto s = std::make_shared<config_arguments>();
  auto* show = config_app->add_subcommand("show", "What is in force: the file, the overrides and the defaults");
  s->add_to(*show);
  show->add_flag("--json", s->json, "Values and the names of the defaults, for programs");
  show->footer("Example: troupe config show --config config/desk.json");
  show->callback([s, &code] {
    auto c = s->load();
    if (!c) {
      code = complain_of_place(c.error(), "configuration");
      return;
    }
    std::cout << (s->json ? config::effective_json(*c) + "\n" : config::effective_file(*c));
    code = done;
  });
}

} // namespace troupe::cli
