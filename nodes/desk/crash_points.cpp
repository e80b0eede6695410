#include "nodes/desk/crash_points.hpp"

#include "runtime/journal/rocks_journal.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>

#include <unistd.h>

namespace troupe::desk {

std::vector<std::string> all_crash_points() {
  std::vector<std::string> all{"inbox.before_decide", "shell.before_append", "shell.durable", "shell.answered",
                               "shell.effects_sent"};
  for (auto p : journal::crash_points()) all.emplace_back(p);
  return all;
}

result<void> crash_switch::arm(crash_switch& out, std::string_view text) {
  if (text.empty()) return {};
  const auto colon = text.rfind(':');
  const auto name = std::string{text.substr(0, colon)};
  std::int64_t n = 1;
  bool good = true;
  if (colon != std::string_view::npos) {
    auto [end, ec] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), n);
    good = ec == std::errc{} && end == text.data() + text.size() && n >= 1;
  }
  const auto all = all_crash_points();
  if (!good || std::find(all.begin(), all.end(), name) == all.end()) {
    std::string list;
    for (const auto& p : all) list += (list.empty() ? "" : ", ") + p;
    return fail(errc::invalid_argument, "TROUPE_CRASH_AT must be name:n with n >= 1; names: " + list);
  }
  out.name_ = name;
  out.left_ = n;
  return {};
}

void crash_switch::pass(std::string_view point) noexcept {
  if (name_.empty() || point != name_) return;
  if (left_.fetch_sub(1, std::memory_order_relaxed) == 1) ::kill(::getpid(), SIGKILL);
}

} // namespace troupe::desk
