#pragma once
// `--set a.b.c=value` on top of the parsed file, before anything is validated, so that overrides and file share one
// list of violations. One thread.

#include "runtime/config/report.hpp"

#include <string_view>

namespace troupe::config {

/// Puts one override into `tree`. `assignment` is "path=text": parts are member names or list indices ("feeds.0.file";
/// "feeds[0].file" too); the index behind the last element adds one. The text is read as the property's type; a
/// section or list takes JSON. Anything else is a finding, and then `tree` is unchanged.
void apply_override(section& root, wire::json_value& tree, std::string_view assignment, origins& where, report& findings);

/// "unknown key; did you mean ...?" or the keys there are.
[[nodiscard]] std::string unknown_key(std::string_view typed, const section& in);

} // namespace troupe::config
