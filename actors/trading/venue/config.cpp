#include "actors/trading/venue/config.hpp"

namespace troupe::venue {

std::vector<field_error> violations(const simulator_config& config) {
  std::vector<field_error> found;
  if (config.venue.value.empty()) found.push_back({"venue", "must not be empty"});
  for (const auto& [id, what] : config.instruments) {
    const auto field = "instruments." + id.value.str();
    if (what.id != id) found.push_back({field + ".id", "must equal the name it is listed under"});
    if (what.venue != config.venue) found.push_back({field + ".venue", "must be " + config.venue.value.str()});
    if (!what.tick_size.is_positive()) found.push_back({field + ".tick_size", "must be greater than 0"});
    if (!what.lot_size.is_positive()) found.push_back({field + ".lot_size", "must be greater than 0"});
    if (what.quote.empty()) found.push_back({field + ".quote", "must not be empty"});
  }
  const auto check_fee = [&](const char* field, std::int32_t fee) {
    if (fee < -fee_limit || fee > fee_limit)
      found.push_back({field, "must be between -" + std::to_string(fee_limit) + " and " + std::to_string(fee_limit)});
  };
  check_fee("maker_fee", config.maker_fee);
  check_fee("taker_fee", config.taker_fee);
  if (config.open_orders_max == 0) found.push_back({"open_orders_max", "must be greater than 0"});
  return found;
}

} // namespace troupe::venue
