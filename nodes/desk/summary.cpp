#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/summary.hpp"

#include "nodes/desk/profit.hpp"
#include "runtime/actor/messages.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <cstdio>
#include <map>

#include <sys/ioctl.h>
#include <unistd.h>

namespace troupe::desk {
namespace {

constexpr std::size_t line_characters_max = 200;

portfolio::positions_view positions_of(desk& d) {
  caf::scoped_actor self{d.system()};
  context c;
  c.request = 1;
  portfolio::positions_query q;
  q.flat.value = true;
  d.parts().env.names->ref(portfolio_name)->enqueue(
    caf::make_mailbox_element(caf::actor_cast<caf::strong_actor_ptr>(self), caf::make_message_id(), {}, c, q), nullptr);
  portfolio::positions_view all;
  self->receive([&](std::uint64_t, const portfolio::positions_view& v) { all = v; }, [](const actor::unanswered&) {},
                caf::after(std::chrono::milliseconds{300}) >> [] {});
  return all;
}

/// What is open, one after the other.
std::string open_positions(const portfolio::positions_view& v) {
  constexpr std::size_t shown_max = 8; // a line stays a line
  std::string out;
  std::size_t open = 0;
  for (const auto& p : v.positions) {
    if (p.quantity.units == 0 || ++open > shown_max) continue;
    out += (out.empty() ? "" : "; ") + p.account.value.str() + " " + p.quantity.str() + " " + p.instrument.value.str();
    if (p.unrealized) out += " (" + p.unrealized->str() + ")";
  }
  if (open > shown_max) out += "; and " + std::to_string(open - shown_max) + " more";
  return out.empty() ? "flat" : out;
}

std::string or_zero(const std::string& sum) { return sum.empty() ? "0" : sum; }

std::string rate(std::uint64_t n, double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f", seconds > 0 ? static_cast<double>(n) / seconds : 0.0);
  return text;
}

/// Everything that needs no actor and no journal to answer.
void count(desk& d, activity& a) {
  a.quotes = a.trades = a.bad_lines = a.turns = a.flushes = 0;
  for (const auto& [name, p] : d.feeds()) {
    a.quotes += p->quotes;
    a.trades += p->trades;
    a.bad_lines += p->bad_lines;
  }
  a.feeds = d.feed_states();
  a.orders = d.parts().orders;
  a.fills = d.parts().fills;
  for (const auto& j : {d.parts().journal, d.parts().venues}) {
    const auto s = j->stats();
    a.turns += s.turns;
    a.flushes += s.flushes;
  }
}

} // namespace

std::uint64_t waiting_turns(const desk& d) {
  std::uint64_t waiting = 0;
  for (const auto& p : d.pulses().all()) {
    const auto decided = p->sequence.load();
    const auto durable = p->durable.load();
    if (decided > durable) waiting += decided - durable;
  }
  return waiting;
}

activity activity_of(desk& d) {
  activity a;
  count(d, a);
  a.waiting = waiting_turns(d);
  a.positions = positions_of(d);
  return a;
}

void count_at_end(desk& d, activity& a) {
  count(d, a);
  std::map<actor_name, std::uint64_t> durable;
  for (const auto& j : {d.parts().journal, d.parts().venues})
    if (const auto heads = j->heads()) // else the journal has said why
      for (const auto& h : *heads) durable[h.stream] = h.sequence;
  a.waiting = 0;
  for (const auto& p : d.pulses().all())
    if (const auto own = durable.find(p->name); own != durable.end() && p->sequence > own->second) a.waiting += p->sequence - own->second;
}

std::string live_line(const activity& before, const activity& now, double seconds) {
  const auto earned = profit_of(now.positions);
  std::string line; // what is wrong comes first: the end of a line may be cut
  for (const auto& f : now.feeds)
    if (f.status != feed_status::streaming) line += "feed " + f.name.str() + " " + std::string{name_of(f.status)} + "  ";
  line += rate(now.quotes - before.quotes, seconds) + " quotes/s  " + std::to_string(now.orders) + " orders  " + std::to_string(now.fills) +
              " fills  P&L " + or_zero(earned.realized) + " realized, " + or_zero(earned.unrealized) + " open  lag " +
              std::to_string(now.waiting) + " turns  " + open_positions(now.positions);
  if (line.size() > line_characters_max) line.replace(line_characters_max - 3, std::string::npos, "...");
  return line;
}

std::string report_text(const activity& all, double seconds) {
  char ran[64];
  std::snprintf(ran, sizeof ran, "ran %.1f s: ", seconds);
  const auto earned = profit_of(all.positions);
  auto text = ran + std::to_string(all.quotes) + " quotes (" + rate(all.quotes, seconds) + "/s), " + std::to_string(all.trades) + " trades, " +
              std::to_string(all.orders) + " orders, " + std::to_string(all.fills) + " fills\n";
  if (all.bad_lines > 0) text += "bad lines: " + std::to_string(all.bad_lines) + "\n";
  for (const auto& f : all.feeds)
    if (f.failure) text += "feed " + f.name.str() + " failed: " + *f.failure + "\n";
  text += "positions: " + open_positions(all.positions) + "\n";
  text += "P&L: " + or_zero(earned.realized) + " realized, " + or_zero(earned.unrealized) + " unrealized, " + or_zero(earned.fees) + " fees\n";
  return text + "journal: " + std::to_string(all.turns) + " durable turns in " + std::to_string(all.flushes) + " flushes, " +
         std::to_string(all.waiting) + " waiting\n";
}

live_summary::live_summary(desk& d) : desk_{d}, thread_{[this] { run(); }} {}

live_summary::~live_summary() {
  leaving_ = true;
  thread_.join();
  std::fputs("\r\033[K", stderr);
}

void live_summary::run() {
  auto last = activity_of(desk_);
  auto at = std::chrono::steady_clock::now();
  while (!leaving_) {
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    auto now = activity_of(desk_);
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - at).count();
    at = std::chrono::steady_clock::now();
    auto line = live_line(last, now, seconds);
    winsize window{}; // a line that wraps could not be taken back
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1) line.resize(std::min<std::size_t>(line.size(), window.ws_col - 1u));
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    last = std::move(now);
  }
}

} // namespace troupe::desk
