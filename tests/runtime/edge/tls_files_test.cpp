// What a listener's certificate and key must be, and a client's authority: each fault by its name, before anything is served.

#include "tests/support/edge_certificates.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <fstream>
#include <limits>
#include <memory>

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::test;
namespace fs = std::filesystem;

namespace {

constexpr long for_ever = std::numeric_limits<int>::max();

/// Signed with the key in `key_file`, valid from `from` to `to` seconds from now.
void write_certificate(const fs::path& file, const fs::path& key_file, long from, long to) {
  const std::unique_ptr<FILE, int (*)(FILE*)> in{std::fopen(key_file.c_str(), "r"), std::fclose}, out{std::fopen(file.c_str(), "w"), std::fclose};
  REQUIRE(in);
  REQUIRE(out);
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
  const std::unique_ptr<X509, void (*)(X509*)> made{X509_new(), X509_free};
  REQUIRE(key);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), to);
  X509_set_pubkey(made.get(), key.get());
  if (to == for_ever) REQUIRE(ASN1_TIME_set_string(X509_getm_notAfter(made.get()), "99991231235959Z") == 1);
  REQUIRE(X509_sign(made.get(), key.get(), EVP_sha256()) != 0);
  REQUIRE(PEM_write_X509(out.get(), made.get()) == 1);
}

struct certificate_house {
  temporary_directory dir;
  edge_certificates mine{dir.path() / "mine"}, other{dir.path() / "other"};

  [[nodiscard]] error fault(const edge::tls_files& files) const {
    const auto made = edge::make_server_tls(files);
    REQUIRE_FALSE(made);
    return made.error();
  }
};

} // namespace

TEST_SUITE_BEGIN("edge/tls_files");

TEST_CASE_FIXTURE(certificate_house, "a certificate and its key are taken; each fault of them has its own words and names its file") {
  CHECK(edge::make_server_tls(mine.shown));
  const auto missing = fault({dir.path() / "none.crt", mine.shown.key});
  CHECK(missing.code == errc::not_found);
  CHECK(missing.message.find("none.crt") != std::string::npos);
  CHECK(fault({mine.shown.certificate, dir.path() / "none.key"}).code == errc::not_found);
  CHECK(fault({dir.path(), mine.shown.key}).code == errc::not_found); // a folder
  std::ofstream{dir.path() / "text"} << "nonsense";
  ::chmod((dir.path() / "text").c_str(), 0600);
  CHECK(fault({dir.path() / "text", mine.shown.key}).code == errc::malformed);
  CHECK(fault({mine.shown.certificate, dir.path() / "text"}).code == errc::malformed);
  const auto unfit = fault({mine.shown.certificate, other.shown.key});
  CHECK(unfit.code == errc::invalid_argument);
  CHECK_MESSAGE(unfit.message.find("is not that of the certificate") != std::string::npos, unfit.message);
  CHECK(edge::make_server_tls(mine.shown)); // none of it is left in the way
}

TEST_CASE_FIXTURE(certificate_house, "a certificate that has run out, or does not count yet, is not shown to anybody") {
  const auto file = dir.path() / "old.crt";
  write_certificate(file, mine.shown.key, -7200, -3600);
  const auto old = fault({file, mine.shown.key});
  CHECK(old.code == errc::invalid_argument);
  CHECK_MESSAGE(old.message.find("old.crt ran out at ") != std::string::npos, old.message);
  write_certificate(file, mine.shown.key, 3600, 7200);
  CHECK(fault({file, mine.shown.key}).message.find("does not count before ") != std::string::npos);
  write_certificate(file, mine.shown.key, -3600, 3600);
  CHECK(edge::make_server_tls({file, mine.shown.key}));
}

TEST_CASE_FIXTURE(certificate_house, "when a certificate runs out is told to the second, and of one that never does as the last instant there is") {
  const auto file = dir.path() / "some.crt";
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  write_certificate(file, mine.shown.key, -3600, 3600);
  const auto at = edge::runs_out_at(*edge::make_server_tls({file, mine.shown.key}));
  CHECK(at >= now + std::chrono::seconds{3600});
  CHECK(at == cluster::read_certificate(file)->not_after);
  write_certificate(file, mine.shown.key, -3600, for_ever);
  CHECK(edge::runs_out_at(*edge::make_server_tls({file, mine.shown.key})) > now + std::chrono::days{365 * 200});
}

TEST_CASE_FIXTURE(certificate_house, "a certificate's key that others can read is refused, as the link's is") {
  ::chmod(mine.shown.key.c_str(), 0644);
  const auto open = fault(mine.shown);
  CHECK(open.code == errc::forbidden);
  CHECK(open.message.find("chmod 600") != std::string::npos);
  ::chmod(mine.shown.key.c_str(), 0640);
  CHECK(edge::make_server_tls(mine.shown)); // a group of the service's own
}

TEST_CASE_FIXTURE(certificate_house, "an authority that is not there, or none, is said to the client") {
  CHECK(edge::make_client_tls(mine.authority));
  CHECK(edge::make_client_tls({})); // the system's
  CHECK(edge::make_client_tls(dir.path() / "none").error().code == errc::not_found);
  std::ofstream{dir.path() / "text"} << "nonsense";
  CHECK(edge::make_client_tls(dir.path() / "text").error().code == errc::malformed);
}

TEST_SUITE_END();
