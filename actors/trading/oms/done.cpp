#include "actors/trading/oms/done.hpp"

#include "runtime/wire/wire.hpp"

namespace troupe::oms {
namespace {

constexpr char separator = 0x1f; // text is printable, so no part can contain it
constexpr std::size_t row_bytes = 500; // most finished orders are written in less, so the text need not grow on the way

std::string big_endian(std::uint64_t n) {
  std::string key(8, '\0');
  for (int i = 7; i >= 0; --i, n >>= 8) key[static_cast<std::size_t>(i)] = static_cast<char>(n & 0xff);
  return key;
}

} // namespace

std::string done_order_key(order_id id) { return big_endian(id.value); }

std::string done_client_key(const tenant_id& tenant, const account_id& account, const client_order_id& client_id) {
  std::string key{"k/"};
  key += tenant.value.view();
  key += separator;
  key += account.value.view();
  key += separator;
  key += client_id.value.view();
  return key;
}

std::string done_orders_begin(std::uint32_t slot) { return big_endian(order_id::make(slot, 0).value); }
std::string done_orders_end(std::uint32_t slot) { return big_endian(order_id::make(slot + 1, 0).value); }

result<finished_order> decode_finished(std::string_view value) {
  auto finished = wire::decode<finished_order>(value);
  if (finished) return finished;
  if (auto alone = wire::decode<order>(value)) return finished_order{*std::move(alone), {}};
  return finished;
}

result<order> decode_done(std::string_view value) { return wire::decode_front<order>(value); }
result<order_id> decode_done_key(std::string_view value) {
  if (value.size() != 8) return fail(errc::malformed, "a client key points at a row of eight bytes");
  std::uint64_t n = 0;
  for (const char c : value) n = n << 8 | static_cast<std::uint8_t>(c);
  return order_id{n};
}

actor::lookup done_order_row(order_id id) { return {std::string{done_table}, done_order_key(id)}; }

std::optional<finished_order> find_finished(const actor::turn_context& ctx, order_id id) {
  const auto* row = ctx.row(done_order_key(id));
  if (!row) return std::nullopt;
  auto finished = decode_finished(*row);
  if (!finished) return std::nullopt;
  return *std::move(finished);
}

void archive_done(const finished_order& finished, actor::archive& rows) {
  if (!rows.is_open()) return;
  std::string value;
  value.reserve(row_bytes);
  wire::encode(finished, value);
  const auto key = done_order_key(finished.order.id);
  rows.put(std::string{done_table}, key, std::move(value));
  const auto& r = finished.order.request;
  if (r.client_id.value.empty()) return;
  rows.put(std::string{done_table}, done_client_key(r.tenant, r.account, r.client_id), key);
}

} // namespace troupe::oms
