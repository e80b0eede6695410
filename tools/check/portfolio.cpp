#include "tools/check/portfolio.hpp"

#include "runtime/wire/wire.hpp"

namespace troupe::check {
namespace {

std::string name_of(const tenant_id& tenant, const account_id& account, std::string_view what) {
  return "portfolio: " + tenant.value.str() + '/' + account.value.str() + ' ' + std::string{what};
}

void compare_position(const std::string& name, const portfolio::position& p, const fill_sum& sum, invariant& rule) {
  rule.expect(sum.quantity == p.quantity.units && sum.fills == p.fills, [&] {
    return name + " is " + p.quantity.str() + " after " + std::to_string(p.fills) + " fills, the fills and corrections add up to " +
           format_scaled(sum.quantity) + " after " + std::to_string(sum.fills);
  });
  rule.expect(p.fees.units == sum.fees, [&] { return name + " paid " + p.fees.str() + " in fees, the fills say " + format_scaled(sum.fees); });
  rule.expect(p.realized.units - p.cost_basis.units == -sum.notional, [&] {
    return name + ": realized less cost basis is " + format_scaled(p.realized.units - p.cost_basis.units) +
           ", minus the notional of the fills is " + format_scaled(-sum.notional);
  });
  const auto held = p.quantity.units;
  const auto basis = p.cost_basis.units;
  rule.expect(held == 0 ? basis == 0 : held > 0 ? basis >= 0 : basis <= 0, // so that all of a position that was closed is realized
              [&] { return name + " is " + p.quantity.str() + " with a cost basis of " + p.cost_basis.str(); });
}

void compare_positions(const portfolio::state& s, const ledger& slots, invariant& rule) {
  std::size_t found = 0;
  for (const auto& [tenant, accounts] : s.accounts)
    for (const auto& [account, a] : accounts)
      for (const auto& [instrument, p] : a.positions) {
        const auto at = slots.positions_at_checkpoint().find({tenant, account, instrument});
        compare_position(name_of(tenant, account, instrument.value.view()), p,
                         at == slots.positions_at_checkpoint().end() ? fill_sum{} : at->second, rule);
        ++found;
      }
  rule.expect(found >= slots.positions_at_checkpoint().size(), [&] { return "portfolio: positions are missing from the checkpoint"; });
}

void compare_cash(const portfolio::state& s, const ledger& slots, invariant& rule) {
  std::size_t found = 0;
  for (const auto& [tenant, accounts] : s.accounts)
    for (const auto& [account, a] : accounts)
      for (const auto& [ccy, amount] : a.cash) {
        const auto at = slots.cash_at_checkpoint().find({tenant, account, ccy});
        const auto sum = at == slots.cash_at_checkpoint().end() ? int128{0} : at->second;
        ++found;
        rule.expect(amount.units == sum, [&, &tenant = tenant, &account = account, &ccy = ccy, &amount = amount] {
          return name_of(tenant, account, ccy.view()) + " cash is " + amount.str() + ", minus notional minus fees of fills and corrections is " + format_scaled(sum);
        });
      }
  rule.expect(found >= slots.cash_at_checkpoint().size(), [&] { return "portfolio: cash is missing from the checkpoint"; });
}

/// The table is written in the checkpoint's batch, so it holds exactly the fills up to there.
void compare_rows(const journal::journal& books, const ledger& slots, invariant& rule) {
  std::uint64_t rows = 0, expected = 0;
  for (const auto& [who, sum] : slots.positions_at_checkpoint()) expected += sum.fills;
  auto read = books.scan("fills", {}, [&](std::string_view, std::string_view value) {
    ++rows;
    auto f = wire::decode<portfolio::fill>(value);
    if (!rule.expect(f.has_value(), [&] { return "portfolio: a row of the table of fills: " + to_string(f.error()); })) return true;
    const auto at = slots.reports().find(report_key(f->venue, f->execution));
    rule.expect(at != slots.reports().end() &&
                  at->second == report_facts{f->order, venue::exec_type::trade, f->quantity, f->price, f->fee.units},
                [&] { return "portfolio: the fill " + report_key(f->venue, f->execution) + " is not what the slots applied"; });
    return true;
  });
  if (!rule.expect(read.has_value(), [&] { return "portfolio: " + to_string(read.error()); })) return;
  rule.expect(rows == expected, [&] {
    return "portfolio: the table has " + std::to_string(rows) + " fills, up to the checkpoint there were " + std::to_string(expected);
  });
}

std::optional<portfolio::state> checkpoint_of_one(const journal::journal& books, check_report& report) {
  auto snapshot = books.load_snapshot(actor_name{"portfolio"}, UINT64_MAX);
  if (!report.chains.expect(snapshot.has_value(), [&] { return "portfolio: " + to_string(snapshot.error()); })) return std::nullopt;
  if (!*snapshot) return std::nullopt;
  auto state = wire::decode<portfolio::state>((*snapshot)->state);
  if (!report.chains.expect(state.has_value(), [&] { return "portfolio: " + to_string(state.error()); })) return std::nullopt;
  return *std::move(state);
}

} // namespace

std::optional<portfolio::state> checkpoint_of(const std::vector<const journal::journal*>& books, check_report& report) {
  std::optional<portfolio::state> all;
  for (const auto* one : books) {
    auto state = checkpoint_of_one(*one, report);
    if (!state) continue; // a node without a fill has none
    if (!all) all.emplace();
    const auto is_newer = [&](std::uint32_t slot) { // of a slot that moved several know something
      const auto stream = trading::slot_name(slot);
      const auto ours = state->streams.find(stream), known = all->streams.find(stream);
      return ours != state->streams.end() && (known == all->streams.end() || ours->second > known->second);
    };
    for (auto& [tenant, accounts] : state->accounts)
      for (auto& [name, account] : accounts)
        if (is_newer(trading::slot_of(tenant, name))) all->accounts[tenant][name] = std::move(account);
    for (const auto& [stream, position] : state->streams) all->streams[stream] = std::max(all->streams[stream], position);
  }
  return all;
}

void compare_portfolio(const journal::journal& books, const portfolio::state& checkpoint, const ledger& slots,
                       check_report& report) {
  compare_positions(checkpoint, slots, report.positions);
  compare_cash(checkpoint, slots, report.positions);
  compare_rows(books, slots, report.positions);
}

} // namespace troupe::check
