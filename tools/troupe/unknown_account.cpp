#include "tools/troupe/unknown_account.hpp"

namespace troupe::cli {

bool is_unknown_account(node_options options, const std::string& account) {
  options.timeout_s = 2; // what is to be stopped next is more urgent
  auto node = node_client::at(options);
  if (!node) return false;
  const auto has_none = [&](const std::string& list, const char* rows) {
    const auto got = node->get(list + "account=" + escaped(account), {rows});
    const auto* all = got ? got->value.find(rows) : nullptr;
    return all && all->items.empty() && !got->value.find("missing") && !got->value.find("next");
  };
  return has_none("/v1/orders?status=OPEN&", "orders") && has_none("/v1/orders?", "orders") && has_none("/v1/positions?flat=true&", "positions");
}

} // namespace troupe::cli
