#include "nodes/desk/api/trade2026_routes.hpp"

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/former_instruments.hpp"

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

namespace {

std::vector<trading::instrument_id> former_meant(const api& a, std::string_view symbol, const std::vector<trading::instrument_id>& among) {
  const auto& configured = a.node->parts().instruments;
  std::vector<trading::instrument_id> former;
  for (const auto& id : among) {
    if (!configured.contains(id)) former.push_back(id);
    else if (id.value.view() == symbol) return {}; // that one is meant, and no other
  }
  return trade2026::symbol_map{std::move(former)}.candidates(symbol, [](const auto&) { return false; });
}

/// When nobody can say whether there is one of that name it is stopped: who wants it does not wait. By its symbol alone nobody knows which.
std::vector<trading::instrument_id> former_to_stop(const api& a, const std::string& symbol, const former_instruments& seen) {
  auto meant = former_meant(a, symbol, seen.found);
  if (meant.empty() && !seen.is_complete && symbol.find('.') != symbol.npos)
    if (const auto id = decltype(trading::instrument_id::value)::make(symbol)) meant.push_back({*id});
  return meant;
}

std::vector<risk_command> commands_of(const std::vector<trading::instrument_id>& all, const stop_instrument& stop) {
  std::vector<risk_command> commands;
  for (const auto& id : all) commands.push_back([id, stop](answer_to<risk::risk_reply> then) { stop(id, std::move(then)); });
  return commands;
}

} // namespace

std::vector<trading::instrument_id> instruments_for(const api& a, std::string_view symbol, const std::vector<trading::instrument_id>& among) {
  auto all = instruments_for(a, symbol);
  const auto former = former_meant(a, symbol, among);
  all.insert(all.end(), former.begin(), former.end());
  return all;
}

void stop_symbol(const api_ptr& a, const context& c, const std::string& symbol, const stop_instrument& stop, answer_to<risk::risk_reply> then) {
  const auto configured = instruments_for(*a, symbol);
  auto commands = commands_of(configured, stop);
  const bool is_id = configured.size() == 1 && configured.front().value.view() == symbol;
  if (!is_id) // the last comes first
    commands.insert(commands.begin(), [a, c, symbol, stop, is_known = !configured.empty()](answer_to<risk::risk_reply> told) {
      find_former(a, c, std::nullopt, [a, symbol, stop, is_known, told = std::move(told)](const former_instruments& seen) {
        const auto former = former_to_stop(*a, symbol, seen);
        if (!former.empty()) return in_turn(commands_of(former, stop), told);
        if (is_known) told(risk::risk_reply{risk::verdict::unchanged, {}, 0});
        else if (seen.is_complete) told(unknown_symbol(symbol));
        else told(fail(errc::unavailable, "symbol " + symbol + " is not configured, and not everybody who may have it can be asked now: name it with its venue"));
      });
    });
  in_turn(std::move(commands), std::move(then));
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
