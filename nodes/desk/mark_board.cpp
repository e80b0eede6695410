#include "nodes/desk/mark_board.hpp"

#include <algorithm>

namespace troupe::desk {

void mark_board::take(const market::market_batch& batch, const std::vector<boot_ns>& heard_at) {
  std::unique_lock guard{mutex_};
  std::size_t quotes = 0;
  for (const auto& e : batch.events) {
    if (const auto* q = std::get_if<market::quote>(&e)) {
      auto& at = of(q->instrument);
      at.now.instrument = q->instrument;
      const auto which = heard_at.size() == 1 ? 0 : quotes++;
      at.now.quote = market::heard_quote{*q, which < heard_at.size() ? heard_at[which] : boot_ns{}};
      ++counts_.quotes;
    } else if (const auto* t = std::get_if<market::trade>(&e)) {
      auto& at = of(t->instrument);
      at.now.instrument = t->instrument;
      if (!at.now.last) at.now.first = t->last;
      at.now.last = *t;
      at.now.volume = capped_add(at.now.volume, t->size);
      at.trades.push_back(*t);
      if (at.trades.size() > kept_) at.trades.pop_front();
      ++counts_.trades;
    } else if (const auto* b = std::get_if<market::bar>(&e)) {
      auto& at = of(b->instrument);
      at.now.instrument = b->instrument;
      at.bars.add(*b);
      ++counts_.bars;
    } else if (const auto* lost = std::get_if<market::book_lost>(&e)) {
      auto& at = of(lost->instrument);
      at.now.instrument = lost->instrument;
      at.now.quote.reset();
      at.levels.reset();
      ++counts_.books_lost;
    }
  }
}

void mark_board::confirm(const std::set<market::instrument_id>& shown, boot_ns heard_at) {
  std::unique_lock guard{mutex_};
  for (const auto& id : shown) {
    const auto at = entries_.find(id);
    if (at == entries_.end() || !at->second.now.quote) continue;
    auto& quote = *at->second.now.quote;
    quote.heard_at = std::max(quote.heard_at, heard_at);
  }
}

void mark_board::set_levels(const market::instrument_id& instrument, book_levels levels) {
  std::unique_lock guard{mutex_};
  of(instrument).levels = std::move(levels);
}

std::optional<market::heard_quote> mark_board::quote(const market::instrument_id& instrument) const {
  std::shared_lock guard{mutex_};
  auto it = entries_.find(instrument);
  return it == entries_.end() ? std::nullopt : it->second.now.quote;
}

std::vector<ticker> mark_board::tickers() const {
  std::shared_lock guard{mutex_};
  std::vector<ticker> all;
  for (const auto& [id, e] : entries_) all.push_back(e.now);
  return all;
}

std::optional<ticker> mark_board::one(const market::instrument_id& instrument) const {
  std::shared_lock guard{mutex_};
  auto it = entries_.find(instrument);
  return it == entries_.end() ? std::nullopt : std::optional{it->second.now};
}

std::vector<market::trade> mark_board::trades(const market::instrument_id& instrument, std::size_t limit) const {
  std::shared_lock guard{mutex_};
  auto it = entries_.find(instrument);
  if (it == entries_.end()) return {};
  std::vector<market::trade> newest;
  for (auto t = it->second.trades.rbegin(); t != it->second.trades.rend() && newest.size() < limit; ++t) newest.push_back(*t);
  return newest;
}

std::vector<market::bar> mark_board::bars(const market::instrument_id& instrument, nanoseconds length) const {
  std::shared_lock guard{mutex_};
  auto it = entries_.find(instrument);
  return it == entries_.end() ? std::vector<market::bar>{} : it->second.bars.of(length);
}

std::optional<book_levels> mark_board::levels(const market::instrument_id& instrument) const {
  std::shared_lock guard{mutex_};
  auto it = entries_.find(instrument);
  return it == entries_.end() ? std::nullopt : it->second.levels;
}

mark_board::totals mark_board::counts() const {
  std::shared_lock guard{mutex_};
  return counts_;
}

} // namespace troupe::desk
