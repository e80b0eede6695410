#include "runtime/config/report.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>

namespace troupe::config {
namespace {

bool is_below(std::string_view path, std::string_view top) {
  return path.starts_with(top) && (path.size() == top.size() || path[top.size()] == '.' || path[top.size()] == '[');
}

} // namespace

void origins::forget_below(const std::string& path) {
  std::erase_if(at_, [&](const auto& entry) { return is_below(entry.first, path); });
}

std::string origins::of(std::string path) const {
  while (true) {
    if (auto found = at_.find(path); found != at_.end()) return found->second;
    if (path.empty()) return {};
    const auto cut = path.find_last_of(".[");
    path.resize(cut == std::string::npos ? 0 : cut);
  }
}

std::string path_of(const section& root, const node& wanted) {
  for (const auto* child : root.children()) {
    const std::string name{child->name()};
    if (child == &wanted) return name;
    if (const auto* inner = child->as_section())
      if (auto below = path_of(*inner, wanted); !below.empty()) return name + "." + below;
    if (const auto* list = child->as_list())
      for (std::size_t i = 0; i < list->size(); ++i) {
        const auto at = name + "[" + std::to_string(i) + "]";
        const node& element = list->element(i);
        if (&element == &wanted) return at;
        if (auto below = path_of(list->element(i), wanted); !below.empty()) return at + "." + below;
      }
  }
  return {};
}

void report::violated(std::initializer_list<std::reference_wrapper<const node>> involved, std::string_view message) {
  TROUPE_ASSERT(involved.size() > 0, "a cross-field finding names a value");
  std::vector<std::string> paths;
  for (const node& n : involved) {
    paths.push_back(path_of(root_, n));
    TROUPE_ASSERT(!paths.back().empty(), "a cross-field finding names values of the configuration being checked");
    if (reported_.contains(paths.back())) return;
  }
  const node& first = *involved.begin();
  const auto* value = first.as_property();
  const std::string shown = value ? (value->is_given() ? "" : "the default ") + value->json() + " is refused: it " : std::string{};
  // Nobody wrote a default: what broke the rule is the value that somebody did write.
  const auto wrote = [](const node& n) { return n.as_property() && n.as_property()->is_given(); };
  const auto written = std::ranges::find_if(involved, wrote);
  const auto at = value && written != involved.end() ? written - involved.begin() : 0;
  add(paths.front(), where_.of(paths[static_cast<std::size_t>(at)]), shown + std::string{message});
}

void report::add(const std::string& path, const std::string& origin, const std::string& message) {
  reported_.insert(path);
  findings_.push_back({path, origin.empty() ? message : origin + ": " + message});
}

error report::as_error() const {
  const auto n = findings_.size();
  return {errc::invalid_argument,
          "the configuration has " + std::to_string(n) + (n == 1 ? " violation" : " violations") + "; nothing was started",
          findings_};
}

} // namespace troupe::config
