#include "nodes/desk/settings_on_record.hpp"

#include "nodes/desk/durable_file.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/journal/posix_file.hpp"
#include "runtime/telemetry/log.hpp"

#include <algorithm>
#include <set>

namespace troupe::desk {

namespace {

/// Damaged ones are put aside, for whoever can read them; what the disk does not give may be whole.
result<std::vector<trading::start_settings>> settings_before(const std::filesystem::path& file) {
  auto text = journal::read_whole(file);
  if (!text) return text.error();
  auto all = trading::start_settings_from(text->value_or(std::string{}));
  if (all) return all;
  auto aside = file;
  aside += ".damaged";
  std::error_code failed;
  std::filesystem::rename(file, aside, failed);
  if (failed) return fail(errc::io_error, "renaming " + file.string() + ": " + failed.message());
  log::warn("node", {}, file.string() + " begins anew, and what it was is now " + aside.string() + ": " + to_string(all.error()));
  return std::vector<trading::start_settings>{};
}

/// The venue fills it at a price of the old quote, and the fill would be booked in the new one.
result<void> must_keep_quotes(const journal::journal& orders, std::uint64_t slots, const trading::start_settings& before, const trading::start_settings& now) {
  std::set<trading::instrument_id> changed;
  for (const auto& [id, quote] : now.quotes)
    if (const auto had = before.quotes.find(id); had != before.quotes.end() && had->second != quote) changed.insert(id);
  if (changed.empty()) return {};
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) {
    if ((slots >> slot & 1) == 0) continue;
    auto open = open_order_in(orders, slot, changed);
    if (!open) return open.error();
    if (!*open) continue;
    const auto& [id, instrument, account] = **open;
    const auto quote = now.quotes.at(instrument).str();
    return fail(errc::invalid_argument, "the instrument " + instrument.value.str() + " is configured with the quote " + quote + ", but order " + to_text(id) + " of account " +
                                          account.value.str() + " is open in " + before.quotes.at(instrument).str() +
                                          ": set its quote back and cancel what is open, or list what is quoted in " + quote + " under another id");
  }
  return {};
}

result<std::uint64_t> last_hybrid_time(const journal::journal& orders) {
  auto heads = orders.heads();
  if (!heads) return heads.error();
  std::uint64_t last = 0;
  for (const auto& h : *heads) {
    if (h.sequence == 0) continue;
    auto read = orders.read(h.stream, h.sequence, [&](const journal::record_view& r) {
      last = std::max(last, r.header.hybrid_time);
      return false;
    });
    if (!read) return read.error();
  }
  return last;
}

} // namespace

trading::start_settings settings_of(const configuration& c) {
  trading::start_settings s;
  s.limits = limits_of(c);
  s.market_protection_bps = static_cast<std::uint32_t>(c.oms.market_protection_bps.value());
  for (const auto& [id, what] : instruments_of(c)) s.quotes[id] = what.quote;
  return s;
}

result<trading::start_settings> put_settings_on_record(const std::filesystem::path& data_dir, const journal::journal& orders, std::uint64_t slots,
                                             trading::start_settings now) {
  const auto file = data_dir / trading::start_settings_file;
  auto before = settings_before(file);
  if (!before) return before.error();
  auto all = std::move(*before);
  if (!all.empty())
    if (auto kept = must_keep_quotes(orders, slots, all.back(), now); !kept) return kept.error();
  if (auto as_before = all; !note(as_before, now)) return all.back();
  const auto last = last_hybrid_time(orders);
  if (!last) return last.error();
  now.since = std::max(now.since, *last + 1);
  note(all, std::move(now));
  if (auto written = write_durably(file, to_text(all), 0644); !written) return written.error();
  return all.back();
}

result<void> copy_settings(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto text = journal::read_whole(from / trading::start_settings_file);
  if (!text) return text.error();
  if (!*text) return {};
  return write_durably(to / trading::start_settings_file, **text, 0644);
}

} // namespace troupe::desk
