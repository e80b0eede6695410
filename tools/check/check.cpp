#include "tools/check/check.hpp"

#include "runtime/core/counted.hpp"
#include "runtime/journal/posix_file.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/tool.hpp"
#include "tools/check/joined_journal.hpp"
#include "tools/check/portfolio.hpp"
#include "tools/check/venue_book.hpp"

#include <fstream>
#include <memory>

namespace troupe::check {
namespace fs = std::filesystem;

namespace {

/// The OMS knows a position only as the sum of its fills and corrections; what is compared without a portfolio is its own stakes.
void check_sums(const ledger& slots, check_report& report) {
  for (const auto& [who, sum] : slots.positions()) {
    const auto& [tenant, account, instrument] = who;
    const auto held = slots.position_of(tenant, account, instrument);
    report.positions.expect(held == sum.quantity, [&, &account = account, &instrument = instrument, &sum = sum] {
      return account.value.str() + " holds " + format_scaled(held) + ' ' + instrument.value.str() + ", its fills and corrections add up to " + format_scaled(sum.quantity);
    });
  }
}

void check_acknowledged(const ledger& slots, const std::vector<acknowledgement>& told, check_report& report) {
  std::unordered_map<std::string, order_id> by_client;
  report.acknowledged_orders = told.size();
  for (const auto& a : told) {
    const auto* f = slots.find(a.order);
    report.acknowledged.expect(f != nullptr, [&] { return "order " + to_text(a.order) + " was acknowledged and is not on record"; });
    if (a.client_id.empty()) continue;
    if (f)
      report.acknowledged.expect(f->client_hash == hash_of(a.client_id),
                                 [&] { return "order " + to_text(a.order) + " was acknowledged as " + a.client_id + " and is another client's on record"; });
    const auto [at, is_new] = by_client.try_emplace(a.client_id, a.order);
    report.client_ids.expect(is_new || at->second == a.order, [&, first = at->second] {
      return "client id " + a.client_id + " was acknowledged as " + to_text(first) + " and as " + to_text(a.order);
    });
  }
}

void check_venues(const journal::journal& j, const journal::journal& senders, const ledger& slots, const check_options& options, audit& who,
                  deliveries& between, check_report& report) {
  auto heads = j.heads();
  if (!report.chains.expect(heads.has_value(), [&] { return "venues: " + to_string(heads.error()); })) return;
  std::unordered_map<std::string, const venue_book*> known;
  std::vector<std::unique_ptr<venue_book>> books;
  for (const auto& head : *heads) {
    if (!trading::venue_called(head.stream.value.view())) continue;
    auto& book = books.emplace_back(std::make_unique<venue_book>(head.stream, who, between, report));
    book->read(j, senders);
    book->compare(slots, options.drained, options.running);
    known[book->venue().value.str()] = book.get();
  }
  for (const auto& [key, facts] : slots.reports()) {
    const auto at = known.find(key.substr(0, key.find('/')));
    report.venues.expect(at != known.end() && at->second->reports().contains(key), [&known, &key = key, &facts = facts] {
      const auto what = "execution " + key + " of order " + to_text(facts.order) + " was applied and ";
      return what + (known.contains(key.substr(0, key.find('/'))) ? "no venue made it" : "its venue is in none of these folders; give those of all nodes");
    });
  }
}

void add_notes(const ledger& slots, const risk_history& risk, const check_options& options, check_report& report) {
  if (slots.without_limits() > 0)
    report.exposure.note = std::to_string(slots.without_limits()) + " orders were taken under configured limits that no data folder remembers, and are not checked: give --config";
  if (slots.without_budgets() > 0)
    report.exposure.note += (report.exposure.note.empty() ? "" : "; ") + std::to_string(slots.without_budgets()) +
                            " orders were taken before any budget was on record, and are not compared with one";
  report.halts.note = counted(risk.halts(), "halt");
  if (slots.behind_halt() > nanoseconds{0})
    report.halts.note += ", the latest order under a lease before one " + std::to_string(slots.behind_halt().count() / 1'000'000) + " ms behind it";
  if (report.submits_under_way + report.fills_under_way > 0)
    report.venues.note = std::to_string(report.submits_under_way) + " orders and " + std::to_string(report.fills_under_way) + " fills under way";
  if (options.running) report.venues.note += std::string{report.venues.note.empty() ? "" : "; "} + "a node writes meanwhile";
  if (!options.firm_approvals) report.audit.note = "how many operators a halt of the firm takes is not in the journal: give --config";
  report.acknowledged.note = options.acknowledged.empty() ? "no list of acknowledged orders given"
                                                          : std::to_string(options.acknowledged.size()) + " acknowledgements";
}

} // namespace

check_report check_journals(const sources& from, const check_options& options) {
  check_report report;
  std::optional<portfolio::state> checkpoint;
  if (!from.portfolios.empty()) checkpoint = checkpoint_of(from.portfolios, report);
  audit who{report, options.firm_approvals};
  deliveries between{report};
  risk_history risk{options.configured, options.in_force};
  risk.read(from.desk, report, who, between);
  strategy_books strategies{who, between, report};
  strategies.read(from.desk);
  ledger slots{risk, who, between, strategies, report, checkpoint ? checkpoint->streams : std::map<actor_name, std::uint64_t>{}};
  const auto senders = join({&from.desk, &from.venues});
  for (std::uint32_t slot = 0; slot < slot_count; ++slot) slots.read_slot(from.desk, *senders, slot);
  slots.compare_done(from.desk);
  slots.compare_corrections(from.desk);
  check_sums(slots, report);
  strategies.compare(from.desk, options.running);
  if (checkpoint) compare_portfolio(*join(from.portfolios), *checkpoint, slots, report);
  else report.positions.note = "no checkpoint of the portfolio to compare with";
  check_venues(from.venues, from.desk, slots, options, who, between, report);
  between.read_placement(from.desk);
  std::vector<journal::stream_head> heads;
  for (const auto* j : {&from.desk, &from.venues})
    if (auto some = j->heads()) heads.insert(heads.end(), some->begin(), some->end());
  between.compare(options.drained, heads);
  for (const auto* node : from.nodes.empty() ? std::vector{&from.desk} : from.nodes) who.read_node(*node);
  check_acknowledged(slots, options.acknowledged, report);
  add_notes(slots, risk, options, report);
  return report;
}

namespace {

/// What is opened of one kind of store, and all of them as one.
struct stores {
  std::vector<std::unique_ptr<journal::journal>> opened;
  [[nodiscard]] std::vector<const journal::journal*> parts() const {
    std::vector<const journal::journal*> all;
    for (const auto& j : opened) all.push_back(j.get());
    return all;
  }
};

result<stores> open_stores(const std::vector<fs::path>& folders, const char* name) {
  stores all;
  for (const auto& folder : folders) {
    auto one = journal::open_for_reading(folder / name);
    if (!one) return one.error();
    all.opened.push_back(std::move(*one));
  }
  return all;
}

/// What a slot may use risk had on record before, so risk must not be looked at earlier than any slot.
result<void> look_again_at_risk(stores& desk, const std::vector<fs::path>& folders) {
  if (folders.size() == 1) return {};
  for (std::size_t i = 0; i < folders.size(); ++i) {
    auto heads = desk.opened[i]->heads();
    if (!heads) return heads.error();
    if (std::ranges::none_of(*heads, [](const auto& h) { return h.stream == risk_stream; })) continue;
    auto again = journal::open_for_reading(folders[i] / "journal");
    if (!again) return again.error();
    desk.opened[i] = std::move(*again);
  }
  return {};
}

/// A folder of an earlier build, and one that was restored, begins later or has none.
result<risk_history::settings_of_nodes> read_settings(const std::vector<fs::path>& folders) {
  risk_history::settings_of_nodes all;
  for (const auto& folder : folders) {
    const auto text = journal::read_whole(folder / trading::start_settings_file);
    if (!text) return text.error();
    if (!*text) continue;
    auto one = trading::start_settings_from(**text);
    if (!one) return fail(errc::corrupt, (folder / trading::start_settings_file).string() + ": " + one.error().message);
    all.push_back(std::move(*one));
  }
  return all;
}

/// Streams that no invariant but I9 is about are read here as well.
result<void> verify_folder(const fs::path& folder, check_report& report) {
  for (const char* name : {"journal", "venues"}) {
    auto whole = journal::verify(folder / name);
    if (!whole) return whole.error();
    report.streams += whole->streams.size();
    for (const auto& stream : whole->streams) {
      report.chains.checked += stream.records;
      report.turns += stream.records;
    }
    for (const auto& finding : whole->findings) report.chains.violate((folder / name).string() + ": " + to_string(finding));
  }
  return {};
}

} // namespace

result<check_report> check_data_folders(const std::vector<fs::path>& folders, check_options options) {
  for (const auto& folder : folders) options.running = options.running || journal::is_in_use(folder / "journal");
  // The derived stores first, the venues last: what came later in the chain of causes must not be looked at earlier.
  const auto books = open_stores(folders, "portfolio");
  auto desk = open_stores(folders, "journal");
  if (!desk) return desk.error();
  if (auto looked = look_again_at_risk(*desk, folders); !looked) return looked.error();
  const auto venues = open_stores(folders, "venues");
  if (!venues) return venues.error();
  auto settings = read_settings(folders); // behind the turns: what was decided meanwhile was decided with what is there by now
  if (!settings) return settings.error();
  options.in_force = std::move(*settings);
  const auto all_desk = join(desk->parts()), all_venues = join(venues->parts());
  auto report = check_journals({*all_desk, *all_venues, books ? books->parts() : std::vector<const journal::journal*>{}, desk->parts()}, options);
  report.streams = report.turns = 0;
  for (const auto& folder : folders)
    if (auto verified = verify_folder(folder, report); !verified) return verified.error();
  return report;
}

result<std::vector<acknowledgement>> read_acknowledgements(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return fail(errc::not_found, "cannot read " + file.string());
  std::vector<acknowledgement> all;
  std::string line;
  for (std::uint64_t number = 1; std::getline(in, line); ++number) {
    if (in.eof()) break; // no newline: cut off
    if (line.empty()) continue;
    acknowledgement a;
    const auto space = line.rfind(' ');
    if (space != std::string::npos) a.client_id = line.substr(0, space);
    if (!from_text(std::string_view{line}.substr(space == std::string::npos ? 0 : space + 1), a.order))
      return fail(errc::malformed, file.string() + ":" + std::to_string(number) + ": \"" + line + "\" is not CLIENT_ID ORDER");
    all.push_back(std::move(a));
  }
  return all;
}

} // namespace troupe::check
