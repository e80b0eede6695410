#include "nodes/desk/api/correction_tables.hpp"

#include "actors/trading/oms/correction_rows.hpp"
#include "actors/trading/oms/done.hpp"

#include <algorithm>
#include <utility>

namespace troupe::desk {
namespace {

constexpr std::size_t correction_rows_examined_max = 20'000; // per page: some tens of milliseconds

bool is_of_slots(std::string_view key, std::uint64_t slots) {
  const auto slot = oms::slot_in_key(key); // of a fill whatever its venue said
  return slot < trading::slot_count && (slots >> slot & 1) != 0;
}

bool is_in_scope(const order_scope& scope, const trading::tenant_id& tenant, const trading::account_id& account) {
  return (!scope.tenant || tenant == *scope.tenant) && (!scope.account || account == *scope.account);
}

/// Rows whose keys begin with `begin`, from `from` on; `take` makes a row of a value, or nothing when it is not wanted.
template <class Row, class Take>
result<correction_page<Row>> read_rows(const journal::journal& j, std::string_view begin, const std::string& from, std::size_t limit, std::uint64_t slots, Take take) {
  correction_page<Row> page;
  std::optional<error> wrong;
  std::size_t examined = 0;
  auto read = j.scan(oms::done_table, std::max(std::string{begin}, from), [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(begin)) return false;
    if (page.rows.size() == limit || examined == correction_rows_examined_max) {
      page.next = std::string{key};
      return false;
    }
    ++examined;
    if (!is_of_slots(key, slots)) return true;
    auto row = take(value);
    if (!row) {
      wrong = row.error();
      return false;
    }
    if (!*row) return true;
    page.rows.push_back(std::move(**row));
    page.keys.emplace_back(key);
    return true;
  });
  if (wrong) return *wrong;
  if (!read) return read.error();
  return page;
}

result<std::optional<oms::position_corrected>> booking_of(const journal::journal& j, const oms::fill_disputed& fill) {
  auto row = j.get(oms::done_table, oms::booking_key(fill.report.order.slot(), fill.venue, fill.report.id));
  if (!row) return row.error();
  if (!*row) return std::optional<oms::position_corrected>{};
  auto booked = oms::decode_correction(**row);
  if (!booked) return booked.error();
  return std::optional{std::move(*booked)};
}

} // namespace

result<correction_page<oms::position_corrected>> read_corrections(const journal::journal& j, const std::string& key, const order_scope& scope, std::size_t limit, std::uint64_t slots) {
  using found = std::optional<oms::position_corrected>;
  return read_rows<oms::position_corrected>(j, oms::corrections_begin, key, limit, slots, [&](std::string_view value) -> result<found> {
    auto e = oms::decode_correction(value);
    if (!e) return e.error();
    if (!is_in_scope(scope, e->correction.tenant, e->correction.account)) return found{};
    return found{std::move(*e)};
  });
}

result<correction_page<disputed_row>> read_disputed_fills(const journal::journal& j, const std::string& key, const order_scope& scope, std::size_t limit, std::uint64_t slots) {
  using found = std::optional<disputed_row>;
  auto page = read_rows<disputed_row>(j, oms::disputed_fills_begin, key, limit, slots, [&](std::string_view value) -> result<found> {
    auto e = oms::decode_disputed_fill(value);
    if (!e) return e.error();
    if (!is_in_scope(scope, e->tenant, e->account)) return found{};
    return found{disputed_row{std::move(*e), {}}};
  });
  if (!page) return page;
  for (auto& row : page->rows) { // behind the scan: a page is short
    auto booked = booking_of(j, row.fill);
    if (!booked) return booked.error();
    row.booked = std::move(*booked);
  }
  return page;
}

result<std::optional<oms::fill_disputed>> disputed_fill_of(const journal::journal& j, std::uint32_t slot, const trading::venue_id& venue, const trading::execution_id& execution) {
  auto row = j.get(oms::done_table, oms::disputed_fill_key(slot, venue, execution));
  if (!row) return row.error();
  if (!*row) return std::optional<oms::fill_disputed>{};
  auto fill = oms::decode_disputed_fill(**row);
  if (!fill) return fill.error();
  return std::optional{std::move(*fill)};
}

} // namespace troupe::desk
