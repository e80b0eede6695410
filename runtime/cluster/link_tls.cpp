#include "runtime/cluster/link_tls.hpp"

#include "runtime/cluster/certificate.hpp"
#include "runtime/cluster/common_name.hpp"
#include "runtime/pem/pem.hpp"

#include <boost/asio/ssl/context.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>

namespace troupe::cluster {
namespace ssl = boost::asio::ssl;
namespace fs = std::filesystem;

namespace {

/// Empty when a peer that trusts the same would take what is shown, at either end.
std::string why_peers_refuse(SSL_CTX* shown) {
  STACK_OF(X509)* between = nullptr;
  SSL_CTX_get0_chain_certs(shown, &between);
  for (const int end : {X509_PURPOSE_SSL_CLIENT, X509_PURPOSE_SSL_SERVER}) {
    const std::unique_ptr<X509_STORE_CTX, pem::freed_by<X509_STORE_CTX_free>> check{X509_STORE_CTX_new()};
    if (!check || X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(shown), SSL_CTX_get0_certificate(shown), between) != 1) return "OpenSSL has no memory";
    const bool is_good = X509_STORE_CTX_set_purpose(check.get(), end) == 1 && X509_verify_cert(check.get()) == 1;
    ERR_clear_error();
    if (!is_good) return X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
  }
  return {};
}

} // namespace

link_files link_files_in(const fs::path& folder, const node_name& name) {
  return {folder / authority_certificate_name, folder / (name.value.str() + ".crt"), folder / (name.value.str() + ".key")};
}

result<link_tls> make_link_tls(const node_name& self, const link_files& files) {
  const auto made = std::make_shared<ssl::context>(ssl::context::tlsv13);
  auto& tls = *made;
  const auto load = [](const char* what, const fs::path& file, auto&& f) -> result<void> {
    boost::system::error_code failed;
    f(failed);
    if (failed) return fail(errc::invalid_argument, std::string{"the cluster's "} + what + " in " + file.string() + ": " + failed.message());
    return {};
  };
  tls.set_options(ssl::context::default_workarounds | ssl::context::no_compression);
  tls.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  SSL_CTX_set_num_tickets(tls.native_handle(), 0); // every session shows its certificate
  SSL_CTX_set_session_cache_mode(tls.native_handle(), SSL_SESS_CACHE_OFF);
  // Both usages are in every certificate: the end that dials is checked as strictly as the one that listens.
  auto done = load("authority", files.authority, [&](auto& e) { tls.load_verify_file(files.authority.string(), e); });
  if (done) done = load("certificate", files.certificate, [&](auto& e) { tls.use_certificate_chain_file(files.certificate.string(), e); });
  struct stat about {};
  if (done && ::stat(files.key.c_str(), &about) == 0 && (about.st_mode & 07) != 0)
    return fail(errc::forbidden, "the cluster's key in " + files.key.string() + " can be read by others: chmod 600 it");
  if (!done) return done.error();
  const auto key = pem::load_key(files.key);
  if (!key) return key.error();
  if (SSL_CTX_use_PrivateKey(tls.native_handle(), key->get()) != 1) {
    ERR_clear_error();
    return fail(errc::invalid_argument, "the cluster's key in " + files.key.string() + " is not that of the certificate in " + files.certificate.string());
  }
  const auto name = common_name(X509_get_subject_name(SSL_CTX_get0_certificate(tls.native_handle())));
  if (self.value.view() != name)
    return fail(errc::invalid_argument, "the certificate in " + files.certificate.string() + " is for node " + name + ", and this one is " + self.value.str());
  return made;
}

result<link_tls> renew_link_tls(const node_name& self, const link_files& files) {
  auto made = make_link_tls(self, files);
  if (!made) return made;
  if (const auto why = why_peers_refuse((*made)->native_handle()); !why.empty())
    return fail(errc::invalid_argument, "the certificate in " + files.certificate.string() + ", by the authority in " + files.authority.string() + ": " + why);
  return made;
}

time_ns runs_out_at(const link_tls& shown) { return pem::time_of(X509_get0_notAfter(SSL_CTX_get0_certificate(shown->native_handle()))); }

} // namespace troupe::cluster
