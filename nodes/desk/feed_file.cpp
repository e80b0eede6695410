#include "nodes/desk/feed_file.hpp"

#include "actors/market/feed/replay.hpp"

#include <algorithm>
#include <string_view>

namespace troupe::desk {
namespace {

constexpr int steps_looked_at = 2000;
constexpr std::int64_t one_whole = 100'000'000; // units of 1e-8

/// The largest power of ten, at most `start`, of which everything seen is a multiple.
class grain {
public:
  explicit grain(std::int64_t start) : step_{start} {}
  void see(std::int64_t units) {
    while (units % step_ != 0) step_ /= 10;
  }
  [[nodiscard]] std::int64_t step() const noexcept { return step_; }

private:
  std::int64_t step_;
};

/// Its symbol says in what an instrument is quoted; Indian shares are the ones whose does not.
std::string_view quote_of(std::string_view symbol, std::string_view venue) {
  if (venue == "NSE") return "INR";
  for (const std::string_view known : {"USDT", "USDC", "BUSD", "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "BTC", "ETH"})
    if (symbol.size() > known.size() && symbol.ends_with(known)) return known;
  return "USD";
}

/// Everything else about the file is told by its name: an instrument is all that is missing.
bool is_only_unnamed(const std::filesystem::path& file) {
  feed::source_overrides some;
  some.instrument = market::instrument_id{"SYMBOL.VENUE"};
  return !feed::describe_source(file, {}) && feed::describe_source(file, some);
}

} // namespace

result<std::vector<std::string>> overrides_for(const configuration& c, const feed_section& feed) {
  feed::replay_options options;
  options.path = feed.file.value();
  if (const auto& given = feed.instrument.value(); !given.empty()) {
    auto id = text<31>::make(given);
    if (!id) return fail(errc::invalid_argument, "the instrument must be at most 31 printable characters");
    options.overrides.instrument = market::instrument_id{*id};
  }
  auto source = feed::replay::open(options);
  if (!source) {
    auto why = source.error();
    if (feed.instrument.value().empty() && is_only_unnamed(options.path)) why.message += ": --set feeds.0.instrument=SYMBOL.VENUE";
    return why;
  }
  const auto id = source->profile().instrument.value.str();
  const auto dot = id.rfind('.');
  const auto venue = id.substr(dot + 1);
  std::vector<std::string> sets;
  if (std::none_of(c.venues.begin(), c.venues.end(), [&](const auto& v) { return v.name.value().value.view() == venue; }))
    sets.push_back("venues." + std::to_string(c.venues.size()) + "={\"name\":\"" + venue + "\"}");
  if (std::any_of(c.instruments.begin(), c.instruments.end(), [&](const auto& i) { return i.id.value().value.view() == id; })) return sets;
  grain tick{one_whole}, lot{one_whole / 1000};
  for (int i = 0; i < steps_looked_at; ++i) {
    auto step = source->next();
    if (!step || !*step) break; // what is damaged is the replay's to report
    for (const auto& event : (*step)->events) {
      if (const auto* q = std::get_if<market::quote>(&event)) {
        for (const auto p : {q->bid, q->ask}) tick.see(p.units);
        for (const auto s : {q->bid_size, q->ask_size}) lot.see(s.units);
      } else if (const auto* t = std::get_if<market::trade>(&event)) {
        tick.see(t->last.units);
        lot.see(t->size.units);
      } else if (const auto* b = std::get_if<market::bar>(&event)) {
        for (const auto p : {b->open, b->high, b->low, b->close}) tick.see(p.units);
        lot.see(b->volume.units);
      }
    }
  }
  sets.push_back("instruments." + std::to_string(c.instruments.size()) + "={\"id\":\"" + id + "\",\"tick_size\":\"" + price{tick.step()}.str() +
                 "\",\"lot_size\":\"" + quantity{lot.step()}.str() + "\",\"quote\":\"" + std::string{quote_of(id.substr(0, dot), venue)} + "\"}");
  return sets;
}

} // namespace troupe::desk
