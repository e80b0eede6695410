#include "runtime/cluster/admission.hpp"

namespace troupe::cluster {
namespace {

std::string differs(const char* what, const std::string& here, const std::string& there) {
  return std::string{what} + " differs: " + (here.empty() ? "none" : here) + " here, " + (there.empty() ? "none" : there) + " there";
}

/// " in feeds, risk": sections that only one has, or that are not the same. Empty when one of both tells none.
std::string where_they_differ(const greeting& ours, const greeting& theirs) {
  if (ours.sections.empty() || theirs.sections.empty()) return {};
  auto all = ours.sections;
  all.insert(theirs.sections.begin(), theirs.sections.end());
  std::string names;
  for (const auto& [name, any] : all) {
    const auto here = ours.sections.find(name), there = theirs.sections.find(name);
    const bool is_same = here != ours.sections.end() && there != theirs.sections.end() && here->second == there->second;
    if (!is_same) names += (names.empty() ? " in " : ", ") + name;
  }
  return names;
}

} // namespace

std::optional<std::string> refusal(const admission& rule, const greeting& ours, const greeting& theirs) {
  if (theirs.name == ours.name) return "another node calls itself " + ours.name.value.str();
  if (!rule.members.contains(theirs.name)) return "node " + theirs.name.value.str() + " is not in this cluster's configuration";
  if (theirs.build != ours.build && !rule.builds.contains(theirs.build)) return differs("the build", ours.build, theirs.build);
  if (theirs.schema != ours.schema) return differs("the hash of message and record layouts", ours.schema, theirs.schema);
  if (theirs.configuration != ours.configuration)
    return "the cluster-wide configuration differs" + where_they_differ(ours, theirs) + "; " + differs("its hash", ours.configuration, theirs.configuration);
  return std::nullopt;
}

} // namespace troupe::cluster
