#pragma once
// SHA-256 over what comes piece by piece: files and tables that are not held in memory. One thread.

#include "actors/research/sweep/messages.hpp"
#include "runtime/core/result.hpp"

#include <filesystem>
#include <memory>
#include <string_view>

namespace troupe::sweep_node {

class running_hash {
public:
  running_hash();
  void add(std::string_view bytes);
  /// Of everything added; nothing may be added behind it.
  [[nodiscard]] sweep::content_hash end();

private:
  std::shared_ptr<void> state_;
};

struct hashed_file {
  sweep::content_hash hash;
  std::uint64_t size = 0;
};
/// Reads the whole file. Errors: not_found, invalid_argument (no regular file), io_error.
[[nodiscard]] result<hashed_file> hash_file(const std::filesystem::path& file);

} // namespace troupe::sweep_node
