#include "tools/troupe/sweep_csv.hpp"

#include "actors/research/sweep/grid.hpp"
#include "actors/research/sweep/rows.hpp"

namespace troupe::cli {
namespace {

/// As RFC 4180 quotes: only what needs it.
std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string out{"\""};
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string line_of(const std::vector<std::string>& fields) {
  std::string out;
  for (const auto& field : fields) out += (&field == &fields.front() ? "" : ",") + quoted(field);
  return out;
}

} // namespace

std::string csv_head(const std::vector<sweep::axis>& axes) {
  std::vector<std::string> names{"trial"};
  for (const auto& a : axes) names.push_back(a.key);
  for (const char* name : {"status", "orders", "fills", "net_pnl", "realized_pnl", "unrealized_pnl", "fees", "currency", "journal_hash", "worker", "reason"}) names.emplace_back(name);
  return line_of(names);
}

std::string csv_row(const std::vector<sweep::axis>& axes, const sweep::trial_result& r) {
  std::vector<std::string> fields{std::to_string(r.index)};
  for (auto& [key, value] : sweep::trial_at(axes, r.index)) fields.push_back(std::move(value));
  auto known = r;
  const bool is_unknown = r.unrealized_pnl.find(", unknown of ") != std::string::npos; // what is held in a lost book is worth nobody knows what
  if (is_unknown) known.unrealized_pnl.clear();
  const auto sum = sweep::net_pnl(known); // there is one: all amounts are in its currency
  const auto amount = [&](const std::string& text) { // "1.5 USDT"; nothing was traded: none
    if (!sum) return text;
    return text.empty() ? std::string{"0"} : text.substr(0, text.find(' '));
  };
  for (auto field : {std::string{boost::describe::enum_to_string(r.status, "?")}, std::to_string(r.orders), std::to_string(r.fills), sum && !is_unknown ? sum->str() : std::string{},
                     amount(r.realized_pnl), sum && is_unknown ? std::string{} : amount(r.unrealized_pnl), amount(r.fees), sum ? sum->ccy.str() : std::string{}, r.journal_hash,
                     r.worker.value.str(), r.reason})
    fields.push_back(std::move(field));
  return line_of(fields);
}

} // namespace troupe::cli
