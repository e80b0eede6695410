// troupe position correct, book, corrections, disputes: what only an operator may say about a position, and the lists behind it.

#include "tools/troupe/commands.hpp"
#include "tools/troupe/listing.hpp"
#include "tools/troupe/post.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace troupe::cli {
namespace {

struct correction_arguments {
  operator_options node;
  std::string side, quantity, instrument, price, fee, account, tenant, id, execution, venue, reason;
};

std::string signed_by(const std::string& side, const std::string& quantity) { return side == "SELL" && !quantity.empty() ? "-" + quantity : quantity; }

int send_correction(const correction_arguments& a) {
  if (a.quantity.starts_with('-')) return complain(fail(errc::invalid_argument, "a quantity is above 0; BUY adds it and SELL takes it away"));
  const auto quantity = signed_by(a.side, a.quantity);
  return post_correction(a.node, "/v1/positions/corrections",
                         body_of({{"tenant", a.tenant},
                                  {"account", a.account},
                                  {"correction_id", a.id},
                                  {"instrument", a.instrument},
                                  {"quantity", quantity},
                                  {"price", a.price},
                                  {"fee", a.fee},
                                  {"venue", a.venue},
                                  {"execution_id", a.execution},
                                  {"reason", a.reason}}),
                         a.account + " holds", a.instrument);
}

void add_whose(CLI::App& c, correction_arguments& a) {
  c.add_option("--account", a.account, "Whose position")->required();
  c.add_option("--tenant", a.tenant, "Whose account it is; main without it");
  c.add_option("--reason", a.reason, "On record with your name, at most 95 characters")->required();
  a.node.add_with_key_to(c);
}

const std::vector<listing>& correction_listings() {
  static const std::vector<listing> all{
    {"corrections", "What operators corrected, with who and why", "troupe position corrections --account alpha", "/v1/positions/corrections", "corrections",
     {{"CORRECTION", "correction_id"}, {"ACCOUNT", "account"}, {"INSTRUMENT", "instrument"}, {"QUANTITY", "quantity"}, {"PRICE", "price"}, {"FEE", "fee"},
      {"POSITION", "position"}, {"BY", "corrected_by"}, {"AT", "decided_at"}, {"REASON", "reason"}}},
    {"disputes", "Fills that venues reported and no order could take: in no position until they are booked", "troupe position disputes --account alpha",
     "/v1/positions/disputes", "disputes",
     {{"EXECUTION", "execution_id"}, {"VENUE", "venue"}, {"ORDER", "order_id"}, {"ACCOUNT", "account"}, {"SIDE", "side"}, {"QUANTITY", "quantity"},
      {"INSTRUMENT", "instrument"}, {"PRICE", "price"}, {"FEE", "fee"}, {"FILLED", "filled"}, {"ORDERED", "ordered"}, {"BOOKED AS", "booked_as"}, {"BY", "booked_by"}}},
  };
  return all;
}

} // namespace

void add_position_commands(CLI::App& root, int& code) {
  auto* position = root.add_subcommand("position", "Corrects positions and books fills that no order could take; `positions` lists positions");
  position->require_subcommand(1);

  auto c = std::make_shared<correction_arguments>();
  auto* correct = position->add_subcommand("correct", "Changes a position by a quantity at a price, as a fill would; counted as none");
  correct->add_option("SIDE", c->side, "BUY adds the quantity, SELL takes it away")->required()->transform(CLI::IsMember({"BUY", "SELL"}, CLI::ignore_case));
  correct->add_option("QUANTITY", c->quantity, "In units of the base; 0 with --fee alone")->required();
  correct->add_option("INSTRUMENT", c->instrument, "SYMBOL.VENUE")->required();
  correct->add_option("--price", c->price, "What it cost, for cost basis, realized P&L and cash");
  correct->add_option("--fee", c->fee, "What was paid besides, in the quote currency; what came back as --fee=-AMOUNT");
  correct->add_option("--id", c->id, "Your own id without a slash: asking again with it corrects nothing a second time")->required();
  add_whose(*correct, *c);
  correct->footer("Example: troupe position correct BUY 0.5 BTCUSDT.SIM --price 61800.1 --account alpha --id 2026-11-30-1 --reason 'statement of the venue'\n"
                  "A fill that is in dispute is booked with `troupe position book`, so that nobody can count it twice.\n"
                  "The same id and words again are answered as first; the same id with others is refused.");
  correct->callback([c, &code] { code = send_correction(*c); });

  auto b = std::make_shared<correction_arguments>();
  auto* book = position->add_subcommand("book", "Books a fill that its venue reported and no order could take, as the venue reported it");
  book->add_option("EXECUTION", b->execution, "As `troupe position disputes` lists it")->required();
  book->add_option("INSTRUMENT", b->instrument, "SYMBOL.VENUE")->required();
  book->add_option("--venue", b->venue, "Who reported it; the instrument's without it");
  auto* side = book->add_option("--side", b->side, "Only of an order that is not known here, or with --quantity: BUY or SELL")->transform(CLI::IsMember({"BUY", "SELL"}, CLI::ignore_case));
  auto* quantity = book->add_option("--quantity", b->quantity, "With --side, as the venue reported it, or when it reported none");
  side->needs(quantity);
  quantity->needs(side);
  book->add_option("--price", b->price, "Only when the venue reported none");
  book->add_option("--fee", b->fee, "Only when the venue's is in another currency");
  add_whose(*book, *b);
  book->footer("Example: troupe position book 4711 BTCUSDT.SIM --account alpha --reason 'compared with the venue'\n"
               "An execution is booked once: the same again is answered as first, and one that an order has is refused. The account stays halted until `troupe resume account alpha`,\n"
               "and of an order that is not known here the venue until `troupe resume venue SIM`.");
  book->callback([b, &code] { code = send_correction(*b); });

  for (const auto& what : correction_listings()) add_listing(*position, what, std::make_shared<list_arguments>(), code);
}

} // namespace troupe::cli
