#pragma once
// Finds the route of a path among the surfaces of one listener: a tree of path segments. Built at start; read on the
// edge's thread.

#include "runtime/edge/route.hpp"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::edge {

class router {
public:
  /// Takes the routes of `surfaces`. Errors: conflict (two surfaces claim one verb and path), not_found (no such
  /// surface).
  [[nodiscard]] static result<router> make(const route_table& table, const std::vector<std::string>& surfaces);

  struct match {
    /// By method; null where the path has no such method. All null: no such path.
    std::array<const route*, method_count> routes{};
    /// Names and decoded values of the parts in braces; names are those of the route of the asked method.
    std::vector<std::string> values;
    bool bad_escape = false;

    [[nodiscard]] bool found() const noexcept;
    /// "GET, HEAD, POST", for the Allow header.
    [[nodiscard]] std::string allowed() const;
  };

  /// `path` without the query, still percent-encoded. Literal parts win over parts in braces. A slash at its end is passed over where the surface says so and
  /// nothing is declared with one.
  [[nodiscard]] match find(std::string_view path) const;

private:
  struct node {
    std::map<std::string, std::unique_ptr<node>, std::less<>> literal;
    std::unique_ptr<node> any;
    std::array<const route*, method_count> routes{};
  };
  [[nodiscard]] static const node* descend(const node& at, std::string_view rest, std::vector<std::string_view>& raw);

  std::unique_ptr<node> root_ = std::make_unique<node>();
};

/// Pairs the names in `path` ("/v1/orders/{order_id}") with `values`, in order.
[[nodiscard]] named_values name_values(std::string_view path, std::vector<std::string> values);

} // namespace troupe::edge
