#pragma once
// Frames between a worker and the processes it runs trials in: [u32 length, little-endian][bytes], over a socket pair. One thread.

#include "runtime/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::sweep_node {

/// Larger ones are refused: the largest is a description, and that fits a message between nodes.
inline constexpr std::size_t frame_bytes_max = 1 << 20;

/// Appends one frame to `out`.
void append_frame(std::string_view bytes, std::string& out);

/// Bytes as they come, frames as they are whole.
class frame_reader {
public:
  void append(std::string_view bytes) { buffer_.append(bytes); }
  /// The next whole frame, until the next call; nothing when more bytes are needed. Errors: malformed (longer than allowed).
  [[nodiscard]] result<std::optional<std::string_view>> next();

private:
  std::string buffer_;
  std::size_t from_ = 0;
};

/// Writes all of it to a descriptor that blocks. False: nobody reads any more.
[[nodiscard]] bool write_all(int descriptor, std::string_view bytes);

} // namespace troupe::sweep_node
