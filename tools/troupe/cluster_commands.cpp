// troupe cluster: the nodes of a desk and what runs where, as any one of them sees it.

#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/node_client.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

namespace troupe::cli {
namespace {

colour colour_of(const std::string& status) {
  if (status == "SELF" || status == "UP") return colour::plain;
  return status == "SUSPECT" ? colour::yellow : colour::red;
}

std::string unless_empty(const std::string& n, const char* unit) { return n.empty() ? n : n + unit; }

using json_rows = std::vector<wire::json_value>;

/// Prints all pages of a list as JSON, or hands its rows to `show`. The exit code is what `judge` says of them.
int list(const node_options& o, const std::string& target, const char* rows, void (*show)(const json_rows&), int (*judge)(const json_rows&) = nullptr) {
  auto node = node_client::at(o);
  if (!node) return complain(node.error());
  auto got = node->get_all(target, rows);
  if (!got) return complain(got.error());
  const auto* all = got->value.find(rows);
  if (o.json) std::cout << got->text << '\n';
  else if (all) show(all->items);
  return judge && all ? judge(all->items) : static_cast<int>(done);
}

/// What keeps a node from doing all of its work, as far as the asked one can tell; empty: nothing.
std::string lacks(const wire::json_value& member) {
  const auto status = cell(member, "status");
  if (status != "SELF" && status != "UP") return status + (cell(member, "problem").empty() ? "" : ": " + cell(member, "problem"));
  std::string all = cell(member, "not_ready");
  if (const auto* others = member.find("cannot_reach"))
    for (const auto& other : others->items) all += (all.empty() ? "cannot reach " : ", cannot reach ") + other.text;
  return all;
}

void show_members(const json_rows& members) {
  table t{{"NODE", "ADDRESS", "STATUS", "ACTORS", "SESSIONS", "ROUND TRIP", "LACKS"}};
  for (const auto& m : members) {
    const auto status = cell(m, "status");
    const bool is_up = status == "SELF" || status == "UP";
    const auto problem = is_up ? lacks(m) : cell(m, "problem");
    t.row({cell(m, "name"), cell(m, "address"), status, cell(m, "actors"), status == "SELF" ? "" : cell(m, "sessions"),
           unless_empty(cell(m, "round_trip_us"), " us"), problem},
          problem.empty() ? colour_of(status) : colour::red);
  }
  std::cout << t.str();
}

/// One line a node that lacks something. Whoever cannot reach another is up all the same.
void show_status(const json_rows& members) {
  std::size_t well = 0;
  std::string wrong;
  for (const auto& m : members) {
    const auto what = lacks(m), status = cell(m, "status");
    if ((status == "SELF" || status == "UP") && cell(m, "not_ready").empty()) ++well;
    if (!what.empty()) wrong += "  " + paint(colour::red, cell(m, "name")) + "  " + what + '\n';
  }
  std::cout << well << " of " << members.size() << " nodes are up and ready\n" << wrong;
}

/// For scripts: 0 when all are up and lack nothing.
int judge_status(const json_rows& members) {
  return std::ranges::all_of(members, [](const auto& m) { return lacks(m).empty(); }) ? done : finding;
}

void show_placement(const json_rows& places) {
  table t{{"ACTOR", "NODE", "UP"}};
  for (const auto& p : places) t.row({cell(p, "name"), cell(p, "node"), cell(p, "is_up")}, cell(p, "is_up") == "yes" ? colour::plain : colour::red);
  std::cout << t.str();
}

void show_moves(const json_rows& moves) {
  table t{{"SLOT", "FROM", "TO", "STATUS", "MOVES", "PAUSE", "WHY"}};
  for (const auto& m : moves) {
    const auto status = cell(m, "status");
    t.row({cell(m, "slot"), cell(m, "from"), cell(m, "to"), status, cell(m, "generation"), unless_empty(cell(m, "pause_us"), " us"), cell(m, "why")},
          status == "FAILED" || status == "GIVEN" ? colour::red : colour::plain);
  }
  std::cout << t.str();
}

struct place_arguments {
  node_options node;
  std::string only;
};

int placement(const place_arguments& a) {
  if (a.only.empty()) return list(a.node, "/v1/cluster/placement", "placement", show_placement);
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  if (auto known = must_be_member(*node, a.only); !known) return complain(known.error());
  return list(a.node, "/v1/cluster/placement?node=" + escaped(a.only), "placement", show_placement);
}

} // namespace

void add_cluster_commands(CLI::App& root, int& code) {
  auto* cluster = root.add_subcommand("cluster", "The nodes that are one desk together, and what runs where");
  cluster->require_subcommand(1);
  cluster->footer("Ask any node: every one knows them all. Exit code 1: a node is away or lacks something (status).");

  auto m = std::make_shared<node_options>();
  auto* members = cluster->add_subcommand("members", "Every node: address, state as the asked one sees it, what it lacks");
  m->add_to(*members);
  members->footer("Example: troupe cluster members --json");
  members->callback([m, &code] { code = list(*m, "/v1/cluster/members", "members", show_members); });

  auto s = std::make_shared<node_options>();
  auto* status = cluster->add_subcommand("status", "Whether all nodes are up and ready; exit code 1 when not");
  s->add_to(*status);
  status->footer("Example: troupe cluster status && echo 'the desk trades'");
  status->callback([s, &code] { code = list(*s, "/v1/cluster/members", "members", show_status, judge_status); });

  auto p = std::make_shared<place_arguments>();
  auto* placed = cluster->add_subcommand("placement", "Which node runs which actor");
  placed->add_option("--on", p->only, "Only what runs on this node");
  p->node.add_to(*placed);
  placed->footer("Example: troupe cluster placement --on b");
  placed->callback([p, &code] { code = placement(*p); });

  auto v = std::make_shared<node_options>();
  auto* moves = cluster->add_subcommand("moves", "The newest move of every slot: done, under way, failed, or given to a node that is away");
  v->add_to(*moves);
  moves->footer("Example: troupe cluster moves --json");
  moves->callback([v, &code] { code = list(*v, "/v1/cluster/moves", "moves", show_moves); });
  add_move_commands(*cluster, code);
}

} // namespace troupe::cli
