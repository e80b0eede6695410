#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/api/marks.hpp"
#include "nodes/desk/api/pages.hpp"
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

namespace {

void list_marks(const api& a, const v1::page_params& p, const responder& reply) {
  std::vector<v1::mark> all;
  for (const auto& t : a.node->parts().board->tickers()) all.push_back(mark_of(t));
  auto page = page_of("marks", std::move(all), [](const v1::mark& m) { return m.instrument.value.str(); }, p.cursor, p.limit);
  if (page) reply.value(v1::marks_page{std::move(page->first), std::move(page->second)});
  else reply.fail(page.error());
}

void list_instruments(const api& a, const v1::page_params& p, const responder& reply) {
  std::vector<trading::instrument> all;
  for (const auto& [id, i] : a.node->parts().instruments) all.push_back(i);
  auto page = page_of("instruments", std::move(all), [](const trading::instrument& i) { return i.id.value.str(); }, p.cursor, p.limit);
  if (page) reply.value(v1::instruments_page{std::move(page->first), std::move(page->second)});
  else reply.fail(page.error());
}

void list_feeds(const std::shared_ptr<api>& a, const request_context& request, const v1::page_params& p, const responder& reply) {
  ask_all_nodes(a, a->context_of(request), [a, p, reply](result<gathered<node_state>> found) {
    if (!found) return void(reply.fail(found.error()));
    std::vector<v1::feed_row> all;
    for (auto& [node, state] : found->answers)
      for (auto& f : state.feeds) {
        if (!a->node->nodes().is_alone()) f.node = node;
        all.push_back(std::move(f));
      }
    auto page = page_of("feeds", std::move(all), [](const v1::feed_row& f) { return f.name.str(); }, p.cursor, p.limit);
    if (page) reply.value(v1::feeds_page{std::move(page->first), std::move(page->second), unless_none(std::move(found->missing))});
    else reply.fail(page.error());
  });
}

} // namespace

void add_market_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.get<v1::page_params, v1::marks_page>(
    "v1", "/v1/marks", "The newest quote and trade of every instrument with a market, in pages.", {},
    [a](const request_context&, const v1::page_params& p, const responder& reply) { list_marks(*a, p, reply); });
  table.get<v1::instrument_path, v1::mark>(
    "v1", "/v1/marks/{instrument}", "The newest quote and trade of one instrument.", {errc::not_found},
    [a](const request_context&, const v1::instrument_path& p, const responder& reply) {
      if (auto t = a->node->parts().board->one(p.instrument)) reply.value(mark_of(*t));
      else reply.fail(fail(errc::not_found, "nothing was received about " + p.instrument.value.str()));
    });
  table.get<v1::page_params, v1::instruments_page>(
    "v1", "/v1/instruments", "What can be traded: ticks, lots, currencies. In pages.", {},
    [a](const request_context&, const v1::page_params& p, const responder& reply) { list_instruments(*a, p, reply); });
  table.get<v1::page_params, v1::feeds_page>(
    "v1", "/v1/feeds", "How each feed is, why it failed when it did, how far it is and what it could not use, in pages.", {},
    [a](const request_context& request, const v1::page_params& p, const responder& reply) { list_feeds(a, request, p, reply); });
}

} // namespace troupe::desk
