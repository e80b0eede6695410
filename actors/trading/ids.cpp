#include "actors/trading/ids.hpp"

#include "runtime/core/hash.hpp"

namespace troupe::trading {
namespace {

constexpr std::string_view venues = "venue/", strategies = "strategy/";

template <class Id>
std::optional<Id> behind(std::string_view first_part, std::string_view name) noexcept {
  if (!name.starts_with(first_part)) return std::nullopt;
  const auto id = decltype(Id::value)::make(name.substr(first_part.size()));
  return id ? std::optional{Id{*id}} : std::nullopt;
}

} // namespace

venue_id venue_named_by(const instrument_id& id) noexcept {
  const auto name = id.value.view();
  const auto dot = name.rfind('.');
  if (dot == name.npos) return {};
  return {text<15>::make(name.substr(dot + 1)).value_or(text<15>{})};
}

std::uint32_t slot_of(const tenant_id& tenant, const account_id& account) noexcept {
  std::string key{tenant.value.view()};
  key += '/';
  key += account.value.view();
  return fnv1a(key) % slot_count;
}

std::optional<std::uint32_t> slot_called(const actor_name& name) noexcept {
  static constexpr std::string_view first_part = "oms/";
  auto digits = name.value.view();
  if (!digits.starts_with(first_part)) return std::nullopt;
  digits.remove_prefix(first_part.size());
  std::uint32_t slot = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), slot);
  if (failed != std::errc{} || end != digits.data() + digits.size() || slot >= slot_count) return std::nullopt;
  return slot;
}

actor_name slot_name(std::uint32_t slot) { return {"oms/" + std::to_string(slot)}; }
actor_name venue_actor(const venue_id& venue) { return {std::string{venues} + venue.value.str()}; }
actor_name strategy_actor(const strategy_id& strategy) { return {std::string{strategies} + strategy.value.str()}; }
std::optional<venue_id> venue_called(std::string_view name) noexcept { return behind<venue_id>(venues, name); }
std::optional<strategy_id> strategy_called(std::string_view name) noexcept { return behind<strategy_id>(strategies, name); }

bool is_reserved(const account_id& account) noexcept { return account.value.view().starts_with(venues); }

bool from_text(std::string_view s, order_id& out) noexcept {
  const auto dash = s.find('-');
  if (dash == std::string_view::npos || dash == 0) return false;
  std::uint32_t slot = 0;
  std::uint64_t number = 0;
  auto [a, ea] = std::from_chars(s.data(), s.data() + dash, slot);
  auto [b, eb] = std::from_chars(s.data() + dash + 1, s.data() + s.size(), number);
  if (ea != std::errc{} || a != s.data() + dash || eb != std::errc{} || b != s.data() + s.size()) return false;
  if (slot >= slot_count || number == 0 || number > 0x00ffffffffffffffu) return false;
  out = order_id::make(slot, number);
  return to_text(out) == s; // one spelling per id: no leading zeros
}

} // namespace troupe::trading
