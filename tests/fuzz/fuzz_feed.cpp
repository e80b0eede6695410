// Any lines as a captured stream or, behind a first byte 't' or 'q', as a file of trade or quote bars: never fatal; every
// line is counted once, time never goes back, a quote that leaves has two prices that do not cross, a bar holds its own.

#include "actors/market/feed/bar_decoder.hpp"
#include "actors/market/feed/capture_decoder.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <string_view>

using namespace troupe;

namespace {

void check(const market::event& e) {
  constexpr price nothing{0};
  if (const auto* q = std::get_if<market::quote>(&e)) {
    FUZZ_CHECK(q->bid >= nothing && q->ask >= nothing);
    if (q->bid > nothing && q->ask > nothing) FUZZ_CHECK(q->bid < q->ask);
  }
  if (const auto* b = std::get_if<market::bar>(&e)) {
    FUZZ_CHECK(b->low <= b->open && b->open <= b->high && b->low <= b->close && b->close <= b->high);
    FUZZ_CHECK(b->volume >= quantity{0});
  }
  if (const auto* t = std::get_if<market::trade>(&e)) FUZZ_CHECK(t->last > nothing && t->size > quantity{0});
}

/// Feeds every line to the decoder; `look` sees it after each.
template <class Decoder, class Look>
void run(Decoder& decoder, std::string_view rest, Look&& look) {
  std::vector<market::event> events;
  time_ns before{};
  std::uint64_t number = 0;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    events.clear();
    const auto at = decoder.line(line, ++number, {}, events);
    FUZZ_CHECK(at >= before);
    before = at;
    for (const auto& e : events) check(e);
    look(decoder);
  }
  FUZZ_CHECK(decoder.counts().lines == number);
}

void run_bars(feed::source_format format, std::string_view rows) {
  using namespace std::chrono;
  feed::source_profile p;
  p.format = format;
  p.instrument = market::instrument_id{"BTCUSDT.BINANCE"};
  p.interval = minutes{1};
  p.day = 2022y / December / 13;
  feed::bar_decoder decoder{p};
  run(decoder, rows, [](const auto&) {});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all{reinterpret_cast<const char*>(data), size};
  if (all.starts_with('t')) return run_bars(feed::source_format::trade_bars, all.substr(1)), 0;
  if (all.starts_with('q')) return run_bars(feed::source_format::quote_bars, all.substr(1)), 0;
  feed::capture_decoder decoder{market::instrument_id{"BTCUSDT.BINANCE_SPOT"}, "BTCUSDT", {64, 64, 256}};
  run(decoder, all, [](const feed::capture_decoder& d) {
    const auto bids = d.levels().bids(64), asks = d.levels().asks(64);
    if (!bids.empty() && !asks.empty()) FUZZ_CHECK(bids[0].at < asks[0].at);
  });
  return 0;
}
