#include "actors/market/feed/json_scanner.hpp"

namespace troupe::feed {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

} // namespace

bool json_scanner::refuse(const char* reason) noexcept {
  if (reason_ == nullptr) reason_ = reason;
  return false;
}

bool json_scanner::string(std::string_view& out) noexcept {
  if (!expect('"', "a string is expected")) return false;
  const char* const start = at_;
  while (at_ != end_) {
    const char c = *at_;
    if (c == '"') {
      out = {start, static_cast<std::size_t>(at_ - start)};
      ++at_;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) return refuse("a control character stands in a string");
    ++at_;
    if (c == '\\' && !escape()) return false;
  }
  return refuse("the text ends inside a string");
}

/// Behind the backslash.
bool json_scanner::escape() noexcept {
  if (at_ == end_) return refuse("the text ends inside a string");
  const char c = *at_++;
  constexpr std::string_view simple = "\"\\/bfnrt";
  if (c != 'u') return simple.find(c) != std::string_view::npos || refuse("an escape is unknown");
  for (int i = 0; i < 4; ++i, ++at_)
    if (at_ == end_ || !is_hex(*at_)) return refuse("\\u needs four hexadecimal digits");
  return true;
}

bool json_scanner::digits() noexcept {
  if (at_ == end_ || !is_digit(*at_)) return refuse("a digit is expected in a number");
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return true;
}

bool json_scanner::number(std::string_view& out) noexcept {
  const char* const start = at_;
  if (*at_ == '-') ++at_;
  const bool zero = at_ != end_ && *at_ == '0';
  const char* const first = at_;
  if (!digits()) return false;
  if (zero && at_ - first > 1) return refuse("a number has leading zeros");
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!digits()) return false;
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!digits()) return false;
  }
  out = {start, static_cast<std::size_t>(at_ - start)};
  return true;
}

bool json_scanner::scalar(json_scalar& out) noexcept {
  const char c = peek();
  out.quoted = c == '"';
  if (out.quoted) return string(out.text);
  if (c == '-' || is_digit(c)) return number(out.text);
  return refuse("a string or a number is expected");
}

bool json_scanner::literal(std::string_view word) noexcept {
  if (std::string_view{at_, static_cast<std::size_t>(end_ - at_)}.substr(0, word.size()) != word)
    return refuse("a value is expected");
  at_ += word.size();
  return true;
}

bool json_scanner::boolean(bool& out) noexcept {
  const char c = peek();
  if (c != 't' && c != 'f') return refuse("true or false is expected");
  out = c == 't';
  return literal(out ? "true" : "false");
}

bool json_scanner::skip() {
  json_scalar ignored;
  switch (peek()) {
  case '{': return object([this](std::string_view) { return skip(); });
  case '[': return array([this] { return skip(); });
  case '"': return string(ignored.text);
  case 't': return literal("true");
  case 'f': return literal("false");
  case 'n': return literal("null");
  case '\0': return refuse("the text ends where a value is expected");
  default: return scalar(ignored);
  }
}

bool json_scanner::finish() noexcept {
  return (peek() == '\0' && at_ == end_) || refuse("text follows the message");
}

} // namespace troupe::feed
