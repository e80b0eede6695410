#include "nodes/desk/run_warnings.hpp"

#include "actors/trading/strategy/factory.hpp"

#include <algorithm>

namespace troupe::desk {
namespace {

std::string in_seconds(nanoseconds interval) {
  const auto ms = std::chrono::duration_cast<milliseconds>(interval).count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

std::string lengths_of(const std::set<nanoseconds>& bars) {
  std::string all;
  for (const auto interval : bars) all += (all.empty() ? "" : ", ") + in_seconds(interval);
  return all;
}

void warn_of(const strategy::strategy_config& s, const told_of_instrument& told, std::vector<std::string>& out) {
  const auto who = "strategy " + s.name.value.str(), what = s.instrument.id.value.str();
  if (told.quotes == 0) out.push_back(who + " trades " + what + ", which was never quoted, so it could not be filled");
  const auto logic = strategy::make_logic(s);
  const auto wanted = logic ? (*logic)->bar_interval() : std::nullopt;
  if (!wanted || told.bars.contains(*wanted)) return;
  out.push_back(who + " waits for bars of " + in_seconds(*wanted) + " of " + what + ", and none came: " +
                (told.bars.empty() ? "there were no bars at all" : "those that came are of " + lengths_of(told.bars)) + "; see its bar_seconds, bars.interval_ms and the feed");
}

} // namespace

std::vector<std::string> warnings_of(const configuration& c, const trading::instrument_id& fallback, const told_market& told) {
  std::vector<std::string> out;
  for (const auto& [instrument, of] : told)
    if (of.quotes > 0 && of.sized_quotes == 0)
      out.push_back("none of the " + std::to_string(of.quotes) + " quotes of " + instrument.value.str() + " had a size, so nothing could be filled");
  for (const auto& s : c.strategies) {
    const auto config = strategy_of(c, s, fallback);
    if (!config) continue; // it did not start, and the run said so
    const auto of = told.find(config->instrument.id);
    warn_of(*config, of == told.end() ? told_of_instrument{} : of->second, out);
  }
  return out;
}

std::vector<std::string> warnings_of(const configuration& c) {
  std::vector<std::string> out;
  const auto fallback = first_instrument(c);
  if (!fallback) return out;
  for (const auto& s : c.strategies) {
    const auto config = strategy_of(c, s, *fallback);
    if (!config) continue;
    const auto who = "strategy " + config->name.value.str(), what = config->instrument.id.value.str();
    const feed_section* feed = nullptr;
    for (const auto& f : c.feeds)
      if (const auto about = instruments_of(f); about && std::ranges::find(*about, config->instrument.id) != about->end()) feed = &f;
    if (!feed) {
      out.push_back(who + " trades " + what + ", which no feed shows, so it cannot be filled");
      continue;
    }
    const auto logic = strategy::make_logic(*config);
    const auto wanted = logic ? (*logic)->bar_interval() : std::nullopt;
    const auto length = bar_length_of(c, *feed);
    if (wanted && length && *wanted != *length)
      out.push_back(who + " waits for bars of " + in_seconds(*wanted) + " of " + what + ", and feed " + feed->name.value().str() + " has those of " + in_seconds(*length) +
                    ": it will not trade; see its bar_seconds and bars.interval_ms");
  }
  return out;
}

} // namespace troupe::desk
