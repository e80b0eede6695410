#pragma once
// Whose certificate it is. Private to this folder (it includes OpenSSL).

#include <openssl/x509.h>

#include <string>

namespace troupe::cluster {

/// The first common name in it, empty when it has none.
[[nodiscard]] inline std::string common_name(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  const auto* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), static_cast<std::size_t>(ASN1_STRING_length(value))};
}

} // namespace troupe::cluster
