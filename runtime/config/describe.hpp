#pragma once
// What a configuration says about itself: the reference page, the values in force, and the hash that nodes compare.
// Pure functions of the tree; any thread once it is loaded.

#include "runtime/config/node.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::config {

/// One row of the reference page. `path` writes elements of lists as "feeds[].file".
struct property_info {
  std::string path;
  std::string sentence;
  property_facts facts;
  scope reach = scope::node_local;
};

/// All properties below `root`, in the order of the declarations, those of list elements once.
[[nodiscard]] std::vector<property_info> list_properties(const section& root);

/// docs/configuration.md: a heading and a table for each section, generated from the declarations alone.
[[nodiscard]] std::string reference_page(const section& root);

/// {"values": {...}, "defaults": ["oms.open_orders_max", ...]}: what is in force, and which of it nobody gave.
[[nodiscard]] std::string effective_json(const section& root);
/// The same for people: a configuration file that loads to equal values, with "// default" behind what nobody gave.
[[nodiscard]] std::string effective_file(const section& root);
/// What is in force in `n`, as parsed JSON.
[[nodiscard]] wire::json_value value_of(const node& n);

/// SHA-256, hexadecimal, over path and value of every cluster-wide property in force: whether given or default, and in
/// which order, makes no difference. Nodes with different hashes do not trade together.
[[nodiscard]] std::string hash_of_cluster_wide(const section& root);
/// The first 8 digits of the same for each section of the file, to name what differs.
[[nodiscard]] std::map<std::string, std::string> hashes_of_cluster_wide_sections(const section& root);

} // namespace troupe::config
