#pragma once
// Trade2026's routes by the service that had them; trade2026.cpp adds them all. Called once, before the server starts;
// handlers run on its thread.

#include "actors/platform/trade2026/messages.hpp"
#include "actors/platform/trade2026/symbols.hpp"
#include "actors/trading/risk/messages.hpp"
#include "nodes/desk/api/asks.hpp"
#include "runtime/core/error.hpp"
#include "runtime/edge/response.hpp"

#include <functional>
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
/// The same, and behind them those of `among` that it may mean and that are not configured any more.
[[nodiscard]] std::vector<trading::instrument_id> instruments_for(const api& a, std::string_view symbol, const std::vector<trading::instrument_id>& among);
[[nodiscard]] error unknown_symbol(std::string_view symbol);

/// Stops every instrument that `symbol` may mean: those that are configured at once, then former ones, which have to be looked for. `then` hears of all as of
/// one. Errors: those of `stop`; not_found (it means nothing, and stops nothing), unavailable (by its symbol alone
/// nobody can say now what it means).
using stop_instrument = std::function<void(const trading::instrument_id&, answer_to<risk::risk_reply>)>;
void stop_symbol(const api_ptr& a, const context& c, const std::string& symbol, const stop_instrument& stop, answer_to<risk::risk_reply> then);

/// The paths at which the original's health is asked for: /health, /api/health, /api/<service>/health.
[[nodiscard]] std::vector<std::string> health_paths(const std::string& service);
/// All of them: {"status":"healthy","service":...}, or 503 with the reason why orders cannot be taken.
void add_health_routes(edge::route_table& table, const std::shared_ptr<api>& a, const std::string& surface,
                       const std::string& service);

} // namespace troupe::desk
