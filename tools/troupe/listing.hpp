#pragma once
// Lists of a node, page by page: the command that asks for one, and what a person or a program sees of it.

#include "tools/troupe/node_client.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace troupe::cli {

using table_columns = std::vector<std::pair<const char*, const char*>>; // head, member

struct listing {
  const char* name;
  const char* help;
  const char* example;
  const char* target;
  const char* member;
  table_columns columns;
};

struct list_arguments {
  node_options node;
  std::string tenant, account, cursor;
  std::uint64_t limit = 100;
  bool open = false;
  bool newest = false;
};

/// Rows under their heads, with a column of tenants when one is of another than main.
[[nodiscard]] std::string table_text(const table_columns& columns, const wire::json_value& rows);

/// The command `what.name` with the options that every list has, those of accounts only where it has such a column. `what` outlives it; its callback writes `code`.
CLI::App& add_listing(CLI::App& parent, const listing& what, const std::shared_ptr<list_arguments>& a, int& code);

} // namespace troupe::cli
