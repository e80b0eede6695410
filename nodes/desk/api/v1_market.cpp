#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/marks.hpp"
#include "nodes/desk/api/v1_routes.hpp"

namespace troupe::desk {

using edge::request_context;
using edge::responder;

v1::mark mark_of(const ticker& t) {
  v1::mark m;
  m.instrument = t.instrument;
  m.volume = t.volume;
  if (t.quote) {
    const auto& q = *t.quote;
    if (q.bid.is_positive()) {
      m.bid = q.bid;
      m.bid_size = q.bid_size;
    }
    if (q.ask.is_positive()) {
      m.ask = q.ask;
      m.ask_size = q.ask_size;
    }
    if (to_ns(q.event_at) != 0) m.event_at = q.event_at;
    m.received_at = q.received_at;
    if (!q.tape.tape.empty()) m.tape = q.tape;
  }
  if (t.last) {
    m.last = t.last->last;
    m.last_size = t.last->size;
  }
  return m;
}

void add_market_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.get<edge::none, v1::marks_page>("v1", "/v1/marks", "The newest quote and trade of every instrument with a market.", {},
                                        [a](const request_context&, edge::none, const responder& reply) {
                                          v1::marks_page page;
                                          for (const auto& t : a->node->parts().board->tickers()) page.marks.push_back(mark_of(t));
                                          reply.value(page);
                                        });
  table.get<v1::instrument_path, v1::mark>(
    "v1", "/v1/marks/{instrument}", "The newest quote and trade of one instrument.", {errc::not_found},
    [a](const request_context&, const v1::instrument_path& p, const responder& reply) {
      if (auto t = a->node->parts().board->one(p.instrument)) reply.value(mark_of(*t));
      else reply.fail(fail(errc::not_found, "nothing was received about " + p.instrument.value.str()));
    });
  table.get<edge::none, v1::instruments_page>("v1", "/v1/instruments", "What can be traded: ticks, lots, currencies.", {},
                                              [a](const request_context&, edge::none, const responder& reply) {
                                                v1::instruments_page page;
                                                for (const auto& [id, i] : a->node->parts().instruments)
                                                  page.instruments.push_back(i);
                                                reply.value(page);
                                              });
  table.get<edge::none, v1::feeds_page>(
    "v1", "/v1/feeds", "How far each feed is and what it could not use.", {},
    [a](const request_context&, edge::none, const responder& reply) {
      v1::feeds_page page;
      for (const auto& [name, p] : a->node->feeds())
        page.feeds.push_back({name, p->ended.load(), p->lines.load(), p->bad_lines.load(), p->quotes.load(), p->trades.load(),
                              p->bars.load(), p->books_lost.load(), p->dropped.load(), p->tape_position.load()});
      reply.value(page);
    });
}

} // namespace troupe::desk
