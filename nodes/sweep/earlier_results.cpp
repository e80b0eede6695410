#include "nodes/sweep/earlier_results.hpp"

#include "actors/research/sweep/grid.hpp"
#include "nodes/sweep/sweep_folder.hpp"
#include "nodes/sweep/sweep_part.hpp"
#include "nodes/sweep/sweep_table.hpp"
#include "runtime/journal/reader.hpp"

#include <algorithm>

namespace troupe::sweep_node {
namespace fs = std::filesystem;

namespace {

/// Reused are only rows of code that is in git for everybody to see.
bool is_commit(const std::string& build) { return build.find("dirty") == std::string::npos && build.find("unknown") == std::string::npos; }

bool differ_in_parameters_only(sweep::description one, const sweep::description& other) {
  one.axes = other.axes;
  return one == other;
}

/// Folders beside `folder` with a sweep in them, ordered by name.
std::vector<fs::path> beside(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code failed;
  const auto own = fs::weakly_canonical(folder, failed);
  for (fs::directory_iterator at{own.parent_path(), failed}, end; !failed && at != end; at.increment(failed))
    if (at->path() != own && sweep_folder{at->path()}.has_sweep()) all.push_back(at->path());
  std::ranges::sort(all);
  return all;
}

/// Calls `visit` with each usable result of the sweep in `folder`, at its place in `what`.
result<void> read_one(const fs::path& folder, const sweep::description& what, const std::function<void(sweep::trial_result&&)>& visit) {
  const auto store = journal::open_for_reading(sweep_folder{folder}.journal());
  if (!store) return store.error();
  const auto state = read_sweep(**store);
  if (!state) return state.error();
  if (!state->has_begun || !differ_in_parameters_only(state->what, what)) return {};
  return for_each_row(**store, [&](const sweep::trial_result& r) {
    if (r.status == sweep::trial_status::failed || r.index >= state->trials) return true;
    const auto index = sweep::index_of(what.axes, sweep::trial_at(state->what.axes, r.index));
    if (!index) return true;
    auto here = r;
    here.index = *index;
    visit(std::move(here));
    return true;
  });
}

} // namespace

std::vector<sweep::trial_result> earlier_results(const fs::path& folder, const sweep::description& what,
                                                 const std::function<void(const std::string& why)>& skipped) {
  std::vector<sweep::trial_result> all;
  if (what.kind != sweep::trial_kind::desk || !is_commit(what.build)) return all;
  std::vector<bool> has(sweep::size_of(what.axes));
  for (const auto& other : beside(folder)) {
    const auto read = read_one(other, what, [&](sweep::trial_result&& r) {
      if (has[r.index]) return;
      has[r.index] = true;
      all.push_back(std::move(r));
    });
    if (!read) skipped("what is on record in " + other.string() + " is not used: " + to_string(read.error()));
  }
  return all;
}

} // namespace troupe::sweep_node
