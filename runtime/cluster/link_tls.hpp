#pragma once
// What a node shows to the others of its cluster, and whom it trusts: TLS 1.3, a certificate at both ends, each by the cluster's own authority. Made whole
// from three files, then only read: any thread.

#include "runtime/core/ids.hpp"
#include "runtime/core/result.hpp"
#include "runtime/core/time.hpp"

#include <filesystem>
#include <memory>

namespace boost::asio::ssl {
class context;
}

namespace troupe::cluster {

using link_tls = std::shared_ptr<boost::asio::ssl::context>;

/// PEM files. The authority may be several, one behind the other: while one takes the place of another both count.
struct link_files {
  std::filesystem::path authority, certificate, key;
};

/// The three files that `issue_certificate` wrote for a node into `folder`.
[[nodiscard]] link_files link_files_in(const std::filesystem::path& folder, const node_name& name);

/// Errors, each naming its file: invalid_argument (no authority or certificate that can be read, the key is of another certificate, that is for another node
/// than `self`), not_found, malformed (no key without a password), forbidden (others can read the key).
[[nodiscard]] result<link_tls> make_link_tls(const node_name& self, const link_files& files);

/// For a node that runs. Errors: as make_link_tls, and invalid_argument when a peer with the same authority would refuse the certificate, since it has run out,
/// does not count yet or was issued by another one: nobody gives up what works for that.
[[nodiscard]] result<link_tls> renew_link_tls(const node_name& self, const link_files& files);

/// When what it shows runs out. Requires: of make_link_tls.
[[nodiscard]] time_ns runs_out_at(const link_tls& shown);

} // namespace troupe::cluster
