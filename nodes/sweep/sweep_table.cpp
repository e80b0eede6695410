#include "nodes/sweep/sweep_table.hpp"

#include "actors/research/sweep/rows.hpp"
#include "nodes/sweep/running_hash.hpp"

#include <algorithm>

namespace troupe::sweep_node {

result<void> for_each_row(const journal::journal& store, const std::function<bool(const sweep::trial_result&)>& visit) {
  const auto heads = store.heads();
  if (!heads) return heads.error();
  if (std::ranges::none_of(*heads, [](const auto& h) { return h.sequence > 0; })) return {}; // it may have no tables yet
  std::optional<error> wrong;
  auto read = store.scan(sweep::table, "", [&](std::string_view key, std::string_view value) {
    auto row = sweep::decode_row(value);
    if (!row || sweep::row_key(row->index) != key) {
      wrong = fail(errc::malformed, "the stored result " + std::string{key} + " cannot be read");
      return false;
    }
    return visit(*row);
  });
  if (wrong) return *wrong;
  return read;
}

result<table_hash> hash_table(const journal::journal& store, const std::vector<sweep::axis>& axes,
                              const std::function<void(const sweep::trial_result&)>& visit) {
  table_hash t;
  running_hash hash;
  auto read = for_each_row(store, [&](const sweep::trial_result& r) {
    hash.add(sweep::canonical_row(axes, r) + '\n');
    ++t.rows;
    visit(r);
    return true;
  });
  if (!read) return read.error();
  t.hash = hash.end();
  return t;
}

} // namespace troupe::sweep_node
