#pragma once
// Certificates (X.509) and their keys as they lie in PEM files: read in one way by the edge and by the link between nodes. Stateless; blocking, any thread.
// Includes OpenSSL, so headers do not include it.

#include "runtime/core/result.hpp"
#include "runtime/core/time.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>

namespace troupe::pem {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* p) const noexcept { Free(p); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;

/// Everything in `file`; `what` it is stands in the error: "the certificate". Errors: not_found (not there, a folder, or not to be read).
[[nodiscard]] result<std::string> text_in(const char* what, const std::filesystem::path& file);

/// The first certificate in `file`. Errors: not_found, malformed.
[[nodiscard]] result<certificate_ptr> load_certificate(const std::filesystem::path& file);
/// Nobody is asked for a password. Errors: not_found, malformed (no key, or one with a password).
[[nodiscard]] result<key_ptr> load_key(const std::filesystem::path& file);

/// To the second. What is beyond the instants there are (the year 2262) is the last of them: some authorities write 9999 for "never".
[[nodiscard]] time_ns time_of(const ASN1_TIME* t);

} // namespace troupe::pem
