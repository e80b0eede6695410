#include "runtime/config/node.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>

namespace troupe::config {

std::vector<node*> section::children() {
  visitor v;
  visit(v);
  std::vector<node*> all;
  for (const auto& m : v.members()) all.push_back(m.at);
  return all;
}

std::vector<const node*> section::children() const {
  visitor v;
  const_cast<section*>(this)->visit(v); // visiting hands out addresses and changes nothing
  std::vector<const node*> all;
  for (const auto& m : v.members()) all.push_back(m.at);
  return all;
}

void assert_all_members_are_visited(section& s, std::size_t size) {
  visitor v;
  s.visit(v);
  auto members = v.members();
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  const auto* covered = reinterpret_cast<const char*>(&s) + sizeof(section);
  const auto* end = reinterpret_cast<const char*>(&s) + size;
  for (const auto& m : members) {
    // All members hold pointers, so they are aligned alike and leave no gap between them.
    TROUPE_ASSERT(reinterpret_cast<const char*>(m.at) == covered, "a section visits every member, and each once");
    covered += m.size;
    if (auto* list = m.at->as_list()) (void)list->prototype(); // asserts the same of its elements
    if (auto* inner = m.at->as_section()) assert_all_members_are_visited(*inner, m.size);
  }
  TROUPE_ASSERT(covered == end, "a section visits every member");
}

} // namespace troupe::config
