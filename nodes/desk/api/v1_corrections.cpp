#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/corrections.hpp"
#include "nodes/desk/api/gather.hpp"
#include "nodes/desk/api/pages.hpp"
#include "nodes/desk/api/v1_correction_messages.hpp"
#include "nodes/desk/api/v1_routes.hpp"

namespace troupe::desk {
namespace {

using edge::request_context;
using edge::responder;

void post_correction(const std::shared_ptr<api>& a, const request_context& request, const v1::correction_request& body, const responder& reply) {
  const auto who = require_operator(reply);
  if (!who) return;
  correct(a, a->context_of(request, *who), body, [reply](const result<oms::correction_ack>& ack) {
    if (ack) reply.value(v1::correction_reply{ack->id, ack->position, ack->decided_at}, 201);
    else reply.fail(ack.error());
  });
}

/// A page of `list`, which is list_corrections or list_disputes, and which its cursors call `name`.
template <class Page, class Row, class View, class List>
void show_rows(const std::shared_ptr<api>& a, const request_context& request, const v1::corrections_params& p, const responder& reply, const char* name, std::vector<View> Page::*rows,
               List list) {
  const auto from = p.cursor ? key_in(name, p.cursor->view()) : std::string{};
  if (!from) return void(reply.fail(bad_cursor()));
  list(a, a->context_of(request), cursor_of(*from), order_scope{tenant_meant(p.tenant, p.account), p.account}, p.limit ? p.limit->value : v1::page_size_fallback,
       [reply, name, rows](result<correction_list<Row>> found) {
         if (!found) return void(reply.fail(found.error()));
         Page page;
         for (const auto& row : found->rows) (page.*rows).push_back(v1::view_of(row));
         page.next = next_in(name, std::move(found->next));
         page.missing = unless_none(std::move(found->missing));
         reply.value(page);
       });
}

} // namespace

void add_correction_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.post<v1::correction_request, v1::correction_reply>(
         "v1", "/v1/positions/corrections",
         "Corrects a position, its cost basis or its fees by what an operator says, or books a fill that no order could take: 201 when it is on record. Counted as no fill; "
         "a repeat with the same correction or execution id gets exactly the first answer, another body 409, and so does the booking of what an order has, or may have.",
         {errc::not_authorised, errc::not_found, errc::conflict, errc::disk_full},
         [a](const request_context& request, const v1::correction_request& body, const responder& reply) { post_correction(a, request, body, reply); })
    .authorised()
    .may_answer(201);
  table.get<v1::corrections_params, v1::corrections_page>(
    "v1", "/v1/positions/corrections", "What operators corrected, with who and why, in pages.", {},
    [a](const request_context& request, const v1::corrections_params& p, const responder& reply) {
      show_rows<v1::corrections_page, oms::position_corrected>(a, request, p, reply, "corrections", &v1::corrections_page::corrections, list_corrections);
    });
  table.get<v1::corrections_params, v1::disputes_page>(
    "v1", "/v1/positions/disputes", "Fills that venues reported and no order could take, which are in no position until they are booked, in pages.", {},
    [a](const request_context& request, const v1::corrections_params& p, const responder& reply) {
      show_rows<v1::disputes_page, disputed_row>(a, request, p, reply, "disputes", &v1::disputes_page::disputes, list_disputes);
    });
}

} // namespace troupe::desk
