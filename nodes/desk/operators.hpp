#pragma once
// Who may lift halts and administrate: operators with random 256-bit keys. The first start writes two keys, each into a
// file of its own (0600) in the data folder; only their SHA-256 is kept in memory and compared in constant time.

#include "runtime/core/hash.hpp"
#include "runtime/core/ids.hpp"
#include "runtime/core/result.hpp"

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::desk {

class operators {
public:
  /// Reads DIR/keys/NAME.key. Writes whichever of operator-1.key and operator-2.key is missing, whole or not at all, unless
  /// there are keys of other names. Errors: forbidden (a key file that others may read, or too short a key), io_error.
  [[nodiscard]] static result<operators> open(const std::filesystem::path& data_dir);

  /// The operator whose key is in "Bearer KEY"; nothing when it is nobody's.
  [[nodiscard]] std::optional<principal_id> authenticate(std::string_view authorization) const;
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

private:
  std::filesystem::path directory_;
  std::vector<std::pair<principal_id, sha256_digest>> keys_;
};

} // namespace troupe::desk
