#include "nodes/desk/api/tables.hpp"

#include "actors/trading/oms/done.hpp"
#include "actors/trading/portfolio/core.hpp"
#include "runtime/wire/wire.hpp"

#include <algorithm>

namespace troupe::desk {
namespace {

constexpr std::size_t rows_examined_max = 20'000; // per page: some tens of milliseconds of the reader
constexpr std::uint64_t newest_examined = 5'000;  // per slot

bool has(std::uint64_t slots, std::uint32_t slot) { return (slots >> slot & 1) != 0; }

bool matches(const fill_scope& scope, const portfolio::fill& f) {
  return (!scope.tenant || f.tenant == *scope.tenant) && (!scope.account || f.account == *scope.account) &&
         (!scope.instrument || f.instrument == *scope.instrument) && (!scope.order || f.order == *scope.order);
}

/// True when the slot has a finished order with this number or a higher one.
result<bool> reaches(const journal::journal& j, std::uint32_t slot, std::uint64_t number) {
  bool found = false;
  const auto end = oms::done_orders_end(slot);
  auto read = j.scan(oms::done_table, oms::done_order_key(trading::order_id::make(slot, number)),
                     [&](std::string_view key, std::string_view) {
                       found = key < end;
                       return false;
                     });
  if (!read) return read.error();
  return found;
}

/// The number from which a scan sees the newest finished orders of a slot: the table can only be read forwards.
result<std::uint64_t> newest_from(const journal::journal& j, std::uint32_t slot) {
  std::uint64_t low = 0, high = 1; // reaches(low) or nothing at all; not reaches(high) at the end
  for (;;) {
    auto more = reaches(j, slot, high);
    if (!more) return more.error();
    if (!*more) break;
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    auto more = reaches(j, slot, middle);
    if (!more) return more.error();
    (*more ? low : high) = middle;
  }
  return low > newest_examined ? low - newest_examined : 0;
}

} // namespace

bool matches(const order_scope& scope, const oms::order& o) {
  return (!scope.tenant || o.request.tenant == *scope.tenant) && (!scope.account || o.request.account == *scope.account);
}

void keep_newest(std::vector<oms::order>& orders, std::size_t limit) {
  const auto end = orders.begin() + static_cast<std::ptrdiff_t>(std::min(orders.size(), limit));
  std::partial_sort(orders.begin(), end, orders.end(), oms::is_newer);
  orders.erase(end, orders.end());
}

result<std::optional<oms::order>> finished_order(const journal::journal& j, trading::order_id id) {
  auto row = j.get(oms::done_table, oms::done_order_key(id));
  if (!row) return row.error();
  if (!*row) return std::optional<oms::order>{};
  auto o = oms::decode_done(**row);
  if (!o) return o.error();
  return std::optional{std::move(*o)};
}

result<order_rows> finished_orders(const journal::journal& j, trading::order_id after, std::uint32_t last_slot,
                                   const order_scope& scope, std::size_t limit, std::uint64_t slots) {
  order_rows out;
  std::optional<error> wrong;
  std::size_t examined = 0;
  const auto end = oms::done_orders_end(last_slot);
  auto read = j.scan(oms::done_table, oms::done_order_key({after.value + 1}), [&](std::string_view key, std::string_view value) {
    if (key >= end) return false;
    auto o = oms::decode_done(value);
    if (!o) {
      wrong = o.error();
      return false;
    }
    const auto id = o->id;
    if (has(slots, id.slot()) && matches(scope, *o)) out.orders.push_back(std::move(*o));
    if (out.orders.size() < limit && ++examined < rows_examined_max) return true;
    out.stopped_at = id;
    return false;
  });
  if (wrong) return *wrong;
  if (!read) return read.error();
  return out;
}

result<std::vector<oms::order>> newest_finished(const journal::journal& j, const order_scope& scope, std::size_t limit, std::uint64_t slots) {
  std::vector<oms::order> all;
  std::uint32_t first = 0, last = trading::slot_count - 1;
  if (scope.account) first = last = trading::slot_of(scope.tenant.value_or(main_tenant), *scope.account);
  for (auto slot = first; slot <= last; ++slot) {
    if (!has(slots, slot)) continue;
    auto from = newest_from(j, slot);
    if (!from) return from.error();
    for (auto after = trading::order_id::make(slot, *from);;) {
      auto rows = finished_orders(j, after, slot, scope, limit);
      if (!rows) return rows.error();
      all.insert(all.end(), std::make_move_iterator(rows->orders.begin()), std::make_move_iterator(rows->orders.end()));
      if (!rows->stopped_at) break;
      after = *rows->stopped_at;
    }
    keep_newest(all, limit);
  }
  return all;
}

result<fill_rows> read_fills(const journal::journal& books, const std::string& key, const fill_scope& scope, std::size_t limit,
                             std::uint64_t slots) {
  fill_rows out;
  std::optional<error> wrong;
  std::size_t examined = 0;
  auto read = books.scan(portfolio::fills_table, key, [&](std::string_view at, std::string_view value) {
    if (out.fills.size() == limit || examined == rows_examined_max) {
      out.next = std::string{at};
      return false;
    }
    ++examined;
    auto f = wire::decode<portfolio::fill>(value);
    if (!f) {
      wrong = f.error();
      return false;
    }
    if (!has(slots, f->order.slot()) || !matches(scope, *f)) return true;
    out.fills.push_back(std::move(*f));
    out.keys.emplace_back(at);
    return true;
  });
  if (wrong) return *wrong;
  if (!read) return read.error();
  return out;
}

std::string cursor_of(std::string_view key) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const unsigned char c : key) {
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  return out;
}

std::optional<std::string> key_of(std::string_view cursor) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  if (cursor.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < cursor.size(); i += 2) {
    const int high = digit(cursor[i]), low = digit(cursor[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

} // namespace troupe::desk
