#include "tools/troupe/screen.hpp"

#include <cerrno>

#include <sys/ioctl.h>
#include <unistd.h>

namespace troupe::cli {
namespace {

bool put(std::string_view text) {
  while (!text.empty()) {
    const auto n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

winsize size_of_terminal() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {24, 80, 0, 0};
  return size;
}

} // namespace

screen::screen() : has_keys_{::tcgetattr(STDIN_FILENO, &before_) == 0} {
  if (has_keys_) {
    auto raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    // Ctrl-C stays a signal. What would stop or kill with the screen as it is does nothing.
    raw.c_cc[VSUSP] = raw.c_cc[VQUIT] = _POSIX_VDISABLE;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  }
  put("\033[?1049h\033[?25l\033[2J");
}

screen::~screen() {
  put("\033[0m\033[?25h\033[?1049l");
  if (has_keys_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

std::size_t screen::rows() const { return size_of_terminal().ws_row; }

bool screen::draw(const std::vector<top_line>& lines) {
  const auto size = size_of_terminal();
  std::string out = "\033[H";
  // Each line is emptied before it is written: behind a line that fills it the cursor still stands on its last character.
  for (std::size_t i = 0; i < lines.size() && i < size.ws_row; ++i)
    out += (i > 0 ? "\r\n\033[K" : "\033[K") + paint(lines[i].look, fitted(lines[i].text, size.ws_col));
  return put(lines.size() < size.ws_row ? out + "\r\n\033[J" : out);
}

int screen::keys() const noexcept { return has_keys_ ? STDIN_FILENO : -1; }

std::string screen::take_keys() {
  char typed[64];
  const auto n = ::read(STDIN_FILENO, typed, sizeof typed);
  if (n <= 0) return {};
  return typed[0] == '\033' ? "\033" : std::string{typed, static_cast<std::size_t>(n)};
}

} // namespace troupe::cli
