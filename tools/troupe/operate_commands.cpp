// troupe restart, log level, log levels, fault inject: what people do to a running node beside trading. The node keeps on record who did it.

#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/post.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace troupe::cli {
namespace {

struct operate_arguments {
  operator_options node;
  std::string actor, what;
};

int post_with_key(const operate_arguments& a, const char* target, const std::string& body) {
  auto key = a.node.key();
  return key ? post(a.node, target, body, *key, "status") : complain(key.error());
}

int show_levels(const node_options& options) {
  auto node = node_client::at(options);
  if (!node) return complain(node.error());
  auto got = node->get("/v1/actors/log_level", {"levels"});
  if (!got) return complain(got.error());
  tell_missing(got->value);
  if (options.json) {
    std::cout << got->text << '\n';
    return done;
  }
  const auto* levels = got->value.find("levels");
  table t{{"ACTORS", "LEVEL", "NODE"}};
  for (const auto& row : levels->items) t.row({cell(row, "pattern"), cell(row, "level"), cell(row, "node")});
  std::cout << t.str();
  return done;
}

} // namespace

void add_operate_commands(CLI::App& root, int& code) {
  auto r = std::make_shared<operate_arguments>();
  auto* restart = root.add_subcommand("restart", "Starts an actor again that its supervisor gave up; a halt of its scope stays");
  restart->add_option("ACTOR", r->actor, "For example strategy/mm, halted or stopped; a hung one only when its handler returns")->required();
  r->node.add_with_key_to(*restart);
  restart->footer("Example: troupe restart strategy/mm && troupe inspect info strategy/mm");
  restart->callback([r, &code] { code = post_with_key(*r, "/v1/actors/restart", body_of({{"name", r->actor}})); });

  auto* log = root.add_subcommand("log", "What the running node logs");
  log->require_subcommand(1);
  auto l = std::make_shared<operate_arguments>();
  auto* level = log->add_subcommand("level", "Sets the least severe level logged for actors");
  level->add_option("ACTOR", l->actor, "A name, a prefix with a star at its end (\"oms/*\"), or \"*\"")->required();
  level->add_option("LEVEL", l->what, "trace, debug, info, warn, error or off")
    ->required()
    ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
  l->node.add_with_key_to(*level);
  level->footer("Example: troupe log level 'oms/*' debug\nThe longest pattern that fits an actor decides: one for \"oms/*\" holds whatever \"*\" is set to.");
  level->callback([l, &code] { code = post_with_key(*l, "/v1/actors/log_level", body_of({{"pattern", l->actor}, {"level", l->what}})); });

  auto v = std::make_shared<operate_arguments>();
  auto* levels = log->add_subcommand("levels", "The levels in force: what each node was started with, and what was set since");
  v->node.add_to(*levels);
  levels->footer("Example: troupe log levels --json");
  levels->callback([v, &code] { code = show_levels(v->node); });

  auto f = std::make_shared<operate_arguments>();
  auto* fault = root.add_subcommand("fault", "Faults on purpose, on a node started with --allow-faults");
  fault->require_subcommand(1);
  auto* inject = fault->add_subcommand("inject", "Makes an actor throw, die, hang or spin");
  inject->add_option("ACTOR", f->actor, "For example oms/17")->required();
  inject->add_option("FAULT", f->what, "throw, die, hang or spin")->required()->check(CLI::IsMember({"throw", "die", "hang", "spin"}));
  f->node.add_to(*inject);
  inject->footer("Example: troupe fault inject oms/17 die && troupe inspect tree");
  inject->callback([f, &code] { code = post(f->node, "/v1/actors/fault", body_of({{"name", f->actor}, {"fault", f->what}}), {}, "status"); });
}

} // namespace troupe::cli
