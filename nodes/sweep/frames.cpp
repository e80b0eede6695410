#include "nodes/sweep/frames.hpp"

#include <cerrno>

#include <sys/socket.h>

namespace troupe::sweep_node {

void append_frame(std::string_view bytes, std::string& out) {
  const auto n = static_cast<std::uint32_t>(bytes.size());
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(n >> shift & 0xff);
  out += bytes;
}

result<std::optional<std::string_view>> frame_reader::next() {
  if (from_ > buffer_.size() / 2) {
    buffer_.erase(0, from_);
    from_ = 0;
  }
  const auto left = std::string_view{buffer_}.substr(from_);
  if (left.size() < 4) return std::optional<std::string_view>{};
  std::uint32_t n = 0;
  for (int i = 0; i < 4; ++i) n |= static_cast<std::uint32_t>(static_cast<unsigned char>(left[static_cast<std::size_t>(i)])) << (8 * i);
  if (n > frame_bytes_max) return fail(errc::malformed, "a frame of " + std::to_string(n) + " bytes");
  if (left.size() < 4 + n) return std::optional<std::string_view>{};
  from_ += 4 + n;
  return std::optional{left.substr(4, n)};
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

} // namespace troupe::sweep_node
