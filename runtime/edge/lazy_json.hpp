#pragma once
// JSON text that is made when it is first read: most of what is published nobody listens to.

#include <concepts>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace troupe::edge {

/// Copies share the text. Readable from any thread.
class lazy_json {
public:
  lazy_json(std::string text) : state_{std::make_shared<state>()} { // NOLINT(google-explicit-constructor): a text is one
    state_->text = std::move(text);
  }
  lazy_json(const char* text) : lazy_json{std::string{text}} {} // NOLINT(google-explicit-constructor)
  /// `make` is called at most once, on the thread that reads first, and must not throw.
  template <std::invocable F>
    requires std::convertible_to<std::invoke_result_t<F>, std::string>
  explicit lazy_json(F make) : state_{std::make_shared<state>()} {
    state_->make = std::move(make);
  }

  [[nodiscard]] const std::string& text() const {
    std::call_once(state_->made, [s = state_.get()] {
      if (auto make = std::exchange(s->make, nullptr)) s->text = make();
    });
    return state_->text;
  }

private:
  struct state {
    std::once_flag made;
    std::function<std::string()> make;
    std::string text;
  };
  std::shared_ptr<state> state_;
};

} // namespace troupe::edge
