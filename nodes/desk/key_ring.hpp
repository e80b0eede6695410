#pragma once
// Who may do what at the edge: random 256-bit keys, each in a file of its own (0600) whose folder says what it is for and whose name says whose it is.
// Read once, at start; only their SHA-256 is kept in memory and compared in constant time.
//
//   DIR/keys/NAME.key        operators: may do everything
//   DIR/keys/trade/NAME.key  orders, cancels, halts: all that needs no operator; and reading
//   DIR/keys/read/NAME.key   reading

#include "runtime/core/hash.hpp"
#include "runtime/core/ids.hpp"
#include "runtime/core/result.hpp"
#include "runtime/edge/access.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::desk {

class key_ring {
public:
  /// Reads the keys of a data folder. Writes whichever of operator-1.key and operator-2.key is missing, whole or not at all, unless there are operators of
  /// other names. Errors: forbidden (a key file that others may read, too short a key, a key that two files hold), io_error.
  [[nodiscard]] static result<key_ring> open(const std::filesystem::path& data_dir);

  /// Whose it is, as "operator:NAME", "trade:NAME" or "read:NAME"; nothing when it is nobody's.
  [[nodiscard]] std::optional<edge::caller> caller_of(std::string_view key) const;

private:
  std::vector<std::pair<edge::caller, sha256_digest>> keys_;
};

/// One key's file.
struct key_file {
  std::string name;
  edge::access may = edge::access::read;
  std::filesystem::path path;
};

/// Of a name that is given to a key, so that its principal fits into a turn.
inline constexpr std::size_t key_name_characters_max = 23;

/// Writes a new key, whole or not at all, and returns its file. A running node takes it at its next start. Errors: invalid_argument (the name is not of
/// letters, digits, '-', '_' and '.', the first a letter or digit), conflict (there is one of that name; nothing changes), io_error.
[[nodiscard]] result<std::filesystem::path> add_key(const std::filesystem::path& data_dir, edge::access may, const std::string& name);
/// All of them, operators first, then by name. Empty when there is no such folder. Errors: io_error.
[[nodiscard]] result<std::vector<key_file>> list_keys(const std::filesystem::path& data_dir);
/// For good. A running node takes it until its next start. Errors: not_found, io_error.
[[nodiscard]] result<void> remove_key(const key_file& key);

} // namespace troupe::desk
