#pragma once
// One trial, run to its end on the caller's thread: the deterministic desk on a configuration made from the sweep's
// description and the trial's parameters. What it gives depends on nothing else: not on paths, time or machine.

#include "actors/research/sweep/messages.hpp"
#include "nodes/desk/config.hpp"
#include "nodes/sweep/feed_contents.hpp"
#include "runtime/core/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace troupe::sweep_node {

/// The overrides that make trial `chosen` (key and value pairs) of `base`: "strategy.NAME.PARAMETER" becomes that strategy's list of
/// parameters, everything else stays as it is. Errors: invalid_argument (no strategy of that name, and which there are).
[[nodiscard]] result<std::vector<std::string>> overrides_of(const desk::configuration& base,
                                                            const std::vector<std::pair<std::string, std::string>>& chosen);

/// The configuration common to all trials, unchecked: text and overrides of the description, without what they say of contents, the feed at `feed` (empty: as
/// configured). Errors: as config::load.
[[nodiscard]] result<desk::configuration> base_configuration(const sweep::description& what, const std::filesystem::path& feed);

/// Refused at once and for the whole sweep: a key that no trial could use. Errors: invalid_argument, with every such key and why.
[[nodiscard]] result<void> check_keys(const sweep::description& what, const std::filesystem::path& feed);

/// Runs trials of one sweep, one after the other.
class trial_runner {
public:
  trial_runner(sweep::description what, std::filesystem::path feed)
    : what_{std::move(what)}, feed_{std::move(feed)}, contents_{contents_of(what_)} {}

  /// Never fails: what goes wrong is the trial's result. `worker` is left empty.
  [[nodiscard]] sweep::trial_result run(std::uint64_t index);

private:
  [[nodiscard]] result<void> check_is_known(const desk::configuration& config) const;
  void run_desk(const std::vector<std::pair<std::string, std::string>>& chosen, sweep::trial_result& r);
  [[nodiscard]] std::string without_path(std::string text) const;

  const sweep::description what_;
  const std::filesystem::path feed_; // here, on this host
  const feed_contents contents_;
  std::optional<result<desk::configuration>> base_; // the same for all, read at the first trial
};

} // namespace troupe::sweep_node
