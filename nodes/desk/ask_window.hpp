#pragma once
// One request that asks much of many actors must not take the places of all others: its asks wait for their turn here. Used on one thread.

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

namespace troupe::desk {

class ask_window {
public:
  explicit ask_window(std::size_t width) : width_{std::max<std::size_t>(1, width)} {}

  [[nodiscard]] std::size_t width() const noexcept { return width_; }
  /// Calls `ask` now, or when one of those before it has ended; in their order. What it asks calls `end` once, also when it is answered at once.
  void begin(std::function<void()> ask) {
    if (is_closed_) return;
    waiting_.push_back(std::move(ask));
    go_on();
  }
  void end() {
    --under_way_;
    go_on();
  }
  /// Forgets what waits: nobody is asked any more.
  void close() {
    is_closed_ = true;
    waiting_.clear();
  }

private:
  /// In a loop: asks that are answered at once would else lie on each other's stack.
  void go_on() {
    if (std::exchange(is_going_on_, true)) return;
    const struct leaving {
      bool& flag;
      ~leaving() { flag = false; }
    } leave{is_going_on_};
    while (under_way_ < width_ && !waiting_.empty()) {
      const auto ask = std::move(waiting_.front());
      waiting_.pop_front();
      ++under_way_;
      ask();
    }
  }

  const std::size_t width_;
  std::size_t under_way_ = 0;
  bool is_going_on_ = false;
  bool is_closed_ = false;
  std::deque<std::function<void()>> waiting_;
};

} // namespace troupe::desk
