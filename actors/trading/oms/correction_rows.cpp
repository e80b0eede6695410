#include "actors/trading/oms/correction_rows.hpp"

#include "actors/trading/oms/done.hpp"
#include "runtime/core/assert.hpp"
#include "runtime/wire/wire.hpp"

namespace troupe::oms {
namespace {

constexpr char between_parts = 0x1f; // text is printable, so no part can contain it

std::string key_in_slot(std::string_view begin, std::uint32_t slot) {
  std::string key{begin};
  key += static_cast<char>(slot); // below 64
  return key;
}

template <class Row>
void put_row(std::string key, const Row& row, actor::archive& rows) {
  if (!rows.is_open()) return;
  std::string value;
  wire::encode(row, value);
  rows.put(std::string{done_table}, std::move(key), std::move(value));
}

} // namespace

std::string booking_key(std::uint32_t slot, const venue_id& venue, const execution_id& execution) {
  auto key = key_in_slot(corrections_begin, slot);
  key += 'x';
  key += venue.value.view();
  key += between_parts;
  key += execution.value.view();
  return key;
}

std::string correction_key(const correct_position& c) {
  const auto slot = slot_of(c.tenant, c.account);
  if (c.books) return booking_key(slot, c.books->venue, c.books->execution);
  auto key = key_in_slot(corrections_begin, slot);
  key += 'i';
  key += c.tenant.value.view();
  key += between_parts;
  key += c.account.value.view();
  key += between_parts;
  key += c.id.value.view();
  return key;
}

std::string disputed_fill_prefix(std::uint32_t slot, const execution_id& execution) {
  auto key = key_in_slot(disputed_fills_begin, slot);
  key += execution.value.view();
  key += between_parts;
  return key;
}

std::string disputed_fill_key(std::uint32_t slot, const venue_id& venue, const execution_id& execution) {
  auto key = disputed_fill_prefix(slot, execution);
  key += venue.value.view();
  return key;
}

std::uint32_t slot_in_key(std::string_view key) {
  TROUPE_ASSERT(key.size() > corrections_begin.size(), "a key of a correction or of a disputed fill has a slot");
  return static_cast<std::uint8_t>(key[corrections_begin.size()]);
}

result<position_corrected> decode_correction(std::string_view value) { return wire::decode<position_corrected>(value); }
result<fill_disputed> decode_disputed_fill(std::string_view value) { return wire::decode<fill_disputed>(value); }

void archive_correction(const position_corrected& e, actor::archive& rows) { put_row(correction_key(e.correction), e, rows); }

void archive_disputed_fill(const fill_disputed& e, actor::archive& rows) {
  put_row(disputed_fill_key(e.report.order.slot(), e.venue, e.report.id), e, rows);
}

} // namespace troupe::oms
