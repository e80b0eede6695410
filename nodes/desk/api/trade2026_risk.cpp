#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/trade2026_routes.hpp"

#include "actors/platform/trade2026/views.hpp"
#include "nodes/desk/api/asks.hpp"
#include "nodes/desk/api/common.hpp"

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;
namespace t26 = trade2026;

constexpr const char* risk_surface = "trade2026_risk";

t26::check_reply refused(t26::risk_level level, std::string why) {
  t26::check_reply r;
  r.risk_level = level;
  r.reason.value = why;
  r.rejection_reason.value = std::move(why);
  return r;
}

t26::check_reply verdict_of(oms::check_view seen) {
  if (seen.refusal != oms::refusal::none) {
    const bool stopped = seen.refusal == oms::refusal::blocked || seen.refusal == oms::refusal::halted;
    auto r = refused(oms::is_risk_refusal(seen.refusal) ? (stopped ? t26::risk_level::breached : t26::risk_level::high)
                                                        : t26::risk_level::critical,
                     std::move(seen.reason));
    r.warnings = std::move(seen.warnings);
    return r;
  }
  t26::check_reply r;
  r.approved = true;
  r.risk_level = seen.warnings.empty() ? t26::risk_level::low : t26::risk_level::medium;
  r.warnings = std::move(seen.warnings);
  return r;
}

std::string lower(std::string_view s) {
  std::string out;
  for (const char c : s) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// What is to be checked, as far as it can be read.
struct checked_order {
  std::optional<quantity> amount;
  std::optional<price> limit; // nothing: at the market
  std::optional<std::string> wrong; // with a number, or how much there is
};

/// A price of 0 is none, as to the original, which falls back to its last tick then.
checked_order checked_of(const t26::check_request& body) {
  constexpr const char* bounds = ", with at most 8 decimal places and below 92233720368";
  checked_order o;
  if (t26::computed_quantity q; body.quantity && from_number(body.quantity->text, q)) o.amount = q.value;
  if (t26::computed_price p; body.price && from_number(body.price->text, p)) o.limit = p.value;
  if (!body.quantity || (o.amount && !o.amount->is_positive())) o.wrong = "quantity must be above 0";
  else if (!o.amount) o.wrong = std::string{"quantity must be a number above 0"} + bounds;
  else if (body.price && !o.limit) o.wrong = std::string{"price must be a number"} + bounds;
  if (o.limit && o.limit->is_zero()) o.limit.reset();
  return o;
}

/// Sends the verdict with what it was weighed against, the order with its value at `each`. Without the risk actor there are no figures, but there is an answer.
void answer(const std::shared_ptr<api>& a, const std::optional<quantity>& amount, const std::optional<price>& each, t26::check_reply out, const responder& reply) {
  if (!out.approved) a->counts->check_refused.fetch_add(1);
  if (amount && amount->is_positive() && each && each->is_positive()) out.risk_metrics.order_value.value = t26::money_number{notional(*each, *amount, {})};
  ask_risk(*a, a->context_of(reply.context()), [reply, out](const result<risk::risk_view>& v) mutable {
    if (v) {
      out.risk_metrics.total_exposure.value = v->firm_exposure;
      out.risk_metrics.max_exposure.value = v->firm_exposure_max;
      out.risk_metrics.utilization.value = t26::percent(v->firm_exposure.value, v->firm_exposure_max.value);
    }
    reply.value(out);
  });
}

/// As the original falls back to the tick that it has seen last.
std::optional<price> last_price(const api& a, const oms::new_order& o) {
  const auto seen = a.node->parts().board->one(o.instrument);
  return seen ? t26::tick_of(seen->quote, seen->last, o.side) : std::nullopt;
}

/// The account's slot decides about the order it would get, and places nothing.
void check_order(const std::shared_ptr<api>& a, const request_context& request, const t26::check_request& body, const responder& reply) {
  const auto asked = checked_of(body);
  const auto side = body.side ? lower(*body.side) : std::string{};
  const auto account = body.account ? text<32>::make(*body.account) : t26::default_account.value;
  const auto meant = body.symbol ? instruments_for(*a, *body.symbol) : std::vector<trading::instrument_id>{};
  a->counts->checked.fetch_add(1);
  std::string missing;
  if (!body.symbol) missing = "symbol is missing";
  else if (side != "buy" && side != "sell") missing = "side must be buy or sell";
  else if (asked.wrong) missing = *asked.wrong;
  else if (!account || is_blank(*account)) missing = "account must be 1 to 32 printable characters, and not blank";
  else if (trading::is_reserved({*account})) missing = std::string{"account "} + trading::reserved_accounts;
  else if (meant.empty()) missing = unknown_symbol(*body.symbol).message;
  if (!missing.empty()) return answer(a, asked.amount, asked.limit, refused(t26::risk_level::critical, missing), reply);
  oms::new_order o;
  o.tenant = main_tenant;
  o.account = trading::account_id{*account};
  o.instrument = meant.front();
  o.side = side == "buy" ? trading::side::buy : trading::side::sell;
  o.quantity = *asked.amount;
  o.type = asked.limit ? trading::order_type::limit : trading::order_type::market;
  o.limit = asked.limit;
  check(*a, a->context_of(request, principal_of(request)), o, [a, amount = asked.amount, each = asked.limit ? asked.limit : last_price(*a, o), reply](result<oms::check_view> seen) {
    if (seen) answer(a, amount, each, verdict_of(std::move(*seen)), reply);
    else reply.fail(seen.error());
  });
}

t26::risk_stats stats_of(const order_totals& n, const risk::risk_view& v) {
  t26::risk_stats s;
  s.orders_checked = s.risk_checks_performed = n.accepted + n.risk_rejected + n.checked;
  s.orders_rejected = s.limits_breached = n.risk_rejected + n.check_refused;
  s.orders_approved = s.orders_checked - s.orders_rejected;
  s.active_orders = n.open;
  for (const auto& id : v.blocked) s.blocked_symbols.push_back(id.value.str());
  for (const auto& h : v.halts)
    s.halts.push_back(std::string{boost::describe::enum_to_string(h.scope, "?")} + (h.key.empty() ? "" : " " + h.key.str()));
  s.current_risk_level = t26::level_of(v.firm_exposure.value, v.firm_exposure_max.value);
  s.portfolio_metrics.total_exposure = v.firm_exposure;
  return s;
}

/// Asks for the positions too, because they are counted.
void show_stats(const std::shared_ptr<api>& a, const request_context& request, const responder& reply) {
  ask_risk(*a, a->context_of(request), [a, reply](const result<risk::risk_view>& v) {
    if (!v) return void(reply.fail(v.error()));
    ask_positions(a, a->context_of(reply.context()), {},
                  [reply, out = stats_of(a->totals(), *v)](const result<found_rows<portfolio::position_view>>& held) mutable {
                    if (!held) return void(reply.fail(held.error()));
                    if (auto why = incomplete(held->missing, held->out_of_date)) return void(reply.fail(*why));
                    out.active_positions = held->rows.size();
                    reply.value(out);
                  });
  });
}

void show_portfolio(const std::shared_ptr<api>& a, const request_context& request, const responder& reply) {
  ask_risk(*a, a->context_of(request), [a, reply](const result<risk::risk_view>& v) {
    if (!v) return void(reply.fail(v.error()));
    t26::risk_portfolio out;
    out.total_exposure = v->firm_exposure;
    out.risk_level = t26::level_of(v->firm_exposure.value, v->firm_exposure_max.value);
    out.timestamp = a->node->parts().env.clock->now();
    ask_positions(a, a->context_of(reply.context()), {}, [reply, out](const result<found_rows<portfolio::position_view>>& held) mutable {
      if (!held) return void(reply.fail(held.error()));
      if (auto why = incomplete(held->missing, held->out_of_date)) return void(reply.fail(*why));
      out.total_positions = held->rows.size();
      reply.value(out);
    });
  });
}

/// Positions are counted for a row that has no limit: when they cannot be, that figure is not known, and the limits are shown all the same.
void show_limits(const std::shared_ptr<api>& a, const request_context& request, const responder& reply) {
  ask_risk(*a, a->context_of(request), [a, reply](const result<risk::risk_view>& v) {
    if (!v) return void(reply.fail(v.error()));
    ask_positions(a, a->context_of(reply.context()), {},
                  [reply, used = v->firm_exposure.value, most = v->firm_exposure_max.value](const result<found_rows<portfolio::position_view>>& held) {
                    const bool all = held && held->missing.empty() && held->out_of_date == 0;
                    reply.value(t26::limit_rows_of(used, most, all ? std::optional{held->rows.size()} : std::nullopt));
                  });
  });
}

answer_to<risk::risk_reply> answer_block(const char* done, const text<31>& symbol, const responder& reply) {
  return [done, symbol, reply](const result<risk::risk_reply>& said) {
    if (!said) reply.fail(said.error());
    else if (said->verdict == risk::verdict::refused) reply.fail(fail(errc::invalid_argument, said->reason));
    else reply.value(t26::block_reply{done, symbol});
  };
}

void block_symbol(const std::shared_ptr<api>& a, const request_context& request, const t26::symbol_path& p, const responder& reply) {
  const auto c = a->context_of(request, principal_of(request));
  stop_symbol(a, c, p.symbol.str(), [a, c](const auto& id, auto then) { block(*a, c, {id, true}, std::move(then)); }, answer_block("blocked", p.symbol, reply));
}

/// What is configured under that symbol, and what is blocked under it, configured or not.
void unblock_symbol(const std::shared_ptr<api>& a, const request_context& request, const t26::symbol_path& p, const responder& reply) {
  const auto who = require_operator(reply);
  if (!who) return;
  const auto c = a->context_of(request, *who);
  ask_risk(*a, c, [a, c, p, reply](const result<risk::risk_view>& v) {
    if (!v) return void(reply.fail(v.error()));
    const auto all = instruments_for(*a, p.symbol.view(), v->blocked);
    if (all.empty()) return void(reply.fail(unknown_symbol(p.symbol.view())));
    std::vector<risk_command> commands;
    for (const auto& id : all) commands.push_back([a, c, id](answer_to<risk::risk_reply> then) { block(*a, c, {id, false}, std::move(then)); });
    in_turn(std::move(commands), answer_block("unblocked", p.symbol, reply));
  });
}

void add_block_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.add<t26::symbol_path, edge::none, t26::block_reply>(
         edge::method::post, risk_surface, "/risk/symbol/{symbol}/block", "Refuses new orders in a symbol on every venue.", {errc::not_found},
         [a](const request_context& request, const t26::symbol_path& p, edge::none, const responder& reply) { block_symbol(a, request, p, reply); })
    .urgent();
  table.del<t26::symbol_path, t26::block_reply>(
         risk_surface, "/risk/symbol/{symbol}/block", "Takes orders in the symbol again.", {errc::not_found, errc::not_authorised},
         [a](const request_context& request, const t26::symbol_path& p, const responder& reply) { unblock_symbol(a, request, p, reply); })
    .authorised();
}

} // namespace

void add_trade2026_risk(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.post<t26::check_request, t26::check_reply>(
    risk_surface, "/check", "What pre-trade risk would say to an order now; nothing is placed. 200 for yes and no.", {},
    [a](const request_context& request, const t26::check_request& body, const responder& reply) {
      check_order(a, request, body, reply);
    });
  add_health_routes(table, a, risk_surface, "risk");
  table.get<edge::none, t26::risk_stats>(
    risk_surface, "/stats", "Counters since the process started, blocks and halts in force.", {},
    [a](const request_context& request, edge::none, const responder& reply) { show_stats(a, request, reply); });
  table.get<edge::none, t26::limit_rows>(
    risk_surface, "/risk/limits", "The five limits of the original and how much of each is used; null where there is no such limit here.", {},
    [a](const request_context& request, edge::none, const responder& reply) { show_limits(a, request, reply); });
  table.get<edge::none, t26::risk_portfolio>(
    risk_surface, "/risk/portfolio", "Exposure of the whole desk.", {},
    [a](const request_context& request, edge::none, const responder& reply) { show_portfolio(a, request, reply); });
  table.get<t26::account_params, t26::account_limits>(
    risk_surface, "/limits", "The limits of an account (\"default\").", {},
    [a](const request_context& request, const t26::account_params& p, const responder& reply) {
      const auto account = p.account.value_or(t26::default_account);
      ask_risk(*a, a->context_of(request), [reply, account](const result<risk::risk_view>& v) {
        if (!v) return void(reply.fail(v.error()));
        const auto own = v->accounts.find(account);
        const bool has = own != v->accounts.end();
        reply.value(t26::account_limits{account, t26::values_of(has ? own->second : v->fallback), has, v->limits_version});
      });
    });
  add_block_routes(table, a);
}

} // namespace troupe::desk
