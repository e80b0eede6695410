#pragma once
// TLS at the edge: what a listener shows and a client trusts. 1.2 at least, ciphers with forward secrecy and authentication only, HTTP/1.1 as the one
// protocol. Contexts are made once, then only read: any thread.

#include "runtime/core/result.hpp"
#include "runtime/core/time.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}
struct ssl_st;

namespace troupe::edge {

using tls_context = std::shared_ptr<boost::asio::ssl::context>;

/// PEM files. The certificate is followed by those between it and its authority, if any; the key has no password.
struct tls_files {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// What a listener needs. Errors, each naming its file: not_found (not there, or not to be read), malformed (no certificate, no key), forbidden (others
/// can read the key), invalid_argument (the certificate has run out or does not count yet, the key is of another certificate).
[[nodiscard]] result<tls_context> make_server_tls(const tls_files& files);

/// When what it shows runs out. Requires: of make_server_tls.
[[nodiscard]] time_ns runs_out_at(const tls_context& shown);

/// Trusts the authorities in `authority`, a PEM file; those of the system when it is empty. Errors: not_found, malformed.
[[nodiscard]] result<tls_context> make_client_tls(const std::filesystem::path& authority);

/// Before a client's handshake: it fails unless the certificate is for `host`, a name or an IP address. False when OpenSSL refuses the name.
[[nodiscard]] bool expect_host(ssl_st* connection, const std::string& host);

/// Why a client's handshake failed, for people: what is wrong with the certificate when that is it, else `otherwise`.
[[nodiscard]] std::string why_not_trusted(ssl_st* connection, const std::string& otherwise);

} // namespace troupe::edge
