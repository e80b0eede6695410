#include "runtime/pem/pem.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <limits>
#include <sstream>

namespace troupe::pem {
namespace fs = std::filesystem;

namespace {

/// There is no terminal to ask at.
int no_password(char*, int, int, void*) { return 0; }

} // namespace

result<std::string> text_in(const char* what, const fs::path& file) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) return fail(errc::not_found, std::string{what} + ' ' + file.string() + " is a folder");
  std::ifstream in{file, std::ios::binary};
  std::ostringstream bytes;
  if (in) bytes << in.rdbuf();
  if (!in.is_open() || bytes.bad()) return fail(errc::not_found, std::string{what} + ' ' + file.string() + " cannot be read: " + std::strerror(errno));
  return std::move(bytes).str();
}

result<certificate_ptr> load_certificate(const fs::path& file) {
  const auto bytes = text_in("the certificate", file);
  if (!bytes) return bytes.error();
  const bio_ptr in{BIO_new_mem_buf(bytes->data(), static_cast<int>(bytes->size()))};
  certificate_ptr certificate{PEM_read_bio_X509(in.get(), nullptr, no_password, nullptr)};
  ERR_clear_error();
  if (!certificate) return fail(errc::malformed, file.string() + " holds no PEM certificate");
  return certificate;
}

result<key_ptr> load_key(const fs::path& file) {
  auto bytes = text_in("the key", file);
  if (!bytes) return bytes.error();
  const bio_ptr in{BIO_new_mem_buf(bytes->data(), static_cast<int>(bytes->size()))};
  key_ptr key{PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr)};
  OPENSSL_cleanse(bytes->data(), bytes->size());
  ERR_clear_error();
  if (!key) return fail(errc::malformed, file.string() + " holds no PEM key without a password");
  return key;
}

time_ns time_of(const ASN1_TIME* t) {
  constexpr std::int64_t second_ns = 1'000'000'000, seconds_max = std::numeric_limits<std::int64_t>::max() / second_ns;
  std::tm broken{};
  ASN1_TIME_to_tm(t, &broken);
  return time_from_ns(std::min(static_cast<std::int64_t>(::timegm(&broken)), seconds_max) * second_ns);
}

} // namespace troupe::pem
