#include "tools/troupe/history_file.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::cli {
namespace fs = std::filesystem;

namespace {

/// An environment variable that names a folder from the root; empty when it does not.
fs::path folder_in(const char* variable) {
  const char* value = std::getenv(variable);
  const fs::path folder = value ? value : "";
  return folder.is_absolute() ? folder : fs::path{};
}

std::vector<std::string> newest_of(std::string_view text, std::size_t count) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (lines.size() > count) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
  return lines;
}

constexpr std::size_t line_bytes_max = 4096; // of what is kept; a longer one is no command that one repeats
constexpr ::off_t file_bytes_max = history_lines_max * (line_bytes_max + 1);

/// Whatever else lies there, its end at most.
struct content {
  std::string text;
  bool is_all = false;
};
content content_of(int file) {
  struct stat is{};
  if (::fstat(file, &is) != 0 || !S_ISREG(is.st_mode)) return {};
  const auto from = std::max<::off_t>(is.st_size - file_bytes_max, 0);
  content c{{}, from == 0};
  char part[16 * 1024];
  for (::ssize_t n = 0; c.text.size() <= static_cast<std::size_t>(file_bytes_max) &&
                        (n = ::pread(file, part, sizeof part, from + static_cast<::off_t>(c.text.size()))) > 0;)
    c.text.append(part, static_cast<std::size_t>(n));
  return c;
}

/// Another shell holds it for as long as it writes a line; one that is stopped just then is not waited for.
bool lock(int file) {
  for (int i = 0; i < 20; ++i) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return false;
}

bool write_at(int file, ::off_t at, std::string_view text) {
  while (!text.empty()) {
    const auto n = ::pwrite(file, text.data(), text.size(), at);
    if (n <= 0) return false;
    at += n;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

} // namespace

std::optional<fs::path> history_path() {
  auto state = folder_in("XDG_STATE_HOME");
  if (state.empty()) {
    const auto home = folder_in("HOME");
    if (home.empty()) return std::nullopt;
    state = home / ".local" / "state";
  }
  return state / "troupe" / "history";
}

std::vector<std::string> read_history(const fs::path& file) {
  const int in = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe in its place is not waited for
  if (in < 0) return {};
  auto lines = newest_of(content_of(in).text, history_lines_max);
  ::close(in);
  return lines;
}

bool add_to_history(const fs::path& file, const std::string& line) {
  if (line.empty() || line.size() > line_bytes_max || line.find('\n') != std::string::npos) return true;
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  const int out = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  if (out < 0) return false;
  bool good = ::fchmod(out, 0600) == 0 && lock(out); // also of a file that came from elsewhere
  if (good) {
    const auto [text, is_all] = content_of(out);
    const bool fits_on = is_all && (text.empty() || text.back() == '\n');
    if (fits_on && static_cast<std::size_t>(std::ranges::count(text, '\n')) < history_lines_max) {
      good = write_at(out, static_cast<::off_t>(text.size()), line + '\n');
    } else {
      std::string kept;
      for (const auto& l : newest_of(text, history_lines_max - 1)) kept += l + '\n';
      kept += line + '\n';
      good = write_at(out, 0, kept) && ::ftruncate(out, static_cast<::off_t>(kept.size())) == 0;
    }
  }
  ::close(out);
  return good;
}

} // namespace troupe::cli
