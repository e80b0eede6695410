#include "runtime/cluster/certificate.hpp"

#include "runtime/cluster/common_name.hpp"
#include "runtime/core/hash.hpp"
#include "runtime/pem/pem.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

namespace troupe::cluster {
namespace fs = std::filesystem;

namespace {

using pem::bio_ptr;
using pem::certificate_ptr;
using pem::freed_by;
using pem::key_ptr;
using pem::load_certificate;
using pem::load_key;
using pem::time_of;

error openssl_failure(const std::string& attempt) {
  char reason[256] = "unknown reason";
  if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  return fail(errc::internal, attempt + ": " + reason);
}

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

/// Never replaces a file: a key that is overwritten is lost for good.
result<void> write_new(const fs::path& file, std::string_view bytes, mode_t mode) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  const auto failed = [&](const char* call) {
    return fail(errno == EEXIST ? errc::conflict : errc::io_error, std::string{call} + ' ' + file.string() + ": " + std::strerror(errno));
  };
  if (fd < 0) return failed("creating");
  auto left = bytes;
  while (!left.empty()) {
    const auto n = ::write(fd, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      auto why = failed("writing");
      ::close(fd);
      return why;
    }
    left.remove_prefix(static_cast<std::size_t>(n));
  }
  const bool good = ::fsync(fd) == 0;
  ::close(fd);
  if (!good) return failed("syncing");
  return {};
}

result<void> make_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return fail(errc::io_error, "creating " + folder.string() + ": " + failed.message());
  return {};
}

std::string text_of(BIO* memory) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string pem_of(EVP_PKEY* key) {
  const bio_ptr out{BIO_new(BIO_s_mem())};
  PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(out.get());
}
std::string pem_of(X509* certificate) {
  const bio_ptr out{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(out.get(), certificate);
  return text_of(out.get());
}

bool set_name(X509_NAME* name, const std::string& common) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common.data()),
                                    static_cast<int>(common.size()), -1, 0) == 1;
}

bool set_serial(X509* certificate) {
  unsigned char random[16];
  if (RAND_bytes(random, sizeof random) != 1) return false;
  random[0] &= 0x7f; // a positive number
  random[0] |= 0x40; // of always the same length
  const std::unique_ptr<BIGNUM, freed_by<BN_free>> number{BN_bin2bn(random, sizeof random, nullptr)};
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

bool add_extension(X509* certificate, X509* issuer, int what, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>> extension{X509V3_EXT_conf_nid(nullptr, &context, what, value)};
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// All but names, extensions and signature. Valid from five minutes ago: clocks of hosts differ.
result<certificate_ptr> new_certificate(EVP_PKEY* key, const std::string& common, int days) {
  certificate_ptr c{X509_new()};
  const bool good = c && X509_set_version(c.get(), 2) == 1 && set_serial(c.get()) && X509_gmtime_adj(X509_getm_notBefore(c.get()), -300) &&
                    X509_time_adj_ex(X509_getm_notAfter(c.get()), days, 0, nullptr) && X509_set_pubkey(c.get(), key) == 1 &&
                    set_name(X509_get_subject_name(c.get()), common);
  if (!good) return openssl_failure("making a certificate for " + common);
  return c;
}

/// Both or neither: a key alone would be in the way of the next try.
result<void> write_pair(const fs::path& key_file, EVP_PKEY* key, const fs::path& certificate_file, X509* certificate) {
  auto secret = pem_of(key);
  auto written = write_new(key_file, secret, 0600);
  OPENSSL_cleanse(secret.data(), secret.size());
  if (!written) return written;
  written = write_new(certificate_file, pem_of(certificate), 0644);
  std::error_code ignored;
  if (!written) fs::remove(key_file, ignored);
  return written;
}

} // namespace

result<node_name> parse_node_name(std::string_view name) {
  const auto letter_or_digit = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const auto made = decltype(node_name::value)::make(name);
  if (made && !name.empty() && letter_or_digit(name.front()) &&
      std::ranges::all_of(name, [&](char c) { return letter_or_digit(c) || c == '-' || c == '_' || c == '.'; }))
    return node_name{*made};
  return fail(errc::invalid_argument, "\"" + std::string{name} +
                                        "\" is no node's name: letters, digits, '-', '_' and '.', at most 32, the first a letter or digit");
}

result<void> create_authority(const fs::path& folder, const std::string& cluster) {
  if (!text<48>::is_valid(cluster) || cluster.empty())
    return fail(errc::invalid_argument, "a cluster's name has 1 to 48 printable characters");
  if (auto made = make_folder(folder); !made) return made.error();
  if (is_there(folder / authority_key_name) || is_there(folder / authority_certificate_name))
    return fail(errc::conflict, "there is an authority in " + folder.string() + " already; whatever it issued would not be trusted by a new one");
  const key_ptr key{EVP_EC_gen("P-256")};
  if (!key) return openssl_failure("making a key");
  auto made = new_certificate(key.get(), cluster, authority_days);
  if (!made) return made.error();
  auto* c = made->get();
  const bool good = X509_set_issuer_name(c, X509_get_subject_name(c)) == 1 &&
                    add_extension(c, c, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    add_extension(c, c, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    add_extension(c, c, NID_subject_key_identifier, "hash") && X509_sign(c, key.get(), EVP_sha256()) != 0;
  if (!good) return openssl_failure("making the authority's certificate");
  return write_pair(folder / authority_key_name, key.get(), folder / authority_certificate_name, c);
}

namespace {

/// As OpenSSL reads them, "DNS:a,IP:10.0.0.1": so nothing else may stand in a name.
result<std::string> alternative_names(const std::string& node, const std::vector<std::string>& hosts) {
  constexpr std::size_t hosts_max = 32, host_characters_max = 253;
  if (hosts.size() > hosts_max) return fail(errc::invalid_argument, "a certificate has at most " + std::to_string(hosts_max) + " hosts");
  auto all = "DNS:" + node;
  for (const auto& h : hosts) {
    unsigned char address[sizeof(in6_addr)];
    const bool is_address = ::inet_pton(AF_INET, h.c_str(), address) == 1 || ::inet_pton(AF_INET6, h.c_str(), address) == 1;
    const bool is_name = !h.empty() && h.size() <= host_characters_max && h.front() != '-' && h.front() != '.' &&
                         std::ranges::all_of(h, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.'; });
    if (!is_address && !is_name) return fail(errc::invalid_argument, "\"" + h + "\" is neither a host's name nor an IP address");
    all += (is_address ? ",IP:" : ",DNS:") + h;
  }
  return all;
}

} // namespace

result<void> issue_certificate(const fs::path& authority, const node_name& name, const fs::path& into, int days, const std::vector<std::string>& hosts) {
  const auto node = name.value.str();
  if (auto good = parse_node_name(node); !good) return good.error();
  if (days < 1 || days > certificate_days_max)
    return fail(errc::invalid_argument, "a certificate is valid for 1 to " + std::to_string(certificate_days_max) + " days");
  const auto names = alternative_names(node, hosts);
  if (!names) return names.error();
  auto issuer = load_certificate(authority / authority_certificate_name);
  if (!issuer) return fail(issuer.error().code, issuer.error().message + "; make an authority with `troupe ca init`");
  auto issuer_key = load_key(authority / authority_key_name);
  if (!issuer_key) return issuer_key.error();
  if (auto made = make_folder(into); !made) return made.error();
  const auto key_file = into / (node + ".key"), certificate_file = into / (node + ".crt");
  if (is_there(key_file) || is_there(certificate_file))
    return fail(errc::conflict, into.string() + " has a certificate for " + node + " already; move it away first");
  const auto trusted = into / authority_certificate_name;
  const bool trusts = is_there(trusted);
  if (const auto held = pem::text_in("the authority", trusted); trusts && (!held || *held != pem_of(issuer->get())))
    return fail(errc::conflict, trusted.string() + " is another authority's; choose another folder");
  if (X509_check_private_key(issuer->get(), issuer_key->get()) != 1)
    return fail(errc::invalid_argument, "key and certificate in " + authority.string() + " do not belong together");

  const key_ptr key{EVP_EC_gen("P-256")};
  if (!key) return openssl_failure("making a key");
  auto made = new_certificate(key.get(), node, days);
  if (!made) return made.error();
  auto* c = made->get();
  const bool good = X509_set_issuer_name(c, X509_get_subject_name(issuer->get())) == 1 &&
                    add_extension(c, issuer->get(), NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(c, issuer->get(), NID_key_usage, "critical,digitalSignature") &&
                    add_extension(c, issuer->get(), NID_ext_key_usage, "serverAuth,clientAuth") &&
                    add_extension(c, issuer->get(), NID_subject_alt_name, names->c_str()) &&
                    add_extension(c, issuer->get(), NID_authority_key_identifier, "keyid") && // of two authorities of one name it was this one
                    X509_sign(c, issuer_key->get(), EVP_sha256()) != 0;
  if (!good) return openssl_failure("making the certificate of " + node);
  if (!trusts)
    if (auto written = write_new(trusted, pem_of(issuer->get()), 0644); !written) return written;
  return write_pair(key_file, key.get(), certificate_file, c);
}

result<certificate_view> read_certificate(const fs::path& file) {
  auto loaded = load_certificate(file);
  if (!loaded) return loaded.error();
  auto* c = loaded->get();
  certificate_view shown;
  shown.subject = common_name(X509_get_subject_name(c));
  shown.issuer = common_name(X509_get_issuer_name(c));
  shown.is_authority = X509_check_ca(c) != 0;
  shown.not_before = time_of(X509_get0_notBefore(c));
  shown.not_after = time_of(X509_get0_notAfter(c));
  const std::unique_ptr<BIGNUM, freed_by<BN_free>> number{ASN1_INTEGER_to_BN(X509_get0_serialNumber(c), nullptr)};
  if (char* digits = BN_bn2hex(number.get())) {
    shown.serial = digits;
    OPENSSL_free(digits);
  }
  sha256_digest digest;
  unsigned int size = 0;
  X509_digest(c, EVP_sha256(), digest.bytes.data(), &size);
  shown.fingerprint = to_hex(digest);
  return shown;
}

} // namespace troupe::cluster
