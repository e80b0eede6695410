#pragma once
// Requests and replies of the native routes. Plain structs of the HTTP interface only, so that what actors say to each
// other may change without clients noticing. Values; any thread.

#include "actors/market/messages.hpp"
#include "actors/trading/oms/messages.hpp"
#include "actors/trading/portfolio/messages.hpp"
#include "actors/trading/risk/messages.hpp"
#include "nodes/desk/feed_progress.hpp"
#include "runtime/core/bounded.hpp"
#include "runtime/supervise/tree.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk::v1 {

inline constexpr trading::account_id default_account{"default"};
inline constexpr trading::tenant_id default_tenant{"main"};
using page_size = bounded<std::uint32_t, 1, 500>;
inline constexpr std::uint32_t page_size_fallback = 100;
/// `next` of the page before; whoever gets a page without it has seen everything.
using page_cursor = text<224>; // the longest name of a list and the longest key
/// Of lists that take nothing else.
struct page_params {
  std::optional<page_cursor> cursor;
  std::optional<page_size> limit;
};
BOOST_DESCRIBE_STRUCT(page_params, (), (cursor, limit))

// -- orders -----------------------------------------------------------------------------------------------------------

/// POST /v1/orders. Without client_order_id the header Idempotency-Key counts; without both each POST is a new order.
struct order_request {
  with_default<required_text<text<16>>, required_text<text<16>>{default_tenant.value}> tenant;
  with_default<required_text<text<32>>, required_text<text<32>>{default_account.value}> account;
  std::optional<required_text<text<48>>> client_order_id;
  trading::instrument_id instrument;
  trading::side side = trading::side::buy;
  with_default<trading::order_type, trading::order_type::limit> type;
  with_default<trading::time_in_force, trading::time_in_force::day> time_in_force;
  positive<troupe::quantity> quantity;
  std::optional<positive<price>> limit_price; // required for limit orders
};
BOOST_DESCRIBE_STRUCT(order_request, (), (tenant, account, client_order_id, instrument, side, type, time_in_force, quantity,
                                          limit_price))

/// The answer to a new order, a cancel and a replace: a function of what the slot decided and of nothing else, so that a
/// repeat gets the same bytes. `refusal` is set when pre-trade risk refused.
struct order_reply {
  trading::order_id order_id;
  trading::client_order_id client_order_id;
  trading::order_status status = trading::order_status::pending_new;
  std::optional<oms::refusal> refusal;
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(order_reply, (), (order_id, client_order_id, status, refusal, reason))

/// What is to be withdrawn; without any of them everything.
struct mass_cancel_request {
  std::optional<trading::tenant_id> tenant;
  std::optional<trading::account_id> account; // without a tenant: under every one, as a halt
  std::optional<trading::instrument_id> instrument;
};
BOOST_DESCRIBE_STRUCT(mass_cancel_request, (), (tenant, account, instrument))
struct mass_cancel_reply {
  std::uint64_t requested = 0;                   // orders that their venue is asked to cancel
  std::uint64_t failed = 0;                      // orders, and slots whose orders are not known, of which that is not certain: ask again
  std::optional<std::string> reason;             // of the first that failed
  std::optional<std::vector<node_name>> missing; // nodes that are away: their orders stay
  std::optional<std::vector<std::string>> unreached; // why a venue of what is requested hears nothing now: what is open there stays until it does
};
BOOST_DESCRIBE_STRUCT(mass_cancel_reply, (), (requested, failed, reason, missing, unreached))

/// PATCH: `quantity` is the new total, the filled part included. Without a price the price stays.
struct replace_request {
  positive<troupe::quantity> quantity;
  std::optional<positive<price>> limit_price;
};
BOOST_DESCRIBE_STRUCT(replace_request, (), (quantity, limit_price))

struct order_path {
  trading::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(order_path, (), (order_id))

/// An order by what its POST called it: with the same defaults, so that what was left out there is left out here.
struct client_order_params {
  decltype(order_request::tenant) tenant;
  decltype(order_request::account) account;
  required_text<text<48>> client_order_id;
};
BOOST_DESCRIBE_STRUCT(client_order_params, (), (tenant, account, client_order_id))

/// Of lists that grow: everything from the oldest on in pages, or the newest `limit` rows, newest first, without a page behind them.
enum class list_order : std::uint8_t { oldest, newest };
BOOST_DESCRIBE_ENUM(list_order, oldest, newest)
enum class order_filter : std::uint8_t { all, open };
BOOST_DESCRIBE_ENUM(order_filter, all, open)
struct orders_params {
  std::optional<trading::tenant_id> tenant;
  std::optional<trading::account_id> account;
  with_default<order_filter, order_filter::all> status;
  with_default<list_order, list_order::oldest> sort; // newest: by the time of the last change
  std::optional<trading::order_id> cursor; // `next` of the page before
  std::optional<page_size> limit;
};
BOOST_DESCRIBE_STRUCT(orders_params, (), (tenant, account, status, sort, cursor, limit))

struct order_view {
  trading::order_id order_id;
  trading::client_order_id client_order_id;
  trading::tenant_id tenant;
  trading::account_id account;
  trading::instrument_id instrument;
  trading::side side = trading::side::buy;
  trading::order_type type = trading::order_type::limit;
  trading::time_in_force time_in_force = trading::time_in_force::day;
  troupe::quantity quantity; // as replaced last
  std::optional<price> limit_price;
  trading::order_status status = trading::order_status::pending_new;
  troupe::quantity filled;
  troupe::quantity leaves; // still open: zero when finished
  std::optional<price> average_price;
  money fee;
  std::uint32_t fills = 0;
  bool cancel_requested = false;
  std::optional<oms::refusal> refusal;
  std::optional<std::string> reason;
  std::optional<trading::strategy_id> strategy;
  time_ns created_at{};
  time_ns updated_at{};
};
BOOST_DESCRIBE_STRUCT(order_view, (), (order_id, client_order_id, tenant, account, instrument, side, type, time_in_force,
                                       quantity, limit_price, status, filled, leaves, average_price, fee, fills,
                                       cancel_requested, refusal, reason, strategy, created_at, updated_at))
/// The same order, for people and programs outside.
[[nodiscard]] order_view view_of(const oms::order& o);

/// Ascending by id, or newest first if asked so. `next` is there when more may follow.
struct orders_page {
  std::vector<order_view> orders;
  std::optional<trading::order_id> next;
  std::optional<std::vector<node_name>> missing; // nodes that are away: what they have is not in the page
  std::optional<std::vector<actor_name>> out_of_date; // slots that do not run: what they have open is not in the page
};
BOOST_DESCRIBE_STRUCT(orders_page, (), (orders, next, missing, out_of_date))

/// What a new order would be answered now.
struct check_reply {
  bool accepted = false;
  std::optional<oms::refusal> refusal;
  std::optional<std::string> reason;
  std::vector<std::string> warnings; // above 80 % of a limit
};
BOOST_DESCRIBE_STRUCT(check_reply, (), (accepted, refusal, reason, warnings))

// -- books ------------------------------------------------------------------------------------------------------------

struct positions_params {
  std::optional<trading::tenant_id> tenant;
  std::optional<trading::account_id> account;
  std::optional<trading::instrument_id> instrument;
  with_default<bool, false> flat; // also closed positions, for their realized P&L
  std::optional<page_cursor> cursor;
  std::optional<page_size> limit;
};
BOOST_DESCRIBE_STRUCT(positions_params, (), (tenant, account, instrument, flat, cursor, limit))
/// Ascending by tenant, account and instrument.
struct positions_page {
  std::vector<portfolio::position_view> positions;
  std::optional<std::string> next;
  std::optional<std::vector<node_name>> missing; // nodes that are away: what they have is not in the page
  std::optional<std::vector<actor_name>> out_of_date; // slots that were given up: what their venues have reported since is not in the page
};
BOOST_DESCRIBE_STRUCT(positions_page, (), (positions, next, missing, out_of_date))

struct cash_params {
  std::optional<trading::tenant_id> tenant;
  std::optional<trading::account_id> account;
  std::optional<page_cursor> cursor;
  std::optional<page_size> limit;
};
BOOST_DESCRIBE_STRUCT(cash_params, (), (tenant, account, cursor, limit))
/// Ascending by tenant, account and currency.
struct cash_page {
  std::vector<portfolio::cash_view> cash;
  std::optional<std::string> next;
  std::optional<std::vector<node_name>> missing; // nodes that are away: what they have is not in the page
  std::optional<std::vector<actor_name>> out_of_date; // slots that were given up: what their venues have reported since is not in the page
};
BOOST_DESCRIBE_STRUCT(cash_page, (), (cash, next, missing, out_of_date))

struct fills_params {
  std::optional<trading::tenant_id> tenant;
  std::optional<trading::account_id> account;
  std::optional<trading::instrument_id> instrument;
  std::optional<trading::order_id> order_id;
  with_default<list_order, list_order::oldest> sort;
  std::optional<page_cursor> cursor;
  std::optional<page_size> limit;
};
BOOST_DESCRIBE_STRUCT(fills_params, (), (tenant, account, instrument, order_id, sort, cursor, limit))

struct fill_view {
  trading::order_id order_id;
  trading::client_order_id client_order_id;
  trading::tenant_id tenant;
  trading::account_id account;
  trading::instrument_id instrument;
  trading::side side = trading::side::buy;
  troupe::quantity quantity;
  troupe::price price;
  money notional; // quantity x price, unsigned
  money fee;      // positive is paid
  bool maker = false;
  std::optional<trading::strategy_id> strategy;
  trading::venue_id venue;
  trading::execution_id execution_id;
  time_ns transacted_at{};     // the venue's clock
  time_ns decided_at{};        // the slot's turn
  trading::tape_position tape; // what the market had said
  std::uint64_t sequence = 0;  // of the turn in its slot's stream
};
BOOST_DESCRIBE_STRUCT(fill_view, (), (order_id, client_order_id, tenant, account, instrument, side, quantity, price, notional, fee,
                                      maker, strategy, venue, execution_id, transacted_at, decided_at, tape, sequence))
/// The same fill, for people and programs outside.
[[nodiscard]] fill_view view_of(const portfolio::fill& f);

/// Ascending by the time of the slot's turn, or newest first if asked so. `next` is there when more may follow.
struct fills_page {
  std::vector<fill_view> fills;
  std::optional<std::string> next;
  std::optional<std::vector<node_name>> missing; // nodes that are away: what they have is not in the page
  std::optional<std::vector<actor_name>> out_of_date; // slots that were given up: what their venues have reported since is not in the page
};
BOOST_DESCRIBE_STRUCT(fills_page, (), (fills, next, missing, out_of_date))

// -- market -----------------------------------------------------------------------------------------------------------

/// The newest an instrument showed. Absent members: not known (no book, no trade yet).
struct mark {
  trading::instrument_id instrument;
  std::optional<price> bid;
  std::optional<price> ask;
  std::optional<troupe::quantity> bid_size;
  std::optional<troupe::quantity> ask_size;
  std::optional<price> last;
  std::optional<troupe::quantity> last_size;
  troupe::quantity volume; // of trades since the node started
  std::optional<time_ns> event_at;
  std::optional<time_ns> received_at;
  std::optional<trading::tape_position> tape;
};
BOOST_DESCRIBE_STRUCT(mark, (), (instrument, bid, ask, bid_size, ask_size, last, last_size, volume, event_at, received_at,
                                 tape))
struct marks_page {
  std::vector<mark> marks; // ascending by instrument
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(marks_page, (), (marks, next))
struct instrument_path {
  trading::instrument_id instrument;
};
BOOST_DESCRIBE_STRUCT(instrument_path, (), (instrument))
struct instruments_page {
  std::vector<trading::instrument> instruments; // ascending by id
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(instruments_page, (), (instruments, next))

struct feed_row {
  text<15> name;
  std::optional<node_name> node; // absent on a desk of one node
  feed_status status = feed_status::connecting;
  std::optional<std::string> failure; // why nothing comes any more, when the status is FAILED
  bool ended = false;                 // nothing more comes, whatever the reason
  std::uint64_t lines = 0;
  std::uint64_t bad_lines = 0;
  std::uint64_t quotes = 0;
  std::uint64_t trades = 0;
  std::uint64_t bars = 0;
  std::uint64_t books_lost = 0;
  std::uint64_t dropped = 0; // batches that a subscriber without credit did not get
  std::uint64_t tape_position = 0;
};
BOOST_DESCRIBE_STRUCT(feed_row, (), (name, node, status, failure, ended, lines, bad_lines, quotes, trades, bars, books_lost, dropped,
                                     tape_position))
struct feeds_page {
  std::vector<feed_row> feeds; // ascending by name
  std::optional<std::string> next;
  std::optional<std::vector<node_name>> missing; // nodes that are away: what they have is not in the page
};
BOOST_DESCRIBE_STRUCT(feeds_page, (), (feeds, next, missing))

// -- risk -------------------------------------------------------------------------------------------------------------

/// risk::limits, its age in milliseconds; bounds as in the configuration's section "risk".
struct account_limits {
  troupe::quantity order_quantity_max;
  as_number<price> order_notional_max;
  troupe::quantity position_max;
  as_number<price> exposure_max;
  bounded<std::uint32_t, 0, 1'000'000> open_orders_max;
  bounded<std::uint32_t, 0, 10'000'000> orders_per_second_max;
  bounded<std::uint32_t, 1, 100'000> price_collar_bps;
  bounded<std::int64_t, 1, 9'000'000'000'000> mark_age_max_ms; // rounded up; as nanoseconds it fits 63 bits
};
BOOST_DESCRIBE_STRUCT(account_limits, (), (order_quantity_max, order_notional_max, position_max, exposure_max, open_orders_max,
                                           orders_per_second_max, price_collar_bps, mark_age_max_ms))
[[nodiscard]] account_limits view_of(const risk::limits& l);
[[nodiscard]] risk::limits limits_of(const account_limits& l);

/// The firm's figures and the fallback are on every page. Pages hold first the accounts with limits of their own, then the blocked instruments, each
/// ascending: `limit` counts both. Another `limits_version` than that of the page before says that something was changed in between.
struct limits_page {
  std::uint64_t limits_version = 0;
  as_number<price> firm_exposure_max;
  as_number<price> firm_exposure; // as the slots reported last
  account_limits fallback;        // of accounts without their own
  std::map<trading::account_id, account_limits> accounts;
  std::vector<trading::instrument_id> blocked;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(limits_page, (), (limits_version, firm_exposure_max, firm_exposure, fallback, accounts, blocked, next))
/// Replaces all limits of an account, or the fallback without one.
struct limits_request {
  std::optional<required_text<text<32>>> account; // under every tenant
  account_limits limits;
  std::optional<std::uint64_t> expected_version; // `limits_version` that was read: 409 when limits were changed since; without it nobody looks
};
BOOST_DESCRIBE_STRUCT(limits_request, (), (account, limits, expected_version))
/// Whose own limits are removed.
struct own_limits_params {
  required_text<text<32>> account;
  std::optional<std::uint64_t> expected_version; // as in limits_request
};
BOOST_DESCRIBE_STRUCT(own_limits_params, (), (account, expected_version))
struct risk_reply {
  risk::verdict verdict = risk::verdict::done;
  std::optional<std::string> reason;
  std::uint64_t limits_version = 0;
};
BOOST_DESCRIBE_STRUCT(risk_reply, (), (verdict, reason, limits_version))

/// The answer to a halt: what was asked is in force, wherever its slots run; those of `missing` withdraw nothing before they are back.
struct halt_reply {
  risk::verdict verdict = risk::verdict::done;
  std::optional<std::string> reason;
  std::uint64_t limits_version = 0;
  std::optional<std::vector<node_name>> missing; // nodes with slots or venues that are away: nobody can say what is open of the scope there
};
BOOST_DESCRIBE_STRUCT(halt_reply, (), (verdict, reason, limits_version, missing))

/// Ascending by the scope's name and its key.
struct halts_page {
  std::vector<risk::halt> halts;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(halts_page, (), (halts, next))
struct halt_request {
  risk::halt_scope scope = risk::halt_scope::firm;
  std::optional<text<32>> key; // what the scope names; absent for firm
  std::optional<std::string> reason; // on record as reason_of_halt makes it, with who asked, for those who find everything stopped; "none given" without
};
BOOST_DESCRIBE_STRUCT(halt_request, (), (scope, key, reason))
struct resume_request {
  risk::halt_scope scope = risk::halt_scope::firm;
  std::optional<text<32>> key;
};
BOOST_DESCRIBE_STRUCT(resume_request, (), (scope, key))

// -- actors and the node ----------------------------------------------------------------------------------------------

struct actor_row {
  actor_name name;
  std::optional<node_name> node; // absent on a desk of one node
  std::optional<actor_name> supervisor;
  bool is_supervisor = false;
  supervise::child_status status = supervise::child_status::starting;
  std::uint32_t restarts = 0;
  std::optional<std::string> last_reason; // why it ended last
  std::optional<std::string> source;      // of a feed: how what it reads is, "FAILED: reason"
  time_ns changed_at{};
  std::uint64_t messages = 0;
  std::uint64_t mailbox = 0; // depth, sampled
  std::uint64_t turns = 0;
  std::uint64_t expired = 0;    // dropped past their deadline
  std::uint64_t duplicates = 0; // effects seen before
  std::uint64_t sequence = 0;   // last recorded turn
  std::uint64_t durable = 0;    // last durable turn
  std::optional<std::uint64_t> handling_mean_ns; // absent: nothing sampled yet
};
BOOST_DESCRIBE_STRUCT(actor_row, (), (name, node, supervisor, is_supervisor, status, restarts, last_reason, source, changed_at, messages,
                                      mailbox, turns, expired, duplicates, sequence, durable, handling_mean_ns))
struct actors_page {
  std::vector<actor_row> actors; // ascending by name
  std::optional<std::string> next;
  std::optional<std::vector<node_name>> missing; // nodes that are away: what they have is not in the page
};
BOOST_DESCRIBE_STRUCT(actors_page, (), (actors, next, missing))
/// Names contain slashes ("oms/17"), so they travel as a parameter.
struct actor_params {
  actor_name name;
};
BOOST_DESCRIBE_STRUCT(actor_params, (), (name))
struct state_params {
  actor_name name;
  std::optional<std::uint64_t> at; // the turn after which to look; absent: now
  with_default<bool, false> ahead; // now, durable or not
};
BOOST_DESCRIBE_STRUCT(state_params, (), (name, at, ahead))
struct history_params {
  actor_name name;
  std::optional<std::uint64_t> from; // first sequence; 1 when absent
  std::optional<page_size> limit;
};
BOOST_DESCRIBE_STRUCT(history_params, (), (name, from, limit))
struct fault_request {
  actor_name name;
  text<8> fault; // "throw", "die", "hang", "spin"
};
BOOST_DESCRIBE_STRUCT(fault_request, (), (name, fault))
struct log_level_request {
  text<48> pattern; // an actor's name, a prefix with a star at its end, or "*"
  text<8> level;    // "trace", "debug", "info", "warn", "error", "off"
};
BOOST_DESCRIBE_STRUCT(log_level_request, (), (pattern, level))
struct log_level_row {
  std::optional<node_name> node; // of a desk of several
  text<48> pattern;              // of those that fit an actor the longest decides
  text<8> level;
};
BOOST_DESCRIBE_STRUCT(log_level_row, (), (node, pattern, level))
struct log_levels_view {
  std::vector<log_level_row> levels; // by node and pattern
  std::optional<std::vector<node_name>> missing;
};
BOOST_DESCRIBE_STRUCT(log_levels_view, (), (levels, missing))
struct done_reply {
  std::string status;
};
BOOST_DESCRIBE_STRUCT(done_reply, (), (status))
struct backup_request {
  required_text<std::string> directory; // absolute; missing or empty
};
BOOST_DESCRIBE_STRUCT(backup_request, (), (directory))
struct backup_reply {
  std::string directory;
  std::vector<std::string> journals; // folders inside; `troupe journal verify` reads each
};
BOOST_DESCRIBE_STRUCT(backup_reply, (), (directory, journals))
struct node_view {
  node_name name;
  std::string version;
  std::string build;
  std::string boot_id;
  std::string config_hash; // of cluster-wide properties
  std::string schema_hash;
  time_ns started_at{};
  std::int64_t uptime_seconds = 0;
  std::optional<std::string> not_ready; // why orders cannot be taken
  bool faults_allowed = false;
  std::map<std::string, std::string> listeners; // name -> "http://127.0.0.1:8080"
};
BOOST_DESCRIBE_STRUCT(node_view, (), (name, version, build, boot_id, config_hash, schema_hash, started_at, uptime_seconds,
                                      not_ready, faults_allowed, listeners))

} // namespace troupe::desk::v1
