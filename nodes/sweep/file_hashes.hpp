#pragma once
// What files hold, each read once while it stays as it is. One thread.

#include "nodes/sweep/running_hash.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace troupe::sweep_node {

struct known_file {
  hashed_file content;
  std::string stamp; // desk::stamp_of, as the file was when that was read
};

class file_hashes {
public:
  /// Errors: as hash_file; conflict (it was written to while it was read).
  [[nodiscard]] result<known_file> of(const std::filesystem::path& file);

private:
  std::map<std::filesystem::path, known_file> known_;
};

} // namespace troupe::sweep_node
