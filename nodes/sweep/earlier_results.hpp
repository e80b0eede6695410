#pragma once
// Trials of a new sweep that another one has run already: the same in everything that decides what they give.

#include "actors/research/sweep/messages.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace troupe::sweep_node {

/// Results of sweeps in the folders beside `folder`, with the places they have in the grid of `what`, each once. Same kind, configuration, overrides,
/// feed and build; parameters that are in both grids. Failed trials are not among them; idle ones are not, because they are to
/// take their time; nothing is when the build is not a commit, because two such builds need not be the same code. A sweep that cannot be read is told to `skipped` and passed over.
[[nodiscard]] std::vector<sweep::trial_result> earlier_results(const std::filesystem::path& folder, const sweep::description& what,
                                                               const std::function<void(const std::string& why)>& skipped);

} // namespace troupe::sweep_node
