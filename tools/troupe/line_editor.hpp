#pragma once
// Lines typed at a terminal, edited and completed by libedit. One at a time in a process, one thread.

#include "tools/troupe/signal_queue.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// What may stand at the cursor, given the line up to there: each whole, with what is typed of it, which is `typed` bytes.
struct offered {
  std::vector<std::string> words;
  std::size_t typed = 0;
};

class line_editor {
public:
  using offer = std::function<offered(std::string_view)>;

  /// `signals` has SIGINT, SIGTERM, SIGHUP, SIGWINCH and SIGCONT.
  line_editor(signal_queue& signals, offer may_follow);
  ~line_editor();
  line_editor(const line_editor&) = delete;
  line_editor& operator=(const line_editor&) = delete;

  /// The next line; none when Ctrl-D or a signal ends it. Ctrl-C drops what is typed and begins anew.
  [[nodiscard]] std::optional<std::string> read(const std::string& prompt);
  /// The signal that ended the last read.
  [[nodiscard]] std::optional<int> ended_by() const noexcept;
  /// To be gone back to.
  void remember(const std::string& line);

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace troupe::cli
