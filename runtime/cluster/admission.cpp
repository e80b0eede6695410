#include "runtime/cluster/admission.hpp"

namespace troupe::cluster {
namespace {

std::string differs(const char* what, const std::string& here, const std::string& there) {
  return std::string{what} + " differs: " + (here.empty() ? "none" : here) + " here, " + (there.empty() ? "none" : there) + " there";
}

} // namespace

std::optional<std::string> refusal(const admission& rule, const greeting& ours, const greeting& theirs) {
  if (theirs.name == ours.name) return "another node calls itself " + ours.name.value.str();
  if (!rule.members.contains(theirs.name)) return "node " + theirs.name.value.str() + " is not in this cluster's configuration";
  if (theirs.build != ours.build && !rule.builds.contains(theirs.build)) return differs("the build", ours.build, theirs.build);
  if (theirs.schema != ours.schema) return differs("the hash of message and record layouts", ours.schema, theirs.schema);
  if (theirs.configuration != ours.configuration)
    return differs("the hash of the cluster-wide configuration", ours.configuration, theirs.configuration);
  return std::nullopt;
}

} // namespace troupe::cluster
