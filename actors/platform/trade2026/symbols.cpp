#include "actors/platform/trade2026/symbols.hpp"

#include <algorithm>
#include <cctype>

namespace troupe::trade2026 {

std::string symbol_of(const market::instrument_id& id) {
  const auto whole = id.value.view();
  return std::string{whole.substr(0, whole.rfind('.'))};
}

std::string exchange_of(const market::instrument_id& id) {
  const auto whole = id.value.view();
  const auto dot = whole.rfind('.');
  return dot == std::string_view::npos ? std::string{} : std::string{whole.substr(dot + 1)};
}

std::string plain(std::string_view symbol) {
  std::string out;
  for (const unsigned char c : symbol)
    if (c != '/' && c != '-') out += static_cast<char>(std::toupper(c));
  return out;
}

std::vector<market::instrument_id>
symbol_map::candidates(std::string_view symbol, const std::function<bool(const market::instrument_id&)>& has_market) const {
  std::vector<market::instrument_id> found;
  for (const auto& id : instruments_) {
    if (id.value.view() == symbol) return {id};
    if (symbol_of(id) == symbol) found.push_back(id);
  }
  if (found.empty()) { // nobody is called just so
    const auto asked = plain(symbol);
    for (const auto& id : instruments_)
      if (plain(id.value.view()) == asked || plain(symbol_of(id)) == asked) found.push_back(id);
  }
  std::stable_partition(found.begin(), found.end(), has_market);
  return found;
}

} // namespace troupe::trade2026
