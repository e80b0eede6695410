#include "runtime/wire/text_forms.hpp"

#include <cctype>
#include <charconv>
#include <cmath>

namespace troupe::wire {
namespace {

/// Reads exactly `digits` decimal digits at `at`.
bool read_digits(std::string_view s, std::size_t at, std::size_t digits, int& out) noexcept {
  if (at + digits > s.size()) return false;
  out = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (s[i] < '0' || s[i] > '9') return false;
    out = out * 10 + (s[i] - '0');
  }
  return true;
}

/// Writes the last `digits` decimal digits of `value` at `at`. A time fits: 64 bits of nanoseconds end in the year 2262.
void put_digits(std::string& s, std::size_t at, std::size_t digits, std::int64_t value) noexcept {
  for (auto i = at + digits; i > at; value /= 10) s[--i] = static_cast<char>('0' + value % 10);
}

} // namespace

/// Counted in seconds and what is left of them: the midnight before the first instants there are is no instant in nanoseconds.
std::string format_time(time_ns t) {
  using namespace std::chrono;
  constexpr std::int64_t second = 1'000'000'000;
  auto whole = to_ns(t) / second, left = to_ns(t) % second;
  if (left < 0) --whole, left += second;
  const sys_seconds at{seconds{whole}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  std::string out = "0000-00-00T00:00:00.000000000Z";
  put_digits(out, 0, 4, static_cast<int>(date.year()));
  put_digits(out, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(out, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(out, 11, 2, clock.hours().count());
  put_digits(out, 14, 2, clock.minutes().count());
  put_digits(out, 17, 2, clock.seconds().count());
  put_digits(out, 20, 9, left);
  return out;
}

std::optional<time_ns> parse_time(std::string_view s) noexcept {
  using namespace std::chrono;
  std::int64_t ns = 0;
  if (auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), ns); ec == std::errc{} && end == s.data() + s.size())
    return time_from_ns(ns);
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, sec = 0;
  if (s.size() < 20 || s.back() != 'Z' || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':')
    return std::nullopt;
  if (!read_digits(s, 0, 4, y) || !read_digits(s, 5, 2, mo) || !read_digits(s, 8, 2, d) || !read_digits(s, 11, 2, h) ||
      !read_digits(s, 14, 2, mi) || !read_digits(s, 17, 2, sec))
    return std::nullopt;
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (!date.ok() || y < 1970 || y > 2200 || h > 23 || mi > 59 || sec > 59) return std::nullopt;
  std::int64_t fraction = 0;
  if (s[19] == '.') {
    const auto digits = s.size() - 21;
    if (digits == 0 || digits > 9) return std::nullopt;
    int value = 0;
    if (!read_digits(s, 20, digits, value)) return std::nullopt;
    fraction = value;
    for (auto i = digits; i < 9; ++i) fraction *= 10;
  } else if (s.size() != 20) {
    return std::nullopt;
  }
  return sys_days{date} + hours{h} + minutes{mi} + seconds{sec} + nanoseconds{fraction};
}

void append_double(std::string& out, double x) {
  if (!std::isfinite(x)) {
    out += "null";
    return;
  }
  char buffer[32];
  auto [end, ec] = std::to_chars(buffer, buffer + sizeof buffer, x);
  out.append(buffer, end);
}

std::string upper(std::string_view s) {
  if (s.ends_with('_')) s.remove_suffix(1);
  std::string out{s};
  for (auto& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

} // namespace troupe::wire
