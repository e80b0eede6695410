#include "nodes/desk/last_words.hpp"

#include <atomic>
#include <charconv>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

namespace troupe::desk {
namespace {

constexpr const char* file_name = "last_words";
/// The sentence of a watchdog is far below; a larger file is somebody else's.
constexpr std::size_t bytes_max = 4096;

} // namespace

void leave_last_words(const std::filesystem::path& data_dir, time_ns at, std::string_view why) noexcept {
  static std::atomic_flag has_ended;
  if (has_ended.test_and_set()) return;
  try {
    const auto text = std::to_string(at.time_since_epoch().count()) + ' ' + std::string{why.substr(0, bytes_max / 2)} + '\n';
    const int file = ::open((data_dir / file_name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return;
    [[maybe_unused]] const auto written = ::write(file, text.data(), text.size()); // half of it is read as such
    ::close(file);
  } catch (const std::exception&) { // no memory: the process ends all the same, and its log has the reason
  }
}

std::optional<last_words> read_last_words(const std::filesystem::path& data_dir) {
  std::string text(bytes_max, '\0');
  std::ifstream in{data_dir / file_name, std::ios::binary};
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  std::int64_t at = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), at);
  const auto used = static_cast<std::size_t>(rest - text.data());
  if (failed != std::errc{} || used >= text.size() || text[used] != ' ') return std::nullopt;
  if (text.back() == '\n') text.pop_back();
  return last_words{time_from_ns(at), text.substr(used + 1)};
}

void remove_last_words(const std::filesystem::path& data_dir) noexcept {
  std::error_code ignored; // what stays is told again by the next start, which is once too often
  std::filesystem::remove(data_dir / file_name, ignored);
}

} // namespace troupe::desk
