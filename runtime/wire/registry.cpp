#include "runtime/wire/wire.hpp"

#include "runtime/core/hash.hpp"

#include <algorithm>

namespace troupe::wire {
namespace {

/// Filled before main by the registrations.
template <class Registered>
std::vector<Registered>& all() {
  static std::vector<Registered> registered;
  return registered;
}

template <class Registered>
std::vector<Registered> by_name() {
  auto sorted = all<Registered>();
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return sorted;
}

} // namespace

namespace detail {
registration::registration(registered_type type) { all<registered_type>().push_back(std::move(type)); }
registration::registration(registered_protocol protocol) { all<registered_protocol>().push_back(std::move(protocol)); }
} // namespace detail

const std::vector<registered_type>& registered_types() {
  static const auto sorted = by_name<registered_type>();
  return sorted;
}

const std::vector<registered_protocol>& registered_protocols() {
  static const auto sorted = by_name<registered_protocol>();
  return sorted;
}

std::string hash_of(const std::vector<registered_type>& types, const std::vector<registered_protocol>& protocols) {
  std::string list;
  for (const auto& t : types) list += "type " + t.name + '=' + t.layout + '\n';
  for (const auto& p : protocols) list += "protocol " + p.name + '=' + p.layout + '\n';
  return to_hex(sha256(list));
}

const std::string& schema_hash() {
  static const auto hash = hash_of(registered_types(), registered_protocols());
  return hash;
}

} // namespace troupe::wire
