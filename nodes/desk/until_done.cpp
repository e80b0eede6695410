#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/until_done.hpp"

#include "nodes/desk/run_warnings.hpp"

#include "actors/trading/oms/core.hpp"
#include "actors/trading/portfolio/core.hpp"
#include "runtime/actor/recover.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <limits>
#include <set>

namespace troupe::desk {
namespace {

/// The next due feed and its time; none when all have ended.
std::optional<std::pair<std::size_t, time_ns>> next_due(const desk& d) {
  std::optional<std::pair<std::size_t, time_ns>> first;
  for (std::size_t i = 0; i < d.feeds().size(); ++i) {
    const auto at = d.feeds()[i].second->next_due_ns.load();
    if (at == std::numeric_limits<std::int64_t>::max()) continue;
    if (!first || time_from_ns(at) < first->second) first = {i, time_from_ns(at)};
  }
  return first;
}

/// Sums recomputed from the journal alone: orders, fills, and positions to compare with the portfolio's.
result<void> count_history(desk& d, run_summary& s, std::map<std::string, std::int64_t>& net) {
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) {
    std::optional<error> wrong;
    auto read = d.parts().journal->read(trading::slot_name(slot), 1, [&](const journal::record_view& r) {
      auto t = actor::decode_outcome<oms::core>(r.header.schema, r.payload);
      if (!t) {
        wrong = t.error();
        return false;
      }
      for (const auto& e : t->events) {
        if (const auto* c = std::get_if<oms::position_corrected>(&e)) net[c->correction.account.value.str() + "/" + c->correction.instrument.value.str()] += c->correction.quantity.units;
        if (std::holds_alternative<oms::order_accepted>(e)) ++s.orders;
        if (std::holds_alternative<oms::order_rejected>(e)) ++s.orders, ++s.rejected;
        if (const auto* x = std::get_if<oms::execution>(&e); x && x->report.type == venue::exec_type::trade) {
          ++s.fills;
          const auto q = x->report.last_quantity.units;
          net[x->account.value.str() + "/" + x->instrument.value.str()] += x->side == trading::side::buy ? q : -q;
        }
      }
      return true;
    });
    if (wrong) return *wrong;
    if (!read) return read.error();
  }
  return {};
}

/// A gap in the data longer than this passes in one step up to `settling` before its end, where the leases are renewed
/// and the day's end is told; stepping through a night of renewals would tell nobody anything.
constexpr nanoseconds idle_gap = std::chrono::seconds{10};
constexpr nanoseconds settling = std::chrono::seconds{1};

/// A feed may be about more than its instrument, but one that tells nothing of that is the wrong file or the wrong instrument.
result<void> check_told(const text<15>& name, const feed_progress& p) {
  if (p.quotes + p.trades + p.bars > 0 || p.other_symbols == 0) return {};
  return fail(errc::invalid_argument, "feed/" + name.str() + " told no quote, trade or bar of its instrument, and " + std::to_string(p.other_symbols) +
                                        " lines of other symbols: is feeds[].instrument what its file is about?");
}

std::vector<std::string> warnings_for(const desk& d, const run_summary& s) {
  std::vector<std::string> all;
  if (s.other_symbols > 0)
    all.push_back(std::to_string(s.other_symbols) + " lines were of other symbols than the feeds' instruments and were left out; is feeds[].instrument what the file is about?");
  if (s.quotes == 0 && s.other_symbols == 0) all.push_back("the feed has no quotes, so nothing could be priced or filled; bars of trades alone tell no market");
  told_market told;
  for (const auto& [name, p] : d.feeds()) told.insert(p->told.begin(), p->told.end()); // an instrument has one feed
  const auto first = first_instrument(d.config());
  if (!first) return all; // a feed without an instrument did not start
  for (auto& warning : warnings_of(d.config(), *first, told)) all.push_back(std::move(warning));
  return all;
}

/// Nothing when everything that is held has a mark.
std::optional<std::string> warning_of(const portfolio::positions_view& held) {
  std::set<std::string> without;
  for (const auto& p : held.positions)
    if (!p.quantity.is_zero() && !p.mark) without.insert(p.instrument.value.str());
  if (without.empty()) return std::nullopt;
  std::string names;
  for (const auto& name : without) names += (names.empty() ? "" : ", ") + name;
  return "at the end the book of " + names + " was not known, so unrealized_pnl is without what is held there";
}

void pass(desk& d, caf::scheduler::test_coordinator& scheduler, nanoseconds time) {
  d.driver_clock().set(d.driver_clock().now() + time);
  scheduler.advance_time(time);
  scheduler.run();
}

} // namespace

void advance(desk& d, time_ns target) {
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(d.system().scheduler());
  scheduler.run(); // what waits now comes before time passes
  auto& clock = d.driver_clock();
  for (;;) {
    const auto& due = scheduler.clock().schedule();
    const auto here = scheduler.clock().now();
    if (due.empty()) break;
    const auto wait = std::chrono::duration_cast<nanoseconds>(due.begin()->first - here);
    const auto at = clock.now() + std::max(wait, nanoseconds{0});
    if (at > target) break;
    pass(d, scheduler, std::max(wait, nanoseconds{0}));
  }
  if (target > clock.now()) pass(d, scheduler, target - clock.now());
}

result<time_ns> begin_of(const configuration& c) {
  auto begin = time_ns::max();
  for (const auto& f : c.feeds) {
    auto first = first_entry_at(feed_options_of(c, f));
    if (!first) return first.error();
    begin = std::min(begin, *first);
  }
  return begin - std::chrono::seconds{2};
}

result<run_summary> run_until_done(desk& d, const std::function<void(std::uint64_t)>& progress) {
  const auto began = std::chrono::steady_clock::now();
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(d.system().scheduler());
  // Virtual time begins with the data, and the first leases are there before the first quote.
  advance(d, d.driver_clock().now() + std::chrono::seconds{1});
  std::uint64_t steps = 0;
  while (auto due = next_due(d)) {
    if (const auto gap = due->second - d.driver_clock().now(); gap > idle_gap) pass(d, scheduler, gap - settling);
    advance(d, std::max(due->second, d.driver_clock().now()));
    const auto before = d.feeds()[due->first].second->next_due_ns.load();
    pump_feed(d.system(), d.parts(), d.feeds()[due->first].first);
    scheduler.run();
    if (d.feeds()[due->first].second->next_due_ns.load() == before && d.feeds()[due->first].second->ended)
      break;
    if ((++steps & 0x3ff) == 0) progress(steps);
  }
  advance(d, d.driver_clock().now() + std::chrono::seconds{2}); // what is still on its way arrives

  run_summary s;
  for (const auto& [name, p] : d.feeds()) {
    if (auto broken = p->failure()) return *broken; // what came before it is not the feed
    if (auto told = check_told(name, *p); !told) return told.error();
    for (auto& line : p->told_bad_lines()) s.bad.push_back(std::move(line));
    s.quotes += p->quotes;
    s.trades += p->trades;
    s.bars += p->bars;
    s.bad_lines += p->bad_lines;
    s.other_symbols += p->other_symbols;
    s.books_lost += p->books_lost;
  }
  s.warnings = warnings_for(d, s);
  std::map<std::string, std::int64_t> net;
  if (auto counted = count_history(d, s, net); !counted) return counted.error();

  // The answer arrives while nobody waits: run, then look.
  caf::scoped_actor self{d.system()};
  context c;
  c.request = 1;
  portfolio::positions_query q;
  q.flat.value = true;
  d.parts().env.names->ref(portfolio_name)->enqueue(
    caf::make_mailbox_element(caf::actor_cast<caf::strong_actor_ptr>(self), caf::make_message_id(), {}, c, q), nullptr);
  scheduler.run();
  self->receive([&](std::uint64_t, const portfolio::positions_view& v) {
    std::map<std::string, std::int64_t> shown;
    std::uint64_t filled = 0;
    for (const auto& p : v.positions) {
      s.positions.push_back(wire::to_json(p));
      shown[p.account.value.str() + "/" + p.instrument.value.str()] += p.quantity.units;
      filled += p.fills;
    }
    s.earned = profit_of(v);
    if (auto warning = warning_of(v)) s.warnings.push_back(*std::move(warning));
    std::erase_if(net, [](const auto& sum) { return sum.second == 0; });
    std::erase_if(shown, [](const auto& position) { return position.second == 0; });
    s.positions_equal_fills = shown == net && filled == s.fills;
  });
  for (const auto& j : {d.parts().journal, d.parts().venues}) {
    auto heads = j->heads();
    if (!heads) return heads.error();
    for (const auto& h : *heads) s.turns += h.sequence;
  }
  auto hash = d.history_hash();
  if (!hash) return hash.error();
  s.hash = to_hex(*hash);
  s.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return s;
}

std::string run_summary::json() const {
  std::string out = "{\"event\":\"done\",\"quotes\":" + std::to_string(quotes) + ",\"trades\":" + std::to_string(trades) +
                    ",\"bars\":" + std::to_string(bars) + ",\"bad_lines\":" + std::to_string(bad_lines) +
                    ",\"books_lost\":" + std::to_string(books_lost) + ",\"orders\":" + std::to_string(orders) +
                    ",\"rejected\":" + std::to_string(rejected) + ",\"fills\":" + std::to_string(fills) + ",\"positions\":[";
  for (std::size_t i = 0; i < positions.size(); ++i) out += (i ? "," : "") + positions[i];
  out += "],\"realized_pnl\":\"" + earned.realized + "\",\"unrealized_pnl\":\"" + earned.unrealized + "\",\"fees\":\"" + earned.fees +
         "\",\"warnings\":[";
  for (std::size_t i = 0; i < warnings.size(); ++i) {
    if (i > 0) out += ',';
    wire::append_json_string(out, warnings[i]);
  }
  out += std::string{"],\"positions_equal_fills\":"} + (positions_equal_fills ? "true" : "false") + ",\"journal_turns\":" + std::to_string(turns) +
         ",\"journal_hash\":\"" + hash + "\"}";
  return out;
}

} // namespace troupe::desk
