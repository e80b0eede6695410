#include "nodes/desk/api/trade2026_routes.hpp"

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/api.hpp"

namespace troupe::desk {

void add_trade2026_routes(edge::route_table& table, std::shared_ptr<api> a) {
  for (auto [name, title] : {std::pair{"trade2026_oms", "Trade2026: orders"}, std::pair{"trade2026_risk", "Trade2026: risk"},
                             std::pair{"trade2026_gateway", "Trade2026: market data"},
                             std::pair{"trade2026_console", "Trade2026: console"}})
    table.declare(name, {.title = title, .unknown = wire::unknown_fields::count, .format = detail_error, .error_schema = edge::fastapi_error_schema(),
                         .takes_unknown_keys = true, .takes_trailing_slash = true});
  add_trade2026_oms(table, a);
  add_trade2026_risk(table, a);
  add_trade2026_gateway(table, a);
  add_trade2026_console(table, a);
}

edge::response detail_error(const error& e, unsigned status, std::string_view request_id) {
  error flat{e.code, e.message, {}};
  for (const auto& f : e.fields) {
    if (&f == &e.fields.front()) flat.message.clear();
    else flat.message += "; ";
    flat.message += f.field.empty() ? f.message : f.field + ": " + f.message;
  }
  return edge::fastapi_error(flat, status, request_id);
}

trade2026::symbol_map symbols_of(const desk& node) {
  std::vector<trading::instrument_id> all;
  for (const auto& i : node.config().instruments) all.push_back(i.id.value());
  return trade2026::symbol_map{std::move(all)};
}

std::vector<trading::instrument_id> instruments_for(const api& a, std::string_view symbol) {
  const auto& board = *a.node->parts().board;
  return symbols_of(*a.node).candidates(symbol, [&](const auto& id) { return board.quote(id).has_value(); });
}

error unknown_symbol(std::string_view symbol) {
  return fail(errc::not_found, "symbol " + std::string{symbol.substr(0, 64)} + " is not known here");
}

std::vector<std::string> health_paths(const std::string& service) { return {"/health", "/api/health", "/api/" + service + "/health"}; }

void add_health_routes(edge::route_table& table, const std::shared_ptr<api>& a, const std::string& surface,
                       const std::string& service) {
  for (const auto& path : health_paths(service))
    table.get<edge::none, trade2026::health>(
      surface, path, "Whether orders can be taken.", {errc::unavailable},
      [a, service](const edge::request_context&, edge::none, const edge::responder& reply) {
        if (auto why = a->node->not_ready()) reply.fail(fail(errc::unavailable, *why));
        else reply.value(trade2026::health{"healthy", service});
      });
}

} // namespace troupe::desk
