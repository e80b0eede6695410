#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/summary.hpp"

#include "actors/trading/portfolio/messages.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <cstdio>

namespace troupe::desk {
namespace {

struct numbers {
  std::uint64_t quotes = 0;
  std::uint64_t trades = 0;
  std::uint64_t order_turns = 0;
  std::uint64_t journal_turns = 0;
  std::uint64_t flushes = 0;
  std::uint64_t lag = 0; // turns decided and not yet durable
};

numbers read(desk& d) {
  numbers n;
  for (const auto& [name, p] : d.feeds()) {
    n.quotes += p->quotes;
    n.trades += p->trades;
  }
  for (const auto& p : d.pulses().all()) {
    if (p->name.value.view().starts_with("oms/")) n.order_turns += p->turns;
    const auto decided = p->sequence.load();
    const auto durable = p->durable.load();
    if (decided > durable) n.lag += decided - durable;
  }
  for (const auto& j : {d.parts().journal, d.parts().venues}) {
    const auto s = j->stats();
    n.journal_turns += s.turns;
    n.flushes += s.flushes;
  }
  return n;
}

std::string positions_text(desk& d) {
  caf::scoped_actor self{d.system()};
  context c;
  c.request = 1;
  d.parts().env.names->ref(portfolio_name)->enqueue(
    caf::make_mailbox_element(caf::actor_cast<caf::strong_actor_ptr>(self), caf::make_message_id(), {}, c, portfolio::positions_query{}), nullptr);
  std::string out;
  self->receive(
    [&](std::uint64_t, const portfolio::positions_view& v) {
      constexpr std::size_t shown_max = 8; // a line stays a line
      for (std::size_t i = 0; i < std::min(shown_max, v.positions.size()); ++i) {
        const auto& p = v.positions[i];
        out += (out.empty() ? "" : "; ") + p.account.value.str() + " " + p.quantity.str() + " " + p.instrument.value.str() + " P&L " + p.realized.str();
        if (p.unrealized) out += " + " + p.unrealized->str();
      }
      if (v.positions.size() > shown_max) out += "; and " + std::to_string(v.positions.size() - shown_max) + " more";
    },
    caf::after(std::chrono::milliseconds{300}) >> [] {});
  return out.empty() ? "flat" : out;
}

} // namespace

live_summary::live_summary(desk& d) : desk_{d}, thread_{[this] { run(); }} {}

live_summary::~live_summary() {
  leaving_ = true;
  thread_.join();
  std::fputs("\r\033[K", stderr);
}

void live_summary::run() {
  numbers last = read(desk_);
  auto at = std::chrono::steady_clock::now();
  while (!leaving_) {
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    const auto now = read(desk_);
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - at).count();
    at = std::chrono::steady_clock::now();
    std::fprintf(stderr, "\r\033[K%.0f quotes/s  %llu order turns  %llu durable turns (%llu waiting)  %.110s",
                 static_cast<double>(now.quotes - last.quotes) / seconds, static_cast<unsigned long long>(now.order_turns),
                 static_cast<unsigned long long>(now.journal_turns), static_cast<unsigned long long>(now.lag),
                 positions_text(desk_).c_str());
    std::fflush(stderr);
    last = now;
  }
}

std::string final_report(desk& d, double seconds) {
  const auto n = read(d);
  char head[256];
  std::snprintf(head, sizeof head, "ran %.1f s: %llu quotes, %llu trades, %llu order turns, %llu durable turns in %llu flushes\n", seconds,
                static_cast<unsigned long long>(n.quotes), static_cast<unsigned long long>(n.trades),
                static_cast<unsigned long long>(n.order_turns), static_cast<unsigned long long>(n.journal_turns),
                static_cast<unsigned long long>(n.flushes));
  return head + ("positions: " + positions_text(d)) + "\n";
}

} // namespace troupe::desk
