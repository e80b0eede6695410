#pragma once
// Who may do what at the edge: random 256-bit keys, each in a file of its own (0600) whose folder says what it is for and whose name says whose it is.
// Read at start, and again when a file comes, goes or changes (key_watch.hpp); only their SHA-256 is kept in memory and compared in constant time.
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
#include <vector>

namespace troupe::desk {

/// One key's file.
struct key_file {
  std::string name;
  edge::access may = edge::access::read;
  std::filesystem::path path;
};

class key_ring {
public:
  /// Reads the keys of a data folder. Writes whichever of operator-1.key and operator-2.key is missing, whole or not at all, unless there are operators of
  /// other names. Errors: forbidden (a key file that others may read, too short a key, a key that two files hold), io_error.
  [[nodiscard]] static result<key_ring> open(const std::filesystem::path& data_dir);

  /// The keys when the folders hold `files`: one whose file is gone is nobody's. A file that cannot be taken, with an error as of `open` in `faults`, counts
  /// for what it held here before, if anything. A key that two files hold is that of the one that had it before, or nobody's.
  [[nodiscard]] key_ring renewed(const std::vector<key_file>& files, std::vector<error>& faults) const;

  /// Whose it is, as "operator:NAME", "trade:NAME" or "read:NAME"; nothing when it is nobody's.
  [[nodiscard]] std::optional<edge::caller> caller_of(std::string_view key) const;
  /// Whether it is the digest of somebody's key.
  [[nodiscard]] bool holds(const sha256_digest& key) const noexcept;
  /// "trade:ana, read:bob": those who have a key here that they have not in `other`.
  [[nodiscard]] std::string names_beyond(const key_ring& other) const;

private:
  struct held_key {
    edge::caller whose;
    sha256_digest digest;
    std::filesystem::path file;
    friend bool operator==(const held_key&, const held_key&) = default;
  };
  [[nodiscard]] static result<held_key> read(const key_file& file);

  std::vector<held_key> keys_;
};

/// Of a name that is given to a key, so that its principal fits into a turn.
inline constexpr std::size_t key_name_characters_max = 23;

/// Writes a new key, whole or not at all, and returns its file. A running node takes it within a few seconds. Errors: invalid_argument (the name is not of
/// letters, digits, '-', '_' and '.', the first a letter or digit), conflict (there is one of that name; nothing changes), io_error.
[[nodiscard]] result<std::filesystem::path> add_key(const std::filesystem::path& data_dir, edge::access may, const std::string& name);
/// All of them, operators first, then by name. Empty when there is no such folder. Errors: io_error.
[[nodiscard]] result<std::vector<key_file>> list_keys(const std::filesystem::path& data_dir);
/// For good; a running node takes it for a few seconds more. Errors: not_found, io_error.
[[nodiscard]] result<void> remove_key(const key_file& key);

} // namespace troupe::desk
