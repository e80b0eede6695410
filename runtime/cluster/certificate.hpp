#pragma once
// The cluster's own certificates (X.509, ECDSA on P-256, signed with SHA-256): one authority, and one certificate a node
// with its name in it, good for both ends of a connection. Whoever holds one is in; nobody else is. Blocking, thread-safe.

#include "runtime/core/ids.hpp"
#include "runtime/core/result.hpp"
#include "runtime/core/time.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace troupe::cluster {

inline constexpr int authority_days = 3650;
inline constexpr int certificate_days = 825;
inline constexpr int certificate_days_max = 3650;

/// The files of one folder. Keys are readable by their owner only.
inline constexpr const char* authority_certificate_name = "ca.crt";
inline constexpr const char* authority_key_name = "ca.key";

/// Makes a new authority in `folder` (created when missing): ca.key, ca.crt. `cluster` is the common name, at most 48 printable
/// characters. Errors: conflict (there is one already, nothing changes), invalid_argument, io_error.
[[nodiscard]] result<void> create_authority(const std::filesystem::path& folder, const std::string& cluster);

/// Issues a certificate for the node `name` into `into` (created when missing): <name>.key, <name>.crt and a copy of ca.crt. The
/// key never leaves that folder. `hosts`: further names and IP addresses under which clients of its edge call it, at most 32. Errors: not_found (no
/// authority there), invalid_argument (name, days, hosts), conflict (the node has one in that folder; nothing changes), io_error.
[[nodiscard]] result<void> issue_certificate(const std::filesystem::path& authority, const node_name& name, const std::filesystem::path& into,
                                             int days = certificate_days, const std::vector<std::string>& hosts = {});

/// What a certificate says.
struct certificate_view {
  std::string subject;      // the common name: a node's or the cluster's
  std::string issuer;
  bool is_authority = false;
  time_ns not_before{};
  time_ns not_after{};
  std::string serial;       // hexadecimal
  std::string fingerprint;  // SHA-256 of the whole, hexadecimal
};
BOOST_DESCRIBE_STRUCT(certificate_view, (), (subject, issuer, is_authority, not_before, not_after, serial, fingerprint))

/// Errors: not_found, malformed (no PEM certificate in it).
[[nodiscard]] result<certificate_view> read_certificate(const std::filesystem::path& file);

/// Letters, digits, '-', '_' and '.', starting with a letter or digit: what is safe in a file's name and a certificate. Errors:
/// invalid_argument, with the rule.
[[nodiscard]] result<node_name> parse_node_name(std::string_view name);

} // namespace troupe::cluster
