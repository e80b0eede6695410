#pragma once
// The terminal while a command draws on all of it: its other page, no cursor, keys as they are typed. What was there is back when the object
// goes. One at a time, one thread.

#include "tools/troupe/top_view.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <termios.h>

namespace troupe::cli {

class screen {
public:
  screen();
  ~screen();
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  [[nodiscard]] std::size_t rows() const;
  /// The lines from the top, cut at the right edge; below them nothing. False when the terminal is gone.
  bool draw(const std::vector<top_line>& lines);
  /// Standard input when keys come from there, else -1.
  [[nodiscard]] int keys() const noexcept;
  /// What was typed; empty at the end. An escape sequence, as an arrow key sends it, is one that means nothing.
  [[nodiscard]] std::string take_keys();

private:
  termios before_{};
  bool has_keys_; // read into before_: behind it
};

} // namespace troupe::cli
