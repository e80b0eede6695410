// Certificates of the link that are renewed while it is open, and an authority that takes the place of another.

#include "runtime/cluster/link_tls.hpp"
#include "tests/runtime/cluster/two_hosts.hpp"
#include "tests/support/wire_between.hpp"

#include <fstream>

using namespace troupe;
using namespace troupe::cluster;
using test::two_hosts;
using test::wire_between;
namespace fs = std::filesystem;

namespace {

/// Each node has a second certificate, by another authority, in a folder "new-NAME".
struct two_authorities : two_hosts {
  two_authorities() {
    REQUIRE(create_authority(folder.path() / "new-ca", "desk"));
    for (const char* n : {"a", "b"}) REQUIRE(issue_certificate(folder.path() / "new-ca", {n}, renewed(n).certificate.parent_path()));
  }
  [[nodiscard]] link_files renewed(const std::string& name) const { return link_files_in(folder.path() / ("new-" + name), {name}); }
  [[nodiscard]] link_files first(const std::string& name) const { return link_files_in(folder.path() / name, {name}); }
  [[nodiscard]] static link_tls made(const std::string& name, const link_files& files) {
    auto tls = renew_link_tls({name}, files);
    REQUIRE_MESSAGE(tls.has_value(), to_string(tls.error()));
    return *tls;
  }
  /// A file with both authorities.
  [[nodiscard]] fs::path both() const {
    const auto file = folder.path() / "both.crt";
    std::ofstream out{file};
    for (const auto& f : {first("a").authority, renewed("a").authority}) out << std::ifstream{f}.rdbuf();
    return file;
  }
};

} // namespace

TEST_SUITE_BEGIN("cluster/link_tls");

TEST_CASE_FIXTURE(two_authorities, "what a link is to show anew counts for the next connection, with whom it trusts; the one that is open goes on") {
  wire_between between{{boost::asio::ip::address_v4::loopback(), 0}, {boost::asio::ip::address_v4::loopback(), port_b}};
  auto through = options("a", 1);
  through.peers[{"b"}] = {"127.0.0.1", between.port()};
  const auto a = open(through, at_a), b = open(options("b", 2), at_b);
  REQUIRE(at_a.hears("up b"));
  REQUIRE(at_b.hears("up a"));
  a->show(made("a", renewed("a")));
  b->show(made("b", renewed("b")));
  CHECK(a->send({"b"}, lane::order, "still the first"));
  CHECK(at_b.hears("a/order: still the first"));
  CHECK(a->peers().at(0).sessions == 1);
  between.freeze(true);
  REQUIRE(at_a.hears("down b"));
  REQUIRE(at_b.hears("down a"));
  between.freeze(false);
  CHECK(at_a.hears("up b", 2)); // neither trusts what the other has shown before
  CHECK(at_b.hears("up a", 2));
}

TEST_CASE_FIXTURE(two_authorities, "while one authority takes the place of another, nodes that trust both meet with certificates of either") {
  auto of_a = options("a", 1), of_b = options("b", 2);
  of_b.files = renewed("b");
  of_a.files.authority = of_b.files.authority = both();
  const auto a = open(of_a, at_a), b = open(of_b, at_b);
  CHECK(at_a.hears("up b"));
  CHECK(at_b.hears("up a"));
  CHECK(renew_link_tls({"a"}, of_a.files));
  CHECK(renew_link_tls({"b"}, of_b.files));
}

TEST_CASE_FIXTURE(two_authorities, "a running link is not given what peers would refuse, nor what no link would begin with; how long it lasts is known") {
  const auto refused = [&](const link_files& files) {
    const auto tls = renew_link_tls({"a"}, files);
    REQUIRE(tls.has_error());
    return tls.error();
  };
  auto foreign = renewed("a");
  foreign.authority = first("a").authority;
  CHECK(make_link_tls({"a"}, foreign)); // at a start nothing is lost by it
  CHECK(refused(foreign).code == errc::invalid_argument);
  CHECK_MESSAGE(refused(foreign).message.find("by the authority in " + foreign.authority.string()) != std::string::npos, refused(foreign).message);
  auto unfit = first("a");
  unfit.key = renewed("a").key;
  CHECK_MESSAGE(refused(unfit).message.find("is not that of the certificate in " + unfit.certificate.string()) != std::string::npos, refused(unfit).message);
  CHECK(refused(first("b")).message.find("is for node b, and this one is a") != std::string::npos);
  auto gone = first("a");
  gone.key = folder.path() / "none.key";
  CHECK(refused(gone).code == errc::not_found);
  gone = first("a");
  gone.certificate = folder.path() / "none.crt";
  CHECK(refused(gone).message.find("none.crt") != std::string::npos);
  auto open_key = first("a");
  fs::permissions(open_key.key, fs::perms::others_read, fs::perm_options::add);
  CHECK(refused(open_key).code == errc::forbidden);
  CHECK(runs_out_at(made("a", renewed("a"))) == read_certificate(renewed("a").certificate)->not_after);
}

TEST_SUITE_END();
