#pragma once
// Everything that can be configured about a desk, on one node or on several. Read once, before any actor starts; what changes while running
// is a journaled command. docs/configuration.md is generated from these declarations.

#include "actors/trading/ids.hpp"
#include "actors/trading/risk/messages.hpp"
#include "actors/trading/strategy/factory.hpp"
#include "actors/trading/strategy/messages.hpp"
#include "runtime/cluster/placement.hpp"
#include "runtime/config/load.hpp"
#include "runtime/config/property.hpp"

#include <filesystem>

namespace troupe::desk {

using std::chrono::milliseconds;

/// What becomes part of an actor's name, a stream's and a folder's.
inline constexpr std::string_view name_pattern = "[A-Za-z0-9][A-Za-z0-9_.-]*";
inline constexpr std::string_view venue_pattern = "[A-Za-z0-9][A-Za-z0-9_-]*"; // behind the last dot of an instrument's id

struct node_section : config::section {
  using section::section;
  config::property<node_name> name{{.name = "name", .sentence = "The node's name in logs, metrics and the ready line.", .fallback = node_name{"desk-1"}, .pattern = name_pattern}};
  config::property<std::string> data_dir{{.name = "data_dir", .sentence = "Folder of the journals, the tape and the keys.", .fallback = "data", .min = 1}};
  config::property<std::int64_t> threads{{.name = "threads", .sentence = "Threads that run actors; 0 means two more than the machine has cores, at least 4.", .unit = "threads", .fallback = 0, .min = 0, .max = 256}};
  config::property<std::string> log_level{{.name = "log_level", .sentence = "Least severe log level.", .fallback = "info", .choices = {"trace", "debug", "info", "warn", "error", "off"}}};
  config::property<std::string> log_format{{.name = "log_format", .sentence = "Log lines as text or JSON; automatic is text on a terminal.", .fallback = "automatic", .choices = {"automatic", "text", "json"}}};
  config::property<milliseconds> hang_after{{.name = "hang_after_ms", .sentence = "A handler running this long is hung: its scope is halted and its handle bounces.", .unit = "ms", .fallback = milliseconds{1000}, .min = milliseconds{200}, .max = milliseconds{10000}}};
  config::property<milliseconds> stuck_after{{.name = "stuck_after_ms", .sentence = "A handler running this long ends the process.", .unit = "ms", .fallback = milliseconds{4000}, .min = milliseconds{500}, .max = milliseconds{60000}}};
  config::property<milliseconds> recover_within{{.name = "recover_within_ms", .sentence = "One actor's recovery taking this long ends the process.", .unit = "ms", .fallback = milliseconds{60'000}, .min = milliseconds{1000}, .max = milliseconds{3'600'000}}};
  config::property<milliseconds> stop_within{{.name = "stop_within_ms", .sentence = "A stop taking this long ends the process; what was acknowledged is durable. Three fifths of it are for answering requests.", .unit = "ms", .fallback = milliseconds{5000}, .min = milliseconds{1000}, .max = milliseconds{600'000}}};
  void visit(config::visitor& v) override {
    v(name, data_dir, threads, log_level, log_format, hang_after, stuck_after, recover_within, stop_within);
  }
};

struct journal_section : config::section {
  using section::section;
  config::property<std::int64_t> write_buffer_mib{{.name = "write_buffer_mib", .sentence = "Memory of one family, and log of all of a store, before they are written out; bounds what a start replays.", .unit = "MiB", .fallback = 48, .min = 1, .max = 1024}};
  config::property<std::int64_t> reserve_mib{{.name = "reserve_mib", .sentence = "Below this much free space new orders are refused with disk_full; at least 4 write buffers. 0 switches the watch off.", .unit = "MiB", .fallback = 1024, .min = 0, .max = 1'000'000}};
  config::property<std::int64_t> ballast_mib{{.name = "ballast_mib", .sentence = "A file that is given up on a full disk, so that cancels, fills and halts still commit.", .unit = "MiB", .fallback = 256, .min = 0, .max = 100'000}};
  config::property<std::int64_t> snapshot_interval{{.name = "snapshot_interval", .sentence = "Turns of a stream between two snapshots; 0 means never.", .unit = "turns", .fallback = 200'000, .min = 0, .max = 100'000'000}};
  void visit(config::visitor& v) override { v(write_buffer_mib, reserve_mib, ballast_mib, snapshot_interval); }
};

struct listener_section : config::section {
  using section::section;
  config::property<std::string> name{{.name = "name", .sentence = "The listener's name; \"edge\" is what the ready line prints.", .fallback = "edge", .min = 1}};
  config::property<std::string> address{{.name = "address", .sentence = "Address to bind. Beyond loopback only with a certificate, and then every request needs a key.", .fallback = "127.0.0.1", .min = 1}};
  config::property<std::int64_t> port{{.name = "port", .sentence = "TCP port; 0 takes any free one.", .fallback = 8080, .min = 0, .max = 65535}};
  config::property<std::vector<std::string>> surfaces{{.name = "surfaces", .sentence = "Families of routes served here: v1 (native), ops (health, metrics, documentation), trade2026_oms, trade2026_risk, trade2026_gateway, trade2026_console.", .fallback = std::vector<std::string>{"v1", "ops"}, .min = 1, .max = 16}};
  config::property<std::string> certificate{{.name = "certificate", .sentence = "PEM file of the certificate, and of those between it and its authority; with it the listener speaks TLS (1.2 or 1.3) only. One that is renewed is taken while the node runs.", .fallback = ""}};
  config::property<std::string> key{{.name = "key", .sentence = "PEM file of the certificate's private key, without a password, that others cannot read.", .fallback = ""}};
  config::property<bool> keys_required{{.name = "keys_required", .sentence = "Every request needs a key of the folder keys of node.data_dir, /alive, /ready and the page /api/docs excepted. Beyond loopback it is always so.", .fallback = false}};
  config::property<std::vector<std::string>> hosts{{.name = "hosts", .sentence = "Names, without a port, under which clients call this listener, beside those of loopback; none, where keys are required: any.", .fallback = std::vector<std::string>{}, .max = 32, .example = std::vector<std::string>{"desk.example"}}};
  void visit(config::visitor& v) override { v(name, address, port, surfaces, certificate, key, keys_required, hosts); }
};

struct edge_section : config::section {
  using section::section;
  config::list<listener_section> listeners{{.name = "listeners", .sentence = "Where HTTP and WebSocket are served; as declared, unless others are given.", .min = 1, .max = 16, .unique = "name"}, std::vector<listener_section>(1)};
  config::property<std::int64_t> body_bytes{{.name = "body_bytes", .sentence = "Longest request body.", .unit = "bytes", .fallback = 65536, .min = 1024, .max = 16'777'216}};
  config::property<std::int64_t> header_bytes{{.name = "header_bytes", .sentence = "Longest request header; longer is 431.", .unit = "bytes", .fallback = 8192, .min = 512, .max = 1'048'576}};
  config::property<std::int64_t> target_bytes{{.name = "target_bytes", .sentence = "Longest request target, the path with its query; longer is 414.", .unit = "bytes", .fallback = 4096, .min = 256, .max = 65536}};
  config::property<milliseconds> header_timeout{{.name = "header_timeout_ms", .sentence = "From a request's first byte to the end of its header; later is 408.", .unit = "ms", .fallback = milliseconds{5000}, .min = milliseconds{10}, .max = milliseconds{600'000}}};
  config::property<milliseconds> body_timeout{{.name = "body_timeout_ms", .sentence = "From the end of the header to the end of the body; later is 408.", .unit = "ms", .fallback = milliseconds{10'000}, .min = milliseconds{10}, .max = milliseconds{600'000}}};
  config::property<milliseconds> idle_timeout{{.name = "idle_timeout_ms", .sentence = "A connection without a request for this long is closed.", .unit = "ms", .fallback = milliseconds{30'000}, .min = milliseconds{10}, .max = milliseconds{3'600'000}}};
  config::property<milliseconds> write_timeout{{.name = "write_timeout_ms", .sentence = "A client that reads nothing for this long is cut off.", .unit = "ms", .fallback = milliseconds{10'000}, .min = milliseconds{10}, .max = milliseconds{600'000}}};
  config::property<std::int64_t> connections_max{{.name = "connections_max", .sentence = "Connections at once.", .fallback = 1024, .min = 1, .max = 100'000}};
  config::property<std::int64_t> requests_max{{.name = "requests_max", .sentence = "Requests under way at once; more are refused with 503. Reads may take three quarters of them, so that orders find a place.", .fallback = 8192, .min = 1, .max = 1'000'000}};
  config::property<std::int64_t> requests_reserved{{.name = "requests_reserved", .sentence = "Requests beyond requests_max that only halts, blocks and cancels may use.", .fallback = 256, .min = 1, .max = 100'000}};
  config::property<std::int64_t> requests_per_connection{{.name = "requests_per_connection", .sentence = "Requests under way at once on one connection; more are refused with 429.", .fallback = 64, .min = 1, .max = 10'000}};
  config::property<milliseconds> answer_timeout{{.name = "answer_timeout_ms", .sentence = "A request without an answer after this long is answered 504: outcome unknown, ask again with the same id.", .unit = "ms", .fallback = milliseconds{5000}, .min = milliseconds{50}, .max = milliseconds{60000}}};
  config::property<std::vector<std::string>> allowed_origins{{.name = "allowed_origins", .sentence = "Web pages of other origins that may call this node, as their browser names them: scheme://host, and the port if it is not the scheme's own.", .fallback = std::vector<std::string>{}, .max = 64}};
  void visit(config::visitor& v) override {
    v(listeners, header_bytes, target_bytes, body_bytes, header_timeout, body_timeout, idle_timeout, write_timeout, connections_max,
      requests_max, requests_reserved, requests_per_connection, answer_timeout, allowed_origins);
  }
};

struct instrument_section : config::section {
  using section::section;
  config::property<trading::instrument_id> id{{.name = "id", .sentence = "SYMBOL.VENUE.", .scope = config::scope::cluster_wide, .example = trading::instrument_id{"BTCUSDT.BINANCE_USDM"}}};
  config::property<price> tick_size{{.name = "tick_size", .sentence = "Prices are multiples of it.", .unit = "quote currency", .fallback = price{1000000}, .min = price{1}, .scope = config::scope::cluster_wide}};
  config::property<quantity> lot_size{{.name = "lot_size", .sentence = "Quantities are multiples of it.", .unit = "base units", .fallback = quantity{1000}, .min = quantity{1}, .scope = config::scope::cluster_wide}};
  config::property<currency> quote{{.name = "quote", .sentence = "Currency of prices and cash.", .fallback = currency{"USDT"}, .pattern = "[A-Za-z0-9._-]+", .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override { v(id, tick_size, lot_size, quote); }
};

struct venue_section : config::section {
  using section::section;
  config::property<trading::venue_id> name{{.name = "name", .sentence = "The venue part of instrument ids.", .pattern = venue_pattern, .scope = config::scope::cluster_wide, .example = trading::venue_id{"BINANCE_USDM"}}};
  config::property<std::int64_t> maker_fee{{.name = "maker_fee", .sentence = "Fee of resting orders; negative is a rebate.", .unit = "0.01 bp of notional", .fallback = 200, .min = -100'000, .max = 100'000, .scope = config::scope::cluster_wide}};
  config::property<std::int64_t> taker_fee{{.name = "taker_fee", .sentence = "Fee of orders that take.", .unit = "0.01 bp of notional", .fallback = 500, .min = -100'000, .max = 100'000, .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override { v(name, maker_fee, taker_fee); }
};

struct feed_section : config::section {
  using section::section;
  config::property<text<15>> name{{.name = "name", .sentence = "The feed's name: \"feed/NAME\" is its actor, NAME its tape.", .fallback = text<15>{"main"}, .pattern = name_pattern, .scope = config::scope::cluster_wide}};
  config::property<std::string> file{{.name = "file", .sentence = "A captured stream or bar file to replay; empty means the seeded random walk.", .fallback = "", .scope = config::scope::cluster_wide}};
  config::property<std::string> instrument{{.name = "instrument", .sentence = "SYMBOL.VENUE of the file when its name does not tell.", .fallback = "", .scope = config::scope::cluster_wide}};
  config::property<double> speed{{.name = "speed", .sentence = "1 is real time, 10 ten times faster, 0 as fast as subscribers take it.", .fallback = 1.0, .min = 0.0, .max = 1'000'000.0, .scope = config::scope::cluster_wide}};
  config::property<bool> repeat{{.name = "repeat", .sentence = "Start the file again at its end.", .fallback = false, .scope = config::scope::cluster_wide}};
  config::property<std::int64_t> seed{{.name = "seed", .sentence = "Seed of the random walk.", .fallback = 1, .min = 0, .scope = config::scope::cluster_wide}};
  config::property<milliseconds> step{{.name = "step_ms", .sentence = "Time between two events of the random walk.", .unit = "ms", .fallback = milliseconds{10}, .min = milliseconds{1}, .max = milliseconds{60000}, .scope = config::scope::cluster_wide}};
  config::property<std::int64_t> quotes{{.name = "quotes", .sentence = "Events of the random walk after which it ends; 0 means never.", .fallback = 0, .min = 0, .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override { v(name, file, instrument, speed, repeat, seed, step, quotes); }
};

struct strategy_section : config::section {
  using section::section;
  config::property<trading::strategy_id> name{{.name = "name", .sentence = "Part of client order ids and of the stream; never reused for something else.", .pattern = name_pattern, .scope = config::scope::cluster_wide, .example = trading::strategy_id{"ma"}}};
  config::property<std::string> kind{{.name = "kind", .sentence = "Which strategy.", .fallback = "ma_cross", .choices = strategy::kind_names(), .scope = config::scope::cluster_wide}};
  config::property<trading::account_id> account{{.name = "account", .sentence = "The account it trades for.", .fallback = trading::account_id{"default"}, .scope = config::scope::cluster_wide}};
  config::property<std::string> instrument{{.name = "instrument", .sentence = "SYMBOL.VENUE; empty means the first instrument of the first feed.", .fallback = "", .scope = config::scope::cluster_wide}};
  config::property<std::vector<std::string>> parameters{{.name = "parameters", .sentence = "The kind's parameters as \"name=value\".", .fallback = std::vector<std::string>{}, .max = 32, .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override { v(name, kind, account, instrument, parameters); }
};

struct risk_section : config::section {
  using section::section;
  config::property<price> firm_exposure_max{{.name = "firm_exposure_max", .sentence = "Gross exposure of all accounts together; each slot of accounts has a part of it, which grows with its use out of what the others do not use.", .unit = "quote currency", .fallback = price::whole(1'000'000'000), .min = price{0}, .scope = config::scope::cluster_wide}};
  config::property<quantity> order_quantity_max{{.name = "order_quantity_max", .sentence = "Largest quantity of one order.", .unit = "base units", .fallback = quantity::whole(1000), .min = quantity{0}, .scope = config::scope::cluster_wide}};
  config::property<price> order_notional_max{{.name = "order_notional_max", .sentence = "Largest quantity x price of one order.", .unit = "quote currency", .fallback = price::whole(1'000'000), .min = price{0}, .scope = config::scope::cluster_wide}};
  config::property<quantity> position_max{{.name = "position_max", .sentence = "Largest position and open orders of one side together, per account and instrument.", .unit = "base units", .fallback = quantity::whole(10'000), .min = quantity{0}, .scope = config::scope::cluster_wide}};
  config::property<price> exposure_max{{.name = "exposure_max", .sentence = "Gross exposure of one account.", .unit = "quote currency", .fallback = price::whole(10'000'000), .min = price{0}, .scope = config::scope::cluster_wide}};
  config::property<std::int64_t> open_orders_max{{.name = "open_orders_max", .sentence = "Open orders of one account.", .fallback = 100, .min = 0, .max = 1'000'000, .scope = config::scope::cluster_wide}};
  config::property<std::int64_t> orders_per_second_max{{.name = "orders_per_second_max", .sentence = "New orders and replaces of one account in a second.", .fallback = 10'000, .min = 0, .max = 10'000'000, .scope = config::scope::cluster_wide}};
  config::property<std::int64_t> price_collar_bps{{.name = "price_collar_bps", .sentence = "How far a limit price may be worse than the opposite best.", .unit = "bp", .fallback = 1000, .min = 1, .max = 100'000, .scope = config::scope::cluster_wide}};
  config::property<milliseconds> mark_age_max{{.name = "mark_age_max_ms", .sentence = "Older marks price nothing: market orders and collars are refused. While its book is told, a mark that stays as it is does not grow old.", .unit = "ms", .fallback = milliseconds{10'000}, .min = milliseconds{1}, .scope = config::scope::cluster_wide}};
  config::property<bool> quotes_at_par{{.name = "quotes_at_par", .sentence = "The instruments that feeds show may have several quote currencies, of which exposures and limits count one unit as worth one of any other.", .fallback = false, .scope = config::scope::cluster_wide}};
  config::property<milliseconds> lease{{.name = "lease_ms", .sentence = "How long a slot may trade without hearing from risk.", .unit = "ms", .fallback = milliseconds{1000}, .min = milliseconds{50}, .max = milliseconds{60'000}, .scope = config::scope::cluster_wide}};
  config::property<milliseconds> renew{{.name = "renew_ms", .sentence = "How often a slot asks for its lease; less than half of lease_ms.", .unit = "ms", .fallback = milliseconds{250}, .min = milliseconds{10}, .max = milliseconds{30'000}, .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override {
    v(firm_exposure_max, order_quantity_max, order_notional_max, position_max, exposure_max, open_orders_max, orders_per_second_max,
      price_collar_bps, mark_age_max, quotes_at_par, lease, renew);
  }
};

struct halt_section : config::section {
  using section::section;
  config::property<std::int64_t> firm_approvals{{.name = "firm_approvals", .sentence = "Different operators that must ask before a firm-wide halt is lifted; 1 only on loopback.", .fallback = 2, .min = 1, .max = 5, .scope = config::scope::cluster_wide}};
  config::property<bool> cancels_orders{{.name = "cancels_orders", .sentence = "A halt also cancels what is open in its scope, at once and as long as it is in force, a strategy that is not configured any more and has orders open is halted, and venues withdraw what a slot that is given up has open; if not, open orders stay and may fill.", .fallback = true, .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override { v(firm_approvals, cancels_orders); }
};

struct oms_section : config::section {
  using section::section;
  config::property<milliseconds> order_age_max{{.name = "order_age_max_ms", .sentence = "Decided longer ago than this, an order does not leave for the market.", .unit = "ms", .fallback = milliseconds{5000}, .min = milliseconds{10}, .max = milliseconds{60'000}, .scope = config::scope::cluster_wide}};
  config::property<std::int64_t> market_protection_bps{{.name = "market_protection_bps", .sentence = "A market order takes no price worse by more than this than the best of the other side when it was decided; a buy counts for exposure at that price.", .unit = "bp", .fallback = 1000, .min = 1, .max = 9999, .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override { v(order_age_max, market_protection_bps); }
};

struct bars_section : config::section {
  using section::section;
  config::property<milliseconds> interval{{.name = "interval_ms", .sentence = "Length of the bars strategies and candles are built from.", .unit = "ms", .fallback = milliseconds{1000}, .min = milliseconds{1}, .max = milliseconds{86'400'000}, .scope = config::scope::cluster_wide}};
  config::property<std::int64_t> kept{{.name = "kept", .sentence = "Trades, and bars of each length, kept in memory per instrument for the edge.", .fallback = 1000, .min = 1, .max = 1'000'000}};
  void visit(config::visitor& v) override { v(interval, kept); }
};

struct member_section : config::section {
  using section::section;
  config::property<node_name> name{{.name = "name", .sentence = "The node's name, which its certificate must bear.", .scope = config::scope::cluster_wide, .example = node_name{"a"}}};
  config::property<std::string> host{{.name = "host", .sentence = "Name or address under which the other nodes reach it.", .min = 1, .max = 253, .scope = config::scope::cluster_wide, .example = "10.77.0.1"}};
  config::property<std::int64_t> port{{.name = "port", .sentence = "TCP port of its links.", .fallback = 7410, .min = 1, .max = 65535, .scope = config::scope::cluster_wide}};
  config::property<std::vector<std::string>> runs{{.name = "runs", .sentence = "What runs there: names (\"risk\"), numbered names (\"oms/0-21\"), or all others that begin so (\"strategy/*\").", .fallback = std::vector<std::string>{}, .max = 512, .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override { v(name, host, port, runs); }
};

struct cluster_section : config::section {
  using section::section;
  config::list<member_section> members{{.name = "members", .sentence = "All nodes of the desk, this one too; none: this node is alone and runs everything.", .max = 64, .unique = "name"}};
  config::property<std::string> listen{{.name = "listen", .sentence = "Address of this host to bind; empty: the host of this node's own entry.", .fallback = ""}};
  config::property<std::string> certificates{{.name = "certificates", .sentence = "Folder with ca.crt, NAME.crt and NAME.key as `troupe ca issue` writes them.", .fallback = "certificates", .min = 1}};
  config::property<std::vector<std::string>> builds{{.name = "builds", .sentence = "Builds that may join beside this one while an upgrade is open: the old and the new one, each as `troupe-node --version` of it says behind the name.", .fallback = std::vector<std::string>{}, .max = 2, .example = std::vector<std::string>{"0.1.0+7bf1422eceb0", "0.2.0+0c31d9e7a554"}}};
  config::property<milliseconds> dead_after{{.name = "dead_after_ms", .sentence = "A node not heard for this long is down, and who asked it is told within two beats of 100 ms more.", .unit = "ms", .fallback = milliseconds{750}, .min = milliseconds{400}, .max = milliseconds{10'000}, .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override { v(members, listen, certificates, builds, dead_after); }
};

struct configuration : config::section {
  using section::section;
  node_section node{"node", "This process."};
  journal_section journal{"journal", "The durable log of turns."};
  edge_section edge{"edge", "HTTP and WebSocket."};
  config::list<instrument_section> instruments{{.name = "instruments", .sentence = "What can be traded.", .min = 1, .max = 10'000, .unique = "id"}};
  config::list<venue_section> venues{{.name = "venues", .sentence = "Simulated venues.", .min = 1, .max = 64, .unique = "name"}};
  config::list<feed_section> feeds{{.name = "feeds", .sentence = "Market data.", .max = 64, .unique = "name"}};
  config::list<strategy_section> strategies{{.name = "strategies", .sentence = "Strategies.", .max = 256, .unique = "name"}};
  risk_section risk{"risk", "Pre-trade limits of every account until a command sets others, and leases."};
  halt_section halt{"halt", "Halts."};
  oms_section oms{"oms", "Order management."};
  bars_section bars{"bars", "Bars from trades."};
  cluster_section cluster{"cluster", "The nodes that are one desk together."};
  void visit(config::visitor& v) override { v(node, journal, edge, instruments, venues, feeds, strategies, risk, halt, oms, bars, cluster); }
};

/// Rules over several properties: venues of instruments exist, strategies are valid, leases outlast renewals, loopback, every actor
/// has its node.
[[nodiscard]] std::vector<config::cross_check<configuration>> cross_checks();

/// Which node runs which actor; with no members this one runs them all. Errors: invalid_argument, every violation by node.
[[nodiscard]] result<cluster::placement> placement_of(const configuration& c);
/// The instruments by id.
[[nodiscard]] std::map<trading::instrument_id, trading::instrument> instruments_of(const configuration& c);
/// The limits that hold until set_limits.
[[nodiscard]] risk::limits limits_of(const configuration& c);
/// One strategy's configuration; `fallback` is the instrument of an empty one. Errors: invalid_argument.
[[nodiscard]] result<strategy::strategy_config> strategy_of(const configuration& c, const strategy_section& s,
                                                            const trading::instrument_id& fallback);
/// Events of the random walk in a run that must end, when nobody said how many.
inline constexpr std::uint64_t walk_quotes = 100'000;
/// Errors: invalid_argument, the first feed that has no end.
[[nodiscard]] result<void> check_ends(const configuration& c);
/// Bounded, as an override of the configuration.
[[nodiscard]] std::string walk_override(std::uint64_t seed, std::uint64_t quotes);
/// What a run that must end takes when nobody named a feed: nothing, and with it the configured feeds, when one of them is a file or has an end; else
/// the override that puts a bounded walk in the place of the endless ones.
[[nodiscard]] std::optional<std::string> walk_instead(const configuration& c);
/// What a feed is about: from its file's name, its override, or all instruments of the random walk. Errors: invalid_argument.
[[nodiscard]] result<std::vector<trading::instrument_id>> instruments_of(const feed_section& f);
/// Feeds whose file is not here, as seen from this process' folder.
[[nodiscard]] std::vector<const feed_section*> feeds_not_here(const configuration& c);
/// Of the bars that a feed makes of its trades, or has in its file; nothing when the file's name does not tell.
[[nodiscard]] std::optional<nanoseconds> bar_length_of(const configuration& c, const feed_section& f);
/// What the first feed trades.
[[nodiscard]] result<trading::instrument_id> first_instrument(const configuration& c);
/// Why one listener cannot serve all of these surfaces, as the end of "the listener ..."; nothing when it can.
[[nodiscard]] std::optional<std::string> clash_of_surfaces(const std::vector<std::string>& surfaces);
/// True for an IP address of this machine alone.
[[nodiscard]] bool is_loopback(const std::string& address);

} // namespace troupe::desk
