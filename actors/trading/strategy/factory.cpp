#include "actors/trading/strategy/factory.hpp"

#include "actors/trading/strategy/ma_cross.hpp"
#include "actors/trading/strategy/quoter.hpp"

#include <array>

namespace troupe::strategy {

namespace {

using maker = std::unique_ptr<strategy_logic> (*)(parameters&, const trading::instrument&);

struct kind_entry {
  std::string_view name;
  maker make;
};

constexpr auto kinds = std::to_array<kind_entry>({
  {"ma_cross",
   [](parameters& given, const trading::instrument& what) -> std::unique_ptr<strategy_logic> {
     return std::make_unique<ma_cross>(read_ma_cross(given, what));
   }},
  {"quoter",
   [](parameters& given, const trading::instrument& what) -> std::unique_ptr<strategy_logic> {
     return std::make_unique<quoter>(read_quoter(given, what));
   }},
});

} // namespace

std::vector<std::string_view> kind_names() {
  std::vector<std::string_view> names;
  for (const auto& kind : kinds) names.push_back(kind.name);
  return names;
}

result<std::unique_ptr<strategy_logic>> make_logic(const strategy_config& config) {
  error wrong{errc::invalid_argument, "the strategy " + config.name.value.str() + " cannot be built", {}};
  const auto require = [&](bool good, const char* field, const char* message) {
    if (!good) wrong.fields.push_back({field, message});
  };
  require(!is_blank(config.name.value), "name", "must not be blank");
  require(!is_blank(config.tenant.value), "tenant", "must not be blank");
  require(!is_blank(config.account.value), "account", "must not be blank");
  require(!config.instrument.id.value.empty(), "instrument.id", "must not be empty");
  require(config.instrument.tick_size.is_positive(), "instrument.tick_size", "must be greater than 0");
  require(config.instrument.lot_size.is_positive(), "instrument.lot_size", "must be greater than 0");

  std::unique_ptr<strategy_logic> made;
  std::string names;
  for (const auto& kind : kinds) {
    names += (names.empty() ? "" : ", ") + std::string{kind.name};
    if (kind.name != config.kind) continue;
    parameters given{config.parameters};
    made = kind.make(given, config.instrument);
    for (auto& v : given.violations()) wrong.fields.push_back(std::move(v));
  }
  if (!made) wrong.fields.push_back({"kind", "must be one of " + names});
  if (!wrong.fields.empty()) return wrong;
  return made;
}

} // namespace troupe::strategy
