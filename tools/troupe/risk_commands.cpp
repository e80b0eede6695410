// troupe halts, halt, resume: stopping, and what needs an operator.

#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/node_client.hpp"
#include "tools/troupe/not_reached.hpp"
#include "tools/troupe/post.hpp"
#include "tools/troupe/terminal.hpp"
#include "tools/troupe/unknown_account.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <optional>

namespace troupe::cli {
namespace {

struct halt_arguments {
  operator_options node;
  std::string scope, key;
  std::string reason = "by hand"; // whoever must stop at once need not think of one
};

void add_scope(CLI::App& c, halt_arguments& a) {
  c.add_option("SCOPE", a.scope, "firm, venue, instrument, account (under every tenant) or strategy")
    ->required()
    ->transform(CLI::IsMember({"FIRM", "VENUE", "INSTRUMENT", "ACCOUNT", "STRATEGY"}, CLI::ignore_case));
  c.add_option("KEY", a.key, "Which one; nothing for firm");
}

int list_halts(const node_options& options) {
  auto node = node_client::at(options);
  if (!node) return complain(node.error());
  auto got = node->get_all("/v1/halts", "halts");
  if (!got) return complain(got.error());
  if (options.json) {
    std::cout << got->text << '\n';
    return done;
  }
  table t{{"SCOPE", "KEY", "SINCE", "BY", "REASON", "ASKED TO LIFT"}};
  if (const auto* all = got->value.find("halts"))
    for (const auto& h : all->items)
      t.row({cell(h, "scope"), cell(h, "key"), cell(h, "halted_at"), cell(h, "halted_by"), cell(h, "reason"), cell(h, "approvals")}, colour::red);
  std::cout << t.str();
  return done;
}

int stop(const halt_arguments& a) {
  const auto key = a.node.key_file.empty() ? result<std::string>{std::string{}} : a.node.key();
  if (!key) return complain(key.error());
  auto node = node_client::at(static_cast<const node_options&>(a.node));
  if (!node) return complain(node.error());
  auto got = node->request("POST", "/v1/halts", body_of({{"scope", a.scope}, {"key", a.key}, {"reason", a.reason}}), *key, {"verdict"});
  if (!got) return complain(got.error());
  if (!a.node.json) std::cout << verdict_line(got->value) << std::endl;
  if (a.scope == "ACCOUNT" && is_unknown_account(a.node, a.key))
    std::cerr << "troupe: the halt is in force, but \"" << a.key << "\" has neither order nor position of tenant main: is it the account you mean?\n";
  const auto left = not_reached_by(got->value, a.node, a.scope == "ACCOUNT" ? std::optional{a.key} : std::nullopt);
  if (a.node.json) std::cout << compact(with_members(std::move(got->value), left)) << std::endl; // before what is said about it
  for (const auto& sentence : left.sentences) std::cerr << "troupe: the halt is in force, but " << sentence << '\n';
  return left.sentences.empty() ? done : finding;
}

} // namespace

void add_risk_commands(CLI::App& root, int& code) {
  auto l = std::make_shared<node_options>();
  auto* halts = root.add_subcommand("halts", "Halts in force");
  l->add_to(*halts);
  halts->footer("Example: troupe halts");
  halts->callback([l, &code] { code = list_halts(*l); });

  auto h = std::make_shared<halt_arguments>();
  auto* halt = root.add_subcommand("halt", "Stops a scope at once; it stays stopped over restarts. Needs no operator's key");
  add_scope(*halt, *h);
  halt->add_option("--reason", h->reason, "For those who will ask; of a longer one the first 95 characters are on record")->capture_default_str();
  h->node.add_to(*halt);
  halt->footer("Example: troupe halt account alpha --reason 'runaway quoting'\nWhat is open in the scope is withdrawn, unless the node has halt.cancels_orders=false.\n"
                "Ends with 1 when the halt is in force and a node is away or a slot does not run, so that nobody can say what is open of it, or when that cannot be asked; of an\n"
                "account, when the slot may have something of it. Each is named, with --json as `missing` (nodes) and `slots`.");
  halt->callback([h, &code] { code = stop(*h); });

  auto r = std::make_shared<halt_arguments>();
  auto* resume = root.add_subcommand("resume", "Lifts a halt; a firm-wide one needs two different operators, and ends with 1 until the last of them asked");
  add_scope(*resume, *r);
  r->node.add_with_key_to(*resume);
  resume->footer("Example: troupe resume firm --key-file data/keys/operator-2.key");
  resume->callback([r, &code] {
    auto key = r->node.key();
    code = key ? post(r->node, "/v1/halts/resume", body_of({{"scope", r->scope}, {"key", r->key}}), *key) : complain(key.error());
  });
}

} // namespace troupe::cli
