#include "actors/research/sweep/rows.hpp"

#include "actors/research/sweep/grid.hpp"
#include "runtime/wire/json_value.hpp"
#include "runtime/wire/wire.hpp"

#include <utility>

namespace troupe::sweep {

std::string canonical_row(const std::vector<axis>& axes, const trial_result& r) {
  std::string out = "{\"parameters\":{";
  const auto text = [&out](const char* name, std::string_view value) {
    out += std::string{",\""} + name + "\":";
    wire::append_json_string(out, value);
  };
  bool first = true;
  for (const auto& [key, value] : trial_at(axes, r.index)) {
    if (!std::exchange(first, false)) out += ',';
    wire::append_json_string(out, key);
    out += ':';
    wire::append_json_string(out, value);
  }
  out += '}';
  text("status", boost::describe::enum_to_string(r.status, "?"));
  text("reason", r.reason);
  out += ",\"orders\":" + std::to_string(r.orders) + ",\"fills\":" + std::to_string(r.fills);
  text("realized_pnl", r.realized_pnl);
  text("unrealized_pnl", r.unrealized_pnl);
  text("fees", r.fees);
  text("journal_hash", r.journal_hash);
  return out + '}';
}

namespace {

/// "12.5 USDT"; an empty text is nothing in any currency.
std::optional<money> one_amount(std::string_view text) {
  if (text.empty()) return money{};
  const auto space = text.find(' ');
  if (space != std::string_view::npos && text.find(' ', space + 1) != std::string_view::npos) return std::nullopt; // several
  const auto units = parse_scaled(text.substr(0, space));
  const auto ccy = currency::make(space == std::string_view::npos ? "" : text.substr(space + 1));
  if (!units || !ccy) return std::nullopt;
  return money{*units, *ccy};
}

} // namespace

std::optional<money> net_pnl(const trial_result& r) {
  if (r.status != trial_status::done) return std::nullopt;
  const auto realized = one_amount(r.realized_pnl), unrealized = one_amount(r.unrealized_pnl), fees = one_amount(r.fees);
  if (!realized || !unrealized || !fees) return std::nullopt;
  const auto differ = [](const money& a, const money& b) { return !a.ccy.empty() && !b.ccy.empty() && !(a.ccy == b.ccy); };
  if (differ(*realized, *unrealized) || differ(*realized, *fees) || differ(*unrealized, *fees)) return std::nullopt;
  return *realized + *unrealized - *fees;
}

bool earns_more(const std::optional<money>& a, const std::optional<money>& b) noexcept {
  const auto sign = [](const money& m) { return m.units > 0 ? 1 : m.units < 0 ? -1 : 0; };
  if (!a || !b) return a.has_value() && !b.has_value();
  if (sign(*a) != sign(*b)) return sign(*a) > sign(*b);
  if (sign(*a) != 0 && !(a->ccy == b->ccy)) return a->ccy.view() < b->ccy.view();
  return a->units > b->units;
}

result<trial_result> decode_row(std::string_view stored) { return wire::decode<trial_result>(stored); }

} // namespace troupe::sweep
