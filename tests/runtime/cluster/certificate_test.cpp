#include "tests/support/test.hpp"

#include "runtime/cluster/certificate.hpp"

#include <fstream>
#include <sstream>

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::cluster;
namespace fs = std::filesystem;

namespace {

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file};
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}
unsigned mode_of(const fs::path& file) {
  struct stat s {};
  return ::stat(file.c_str(), &s) == 0 ? s.st_mode & 0777u : 0;
}
std::size_t files_in(const fs::path& folder) {
  std::size_t n = 0;
  for (const auto& entry : fs::directory_iterator{folder}) n += entry.is_regular_file();
  return n;
}

} // namespace

TEST_SUITE_BEGIN("cluster/certificate");

TEST_CASE("an authority says whose it is, and its key is its owner's alone") {
  const test::temporary_directory folder;
  REQUIRE(create_authority(folder.path() / "ca", "desk"));
  CHECK(mode_of(folder.path() / "ca" / "ca.key") == 0600);
  const auto shown = read_certificate(folder.path() / "ca" / "ca.crt");
  REQUIRE(shown);
  CHECK(shown->subject == "desk");
  CHECK(shown->issuer == "desk");
  CHECK(shown->is_authority);
  CHECK(shown->not_after - shown->not_before > std::chrono::days{authority_days - 1});
}

TEST_CASE("names and addresses of an edge stand in its certificate; what is neither is refused before anything is written") {
  const test::temporary_directory folder;
  const auto ca = folder.path() / "ca", into = folder.path() / "host-1";
  REQUIRE(create_authority(ca, "desk"));
  for (const char* wrong : {"", "a b", "*.example", "a,IP:10.0.0.1", "http://a", "-a", "a:80"}) {
    CAPTURE(wrong);
    CHECK(issue_certificate(ca, {"host-1"}, into, 30, {"good.example", wrong}).error().code == errc::invalid_argument);
  }
  CHECK(issue_certificate(ca, {"host-1"}, into, 30, std::vector<std::string>(33, "a")).error().code == errc::invalid_argument);
  CHECK_FALSE(fs::exists(into));
  CHECK(issue_certificate(ca, {"host-1"}, into, 30, {"desk.example", "10.0.0.5", "2001:db8::5"}));
}

TEST_CASE("a node's certificate has its name and its authority's; the key stays with it") {
  const test::temporary_directory folder;
  REQUIRE(create_authority(folder.path() / "ca", "desk"));
  REQUIRE(issue_certificate(folder.path() / "ca", {"host-1"}, folder.path() / "host-1", 30));
  const auto shown = read_certificate(folder.path() / "host-1" / "host-1.crt");
  REQUIRE(shown);
  CHECK(shown->subject == "host-1");
  CHECK(shown->issuer == "desk");
  CHECK_FALSE(shown->is_authority);
  CHECK(shown->not_after - shown->not_before < std::chrono::days{31});
  CHECK(mode_of(folder.path() / "host-1" / "host-1.key") == 0600);
  CHECK(bytes_of(folder.path() / "host-1" / "ca.crt") == bytes_of(folder.path() / "ca" / "ca.crt"));
  CHECK(files_in(folder.path() / "ca") == 2);
}

TEST_CASE("what is there already is never replaced") {
  const test::temporary_directory folder;
  const auto ca = folder.path() / "ca", nodes = folder.path() / "nodes";
  REQUIRE(create_authority(ca, "desk"));
  REQUIRE(issue_certificate(ca, {"a"}, nodes));
  const auto authority = bytes_of(ca / "ca.key"), node = bytes_of(nodes / "a.key");
  CHECK(create_authority(ca, "other").error().code == errc::conflict);
  CHECK(issue_certificate(ca, {"a"}, nodes).error().code == errc::conflict);
  CHECK(bytes_of(ca / "ca.key") == authority);
  CHECK(bytes_of(nodes / "a.key") == node);
}

TEST_CASE("a folder that trusts another authority gets no certificate of this one, and nothing is written") {
  const test::temporary_directory folder;
  const auto nodes = folder.path() / "nodes";
  for (const char* ca : {"ca", "other"}) REQUIRE(create_authority(folder.path() / ca, "desk"));
  REQUIRE(issue_certificate(folder.path() / "ca", {"a"}, nodes));
  REQUIRE(issue_certificate(folder.path() / "ca", {"b"}, nodes));
  const auto before = files_in(nodes);
  CHECK(issue_certificate(folder.path() / "other", {"c"}, nodes).error().code == errc::conflict);
  CHECK(files_in(nodes) == before);
}

TEST_CASE("names that could be a path or a wildcard, impossible days and missing authorities are refused, and nothing is written") {
  const test::temporary_directory folder;
  const auto ca = folder.path() / "ca", nodes = folder.path() / "nodes";
  CHECK(issue_certificate(ca, {"a"}, nodes).error().code == errc::not_found);
  REQUIRE(create_authority(ca, "desk"));
  for (const char* name : {"", "../a", "a/b", "*", "*.desk", "a b", ".hidden", "-a"})
    CHECK(issue_certificate(ca, {name}, nodes).error().code == errc::invalid_argument);
  for (const int days : {0, -1, certificate_days_max + 1}) CHECK(issue_certificate(ca, {"a"}, nodes, days).error().code == errc::invalid_argument);
  CHECK_FALSE(fs::exists(nodes));
  CHECK(create_authority(folder.path() / "x", "").error().code == errc::invalid_argument);
  CHECK_FALSE(fs::exists(folder.path() / "x"));
}

TEST_CASE("a file that is no certificate says so") {
  const test::temporary_directory folder;
  CHECK(read_certificate(folder.path() / "none.crt").error().code == errc::not_found);
  std::ofstream{folder.path() / "bad.crt"} << "-----BEGIN CERTIFICATE-----\nnonsense\n";
  CHECK(read_certificate(folder.path() / "bad.crt").error().code == errc::malformed);
}

TEST_SUITE_END();
