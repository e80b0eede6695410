#include "tools/troupe/listing.hpp"

#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <string_view>

namespace troupe::cli {
namespace {

auto account_column(table_columns& columns) {
  return std::ranges::find(columns, std::string_view{"ACCOUNT"}, [](const auto& c) { return std::string_view{c.first}; });
}

/// Most desks have one tenant, `main`, and a column of it would say nothing.
table_columns with_tenant_if_any(table_columns columns, const wire::json_value& rows) {
  const auto is_of_another = [](const auto& r) { return r.find("tenant") && cell(r, "tenant") != "main"; };
  const auto account = account_column(columns);
  if (account != columns.end() && std::ranges::any_of(rows.items, is_of_another)) columns.insert(account, {"TENANT", "tenant"});
  return columns;
}

int show(const listing& what, const list_arguments& a) {
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  std::string target = what.target;
  char separator = '?';
  const auto add = [&](std::string_view name, const std::string& value) {
    (target += std::exchange(separator, '&')) += std::string{name} + '=' + escaped(value);
  };
  if (!a.tenant.empty()) add("tenant", a.tenant);
  if (!a.account.empty()) add("account", a.account);
  if (a.open) add("status", "open");
  if (a.newest) add("sort", "newest");
  add("limit", std::to_string(a.limit));
  if (!a.cursor.empty()) add("cursor", a.cursor);
  auto got = node->get(target, {what.member});
  if (!got) return complain(got.error());
  const int code = tell_missing(got->value) ? finding : done;
  if (a.node.json) {
    std::cout << got->text << '\n';
    return code;
  }
  const auto* rows = got->value.find(what.member);
  std::cout << table_text(what.columns, rows ? *rows : wire::json_value{wire::json_kind::array});
  if (const auto next = cell(got->value, "next"); !next.empty()) std::cout << paint(colour::dim, "more: --cursor " + next) << '\n';
  return code;
}

} // namespace

std::string table_text(const table_columns& columns, const wire::json_value& rows) {
  const auto shown = with_tenant_if_any(columns, rows);
  std::vector<std::string> head;
  for (const auto& [title, ignored] : shown) head.emplace_back(title);
  table t{std::move(head)};
  for (const auto& r : rows.items) {
    std::vector<std::string> cells;
    for (const auto& [ignored, member] : shown) cells.push_back(cell(r, member));
    t.row(std::move(cells));
  }
  return t.str();
}

CLI::App& add_listing(CLI::App& parent, const listing& what, const std::shared_ptr<list_arguments>& a, int& code) {
  auto* l = parent.add_subcommand(what.name, what.help);
  if (auto columns = what.columns; account_column(columns) != columns.end()) {
    l->add_option("--account", a->account, "Only of this account; of tenant main without --tenant");
    l->add_option("--tenant", a->tenant, "Only of this tenant");
  }
  l->add_option("--limit", a->limit, "How many")->capture_default_str()->check(CLI::Range(1, 500));
  l->add_option("--cursor", a->cursor, "Continue behind an earlier page");
  a->node.add_to(*l);
  l->footer(std::string{"Example: "} + what.example);
  l->callback([&what, l, a, &code] {
    if (l->get_subcommands().empty()) code = show(what, *a);
  });
  return *l;
}

} // namespace troupe::cli
