// I2, I3, I4 and I10 of what operators corrected: each id once, each execution once whether an order took it or a correction books it, sums, and rows.

#include "actors/trading/oms/correction_rows.hpp"
#include "actors/trading/oms/done.hpp"
#include "tools/check/ledger.hpp"

namespace troupe::check {
void ledger::on(const moment& m, const oms::position_corrected& e) {
  const auto& c = e.correction;
  const auto here = [&] {
    return m.header.stream.value.str() + " turn " + std::to_string(m.header.sequence) + ": correction " + c.id.value.str() + " of " + c.account.value.str() + ' ';
  };
  auto& rule = report_.positions;
  rule.expect(c.quantity.is_zero() ? c.price.is_zero() : c.price.is_positive(), [&] { return here() + "is at " + c.price.str(); });
  rule.expect(slot_of(c.tenant, c.account) == m.slot, [&] { return here() + "is of an account that another slot owns"; });
  report_.client_ids.expect(corrections_.try_emplace(oms::correction_key(c), e).second, [&] { return here() + "is on record twice"; });

  const auto size = c.quantity.is_positive() ? c.quantity : -c.quantity;
  const int sign = c.quantity.is_positive() ? 1 : -1;
  if (c.books) {
    const auto key = report_key(c.books->venue, c.books->execution);
    report_.executions.expect(c.id == oms::booking_id(c.books->venue, c.books->execution), [&] { return here() + "books execution " + key + " under another id"; });
    report_.executions.expect(is_disputed(key), [&] { return here() + "books execution " + key + ", which was in no dispute"; });
    const auto [report, is_new] = reports_.try_emplace(key, report_facts{c.books->order, venue::exec_type::trade, size, c.price, c.fee.units});
    report_.executions.expect(is_new, [&, report = report] { return here() + "books execution " + key + ", which was applied before to order " + to_text(report->second.order); });
  }
  const auto value = notional(c.price, size, e.quote).units;
  add_to_sums(m, {c.tenant, c.account, c.instrument}, e.quote, -(sign * value + c.fee.units), [&](fill_sum& s) {
    s.quantity += c.quantity.units;
    s.notional += sign * value;
    s.fees += c.fee.units;
  });
  auto& held = accounts_[{c.tenant, c.account}].stakes[c.instrument].position;
  held += c.quantity.units;
  rule.expect(held == e.position.units, [&] { return here() + "says that " + e.position.str() + " are held after it, it is " + format_scaled(held); });
}

void ledger::on(const moment& m, const oms::fill_disputed& e) {
  const auto report = report_key(e.venue, e.report.id);
  report_.executions.expect(e.report.type == venue::exec_type::trade,
                            [&] { return where(m, e.report.order) + "has report " + report + " in dispute, which is no fill"; });
  disputes_[oms::disputed_fill_key(e.report.order.slot(), e.venue, e.report.id)] = e;
  disputed_reports_.insert(report);
}

void ledger::compare_corrections(const journal::journal& j) {
  auto& rule = report_.replay;
  std::uint64_t corrections = 0, disputes = 0;
  const auto read = [&](std::string_view begin, std::uint64_t& found, const auto& is_of_turns) {
    auto done = j.scan(oms::done_table, begin, [&](std::string_view key, std::string_view value) {
      if (!key.starts_with(begin)) return false;
      ++found;
      rule.expect(is_of_turns(std::string{key}, value), [&] { return "table done: a row of a correction or a disputed fill differs from its turns"; });
      return true;
    });
    return rule.expect(done.has_value(), [&] { return "table done: " + to_string(done.error()); });
  };
  const bool is_read = read(oms::corrections_begin, corrections, [&](const std::string& key, std::string_view value) {
    const auto row = oms::decode_correction(value);
    const auto at = corrections_.find(key);
    return row && at != corrections_.end() && at->second == *row;
  }) && read(oms::disputed_fills_begin, disputes, [&](const std::string& key, std::string_view value) {
    const auto row = oms::decode_disputed_fill(value);
    const auto at = disputes_.find(key);
    return row && at != disputes_.end() && at->second.report.order == row->report.order && at->second.venue == row->venue; // said again, the newest is there
  });
  if (!is_read) return;
  rule.expect(corrections == corrections_.size(), [&] { return std::to_string(corrections_.size()) + " corrections are on record, the table done holds " + std::to_string(corrections); });
  rule.expect(disputes == disputes_.size(), [&] { return std::to_string(disputes_.size()) + " fills are in dispute, the table done holds " + std::to_string(disputes); });
}

} // namespace troupe::check
