#pragma once
// Trade2026's routes by the service that had them; trade2026.cpp adds them all. Called once, before the server starts;
// handlers run on its thread.

#include "actors/platform/trade2026/messages.hpp"
#include "actors/platform/trade2026/symbols.hpp"
#include "runtime/core/error.hpp"
#include "runtime/edge/response.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::edge {
class route_table;
class responder;
struct request_context;
}
namespace troupe::desk {

class desk;
struct api;

void add_trade2026_oms(edge::route_table& table, const std::shared_ptr<api>& a);
void add_trade2026_risk(edge::route_table& table, const std::shared_ptr<api>& a);
void add_trade2026_gateway(edge::route_table& table, const std::shared_ptr<api>& a);
void add_trade2026_console(edge::route_table& table, const std::shared_ptr<api>& a);

/// {"detail": one sentence} with the status of the code: what FastAPI's HTTPException makes, also for wrong fields.
[[nodiscard]] edge::response detail_error(const error& e, unsigned status, std::string_view request_id);

/// The configured instruments in the order of the configuration.
[[nodiscard]] trade2026::symbol_map symbols_of(const desk& node);
/// What `symbol` may mean, the likeliest first; empty when it is unknown.
[[nodiscard]] std::vector<trading::instrument_id> instruments_for(const api& a, std::string_view symbol);
[[nodiscard]] error unknown_symbol(std::string_view symbol);

/// The paths at which the original's health is asked for: /health, /api/health, /api/<service>/health.
[[nodiscard]] std::vector<std::string> health_paths(const std::string& service);
/// All of them: {"status":"healthy","service":...}, or 503 with the reason why orders cannot be taken.
void add_health_routes(edge::route_table& table, const std::shared_ptr<api>& a, const std::string& surface,
                       const std::string& service);

} // namespace troupe::desk
