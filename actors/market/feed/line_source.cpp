#include "actors/market/feed/line_source.hpp"

#include "runtime/core/assert.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <zlib.h>

namespace troupe::feed {
namespace {

constexpr std::size_t read_bytes = std::size_t{256} << 10;
constexpr std::size_t line_bytes_lowest = 64;
constexpr std::size_t line_bytes_highest = std::size_t{64} << 20;

} // namespace

struct line_source::file {
  gzFile handle;
  std::string name;

  file(gzFile opened, std::string path) : handle(opened), name(std::move(path)) {}
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() { gzclose(handle); }
};

line_source::line_source(std::unique_ptr<file> opened, std::size_t line_bytes_max)
    : file_(std::move(opened)), buffer_(line_bytes_max + read_bytes), line_bytes_max_(line_bytes_max) {}
line_source::line_source(line_source&&) noexcept = default;
line_source& line_source::operator=(line_source&&) noexcept = default;
line_source::~line_source() = default;

result<line_source> line_source::open(const std::filesystem::path& path, std::size_t line_bytes_max) {
  if (line_bytes_max < line_bytes_lowest || line_bytes_max > line_bytes_highest)
    return fail(errc::invalid_argument, "the limit for a line must be between 64 bytes and 64 MiB");
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) return fail(errc::not_found, "no such file: " + path.string());
  if (std::filesystem::is_directory(status))
    return fail(errc::invalid_argument, path.string() + " is a directory; name one file");
  gzFile handle = gzopen(path.c_str(), "rbe");
  if (handle == nullptr)
    return fail(errc::io_error, "cannot open " + path.string() + ": " + std::strerror(errno));
  gzbuffer(handle, read_bytes);
  return line_source{std::make_unique<file>(handle, path.string()), line_bytes_max};
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
  const int got = gzread(file_->handle, buffer_.data() + end_, static_cast<unsigned>(space));
  int code = Z_OK;
  const char* what = gzerror(file_->handle, &code);
  if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END)) {
    const bool system = code == Z_ERRNO;
    return fail(system ? errc::io_error : errc::corrupt, "reading " + file_->name + " behind line " +
                                                           std::to_string(number_) + ": " +
                                                           (system ? std::strerror(errno) : what));
  }
  end_ += static_cast<std::size_t>(got);
  at_end_ = got == 0;
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
