#include "runtime/wire/wire.hpp"

#include "runtime/core/hash.hpp"

#include <algorithm>

namespace troupe::wire {
namespace {

std::vector<registered_type>& all() {
  static std::vector<registered_type> types; // filled before main by the registrations
  return types;
}

} // namespace

namespace detail {
registration::registration(registered_type type) { all().push_back(std::move(type)); }
} // namespace detail

const std::vector<registered_type>& registered_types() {
  static const auto sorted = [] {
    auto types = all();
    std::sort(types.begin(), types.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return types;
  }();
  return sorted;
}

const std::string& schema_hash() {
  static const auto hash = [] {
    std::string list;
    for (const auto& t : registered_types()) list += t.name + '=' + t.layout + '\n';
    return to_hex(sha256(list));
  }();
  return hash;
}

} // namespace troupe::wire
