#pragma once
// A strict pull scanner over one JSON text: every byte is checked against the grammar, nothing is allocated,
// numbers and strings come out as the text that stands in the line, so decimals stay exact. Used by the
// capture parser, which reads hundreds of thousands of small messages a second. Owned by one parse; not
// thread-safe.

#include <cstddef>
#include <string_view>

namespace troupe::feed {

/// A string or number as written: `text` without quotes and with escapes left as they are.
struct json_scalar {
  std::string_view text;
  bool quoted = false;
};

class json_scanner {
public:
  /// Objects and arrays inside one another; deeper text is refused.
  static constexpr int depth_max = 32;

  explicit json_scanner(std::string_view text) noexcept
      : at_(text.data()), end_(text.data() + text.size()), begin_(at_) {}

  /// The next character that is not white space, 0 at the end. Consumes white space only.
  [[nodiscard]] char peek() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
    return at_ == end_ ? '\0' : *at_;
  }

  /// Reads an object; `member(key)` must consume the value and say whether it could.
  template <class Member>
  [[nodiscard]] bool object(Member&& member) {
    if (!enter('{', "an object is expected")) return false;
    if (accept('}')) return leave();
    do {
      std::string_view key;
      if (!string(key) || !expect(':', "a colon is expected behind a key") || !member(key)) return false;
    } while (accept(','));
    return expect('}', "a comma or the end of the object is expected") && leave();
  }

  /// Reads an array; `element()` must consume one value and say whether it could.
  template <class Element>
  [[nodiscard]] bool array(Element&& element) {
    if (!enter('[', "an array is expected")) return false;
    if (accept(']')) return leave();
    do {
      if (!element()) return false;
    } while (accept(','));
    return expect(']', "a comma or the end of the array is expected") && leave();
  }

  [[nodiscard]] bool string(std::string_view& out) noexcept;
  /// A string or a number.
  [[nodiscard]] bool scalar(json_scalar& out) noexcept;
  [[nodiscard]] bool boolean(bool& out) noexcept;
  /// Any value, checked but not kept.
  [[nodiscard]] bool skip();
  /// True when nothing but white space is left.
  [[nodiscard]] bool finish() noexcept;

  /// Records why the text is refused, unless something already did. Returns false.
  bool refuse(const char* reason) noexcept;
  [[nodiscard]] const char* reason() const noexcept { return reason_; }
  /// Where the scanner stands, in bytes from the start.
  [[nodiscard]] std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

private:
  [[nodiscard]] bool accept(char c) noexcept {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool expect(char c, const char* reason) noexcept { return accept(c) || refuse(reason); }
  [[nodiscard]] bool enter(char c, const char* reason) noexcept {
    if (!expect(c, reason)) return false;
    return ++depth_ <= depth_max || refuse("values are nested too deeply");
  }
  [[nodiscard]] bool leave() noexcept {
    --depth_;
    return true;
  }
  [[nodiscard]] bool escape() noexcept;
  [[nodiscard]] bool number(std::string_view& out) noexcept;
  [[nodiscard]] bool literal(std::string_view word) noexcept;
  [[nodiscard]] bool digits() noexcept;

  const char* at_;
  const char* end_;
  const char* begin_;
  const char* reason_ = nullptr;
  int depth_ = 0;
};

} // namespace troupe::feed
