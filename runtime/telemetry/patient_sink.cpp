#include "runtime/telemetry/patient_sink.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <climits>
#include <poll.h>
#include <unistd.h>

namespace troupe::log {
namespace {

std::string_view colour_of(spdlog::level::level_enum l) noexcept {
  switch (l) {
  case spdlog::level::warn: return "\x1b[33m";
  case spdlog::level::err: return "\x1b[1;31m";
  case spdlog::level::info: return "\x1b[32m";
  default: return "\x1b[2m";
  }
}

std::int64_t now_ns() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
}

} // namespace

void patient_sink::give_up_at(std::chrono::steady_clock::time_point end) noexcept {
  give_up_at_.store(end.time_since_epoch() / std::chrono::nanoseconds{1}, std::memory_order_relaxed);
}

bool patient_sink::wait_for_reader() const noexcept {
  constexpr int step_ms = 20; // how soon a stop is noticed
  while (true) {
    // Past the end every line is tried once without waiting, or a full queue would take a step for each of its lines.
    const bool is_late = now_ns() >= give_up_at_.load(std::memory_order_relaxed);
    pollfd p{descriptor_, POLLOUT, 0};
    const int ready = ::poll(&p, 1, is_late ? 0 : step_ms);
    if (ready > 0) return (p.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
    if (ready < 0 && errno != EINTR) return false;
    if (is_late) return false;
  }
}

bool patient_sink::put(const char* data, std::size_t size) const noexcept {
  while (size > 0) {
    if (!wait_for_reader()) return false;
    // A pipe that polls writable takes PIPE_BUF bytes without blocking, and no more is promised.
    const auto wrote = ::write(descriptor_, data, std::min<std::size_t>(size, PIPE_BUF));
    if (wrote < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (wrote <= 0) continue;
    data += wrote;
    size -= static_cast<std::size_t>(wrote);
  }
  return true;
}

void patient_sink::sink_it_(const spdlog::details::log_msg& msg) {
  spdlog::memory_buf_t line;
  formatter_->format(msg, line);
  spdlog::memory_buf_t coloured;
  if (with_colours_ && msg.color_range_end > msg.color_range_start) {
    auto add = [&](std::string_view s) { coloured.append(s.data(), s.data() + s.size()); };
    const std::string_view whole{line.data(), line.size()};
    add(whole.substr(0, msg.color_range_start));
    add(colour_of(msg.level));
    add(whole.substr(msg.color_range_start, msg.color_range_end - msg.color_range_start));
    add("\x1b[0m");
    add(whole.substr(msg.color_range_end));
  }
  const auto& out = coloured.size() ? coloured : line;
  if (!put(out.data(), out.size())) dropped_.fetch_add(1, std::memory_order_relaxed);
}

} // namespace troupe::log
