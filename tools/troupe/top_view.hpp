#pragma once
// What `troupe top` shows: the difference of two scrapes, ordered, as lines for people and as JSON for programs. Pure functions.

#include "tools/troupe/scrape.hpp"
#include "tools/troupe/terminal.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

struct top_row {
  std::string actor, status;
  std::optional<double> messages_per_second; // none: not known of this interval, as after a restart of its node
  std::uint64_t mailbox = 0, restarts = 0;
  std::optional<double> handling_us; // mean of what was sampled between the scrapes; when nothing was, since the node started
};

/// Of the asked node. Absent: its edge does not serve the metric, or it started between the scrapes.
struct top_summary {
  std::string node, not_ready;
  std::vector<std::string> halts, missing;
  std::optional<double> orders_per_second, fills_per_second, flushes_per_second;
  std::optional<double> cpu_percent; // of one core
  std::optional<double> resident_bytes;
};

struct top_view {
  top_summary summary;
  std::vector<top_row> rows;
};

/// Supervisors are left out unless something is wrong with them: they handle no messages.
[[nodiscard]] top_view view_between(const scrape& before, const scrape& now);

enum class top_order { messages, mailbox, name, time };
/// The largest first, names ascending; equal ones by name, in which "oms/9" is before "oms/10".
void sort_rows(std::vector<top_row>& rows, top_order by);

/// A line and how it is to look.
struct top_line {
  std::string text;
  colour look = colour::plain;
};
/// Above the table: three lines.
[[nodiscard]] std::vector<top_line> summary_lines(const top_summary& s, std::string_view edge);
/// The head and at most `rows_max` rows.
[[nodiscard]] std::vector<top_line> table_lines(const std::vector<top_row>& rows, std::size_t rows_max);
/// One object on one line. `at` is an instant as text.
[[nodiscard]] std::string json_of(const top_view& v, std::string_view at);

/// The first `width` characters, and nothing in it that would move a cursor.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t width);

} // namespace troupe::cli
