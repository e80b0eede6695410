// troupe inspect: what runs, what restarted and why, what an actor's state is now and was after any past turn. Asks a
// running node, or reads a data folder.

#include "tools/common/arguments.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/inspect_folder.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/node_client.hpp"
#include "tools/troupe/stores.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

namespace troupe::cli {
namespace {

struct inspect_arguments {
  node_options node;
  std::string data_dir;
  std::string actor;
  std::optional<std::uint64_t> sequence;
  std::uint64_t from = 1;
  std::uint64_t limit = 20;
  bool ahead = false;
};

/// One GET of a reply with `needed`, or with `rows` all pages of a list, handed to `show`, or as it came with --json.
template <class Show>
int ask(const inspect_arguments& a, const std::string& target, needed_members needed, Show show, const char* rows = nullptr) {
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  auto got = rows ? node->get_all(target, rows) : node->get(target, needed);
  if (!got) return complain(got.error());
  if (a.node.json) std::cout << got->text << '\n';
  else show(got->value);
  return done;
}

/// An actor may run well and have nothing to read any more.
bool has_failed_source(const wire::json_value& row) { return cell(row, "source").starts_with("FAILED"); }

colour colour_of(const wire::json_value& row) {
  const auto status = cell(row, "status");
  if (has_failed_source(row)) return colour::red;
  if (status == "RUNNING") return colour::plain;
  if (status == "HALTED" || status == "HUNG") return colour::red;
  return colour::yellow;
}

std::string why(const wire::json_value& row) {
  const auto source = cell(row, "status") == "RUNNING" ? cell(row, "source") : std::string{};
  return source.starts_with("FAILED") || source == "ENDED" || source == "GAP" ? "source " + source : cell(row, "last_reason");
}

std::vector<std::string> actor_cells(const std::string& name, const wire::json_value& row) {
  const bool keeper = cell(row, "is_supervisor") == "yes";
  return {name, cell(row, "status"), cell(row, "restarts"), keeper ? "" : cell(row, "messages"), keeper ? "" : cell(row, "mailbox"),
          keeper ? "" : cell(row, "sequence"), why(row)};
}
std::vector<std::string> actor_head() { return {"ACTOR", "STATUS", "RESTARTS", "MESSAGES", "MAILBOX", "TURN", "LAST REASON"}; }

/// "oms/9" before "oms/10".
bool is_before(const wire::json_value* a, const wire::json_value* b) {
  const auto key = [](const wire::json_value* row) {
    const auto name = cell(*row, "name");
    const auto digits = name.find_last_not_of("0123456789") + 1;
    return std::tuple{name.substr(0, digits), name.size() - digits, name};
  };
  return key(a) < key(b);
}

std::vector<const wire::json_value*> ordered(const wire::json_value& page) {
  std::vector<const wire::json_value*> rows;
  if (const auto* all = page.find("actors"))
    for (const auto& r : all->items) rows.push_back(&r);
  std::sort(rows.begin(), rows.end(), is_before);
  return rows;
}

void show_tree(const wire::json_value& page) {
  std::map<std::string, std::vector<const wire::json_value*>> children;
  for (const auto* r : ordered(page)) children[cell(*r, "supervisor")].push_back(r);
  table t{actor_head()};
  const auto walk = [&](const auto& self, const std::string& parent, const std::string& indent) -> void {
    const auto& list = children[parent];
    for (std::size_t i = 0; i < list.size(); ++i) {
      const bool last = i + 1 == list.size(), top = parent.empty();
      const auto name = cell(*list[i], "name");
      t.row(actor_cells(indent + (top ? "" : last ? "└─ " : "├─ ") + name, *list[i]), colour_of(*list[i]));
      if (!name.empty()) self(self, name, top ? "" : indent + (last ? "   " : "│  "));
    }
  };
  walk(walk, "", "");
  std::cout << t.str();
}

void show_list(const wire::json_value& page) {
  table t{actor_head()};
  for (const auto* r : ordered(page)) t.row(actor_cells(cell(*r, "name"), *r), colour_of(*r));
  std::cout << t.str();
}

void show_info(const wire::json_value& row) {
  table t{{"", ""}}; // no head
  for (const auto& [name, ignored] : row.members) t.row({name, cell(row, name)});
  std::cout << t.str();
}

void show_pretty(const wire::json_value& v) { std::cout << pretty(v) << '\n'; }

void show_history(const wire::json_value& page) {
  if (const auto* turns = page.find("turns")) {
    for (const auto& t : turns->items) std::cout << pretty(t) << '\n';
    if (turns->items.empty()) std::cout << paint(colour::dim, "no turns from there on") << '\n';
  }
  if (const auto next = cell(page, "next"); !next.empty()) std::cout << paint(colour::dim, "more: --from " + next) << '\n';
}

/// As of a node.
int show_folder_history(const inspect_arguments& a) {
  auto page = folder_history(a.data_dir, a.actor, a.from, a.limit);
  if (!page) return complain(page.error());
  if (auto parsed = parse_long(*page); parsed && !a.node.json) show_history(*parsed);
  else std::cout << *page << '\n';
  return done;
}

int run(const std::string& what, const inspect_arguments& a) {
  const auto name = "name=" + escaped(a.actor);
  if (!a.data_dir.empty()) {
    if (auto there = stores_in(a.data_dir); !there) return complain_of_place(there.error());
    if (what == "tree") return folder_tree(a.data_dir, a.node.json);
    if (what == "ls") return folder_list(a.data_dir, a.node.json);
    if (what == "info") return folder_info(a.data_dir, a.actor, a.node.json);
    if (what == "history") return show_folder_history(a);
    return folder_state(a.data_dir, a.actor, what == "at" ? a.sequence : std::nullopt, a.node.json);
  }
  if (what == "tree") return ask(a, "/v1/actors", {}, show_tree, "actors");
  if (what == "ls") return ask(a, "/v1/actors", {}, show_list, "actors");
  if (what == "info") return ask(a, "/v1/actors/info?" + name, {"name", "status"}, show_info);
  if (what == "state") return ask(a, "/v1/actors/state?" + name + (a.ahead ? "&ahead=true" : ""), {"state"}, show_pretty);
  if (what == "at") return ask(a, "/v1/actors/state?" + name + (a.sequence ? "&at=" + std::to_string(*a.sequence) : ""), {"state"}, show_pretty);
  return ask(a, "/v1/actors/history?" + name + "&from=" + std::to_string(a.from) + "&limit=" + std::to_string(a.limit), {"turns"}, show_history);
}

} // namespace

void add_inspect_commands(CLI::App& root, int& code) {
  auto* inspect = root.add_subcommand("inspect", "What runs, what restarted and why, and any actor's state, now and after any past turn");
  inspect->require_subcommand(1);
  inspect->footer("Every form asks a running node (--edge), or with --data-dir reads the journals of one that need not run.");
  struct form {
    const char* name;
    const char* help;
    const char* example;
  };
  for (const auto& f : {form{"tree", "The supervision tree: status, restarts, last reason", "troupe inspect tree"},
                        form{"ls", "All actors, flat", "troupe inspect ls --json"},
                        form{"info", "One actor's counters", "troupe inspect info oms/17"},
                        form{"state", "An actor's state now", "troupe inspect state risk --data-dir data"},
                        form{"history", "An actor's turns, one after the other", "troupe inspect history oms/17 --from 100"},
                        form{"at", "An actor's state after a past turn", "troupe inspect at oms/17 4711"}}) {
    auto a = std::make_shared<inspect_arguments>();
    const std::string what = f.name;
    auto* c = inspect->add_subcommand(what, f.help);
    if (what != "tree" && what != "ls") c->add_option("ACTOR", a->actor, "For example oms/17, risk, venue/SIM, strategy/NAME")->required();
    if (what == "at") c->add_option("SEQ", a->sequence, "The turn after which to look; the newest without it")->check(tools::whole_number());
    if (what == "history") c->add_option("--from", a->from, "First turn")->capture_default_str()->check(tools::whole_number());
    if (what == "history") c->add_option("--limit", a->limit, "How many")->capture_default_str()->check(CLI::Range(1, 500));
    if (what == "state") c->add_flag("--ahead", a->ahead, "Not only what is durable");
    a->node.add_to(*c);
    c->add_option("--data-dir", a->data_dir, "Read this data folder instead of asking a node");
    c->footer(std::string{"Example: "} + f.example);
    c->callback([what, a, edge = c->get_option("--edge"), &code] {
      // What stands in the environment is for all commands and asks for nothing.
      const auto* everywhere = std::getenv("TROUPE_EDGE");
      const bool is_asked = edge->count() > 0 && !(everywhere && a->node.edge == everywhere);
      if (is_asked && !a->data_dir.empty())
        return void(code = complain(fail(errc::invalid_argument, "--edge asks a node and --data-dir reads a folder: give one of them")));
      code = run(what, *a);
    });
  }
}

} // namespace troupe::cli
