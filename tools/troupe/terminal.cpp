#include "tools/troupe/terminal.hpp"

#include "runtime/edge/error_format.hpp"
#include "tools/troupe/commands.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <unistd.h>

namespace troupe::cli {
namespace {

bool is_colourful() {
  static const bool yes = [] {
    const char* terminal = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr && (!terminal || std::string_view{terminal} != "dumb");
  }();
  return yes;
}

bool is_number(std::string_view s) {
  return !s.empty() && s.find_first_not_of("0123456789.-+") == std::string_view::npos && s != "-";
}

/// Characters of UTF-8 text, not bytes: the tree is drawn with box characters.
std::size_t width_of(std::string_view s) {
  return static_cast<std::size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

} // namespace

std::string paint(colour c, std::string_view text) {
  static constexpr const char* codes[] = {"", "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m"};
  if (c == colour::plain || !is_colourful()) return std::string{text};
  return codes[static_cast<std::size_t>(c)] + std::string{text} + "\033[0m";
}

void table::row(std::vector<std::string> cells, colour c) {
  cells.resize(width_);
  for (auto& cell : cells) rows_.push_back(std::move(cell));
  colours_.push_back(c);
}

std::vector<std::string> table::lines() const {
  std::vector<std::size_t> widths(width_);
  std::vector<bool> right(width_, rows_.size() > width_);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    widths[i % width_] = std::max(widths[i % width_], width_of(rows_[i]));
    if (i >= width_ && !rows_[i].empty() && !is_number(rows_[i])) right[i % width_] = false;
  }
  std::vector<std::string> out;
  for (std::size_t r = 0; r * width_ < rows_.size(); ++r) {
    auto& line = out.emplace_back();
    for (std::size_t i = 0; i < width_; ++i) {
      const auto& cell = rows_[r * width_ + i];
      const std::string pad(widths[i] - width_of(cell), ' ');
      line += right[i] ? pad + cell : i + 1 == width_ ? cell : cell + pad;
      if (i + 1 < width_) line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
  }
  return out;
}

std::string table::str() const {
  std::string out;
  std::size_t r = 0;
  for (const auto& line : lines()) {
    if (r == 0 && line.empty()) {
      ++r;
      continue;
    }
    out += paint(r == 0 ? colour::bold : colours_[r - 1], line) + '\n';
    ++r;
  }
  return out;
}

std::string time_left(double seconds) {
  char text[48];
  if (seconds < 120) std::snprintf(text, sizeof text, "%.0f s left", seconds);
  else if (seconds < 7200) std::snprintf(text, sizeof text, "%.0f min left", seconds / 60);
  else std::snprintf(text, sizeof text, "%.1f h left", seconds / 3600);
  return text;
}

progress::progress(std::string what, std::uint64_t total)
  : what_{std::move(what)}, total_{total}, shown_{::isatty(STDERR_FILENO) != 0}, began_{std::chrono::steady_clock::now()}, drawn_{began_} {}

progress::~progress() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void progress::at(std::uint64_t n) {
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now - drawn_ < std::chrono::milliseconds{100}) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double rate = static_cast<double>(n) / seconds;
  if (total_ == 0) {
    std::fprintf(stderr, "\r\033[K%s %llu, %.0f/s", what_.c_str(), static_cast<unsigned long long>(n), rate);
    return;
  }
  constexpr int bar = 24;
  const double part = std::min(1.0, static_cast<double>(n) / static_cast<double>(total_));
  const int full = static_cast<int>(part * bar);
  const double left = rate > 0 ? (static_cast<double>(total_) - static_cast<double>(std::min(n, total_))) / rate : 0.0;
  std::fprintf(stderr, "\r\033[K%s [%s%s] %3.0f %%  %.0f/s  %s", what_.c_str(), std::string(static_cast<std::size_t>(full), '#').c_str(),
               std::string(static_cast<std::size_t>(bar - full), '.').c_str(), part * 100, rate, time_left(left).c_str());
}

namespace {

bool is_json_wanted = false;

} // namespace

void errors_as_json() noexcept { is_json_wanted = true; }

bool errors_are_json() noexcept { return is_json_wanted; }

int complain(const error& e, std::string_view what) {
  if (is_json_wanted) {
    std::string members;
    edge::append_error_members(members, e);
    std::cout << "{\"error\":{" << members << "}}\n";
  }
  std::cerr << "troupe: ";
  if (!what.empty()) std::cerr << what << ": ";
  std::cerr << e.message << '\n';
  for (const auto& f : e.fields) std::cerr << "  " << (f.field.empty() ? "" : f.field + ": ") << f.message << '\n';
  switch (e.code) {
  case errc::invalid_argument:
  case errc::malformed:
  case errc::unknown_field:
  case errc::out_of_range:
  case errc::not_empty: return usage;
  case errc::unavailable:
  case errc::overloaded:
  case errc::timeout:
  case errc::io_error: return unreachable;
  default: return finding;
  }
}

int complain_of_place(const error& e, std::string_view what) {
  const int code = complain(e, what);
  return e.code == errc::not_found ? unreachable : code;
}

} // namespace troupe::cli
