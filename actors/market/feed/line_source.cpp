#include "actors/market/feed/line_source.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace troupe::feed {
namespace {

constexpr std::size_t read_bytes = std::size_t{256} << 10;
constexpr std::size_t line_bytes_lowest = 64;
constexpr std::size_t line_bytes_highest = std::size_t{64} << 20;

} // namespace

line_source::line_source(packed_bytes opened, std::string name, std::size_t line_bytes_max)
    : file_(std::move(opened)), name_(std::move(name)), buffer_(line_bytes_max + read_bytes), line_bytes_max_(line_bytes_max) {}

result<line_source> line_source::open(const std::filesystem::path& path, std::size_t line_bytes_max) {
  if (line_bytes_max < line_bytes_lowest || line_bytes_max > line_bytes_highest)
    return fail(errc::invalid_argument, "the limit for a line must be between 64 bytes and 64 MiB");
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) return fail(errc::not_found, "no such file: " + path.string());
  if (std::filesystem::is_directory(status))
    return fail(errc::invalid_argument, path.string() + " is a directory; name one file");
  if (std::filesystem::is_fifo(status)) // opening it would wait for whoever writes, and a start looks into a feed before it is replayed
    return fail(errc::invalid_argument, path.string() + " is a pipe, which can be read only once; write it to a file, which may be gzip");
  auto opened = packed_bytes::open(path);
  if (!opened) return opened.error();
  return line_source{std::move(*opened), path.string(), line_bytes_max};
}

std::string_view line_source::pending() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }

/// Reads one more block behind what is pending; sets `at_end_` when there is none.
result<void> line_source::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const auto space = std::min(buffer_.size() - end_, read_bytes);
  TROUPE_ASSERT(space > 0, "a line above the limit is skipped before the buffer is full");
  const auto got = file_.read(buffer_.data() + end_, space);
  if (!got)
    return fail(got.error().code, "reading " + name_ + " behind line " + std::to_string(number_) + ", at byte " + std::to_string(file_.position()) + " of the file: " + got.error().message);
  end_ += *got;
  at_end_ = *got == 0;
  return {};
}

result<bool> line_source::next(source_line& line) {
  std::size_t searched = 0;
  bool skipping = false;
  for (;;) {
    const auto rest = pending();
    const auto* found = static_cast<const char*>(std::memchr(rest.data() + searched, '\n', rest.size() - searched));
    if (found == nullptr && !at_end_) {
      searched = rest.size();
      if (rest.size() > line_bytes_max_) {
        if (!skipping) std::memcpy(head_.data(), rest.data(), head_.size());
        skipping = true;
        begin_ = end_;
        searched = 0;
      }
      if (auto read = fill(); !read) return read.error();
      continue;
    }
    if (found == nullptr && rest.empty() && !skipping) return false;

    auto text = found == nullptr ? rest : rest.substr(0, static_cast<std::size_t>(found - rest.data()));
    begin_ += text.size() + (found == nullptr ? 0 : 1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    line.number = ++number_;
    line.too_long = skipping || text.size() > line_bytes_max_;
    line.text = skipping ? std::string_view{head_.data(), head_.size()} : text;
    if (line.too_long) line.text = line.text.substr(0, head_.size());
    return true;
  }
}

} // namespace troupe::feed
