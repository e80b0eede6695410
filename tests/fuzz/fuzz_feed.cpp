// Any lines as a captured stream: never fatal; every line is counted once, time never goes back, and a quote that leaves
// has two prices that do not cross.

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
  if (const auto* t = std::get_if<market::trade>(&e)) FUZZ_CHECK(t->last > nothing && t->size > quantity{0});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  feed::capture_decoder decoder{market::instrument_id{"BTCUSDT.BINANCE_SPOT"}, "BTCUSDT", {64, 64, 256}};
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
    const auto& book = decoder.levels();
    const auto bids = book.bids(64), asks = book.asks(64);
    if (!bids.empty() && !asks.empty()) FUZZ_CHECK(bids[0].at < asks[0].at);
  }
  FUZZ_CHECK(decoder.counts().lines == number);
  return 0;
}
