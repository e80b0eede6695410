#include "runtime/wire/wire.hpp"

#include "runtime/core/hash.hpp"

#include <algorithm>

namespace troupe::wire {
namespace {

struct known_type {
  const type_description* type;
  bool (*round_trip)();
};
/// Filled before main by the registrations.
std::vector<known_type>& known_types() {
  static std::vector<known_type> known;
  return known;
}
std::vector<registered_protocol>& known_protocols() {
  static std::vector<registered_protocol> known;
  return known;
}

template <class Registered>
std::vector<Registered> by_name(std::vector<Registered> all) {
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

} // namespace

namespace detail {
registration::registration(const type_description& type, bool (*round_trip)()) { known_types().push_back({&type, round_trip}); }
registration::registration(registered_protocol protocol) { known_protocols().push_back(std::move(protocol)); }
} // namespace detail

const std::vector<registered_type>& registered_types() {
  static const auto sorted = [] {
    std::vector<registered_type> all;
    for (const auto& k : known_types()) all.push_back({name_of(*k.type), layout_of(*k.type), k.round_trip});
    return by_name(std::move(all));
  }();
  return sorted;
}

const std::vector<registered_protocol>& registered_protocols() {
  static const auto sorted = by_name(known_protocols());
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
