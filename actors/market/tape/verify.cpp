#include "actors/market/tape/verify.hpp"

#include "actors/market/tape/segment.hpp"
#include "actors/market/tape/tape.hpp"
#include "runtime/core/hash.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fcntl.h>

namespace troupe::tape {
namespace {

struct span {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

std::string text_of(const span& s) { return "positions " + std::to_string(s.first) + " to " + std::to_string(s.last); }

/// Holds entries against stretches, both ascending.
class comparison {
public:
  comparison(std::vector<stretch> sealed, verify_report& report) : sealed_{std::move(sealed)}, report_{report} {
    const auto again = std::adjacent_find(sealed_.rbegin(), sealed_.rend(), [](const auto& a, const auto& b) { return a.first <= b.last; });
    const auto begins = again == sealed_.rend() ? sealed_.begin() : std::prev(again.base()); // the first stretch of the tape there is
    const auto is_empty = [](const stretch& s) { return s.first > s.last; };
    report_.earlier = static_cast<std::uint64_t>(begins - sealed_.begin() - std::count_if(sealed_.begin(), begins, is_empty));
    sealed_.erase(sealed_.begin(), begins);
    std::erase_if(sealed_, is_empty);
    report_.sealed = report_.earlier + sealed_.size();
  }

  void take(std::uint64_t position, std::string_view raw) {
    if (begins_at_ == 0) begins_at_ = position;
    while (at_ < sealed_.size() && sealed_[at_].last < position) judge();
    if (at_ == sealed_.size() || position < sealed_[at_].first) {
      ++report_.unsealed;
      return;
    }
    if (position == sealed_[at_].first + taken_) ++prefix_;
    ++taken_;
    bytes_ += raw;
    bytes_ += '\n';
  }
  /// Nothing is known about entries from here up to the next one that is taken.
  void cannot_read(const span& s) { holes_.push_back(s); }
  void end() {
    while (at_ < sealed_.size()) judge();
    for (const auto& gone : missing_) {
      const auto count = gone.last - gone.first + 1;
      if (count <= options{}.chunk_entries) report_.lost += count;
      else find(text_of(gone) + " were sealed and are not on the tape: a segment is gone, or the host went down before they were on its disk");
    }
  }

private:
  void judge() {
    const auto& s = sealed_[at_++];
    const span all{s.first, s.last};
    if (taken_ == s.last - s.first + 1) {
      if (to_hex(sha256(bytes_)) == s.digest) ++report_.agreeing;
      else find(text_of(all) + " are not what the feed sealed");
    } else if (std::ranges::any_of(holes_, [&](const span& h) { return h.first <= s.last && s.first <= h.last; })) {
      ++report_.unread;
    } else if (prefix_ != taken_ && s.first >= begins_at_) {
      find("of " + text_of(all) + ", which were sealed, some are not on the tape and later ones are");
    } else if (s.first < begins_at_) {
      ++report_.removed;
    } else {
      lose({s.first + taken_, s.last});
    }
    taken_ = prefix_ = 0;
    bytes_.clear();
  }
  void lose(const span& s) {
    if (!missing_.empty() && missing_.back().last + 1 == s.first) missing_.back().last = s.last;
    else missing_.push_back(s);
  }
  void find(std::string what) { report_.findings.push_back(fail(errc::corrupt, std::move(what))); }

  std::vector<stretch> sealed_;
  verify_report& report_;
  std::size_t at_ = 0;         // the stretch that entries are taken for,
  std::uint64_t taken_ = 0;    // how many it has,
  std::uint64_t prefix_ = 0;   // and how many of them from its first on without a gap
  std::string bytes_;
  std::uint64_t begins_at_ = 0; // the oldest entry
  std::vector<span> holes_;
  std::vector<span> missing_;
};

/// Visits one segment. False when it is damaged, which is then a finding. Errors: io_error.
result<bool> read_segment(const segment& s, bool newest, verify_report& report, const entry_visitor& visit) {
  const auto damaged = [&](const std::string& what) {
    report.findings.push_back(fail(errc::corrupt, s.path.string() + what));
    return false;
  };
  const auto opened = file::open(s.path, O_RDONLY);
  if (!opened && opened.error().code == errc::not_found) return true; // retention took it meanwhile
  if (!opened) return opened.error();
  const auto size = opened->size();
  if (!size) return size.error();
  ++report.segments;
  if (newest && *size < segment_header_bytes) { // being made
    report.torn = *size > 0;
    return true;
  }
  const auto end = walk_segment(*opened, 0, [&](const chunk_header& h, std::string_view payload) { return visit_entries(h, payload, 0, visit); });
  if (!end && end.error().code == errc::corrupt) {
    report.findings.push_back(end.error());
    return false;
  }
  if (!end) return end.error();
  const auto behind = ending_of(*opened, *end);
  if (!behind) return behind.error();
  if (*behind == ending::clean) return true;
  if (newest && *behind == ending::unfinished) return report.torn = true;
  const auto where = " is damaged at byte " + std::to_string(end->offset);
  if (!newest || *behind != ending::failing) return damaged(where);
  return damaged(where + ", in its last chunk: changed since, or the host went down while it was written; the feed's next start cuts it off");
}

/// Read behind the entries: a writer raises it before it goes on.
std::optional<error> wrong_reservation(const std::filesystem::path& directory, const verify_report& report) {
  const auto reserved = read_reservation(directory);
  if (!reserved && (reserved.error().code != errc::not_found || report.segments > 0)) return reserved.error();
  if (reserved && *reserved <= report.last_position)
    return fail(errc::corrupt, reservation_path(directory).string() + " is not above the last position, " + std::to_string(report.last_position));
  return std::nullopt;
}

} // namespace

result<verify_report> verify(const std::filesystem::path& directory, std::vector<stretch> sealed,
                             const std::function<void(std::uint64_t entries)>& progress) {
  const auto segments = list_segments(directory);
  if (!segments) return segments.error();
  verify_report report;
  comparison compared{std::move(sealed), report};
  const entry_visitor visit = [&](std::uint64_t position, time_ns, std::string_view raw) {
    if (report.first_position == 0) report.first_position = position;
    report.last_position = position;
    compared.take(position, raw);
    if (++report.entries % 4096 == 0 && progress) progress(report.entries);
    return true;
  };
  for (std::size_t i = 0; i < segments->size(); ++i) {
    const bool newest = i + 1 == segments->size();
    const auto from = std::max((*segments)[i].first_position, report.last_position + 1);
    const auto whole = read_segment((*segments)[i], newest, report, visit);
    if (!whole) return whole.error();
    if (*whole) continue;
    compared.cannot_read({std::max(from, report.last_position + 1), newest ? UINT64_MAX : (*segments)[i + 1].first_position - 1});
  }
  compared.end();
  if (auto wrong = wrong_reservation(directory, report)) report.findings.push_back(std::move(*wrong));
  return report;
}

} // namespace troupe::tape
