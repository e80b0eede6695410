#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/corrections.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/api/history_messages.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace troupe::desk {
namespace {

constexpr const char* correction_is_wrong = "the request has invalid fields";

trading::tenant_id tenant_of(const v1::correction_request& asked) { return {asked.tenant.value.value}; }
trading::account_id account_of(const v1::correction_request& asked) { return {asked.account.value}; }

error unknown_to_correct(const trading::instrument_id& instrument) {
  return {errc::invalid_argument, correction_is_wrong, {{"instrument", "instrument " + instrument.value.str() + " is not traded here"}}};
}

/// Takes the venue's word for `field`, which the request may repeat; what the venue did not say the request has to.
template <class T>
T as_reported(const char* field, const std::optional<T>& given, const std::optional<T>& reported, const char* when_missing, std::vector<field_error>& wrong) {
  if (!given && !reported) wrong.push_back({field, when_missing});
  else if (given && reported && *given != *reported) wrong.push_back({field, "the venue reported " + reported->str() + ", and a booking of its execution is that; to correct otherwise leave execution_id out"});
  return reported ? *reported : given.value_or(T{});
}

/// What the venue said of the quantity: signed when the order is known.
std::optional<quantity> quantity_reported(const oms::fill_disputed& d, const std::optional<quantity>& given) {
  const auto size = d.report.last_quantity;
  if (!size.is_positive()) return std::nullopt;
  if (!d.account.value.empty()) return d.side == trading::side::buy ? size : -size;
  if (!given) return std::nullopt; // bought or sold, the operator has to say
  return given->is_positive() ? size : -size;
}

std::optional<price> fee_reported(const oms::fill_disputed& d, const currency& quote) {
  const auto& fee = d.report.fee;
  return fee.ccy.empty() || fee.ccy == quote ? price::from_units(fee.units) : std::nullopt;
}

void take_booking(const v1::correction_request& asked, const oms::fill_disputed& d, const currency& quote, oms::correct_position& out, std::vector<field_error>& wrong) {
  if (asked.correction_id) wrong.push_back({"correction_id", "of a booking it is VENUE/EXECUTION and not given"});
  if (!d.account.value.empty() && (d.account != account_of(asked) || d.tenant != tenant_of(asked)))
    wrong.push_back({"account", "the fill is of account " + d.account.value.str() + " of tenant " + d.tenant.value.str()});
  if (!d.account.value.empty() && d.instrument != asked.instrument) wrong.push_back({"instrument", "the fill is in " + d.instrument.value.str()});
  const bool buys = d.side == trading::side::buy;
  if (!d.account.value.empty() && !d.report.last_quantity.is_positive() && asked.quantity && asked.quantity->is_positive() != buys)
    wrong.push_back({"quantity", std::string{"the order is one that "} + (buys ? "buys: a quantity above 0" : "sells: a quantity below 0")});
  out.id = oms::booking_id(d.venue, d.report.id);
  out.books = oms::booked_execution{d.venue, d.report.id, d.report.order};
  out.quantity = as_reported("quantity", asked.quantity, quantity_reported(d, asked.quantity), "is needed: the venue's report does not say whether how much was bought or sold", wrong);
  const auto paid = d.report.last_price.is_positive() ? std::optional{d.report.last_price} : std::nullopt;
  out.price = as_reported("price", asked.price ? std::optional{asked.price->value} : std::nullopt, paid, "is needed: the venue's report has none", wrong);
  out.fee.units = as_reported("fee", asked.fee, fee_reported(d, quote), "is needed: the venue's is not in the instrument's quote currency", wrong).units;
}

void take_free(const v1::correction_request& asked, oms::correct_position& out, std::vector<field_error>& wrong) {
  if (asked.correction_id) out.id = {text<48>{asked.correction_id->value.view()}};
  else wrong.push_back({"correction_id", "is needed, so that asking again corrects nothing twice; or execution_id, to book what a venue reported"});
  if (asked.venue) wrong.push_back({"venue", "goes with execution_id"});
  if (asked.quantity) out.quantity = *asked.quantity;
  if (asked.price) out.price = asked.price->value;
  if (asked.fee) out.fee.units = asked.fee->units;
}

} // namespace

result<trading::venue_id> venue_to_book(const v1::correction_request& asked, const instrument_table& instruments) {
  if (asked.venue) return *asked.venue;
  const auto what = instruments.find(asked.instrument);
  if (what == instruments.end()) return unknown_to_correct(asked.instrument);
  return what->second.venue;
}

result<oms::correct_position> correction_of(const v1::correction_request& asked, const instrument_table& instruments, const std::optional<oms::fill_disputed>& disputed) {
  const auto what = instruments.find(asked.instrument);
  if (what == instruments.end()) return unknown_to_correct(asked.instrument);
  if (asked.execution_id && !disputed)
    return fail(errc::not_found, "no fill with execution id " + asked.execution_id->value.str() + " is in dispute in the slot of account " + asked.account.value.str() +
                                   "; /v1/positions/disputes lists them. What is in none is corrected without an execution_id");
  oms::correct_position out;
  out.tenant = tenant_of(asked);
  out.account = account_of(asked);
  out.instrument = asked.instrument;
  out.reason = asked.reason.value;
  std::vector<field_error> wrong;
  if (asked.execution_id) take_booking(asked, *disputed, what->second.quote, out, wrong);
  else take_free(asked, out, wrong);
  if (!wrong.empty()) return error{errc::invalid_argument, correction_is_wrong, std::move(wrong)};
  return out;
}

std::optional<error> failure_of(const oms::correction_ack& ack) {
  const auto field = [&](const char* name) { return error{errc::invalid_argument, correction_is_wrong, {{name, ack.reason}}}; };
  switch (ack.refusal) {
  case oms::correction_refusal::none: return std::nullopt;
  case oms::correction_refusal::not_authorised: return fail(errc::not_authorised, ack.reason);
  case oms::correction_refusal::conflict:
  case oms::correction_refusal::already_applied: return fail(errc::conflict, ack.reason);
  case oms::correction_refusal::disk_full: return fail(errc::disk_full, ack.reason);
  case oms::correction_refusal::bad_id: return field("correction_id");
  case oms::correction_refusal::unknown_instrument: return field("instrument");
  case oms::correction_refusal::bad_price: return field("price");
  case oms::correction_refusal::bad_fee: return field("fee");
  case oms::correction_refusal::no_reason: return field("reason");
  case oms::correction_refusal::nothing_to_correct:
  case oms::correction_refusal::out_of_range: return field("quantity");
  }
  return fail(errc::internal, ack.reason);
}

namespace {

void send_correction(const api& a, const context& c, const oms::correct_position& command, answer_to<oms::correction_ack> then) {
  a.port->ask<oms::correction_ack>(trading::slot_name(trading::slot_of(command.tenant, command.account)), lane::order, c, command,
                                   [then = std::move(then)](result<oms::correction_ack> ack) {
                                     if (ack)
                                       if (auto why = failure_of(*ack)) return then(*why);
                                     then(std::move(ack));
                                   });
}

/// Pages of several nodes as one: what lies behind the first end of a page that has more is left for the next.
template <class Found, class Row = typename decltype(Found::rows)::value_type>
correction_list<Row> merge_rows(gathered<Found> found, std::size_t limit) {
  std::vector<std::pair<std::string, Row>> all;
  correction_list<Row> list;
  for (auto& [node, page] : found.answers) {
    if (page.next && (!list.next || *page.next < *list.next)) list.next = page.next;
    for (std::size_t i = 0; i < page.rows.size(); ++i) all.emplace_back(std::move(page.keys[i]), std::move(page.rows[i]));
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  list.missing = std::move(found.missing);
  for (auto& [key, row] : all) {
    if (list.next && key >= *list.next) break;
    if (list.rows.size() == limit) {
      list.next = key;
      break;
    }
    list.rows.push_back(std::move(row));
  }
  return list;
}

/// One page of `Query` over the nodes that have accounts of the scope.
template <class Query, class Found, class Row>
void list_rows(const api_ptr& a, const context& c, const std::string& from, const order_scope& scope, std::size_t limit, answer_to<correction_list<Row>> then) {
  gather<Found>(
    a, nodes_of(*a, scope.tenant, scope.account),
    [a, c, from, scope, limit](const node_name& node, answer_to<Found> done) {
      ask_history<Found>(*a, node, c, Query{from, a->node->nodes().slots_of(node), scope, static_cast<std::uint32_t>(limit)}, std::move(done));
    },
    [limit, then = std::move(then)](result<gathered<Found>> found) {
      if (auto why = missing_whole(found)) return then(*why);
      then(merge_rows(std::move(*found), limit));
    });
}

} // namespace

namespace {

/// `asked` as of what `instruments` say. One that is not configured any more has its currency said to the slot, which knows of none.
void correct_as(const api_ptr& a, const context& c, const v1::correction_request& asked, const instrument_table& instruments, bool is_configured,
                answer_to<oms::correction_ack> then) {
  const auto go_on = [a, c, asked, instruments, is_configured, then](const std::optional<oms::fill_disputed>& disputed) {
    auto command = correction_of(asked, instruments, disputed);
    if (!command) return then(command.error());
    if (!is_configured) command->fee.ccy = instruments.at(asked.instrument).quote;
    send_correction(*a, c, *command, then);
  };
  if (!asked.execution_id) return go_on(std::nullopt);
  const auto venue = venue_to_book(asked, instruments);
  if (!venue) return then(venue.error());
  const auto slot = trading::slot_of(tenant_of(asked), account_of(asked));
  // What is on record of it once stays so: the slot itself refuses what was booked, or taken by an order, since.
  ask_history<disputed_fill_view>(*a, a->node->nodes().node_of(trading::slot_name(slot)), c, disputed_fill_query{slot, *venue, {asked.execution_id->value}},
                                  [go_on, then](const result<disputed_fill_view>& found) {
                                    if (!found) return then(found.error());
                                    go_on(found->fill);
                                  });
}

} // namespace

std::optional<trading::instrument> instrument_held(const std::vector<portfolio::position_view>& positions, const trading::instrument_id& id) {
  const auto at = std::ranges::find(positions, id, &portfolio::position_view::instrument);
  if (at == positions.end()) return std::nullopt;
  trading::instrument known;
  known.id = id;
  known.venue = trading::venue_named_by(id);
  for (const auto* amount : {&at->cost_basis, &at->realized, &at->fees})
    if (known.quote.empty()) known.quote = amount->ccy;
  return known.quote.empty() ? std::nullopt : std::optional{known};
}

void correct(const api_ptr& a, const context& c, const v1::correction_request& asked, answer_to<oms::correction_ack> then) {
  const auto& instruments = a->node->parts().instruments;
  if (const auto known = instruments.find(asked.instrument); known != instruments.end()) return correct_as(a, c, asked, {*known}, true, std::move(then));
  // It may have been taken out of the configuration. What the account has, or had, in it says so, and in what currency.
  ask_positions(a, c, {tenant_of(asked), account_of(asked), asked.instrument, {true}}, [a, c, asked, then = std::move(then)](const result<found_rows<portfolio::position_view>>& found) {
    if (!found) return then(found.error());
    if (auto why = incomplete(found->missing)) return then(*why);
    const auto held = instrument_held(found->rows, asked.instrument);
    if (!held) return then(unknown_to_correct(asked.instrument));
    correct_as(a, c, asked, {{held->id, *held}}, false, then);
  });
}

void list_corrections(const api_ptr& a, const context& c, const std::string& from, const order_scope& scope, std::size_t limit,
                      answer_to<correction_list<oms::position_corrected>> then) {
  list_rows<corrections_query, corrections_found>(a, c, from, scope, limit, std::move(then));
}

void list_disputes(const api_ptr& a, const context& c, const std::string& from, const order_scope& scope, std::size_t limit, answer_to<correction_list<disputed_row>> then) {
  list_rows<disputed_fills_query, disputed_fills_found>(a, c, from, scope, limit, std::move(then));
}

} // namespace troupe::desk
