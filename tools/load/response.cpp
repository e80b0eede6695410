#include "tools/load/response.hpp"

#include <charconv>

#include <strings.h>

namespace troupe::load {
namespace {

/// The value of a header line, or nothing.
std::string_view header(std::string_view head, std::string_view name) noexcept {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() <= name.size() || line[name.size()] != ':' || ::strncasecmp(line.data(), name.data(), name.size()) != 0) continue;
    auto value = line.substr(name.size() + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return {};
}

} // namespace

seen_response look(std::string_view bytes) noexcept {
  seen_response r;
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return r;
  const auto head = bytes.substr(0, end);
  r.what = seen_response::state::broken;
  if (!head.starts_with("HTTP/1.") || head.size() < 12) return r;
  if (std::from_chars(head.data() + 9, head.data() + 12, r.status).ec != std::errc{}) return r;
  const auto length = header(head, "content-length");
  std::size_t size = 0;
  const auto [stop, ec] = std::from_chars(length.data(), length.data() + length.size(), size);
  if (length.empty() || ec != std::errc{} || stop != length.data() + length.size()) return r;
  r.what = bytes.size() >= end + 4 + size ? seen_response::state::complete : seen_response::state::incomplete;
  if (r.what == seen_response::state::incomplete) return r;
  r.size = end + 4 + size;
  r.body = bytes.substr(end + 4, size);
  r.closes = header(head, "connection") == "close";
  return r;
}

std::string_view text_member(std::string_view json, std::string_view name) noexcept {
  for (auto at = json.find(name); at != std::string_view::npos; at = json.find(name, at + 1)) {
    const auto behind = at + name.size();
    if (at == 0 || json[at - 1] != '"' || json.substr(behind, 3) != "\":\"") continue;
    const auto value = json.substr(behind + 3);
    return value.substr(0, value.find('"'));
  }
  return {};
}

} // namespace troupe::load
