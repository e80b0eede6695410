// troupe order, replace, cancel, orders, orders show, positions, cash, fills, marks, instruments, feeds: the desk from the command line.

#include "runtime/config/nearest.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/listing.hpp"
#include "tools/troupe/node_client.hpp"
#include "tools/troupe/post.hpp"
#include "tools/troupe/terminal.hpp"
#include "tools/troupe/unknown_account.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {
namespace {

const table_columns& order_columns() {
  static const table_columns all{{"ORDER", "order_id"}, {"CLIENT ID", "client_order_id"}, {"ACCOUNT", "account"}, {"SIDE", "side"}, {"QUANTITY", "quantity"},
                                 {"INSTRUMENT", "instrument"}, {"LIMIT", "limit_price"}, {"STATUS", "status"}, {"FILLED", "filled"}, {"AVERAGE", "average_price"},
                                 {"REASON", "reason"}};
  return all;
}

const std::vector<listing>& listings() {
  static const std::vector<listing> all{
    {"orders", "Orders, open and finished, ascending by id", "troupe orders --account alpha --open --newest", "/v1/orders", "orders", order_columns()},
    {"positions", "Positions with realized and unrealized P&L", "troupe positions", "/v1/positions", "positions",
     {{"ACCOUNT", "account"}, {"INSTRUMENT", "instrument"}, {"QUANTITY", "quantity"}, {"AVERAGE", "average_price"}, {"MARK", "mark"},
      {"REALIZED", "realized"}, {"UNREALIZED", "unrealized"}, {"FEES", "fees"}, {"FILLS", "fills"}}},
    {"cash", "Change of cash by account and currency", "troupe cash", "/v1/cash", "cash", {{"ACCOUNT", "account"}, {"AMOUNT", "amount"}}},
    {"fills", "All fills, oldest first", "troupe fills --newest --limit 20", "/v1/fills", "fills",
     {{"TIME", "transacted_at"}, {"ORDER", "order_id"}, {"ACCOUNT", "account"}, {"SIDE", "side"}, {"QUANTITY", "quantity"},
      {"INSTRUMENT", "instrument"}, {"PRICE", "price"}, {"FEE", "fee"}, {"VENUE", "venue"}, {"EXECUTION", "execution_id"}}},
    {"marks", "The newest quote and trade of every instrument", "troupe marks", "/v1/marks", "marks",
     {{"INSTRUMENT", "instrument"}, {"BID SIZE", "bid_size"}, {"BID", "bid"}, {"ASK", "ask"}, {"ASK SIZE", "ask_size"}, {"LAST", "last"},
      {"RECEIVED", "received_at"}}},
    {"instruments", "What can be traded: of prices and quantities the steps, and the currency", "troupe instruments", "/v1/instruments", "instruments",
     {{"INSTRUMENT", "id"}, {"VENUE", "venue"}, {"TICK", "tick_size"}, {"LOT", "lot_size"}, {"QUOTE", "quote"}}},
    {"feeds", "Where market data comes from, how far each is, and why one has failed", "troupe feeds", "/v1/feeds", "feeds",
     {{"FEED", "name"}, {"NODE", "node"}, {"STATUS", "status"}, {"QUOTES", "quotes"}, {"TRADES", "trades"}, {"BARS", "bars"}, {"BAD LINES", "bad_lines"},
      {"BOOKS LOST", "books_lost"}, {"POSITION", "tape_position"}, {"FAILURE", "failure"}}},
  };
  return all;
}

struct order_arguments {
  node_options node;
  std::string side, quantity, instrument, limit, tenant, account, tif;
  std::string id;        // the order's; of a new one what its client calls it
  std::string client_id; // instead of `id`, of an order that stands
  bool only_checks = false, all = false;
};

/// Of the answer to an order, a cancel or a replace.
constexpr needed_members order_members{"order_id", "client_order_id", "status"};

/// Of refusals that a placed order is told as a wrong request, 2; else 1.
int code_of_refusal(const std::string& refusal) {
  for (const char* wrong : {"UNKNOWN_INSTRUMENT", "PRICE_MISSING", "PRICE_FORBIDDEN", "OFF_TICK", "OFF_LOT"})
    if (refusal == wrong) return usage;
  return finding;
}

/// Of an order in what is not traded here: the instrument that was meant, capitals or a slip apart, those whose symbol it is, or where they are listed.
void tell_of_instruments(node_client& node, const std::string& asked) {
  if (errors_are_json()) return;
  std::vector<std::string> ids;
  if (const auto got = node.get("/v1/instruments?limit=500", {"instruments"}))
    for (const auto& row : got->value.find("instruments")->items) ids.push_back(cell(row, "id"));
  std::string typed = asked, meant;
  std::ranges::transform(typed, typed.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (const auto& id : ids)
    if (id.starts_with(typed + '.')) meant += (meant.empty() ? "" : " or ") + id;
  if (meant.empty()) meant = config::nearest_name(typed, std::vector<std::string_view>{ids.begin(), ids.end()}, 1); // two letters further it is another coin
  std::cerr << "troupe: " << (meant.empty() ? "`troupe instruments` lists those there are" : "did you mean " + meant + "?") << '\n';
}

bool is_not_traded(const error& e) {
  return std::ranges::any_of(e.fields, [](const auto& f) { return f.field == "instrument" && f.message.ends_with(" is not traded here"); });
}

/// Ends as placing it would.
int show_check(const node_options& options, const result<answered>& got) {
  if (!got) return complain(got.error());
  const bool accepted = cell(got->value, "accepted") == "yes";
  const int code = accepted ? done : code_of_refusal(cell(got->value, "refusal"));
  if (options.json) {
    std::cout << got->text << '\n';
    return code;
  }
  std::cout << (accepted ? paint(colour::green, "would be taken") : paint(colour::red, "would be refused") + " (" + cell(got->value, "refusal") + ": " + cell(got->value, "reason") + ")") << '\n';
  if (const auto* warnings = got->value.find("warnings"))
    for (const auto& w : warnings->items) std::cout << paint(colour::yellow, w.text) << '\n';
  return code;
}

/// 1 when the desk said no. `asked`: what the venue is asked now, of an order that stands.
int show_order(const node_options& options, const result<answered>& got, const char* asked = "") {
  if (!got) return complain(got.error());
  const auto refusal = cell(got->value, "refusal");
  if (options.json) std::cout << got->text << '\n';
  else
    std::cout << "order " << cell(got->value, "order_id") << (refusal.empty() || !*asked ? " " : " stays as it is: ")
              << paint(refusal.empty() ? colour::green : colour::red, cell(got->value, "status"))
              << (refusal.empty() ? "" : " (" + refusal + ": " + cell(got->value, "reason") + ")")
              << (refusal.empty() ? asked : "") << ", client id "
              << cell(got->value, "client_order_id") << '\n';
  return refusal.empty() ? done : finding;
}

int place(const order_arguments& a) {
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  std::string body = "{";
  const auto add = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    body += body.size() == 1 ? "\"" : ",\"";
    body += name;
    body += "\":";
    wire::append_json_string(body, value);
  };
  add("side", a.side);
  add("quantity", a.quantity);
  add("instrument", a.instrument);
  add("type", a.limit.empty() ? "MARKET" : "LIMIT");
  add("limit_price", a.limit);
  add("tenant", a.tenant);
  add("account", a.account);
  add("client_order_id", a.id);
  add("time_in_force", a.tif);
  if (a.only_checks) {
    const auto checked = node->request("POST", "/v1/orders/check", body + '}', {}, {"accepted"});
    const int code = show_check(a.node, checked);
    if (checked && cell(checked->value, "refusal") == "UNKNOWN_INSTRUMENT") tell_of_instruments(*node, a.instrument);
    return code;
  }
  const auto placed = node->request("POST", "/v1/orders", body + '}', {}, order_members);
  const int code = show_order(a.node, placed);
  if (!placed && is_not_traded(placed.error())) tell_of_instruments(*node, a.instrument);
  return code;
}

/// Where the order is that the words name, by either id.
std::string order_target(const order_arguments& a) {
  if (a.client_id.empty()) return "/v1/orders/" + escaped(a.id);
  auto target = "/v1/orders/by_client_id?client_order_id=" + escaped(a.client_id);
  if (!a.account.empty()) target += "&account=" + escaped(a.account);
  if (!a.tenant.empty()) target += "&tenant=" + escaped(a.tenant);
  return target;
}

/// An account is whoever trades: of a slip in its name one sees only that nothing is there. `so` begins the sentence.
void tell_if_unknown(const order_arguments& a, const char* so) {
  if (!a.account.empty() && a.tenant.empty() && is_unknown_account(a.node, a.account))
    std::cerr << "troupe: " << so << '"' << a.account << "\" has neither order nor position of tenant main: is it the account you mean?\n";
}

int complain_of_order(const order_arguments& a, const error& e) {
  const int code = complain(e);
  if (e.code == errc::not_found) tell_if_unknown(a, "");
  return code;
}

int show_one(const order_arguments& a) {
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  auto got = node->get(order_target(a), order_members);
  if (!got) return complain_of_order(a, got.error());
  wire::json_value row{wire::json_kind::array};
  row.items.push_back(std::move(got->value));
  std::cout << (a.node.json ? got->text + '\n' : table_text(order_columns(), row));
  return done;
}

int cancel_one(const order_arguments& a) {
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  const auto got = node->request("DELETE", order_target(a), {}, {}, order_members);
  return got ? show_order(a.node, got, ", the venue is asked to cancel it") : complain_of_order(a, got.error());
}

int replace(const order_arguments& a) {
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  return show_order(a.node, node->request("PATCH", "/v1/orders/" + escaped(a.id), body_of({{"quantity", a.quantity}, {"limit_price", a.limit}}), {}, order_members),
                    ", the venue is asked to change it");
}

int cancel_all(const order_arguments& a) {
  const auto& options = a.node;
  auto node = node_client::at(options);
  if (!node) return complain(node.error());
  auto got = node->request("POST", "/v1/orders/mass_cancel", body_of({{"tenant", a.tenant}, {"account", a.account}, {"instrument", a.instrument}}), {}, {"requested", "failed"});
  if (!got) return complain(got.error());
  const auto failed = cell(got->value, "failed");
  if (options.json) std::cout << got->text << '\n';
  else std::cout << "orders whose venues are asked to cancel them: " << cell(got->value, "requested") << '\n';
  const bool is_missing = tell_missing(got->value);
  const auto* unreached = got->value.find("unreached");
  if (unreached)
    for (const auto& why : unreached->items) std::cerr << "troupe: " << why.text << ": what is open there stays until it hears of this\n";
  if (failed != "0") std::cerr << "troupe: " << failed << " orders or slots of them may have stayed (" << cell(got->value, "reason") << "); ask again\n";
  if (cell(got->value, "requested") == "0") tell_if_unknown(a, "nothing was withdrawn: ");
  return failed == "0" && !is_missing && !unreached ? done : finding;
}

void add_cancel_command(CLI::App& root, int& code) {
  auto c = std::make_shared<order_arguments>();
  auto* cancel = root.add_subcommand("cancel", "Withdraws an order, or with --all every open one; passes under every halt");
  auto* one = cancel->add_option("ORDER", c->id, "As the order was answered, for example 17-4711");
  auto* own = cancel->add_option("--client-order-id", c->client_id, "Instead of ORDER: your own id, as the order was placed with it")->excludes(one);
  cancel->add_flag("--all", c->all, "Every open order, or those of --account, --instrument or both; to stop what follows as well, halt instead")->excludes(one)->excludes(own);
  cancel->add_option("--account", c->account, "The account it was placed for, the node's default without it; with --all only of this account, under every tenant unless --tenant says which");
  cancel->add_option("--tenant", c->tenant, "Whose account it is, main without it; with --all only of this tenant");
  cancel->add_option("--instrument", c->instrument, "With --all only in this instrument");
  c->node.add_to(*cancel);
  cancel->footer("Examples: troupe cancel 17-4711\n"
                 "          troupe cancel --client-order-id my-1 --account alpha\n"
                 "          troupe halt account alpha && troupe cancel --all --account alpha");
  cancel->callback([c, &code] {
    if (!c->instrument.empty() && !c->all) throw CLI::RequiresError("--instrument", "--all");
    if ((!c->account.empty() || !c->tenant.empty()) && !c->all && c->client_id.empty())
      throw CLI::RequiresError(c->account.empty() ? "--tenant" : "--account", "--client-order-id or --all");
    if (c->id.empty() && c->client_id.empty() && !c->all) throw CLI::RequiredError("ORDER, --client-order-id or --all");
    code = c->all ? cancel_all(*c) : cancel_one(*c);
  });
}

/// Of `troupe orders`.
void add_show_command(CLI::App& orders, int& code) {
  auto s = std::make_shared<order_arguments>();
  auto* show = orders.add_subcommand("show", "One order, open or finished, by its id or by yours; places nothing");
  auto* one = show->add_option("ORDER", s->id, "As the order was answered, for example 17-4711");
  auto* own = show->add_option("--client-order-id", s->client_id, "Instead of ORDER: your own id, as the order was placed with it")->excludes(one);
  show->add_option("--account", s->account, "The account it was placed for; the node's default without it")->needs(own);
  show->add_option("--tenant", s->tenant, "Whose account it is; main without it")->needs(own);
  s->node.add_to(*show);
  show->footer("Examples: troupe orders show 17-4711\n"
               "          troupe orders show --client-order-id my-1 --account alpha\n"
               "When an answer was lost: exit code 1 says that nothing with this id was acknowledged so far.");
  show->callback([s, &code] {
    if (s->id.empty() && s->client_id.empty()) throw CLI::RequiredError("ORDER or --client-order-id");
    code = show_one(*s);
  });
}

} // namespace

void add_trade_commands(CLI::App& root, int& code) {
  auto o = std::make_shared<order_arguments>();
  auto* order = root.add_subcommand("order", "Places an order; without --limit at the market");
  order->add_option("SIDE", o->side, "BUY or SELL")->required()->transform(CLI::IsMember({"BUY", "SELL"}, CLI::ignore_case));
  order->add_option("QUANTITY", o->quantity, "In units of the base")->required();
  order->add_option("INSTRUMENT", o->instrument, "SYMBOL.VENUE")->required();
  order->add_option("--limit", o->limit, "Limit price");
  order->add_option("--account", o->account, "The account; the node's default without it");
  order->add_option("--tenant", o->tenant, "Whose account it is; main without it");
  order->add_option("--id,--client-order-id", o->id, "Your own id: asking again with it never places a second order");
  order->add_option("--tif", o->tif, "How long it stays")->transform(CLI::IsMember({"DAY", "GTC", "IOC", "FOK"}, CLI::ignore_case));
  order->add_flag("--check", o->only_checks, "Only say what it would be answered now, with the exit code that placing it would have: nothing is placed");
  o->node.add_to(*order);
  order->footer("Example: troupe order BUY 0.01 BTCUSDT.BINANCE_USDM --limit 61800.1 --account alpha --id my-1\n"
                "If no answer comes, `troupe orders show --client-order-id my-1 --account alpha` says what became of it, and places nothing.");
  order->callback([o, &code] { code = place(*o); });

  auto r = std::make_shared<order_arguments>();
  auto* replaces = root.add_subcommand("replace", "Changes an order's quantity and limit; it keeps its id");
  replaces->add_option("ORDER", r->id, "As the order was answered, for example 17-4711")->required();
  replaces->add_option("QUANTITY", r->quantity, "All of it, what is filled already included")->required();
  replaces->add_option("--limit", r->limit, "Limit price; as it is without");
  r->node.add_to(*replaces);
  replaces->footer("Example: troupe replace 17-4711 0.02 --limit 61790");
  replaces->callback([r, &code] { code = replace(*r); });

  add_cancel_command(root, code);
  for (const auto& what : listings()) {
    auto a = std::make_shared<list_arguments>();
    auto& l = add_listing(root, what, a, code);
    const std::string_view name = what.name;
    if (name == "orders") add_show_command(l, code);
    if (name == "orders") l.add_flag("--open", a->open, "Only open ones");
    if (name == "orders") l.add_flag("--newest", a->newest, "Those that changed last, newest first: all open ones, finished ones of the last 5000 of a slot")->excludes("--cursor");
    if (name == "fills") l.add_flag("--newest", a->newest, "The newest, newest first, of the last 1000 of a node")->excludes("--cursor");
  }
}

} // namespace troupe::cli
