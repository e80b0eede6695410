#include "runtime/edge/tls.hpp"

#include "runtime/pem/pem.hpp"
#include "runtime/wire/text_forms.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>

namespace troupe::edge {
namespace fs = std::filesystem;
namespace ssl = boost::asio::ssl;

namespace {

constexpr const char* ciphers_12 = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
                                   "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
constexpr const char* ciphers_13 = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'}; // as ALPN writes a list of one

/// What OpenSSL says last, and says no more.
std::string last_reason() {
  char reason[256] = "unknown reason";
  if (const auto code = ERR_peek_last_error(); code != 0) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  return reason;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* match = nullptr;
  if (SSL_select_next_proto(&match, size, http_1_1, sizeof http_1_1, offered, offered_size) != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

std::string second_of(const ASN1_TIME* t) { return wire::format_time(pem::time_of(t)).substr(0, 19) + 'Z'; }

result<void> is_valid_now(const X509* certificate, const fs::path& file) {
  const auto* from = X509_get0_notBefore(certificate);
  const auto* to = X509_get0_notAfter(certificate);
  const auto says = [&](const std::string& what) { return fail(errc::invalid_argument, "the certificate " + file.string() + what); };
  if (X509_cmp_current_time(to) <= 0) return says(" ran out at " + second_of(to) + ": issue another");
  if (X509_cmp_current_time(from) > 0) return says(" does not count before " + second_of(from) + ": is the clock of this host right?");
  return {};
}

result<pem::key_ptr> load_private_key(const fs::path& file) {
  struct stat about {};
  if (::stat(file.c_str(), &about) == 0 && (about.st_mode & 07) != 0) return fail(errc::forbidden, "the key " + file.string() + " can be read by others: chmod 600 it");
  return pem::load_key(file);
}

/// What both ends have in common. TLS 1.0 and 1.1 are broken; who renegotiates or compresses has no need to.
tls_context new_context(ssl::context::method how) {
  auto made = std::make_shared<ssl::context>(how);
  auto* c = made->native_handle();
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(c, ciphers_12);
  SSL_CTX_set_ciphersuites(c, ciphers_13);
  SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  return made;
}

} // namespace

result<tls_context> make_server_tls(const tls_files& files) {
  if (auto there = pem::text_in("the certificate", files.certificate); !there) return there.error();
  auto made = new_context(ssl::context::tls_server);
  auto* c = made->native_handle();
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(c, files.certificate.c_str()) != 1)
    return fail(errc::malformed, files.certificate.string() + " holds no PEM certificate: " + last_reason());
  const auto* certificate = SSL_CTX_get0_certificate(c);
  if (auto valid = is_valid_now(certificate, files.certificate); !valid) return valid.error();
  auto key = load_private_key(files.key);
  if (!key) return key.error();
  if (X509_check_private_key(certificate, key->get()) != 1 || SSL_CTX_use_PrivateKey(c, key->get()) != 1) {
    ERR_clear_error();
    return fail(errc::invalid_argument, "the key " + files.key.string() + " is not that of the certificate " + files.certificate.string());
  }
  SSL_CTX_set_options(c, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(c, 0); // connections are kept: there is nothing to resume, and no ticket key to lose
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(c, choose_protocol, nullptr);
  return made;
}

time_ns runs_out_at(const tls_context& shown) { return pem::time_of(X509_get0_notAfter(SSL_CTX_get0_certificate(shown->native_handle()))); }

result<tls_context> make_client_tls(const fs::path& authority) {
  auto made = new_context(ssl::context::tls_client);
  auto* c = made->native_handle();
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(c, http_1_1, sizeof http_1_1); // 0 is success here
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ERR_clear_error();
  if (authority.empty()) {
    if (SSL_CTX_set_default_verify_paths(c) != 1) return fail(errc::not_found, "the system's authorities cannot be read: " + last_reason());
    return made;
  }
  if (auto there = pem::text_in("the authority", authority); !there) return there.error();
  if (SSL_CTX_load_verify_file(c, authority.c_str()) != 1) return fail(errc::malformed, authority.string() + " holds no PEM certificate: " + last_reason());
  return made;
}

bool expect_host(ssl_st* connection, const std::string& host) {
  boost::system::error_code is_name;
  boost::asio::ip::make_address(host, is_name);
  auto* rules = SSL_get0_param(connection);
  if (!is_name) return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  // As the macro SSL_set_tlsext_host_name does, whose cast is of the old style.
  return SSL_set1_host(connection, host.c_str()) == 1 &&
         SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) == 1;
}

std::string why_not_trusted(ssl_st* connection, const std::string& otherwise) {
  const auto verdict = SSL_get_verify_result(connection);
  ERR_clear_error();
  if (verdict == X509_V_OK) return "no TLS connection: " + otherwise;
  return std::string{"its certificate is not trusted: "} + X509_verify_cert_error_string(verdict);
}

} // namespace troupe::edge
