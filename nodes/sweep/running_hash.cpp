#include "nodes/sweep/running_hash.hpp"

#include "runtime/core/assert.hpp"
#include "runtime/core/hash.hpp"

#include <openssl/evp.h>

#include <fstream>
#include <vector>

namespace troupe::sweep_node {

running_hash::running_hash() : state_{::EVP_MD_CTX_new(), [](void* s) { ::EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(s)); }} {
  const bool good = ::EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(state_.get()), ::EVP_sha256(), nullptr) == 1;
  TROUPE_ASSERT(good, "OpenSSL provides SHA-256");
}

void running_hash::add(std::string_view bytes) {
  const bool good = ::EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(state_.get()), bytes.data(), bytes.size()) == 1;
  TROUPE_ASSERT(good, "OpenSSL provides SHA-256");
}

sweep::content_hash running_hash::end() {
  sha256_digest digest;
  const bool good = ::EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(state_.get()), digest.bytes.data(), nullptr) == 1;
  TROUPE_ASSERT(good, "OpenSSL provides SHA-256");
  return {to_hex(digest)};
}

result<hashed_file> hash_file(const std::filesystem::path& file) {
  std::error_code failed;
  const auto status = std::filesystem::status(file, failed);
  if (!std::filesystem::exists(status)) return fail(errc::not_found, "no such file: " + file.string());
  if (!std::filesystem::is_regular_file(status)) return fail(errc::invalid_argument, file.string() + " is no file");
  std::ifstream in{file, std::ios::binary};
  running_hash hash;
  hashed_file out;
  std::vector<char> buffer(1 << 20);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    hash.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
    out.size += static_cast<std::uint64_t>(in.gcount());
  }
  if (in.bad() || !in.eof()) return fail(errc::io_error, "cannot read " + file.string());
  out.hash = hash.end();
  return out;
}

} // namespace troupe::sweep_node
