#include "actors/platform/trade2026/messages.hpp"

#include "runtime/wire/wire.ipp"

#include <algorithm>
#include <cctype>

TROUPE_WIRE(troupe::trade2026::order_request)
TROUPE_WIRE(troupe::trade2026::order_reply)
TROUPE_WIRE(troupe::trade2026::order_row)
TROUPE_WIRE(std::vector<troupe::trade2026::order_row>)
TROUPE_WIRE(troupe::trade2026::order_path)
TROUPE_WIRE(troupe::trade2026::orders_params)
TROUPE_WIRE(troupe::trade2026::account_params)
TROUPE_WIRE(troupe::trade2026::cancel_reply)
TROUPE_WIRE(std::vector<troupe::trade2026::fill_row>)
TROUPE_WIRE(troupe::trade2026::position_row)
TROUPE_WIRE(std::vector<troupe::trade2026::position_row>)
TROUPE_WIRE(troupe::trade2026::position_params)
TROUPE_WIRE(troupe::trade2026::health)
TROUPE_WIRE(troupe::trade2026::oms_stats)
TROUPE_WIRE(troupe::trade2026::check_request)
TROUPE_WIRE(troupe::trade2026::check_reply)
TROUPE_WIRE(troupe::trade2026::risk_stats)
TROUPE_WIRE(troupe::trade2026::risk_portfolio)
TROUPE_WIRE(troupe::trade2026::limit_rows)
TROUPE_WIRE(troupe::trade2026::account_limits)
TROUPE_WIRE(troupe::trade2026::symbol_path)
TROUPE_WIRE(troupe::trade2026::block_reply)
TROUPE_WIRE(std::vector<troupe::trade2026::service_status>)
TROUPE_WIRE(troupe::trade2026::system_health)
TROUPE_WIRE(troupe::trade2026::halt_request)
TROUPE_WIRE(troupe::trade2026::resume_request)
TROUPE_WIRE(troupe::trade2026::trading_reply)

namespace troupe::trade2026 {

bool from_text(std::string_view s, flag& out) {
  std::string given{s.substr(0, 6)};
  for (auto& c : given) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), given) != words.end();
  };
  out.on = is_one_of({"TRUE", "1", "YES", "ON", "Y", "T"});
  return out.on || is_one_of({"FALSE", "0", "NO", "OFF", "N", "F"});
}

result<order_kind> kind_of(const order_request& r) {
  const auto& written = r.type ? r.type : r.order_type;
  if (!written) return order_kind::limit;
  const auto given = wire::upper(written->view());
  std::optional<order_kind> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<order_kind>>([&](auto d) {
    if (wire::upper(d.name) == given) found = d.value;
  });
  if (found) return *found;
  return fail(errc::invalid_argument, "'" + given + "' is not an order type: MARKET or LIMIT");
}

} // namespace troupe::trade2026
