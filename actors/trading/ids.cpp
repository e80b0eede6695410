#include "actors/trading/ids.hpp"

#include "runtime/core/hash.hpp"

namespace troupe::trading {

std::uint32_t slot_of(const tenant_id& tenant, const account_id& account) noexcept {
  std::string key{tenant.value.view()};
  key += '/';
  key += account.value.view();
  return fnv1a(key) % slot_count;
}

actor_name slot_name(std::uint32_t slot) { return {"oms/" + std::to_string(slot)}; }

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
