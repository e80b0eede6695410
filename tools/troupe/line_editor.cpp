#include "tools/troupe/line_editor.hpp"

#include "tools/troupe/history_file.hpp"
#include "tools/troupe/words.hpp"

#include <algorithm>
#include <cerrno>
#include <cwchar>

#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace troupe::cli {

struct line_editor::parts {
  signal_queue& signals;
  offer may_follow;
  std::string prompt;
  std::optional<int> ended_by;
  bool is_dropped = false; // by Ctrl-C
  // libedit takes characters from the locale. This one is of the thread and always the same, so that nobody's settings change what is read.
  locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  EditLine* edit = nullptr;
  History* past = nullptr;

  static parts& of(EditLine* e) {
    void* self = nullptr;
    el_get(e, EL_CLIENTDATA, &self);
    return *static_cast<parts*>(self);
  }
  static char* prompt_of(EditLine* e) { return of(e).prompt.data(); }

  /// False when reading ends here: Ctrl-C, or somebody wants the shell to end.
  bool hear_signals() {
    while (const auto number = signals.take()) {
      if (*number == SIGWINCH) el_resize(edit);
      if (*number == SIGCONT) { // whoever stopped it had the terminal meanwhile
        el_set(edit, EL_PREP_TERM, 1);
        el_set(edit, EL_REFRESH);
      }
      if (*number == SIGINT) is_dropped = true;
      if (*number == SIGTERM || *number == SIGHUP) ended_by = *number;
    }
    return !is_dropped && !ended_by;
  }

  /// One character for libedit, which would go on reading over a signal. 0 at the end, -1 when reading ends here.
  static int take_character(EditLine* e, wchar_t* out) {
    auto& self = of(e);
    std::mbstate_t begun{};
    for (;;) {
      if (!self.hear_signals()) return -1;
      pollfd both[] = {{STDIN_FILENO, POLLIN, 0}, {self.signals.descriptor(), POLLIN, 0}};
      if (::poll(both, 2, -1) <= 0 || both[0].revents == 0) continue;
      char byte = 0;
      const auto n = ::read(STDIN_FILENO, &byte, 1);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return 0; // the terminal is gone
      if (byte == 0) byte = 4; // what the kernel makes of a Ctrl-D that was typed while a command still ran
      const auto used = std::mbrtowc(out, &byte, 1, &begun);
      if (used == static_cast<std::size_t>(-1)) begun = {}; // no character: left out
      else if (used != static_cast<std::size_t>(-2)) return 1;
    }
  }

  static unsigned char complete(EditLine* e, int) {
    auto& self = of(e);
    const auto* line = el_line(e);
    const std::string_view typed{line->buffer, static_cast<std::size_t>(line->cursor - line->buffer)};
    const auto found = self.may_follow(typed);
    if (found.words.empty()) return CC_REFRESH_BEEP;
    const auto common = common_beginning(found.words);
    if (common.size() > found.typed) {
      const auto rest = common.substr(found.typed) + (found.words.size() == 1 ? " " : "");
      return el_insertstr(e, rest.c_str()) == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
    }
    if (found.words.size() == 1) return el_insertstr(e, " ") == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
    self.list(found.words);
    return CC_REDISPLAY;
  }

  /// Below the line, in columns, and no more than a screen may hold.
  void list(const std::vector<std::string>& words) const {
    constexpr std::size_t shown_max = 200;
    winsize size{};
    const std::size_t width = ::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    std::size_t longest = 0;
    for (const auto& w : words) longest = std::max(longest, w.size() + 2);
    const auto columns = std::max<std::size_t>(1, width / longest);
    std::string out = "\n";
    for (std::size_t i = 0; i < std::min(words.size(), shown_max); ++i) {
      out += words[i];
      const bool ends = i + 1 == words.size() || i + 1 == shown_max || (i + 1) % columns == 0;
      out += ends ? "\n" : std::string(longest - words[i].size(), ' ');
    }
    if (words.size() > shown_max) out += "... and " + std::to_string(words.size() - shown_max) + " more\n";
    FILE* screen = nullptr;
    el_get(edit, EL_GETFP, 1, &screen);
    std::fputs(out.c_str(), screen);
  }
};

line_editor::line_editor(signal_queue& signals, offer may_follow) : parts_{new parts{signals, std::move(may_follow)}} {
  auto& p = *parts_;
  const auto before = ::uselocale(p.utf8);
  p.edit = el_init("troupe", stdin, ::isatty(STDOUT_FILENO) != 0 ? stdout : stderr, stderr);
  p.past = history_init();
  HistEvent ignored;
  history(p.past, &ignored, H_SETSIZE, static_cast<int>(history_lines_max));
  history(p.past, &ignored, H_SETUNIQUE, 1);
  el_set(p.edit, EL_CLIENTDATA, parts_.get());
  el_set(p.edit, EL_PROMPT, &parts::prompt_of);
  el_set(p.edit, EL_EDITOR, "emacs");
  el_set(p.edit, EL_SIGNAL, 0);
  el_set(p.edit, EL_HIST, history, p.past);
  el_set(p.edit, EL_GETCFN, &parts::take_character);
  el_set(p.edit, EL_ADDFN, "troupe-complete", "Completes commands, options, and names of actors and instruments", &parts::complete);
  el_source(p.edit, nullptr); // the user's ~/.editrc
  el_set(p.edit, EL_BIND, "^I", "troupe-complete", nullptr);
  el_set(p.edit, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  ::uselocale(before);
}

line_editor::~line_editor() {
  history_end(parts_->past);
  el_end(parts_->edit);
  ::freelocale(parts_->utf8);
}

std::optional<std::string> line_editor::read(const std::string& prompt) {
  auto& p = *parts_;
  p.prompt = prompt;
  p.ended_by.reset();
  const auto before = ::uselocale(p.utf8);
  std::optional<std::string> line;
  for (;;) {
    p.is_dropped = false;
    el_set(p.edit, EL_PREP_TERM, 1); // before the prompt invites to type
    int count = 0;
    const char* text = el_gets(p.edit, &count);
    if (p.is_dropped && !p.ended_by) {
      std::fputs("^C\n", stderr);
      continue;
    }
    if (text && count > 0 && !p.ended_by) line.emplace(text, static_cast<std::size_t>(count));
    break;
  }
  ::uselocale(before);
  if (line && line->ends_with('\n')) line->pop_back();
  return line;
}

std::optional<int> line_editor::ended_by() const noexcept { return parts_->ended_by; }

void line_editor::remember(const std::string& line) {
  const auto before = ::uselocale(parts_->utf8);
  HistEvent ignored;
  history(parts_->past, &ignored, H_ENTER, line.c_str());
  ::uselocale(before);
}

} // namespace troupe::cli
