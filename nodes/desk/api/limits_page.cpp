#include "nodes/desk/api/limits_page.hpp"

#include "nodes/desk/api/pages.hpp"

#include <variant>

namespace troupe::desk {
namespace {

using limits_of_account = std::pair<trading::account_id, v1::account_limits>;
using limits_row = std::variant<limits_of_account, trading::instrument_id>;

/// Accounts come first: an account may be called as an instrument is.
std::string key_of_limits(const limits_row& r) {
  if (const auto* own = std::get_if<limits_of_account>(&r)) return key_of_parts("account", own->first.value.view());
  return key_of_parts("blocked", std::get<trading::instrument_id>(r).value.view());
}

} // namespace

result<v1::limits_page> limits_page_of(const risk::risk_view& seen, const v1::page_params& p) {
  std::vector<limits_row> rows;
  for (const auto& [account, own] : seen.accounts) rows.emplace_back(limits_of_account{account, v1::view_of(own)});
  for (const auto& instrument : seen.blocked) rows.emplace_back(instrument);
  auto page = page_of("limits", std::move(rows), key_of_limits, p.cursor, p.limit);
  if (!page) return page.error();
  v1::limits_page out{seen.limits_version, seen.firm_exposure_max, seen.firm_exposure, v1::view_of(seen.fallback), {}, {}, std::move(page->second)};
  for (auto& row : page->first)
    if (auto* own = std::get_if<limits_of_account>(&row)) out.accounts.insert(std::move(*own));
    else out.blocked.push_back(std::get<trading::instrument_id>(row));
  return out;
}

} // namespace troupe::desk
