#pragma once
// Orders, books and risk as Trade2026's clients write and read them. Structs of this surface only: numbers are JSON
// numbers, absent values are null. Values; any thread.

#include "actors/platform/trade2026/numbers.hpp"
#include "actors/trading/ids.hpp"
#include "actors/trading/risk/messages.hpp"
#include "runtime/core/bounded.hpp"
#include "runtime/core/result.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace troupe::trade2026 {

/// Shown as null when absent; an optional member would be left out.
template <class T>
using nullable = strong_id<struct nullable_tag, std::optional<T>>;
using price_number = as_number<troupe::price>;
using quantity_number = as_number<troupe::quantity>;
/// An amount of the quote currency: one that is limited or counted in 64 bits, and one that is a sum of notionals and may be larger.
using amount_number = as_number<troupe::price>;
using money_number = as_number<money>;

inline constexpr trading::account_id default_account{"default"};

/// Yes or no in a query as Python clients write it: true, 1, yes, on, y, t and their opposites, in any case.
struct flag {
  bool on = false;
  friend bool operator==(const flag&, const flag&) = default;
};
BOOST_DESCRIBE_STRUCT(flag, (), (on))
[[nodiscard]] inline std::string to_text(const flag& f) { return f.on ? "true" : "false"; }
[[nodiscard]] bool from_text(std::string_view s, flag& out);
[[nodiscard]] constexpr const char* text_pattern(std::type_identity<flag>) {
  return "^(?:[Tt]|[Ff]|[Yy]|[Nn]|[01]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff])$";
}

// -- orders -----------------------------------------------------------------------------------------------------------

enum class order_kind : std::uint8_t { market, limit, stop, stop_limit, trailing_stop };
BOOST_DESCRIBE_ENUM(order_kind, market, limit, stop, stop_limit, trailing_stop)
enum class validity : std::uint8_t { day, gtc, ioc, fok, gtd };
BOOST_DESCRIBE_ENUM(validity, day, gtc, ioc, fok, gtd)

/// POST /orders. `type` counts before `order_type`; LIMIT when neither is given.
struct order_request {
  required_text<text<31>> symbol;
  trading::side side = trading::side::buy;
  positive<computed_quantity> quantity;
  std::optional<text<16>> type;
  std::optional<text<16>> order_type;
  std::optional<computed_price> price;
  std::optional<computed_price> stop_price;
  with_default<validity, validity::day> time_in_force;
  with_default<required_text<text<32>>, required_text<text<32>>{default_account.value}> account;
  std::optional<required_text<text<48>>> client_order_id;
  std::optional<unread> metadata; // the original hands it on inside, and shows it in no answer
};
BOOST_DESCRIBE_STRUCT(order_request, (), (symbol, side, quantity, type, order_type, price, stop_price, time_in_force, account,
                                          client_order_id, metadata))

/// Which of `type` and `order_type` counts. Errors: invalid_argument (no such type).
[[nodiscard]] result<order_kind> kind_of(const order_request& r);

enum class order_state : std::uint8_t {
  sent, partially_filled, filled, cancelled, rejected, risk_rejected, expired, failed
};
BOOST_DESCRIBE_ENUM(order_state, sent, partially_filled, filled, cancelled, rejected, risk_rejected, expired, failed)

/// A function of the request and of what the slot decided first, so that a repeat gets the same bytes: how it was then.
struct order_reply {
  trading::order_id order_id;
  order_state status = order_state::sent;
  text<31> symbol; // as asked
  trading::side side = trading::side::buy;
  order_kind order_type = order_kind::limit;
  quantity_number quantity;
  nullable<price_number> price;
  nullable<price_number> stop_price; // always null: stop orders are not offered
  quantity_number filled_quantity;   // always 0: nothing fills before the answer
  nullable<std::string> error_message;
  time_ns created_at{};
};
BOOST_DESCRIBE_STRUCT(order_reply, (), (order_id, status, symbol, side, order_type, quantity, price, stop_price, filled_quantity,
                                        error_message, created_at))

struct order_row {
  trading::order_id order_id;
  trading::client_order_id client_order_id;
  order_state status = order_state::sent;
  std::string symbol;
  std::string exchange;
  trading::side side = trading::side::buy;
  order_kind order_type = order_kind::limit;
  validity time_in_force = validity::day;
  quantity_number quantity;
  nullable<price_number> price;
  nullable<price_number> stop_price; // always null: stop orders are not offered
  quantity_number filled_quantity;
  price_number average_fill_price;   // 0 without a fill
  quantity_number remaining_quantity;
  money_number commission;
  trading::account_id account;
  nullable<std::string> error_message;
  time_ns created_at{};
  time_ns updated_at{};
};
BOOST_DESCRIBE_STRUCT(order_row, (), (order_id, client_order_id, status, symbol, exchange, side, order_type, time_in_force,
                                      quantity, price, stop_price, filled_quantity, average_fill_price, remaining_quantity,
                                      commission, account, error_message, created_at, updated_at))

struct order_path {
  std::string order_id; // any text: an id of another form is not found
};
BOOST_DESCRIBE_STRUCT(order_path, (), (order_id))
struct orders_params {
  std::optional<trading::account_id> account;
  with_default<flag, flag{}> active_only;
};
BOOST_DESCRIBE_STRUCT(orders_params, (), (account, active_only))
struct account_params {
  std::optional<trading::account_id> account;
};
BOOST_DESCRIBE_STRUCT(account_params, (), (account))
struct cancel_reply {
  std::string status; // "cancellation requested", whatever the id
  std::string order_id;
  bool success = false; // the venue is asked
  std::string message;  // why not
};
BOOST_DESCRIBE_STRUCT(cancel_reply, (), (status, order_id, success, message))

// -- books ------------------------------------------------------------------------------------------------------------

struct fill_row {
  std::string fill_id; // "SIM-17": no other fill of the desk has it
  trading::order_id order_id;
  std::string symbol;
  std::string exchange;
  trading::side side = trading::side::buy;
  quantity_number quantity;
  price_number price;
  money_number commission;
  trading::account_id account;
  time_ns filled_at{};
};
BOOST_DESCRIBE_STRUCT(fill_row, (), (fill_id, order_id, symbol, exchange, side, quantity, price, commission, account, filled_at))

struct position_row {
  std::string symbol;
  std::string exchange;
  trading::account_id account;
  std::string side;         // "long" or "short"
  quantity_number quantity; // unsigned
  price_number avg_price;
  nullable<price_number> current_price;
  nullable<money_number> unrealized_pnl;
  money_number realized_pnl;
};
BOOST_DESCRIBE_STRUCT(position_row, (), (symbol, exchange, account, side, quantity, avg_price, current_price, unrealized_pnl,
                                         realized_pnl))
struct position_params {
  std::string symbol; // or an account's name
  std::optional<trading::account_id> account;
};
BOOST_DESCRIBE_STRUCT(position_params, (), (symbol, account))

// -- health and counters ----------------------------------------------------------------------------------------------

struct health {
  std::string status;
  std::string service;
};
BOOST_DESCRIBE_STRUCT(health, (), (status, service))

/// Since the process started; only active_orders is about now.
struct oms_stats {
  std::uint64_t orders_received = 0;
  std::uint64_t orders_accepted = 0;
  std::uint64_t orders_rejected = 0;
  std::uint64_t orders_filled = 0;
  std::uint64_t orders_cancelled = 0;
  std::uint64_t orders_failed = 0;
  std::uint64_t risk_rejects = 0;
  quantity_number total_volume;
  amount_number commission_collected;
  std::uint64_t total_orders = 0;
  std::uint64_t active_orders = 0;
  std::uint64_t order_history_size = 0;
};
BOOST_DESCRIBE_STRUCT(oms_stats, (), (orders_received, orders_accepted, orders_rejected, orders_filled, orders_cancelled,
                                      orders_failed, risk_rejects, total_volume, commission_collected, total_orders,
                                      active_orders, order_history_size))

// -- risk -------------------------------------------------------------------------------------------------------------

enum class risk_level : std::uint8_t { low, medium, high, critical, breached };
BOOST_DESCRIBE_ENUM(risk_level, low, medium, high, critical, breached)

/// POST /check. What is missing or wrong is an answer, not an error: approved false, CRITICAL.
struct check_request {
  std::optional<std::string> account; // "default"
  std::optional<std::string> symbol;
  std::optional<std::string> side;
  std::optional<written_number> quantity;
  std::optional<written_number> price; // absent or 0: checked as a market order
};
BOOST_DESCRIBE_STRUCT(check_request, (), (account, symbol, side, quantity, price))
/// What the verdict was weighed against; null: not known now.
struct check_metrics {
  nullable<money_number> order_value; // quantity x price; without a price x the last that was traded or is asked for
  nullable<amount_number> total_exposure;
  nullable<amount_number> max_exposure;
  nullable<std::string> utilization; // "12.3%", without the order
};
BOOST_DESCRIBE_STRUCT(check_metrics, (), (order_value, total_exposure, max_exposure, utilization))
struct check_reply {
  bool approved = false;
  nullable<std::string> reason;
  nullable<std::string> rejection_reason; // the same, under the name the web client reads
  trade2026::risk_level risk_level = trade2026::risk_level::low;
  check_metrics risk_metrics;
  std::vector<std::string> warnings;
};
BOOST_DESCRIBE_STRUCT(check_reply, (), (approved, reason, rejection_reason, risk_level, risk_metrics, warnings))

struct portfolio_metrics {
  amount_number total_exposure;
  nullable<amount_number> var_95;           // null: not computed here
  nullable<amount_number> margin_available; // null: no margin model here
};
BOOST_DESCRIBE_STRUCT(portfolio_metrics, (), (total_exposure, var_95, margin_available))
struct risk_stats {
  std::uint64_t orders_checked = 0;
  std::uint64_t orders_approved = 0;
  std::uint64_t orders_rejected = 0;
  std::uint64_t alerts_raised = 0; // always 0: there are no alerts yet
  std::uint64_t limits_breached = 0;
  std::uint64_t risk_checks_performed = 0;
  std::uint64_t active_positions = 0;
  std::uint64_t active_orders = 0;
  std::uint64_t active_alerts = 0; // always 0
  std::vector<std::string> blocked_symbols;
  std::vector<std::string> halts;
  risk_level current_risk_level = risk_level::low;
  trade2026::portfolio_metrics portfolio_metrics;
};
BOOST_DESCRIBE_STRUCT(risk_stats, (), (orders_checked, orders_approved, orders_rejected, alerts_raised, limits_breached,
                                       risk_checks_performed, active_positions, active_orders, active_alerts,
                                       blocked_symbols, halts, current_risk_level, portfolio_metrics))
struct risk_portfolio {
  amount_number total_exposure;
  std::uint64_t total_positions = 0;
  nullable<amount_number> margin_used;
  nullable<amount_number> margin_available;
  nullable<amount_number> var_95;
  nullable<amount_number> var_99;
  trade2026::risk_level risk_level = trade2026::risk_level::low;
  time_ns timestamp{};
};
BOOST_DESCRIBE_STRUCT(risk_portfolio, (), (total_exposure, total_positions, margin_used, margin_available, var_95, var_99,
                                           risk_level, timestamp))
/// One limit of the whole desk. What there is no limit for here, or no figure, is null, and never breached.
struct limit_row {
  nullable<amount_number> max_value;
  nullable<amount_number> current_value;
  nullable<std::string> utilization; // "12.3%"
  bool breached = false;
  nullable<as_number<troupe::price>> warning_threshold; // parts of max_value: 0.8 and 0.9
  nullable<as_number<troupe::price>> critical_threshold;
};
BOOST_DESCRIBE_STRUCT(limit_row, (), (max_value, current_value, utilization, breached, warning_threshold, critical_threshold))
using limit_rows = std::map<std::string, limit_row>;
/// risk::limits, its age in milliseconds.
struct limit_values {
  quantity_number order_quantity_max;
  amount_number order_notional_max;
  quantity_number position_max;
  amount_number exposure_max;
  std::uint32_t open_orders_max = 0;
  std::uint32_t orders_per_second_max = 0;
  std::uint32_t price_collar_bps = 0;
  std::int64_t mark_age_max_ms = 0; // rounded up
};
BOOST_DESCRIBE_STRUCT(limit_values, (), (order_quantity_max, order_notional_max, position_max, exposure_max, open_orders_max, orders_per_second_max,
                                         price_collar_bps, mark_age_max_ms))
/// GET /limits: what holds for one account before each order.
struct account_limits {
  trading::account_id account;
  limit_values limits;
  bool own = false; // false: the limits of accounts without their own
  std::uint64_t limits_version = 0;
};
BOOST_DESCRIBE_STRUCT(account_limits, (), (account, limits, own, limits_version))
struct symbol_path {
  text<31> symbol;
};
BOOST_DESCRIBE_STRUCT(symbol_path, (), (symbol))
struct block_reply {
  std::string status; // "blocked" or "unblocked"
  text<31> symbol;
};
BOOST_DESCRIBE_STRUCT(block_reply, (), (status, symbol))

// -- console ----------------------------------------------------------------------------------------------------------

struct service_status {
  std::string name;
  std::string status;
  std::uint32_t restarts = 0;
  nullable<std::string> last_reason;
};
BOOST_DESCRIBE_STRUCT(service_status, (), (name, status, restarts, last_reason))
struct system_health {
  std::string status; // "healthy" or "degraded"
  nullable<std::string> reason;
  std::uint64_t services_total = 0;
  std::uint64_t services_running = 0;
  bool trading_halted = false;
  std::int64_t uptime = 0; // seconds
  time_ns timestamp{};
};
BOOST_DESCRIBE_STRUCT(system_health, (), (status, reason, services_total, services_running, trading_halted, uptime, timestamp))
/// Both bodies may be missing altogether: then it is about the firm.
struct halt_request {
  with_default<risk::halt_scope, risk::halt_scope::firm> scope;
  std::optional<text<32>> key;
  std::optional<std::string> reason; // as the native one's
};
BOOST_DESCRIBE_STRUCT(halt_request, (), (scope, key, reason))
struct resume_request {
  with_default<risk::halt_scope, risk::halt_scope::firm> scope;
  std::optional<text<32>> key;
};
BOOST_DESCRIBE_STRUCT(resume_request, (), (scope, key))
struct trading_reply {
  std::string status; // "halted", "resumed", "approval_recorded", "unchanged"
  nullable<std::string> message;
};
BOOST_DESCRIBE_STRUCT(trading_reply, (), (status, message))

} // namespace troupe::trade2026
