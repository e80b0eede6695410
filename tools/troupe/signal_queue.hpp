#pragma once
// Signals as something to wait for beside a terminal and a child: no handler runs, and none is lost between a look and a wait. For a
// program of one thread.

#include <initializer_list>
#include <optional>

#include <csignal>

namespace troupe::cli {

class signal_queue {
public:
  /// Takes these signals from now on; the destructor lets them do again what they did.
  explicit signal_queue(std::initializer_list<int> numbers);
  ~signal_queue();
  signal_queue(const signal_queue&) = delete;
  signal_queue& operator=(const signal_queue&) = delete;

  /// Readable when one came.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// The next that came; none when there is none.
  [[nodiscard]] std::optional<int> take();
  /// The one taken last was typed at the terminal, which tells every process there, a child too.
  [[nodiscard]] bool was_typed() const noexcept { return was_typed_; }
  /// What was let through before: the mask for a child.
  [[nodiscard]] const sigset_t& mask_before() const noexcept { return before_; }

private:
  int descriptor_;
  bool was_typed_ = false;
  sigset_t before_;
};

} // namespace troupe::cli
