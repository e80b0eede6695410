#pragma once
// An authority of the test's own, and a certificate of it for an edge on this host. Files in a folder that the test keeps.

#include "runtime/cluster/certificate.hpp"
#include "runtime/edge/tls.hpp"
#include "tests/support/test.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace troupe::test {

struct edge_certificates {
  /// `hosts` beside localhost.
  explicit edge_certificates(const std::filesystem::path& folder, const std::vector<std::string>& hosts = {"127.0.0.1"})
    : authority{folder / "ca" / cluster::authority_certificate_name}, shown{folder / "edge" / "localhost.crt", folder / "edge" / "localhost.key"} {
    const auto made = cluster::create_authority(folder / "ca", "edge");
    REQUIRE_MESSAGE(made.has_value(), to_string(made.error()));
    const auto issued = cluster::issue_certificate(folder / "ca", node_name{"localhost"}, folder / "edge", 30, hosts);
    REQUIRE_MESSAGE(issued.has_value(), to_string(issued.error()));
  }
  /// Of a client that trusts this authority and no other.
  [[nodiscard]] edge::tls_context trust() const {
    auto made = edge::make_client_tls(authority);
    REQUIRE_MESSAGE(made.has_value(), to_string(made.error()));
    return *made;
  }

  std::filesystem::path authority; // PEM
  edge::tls_files shown;
};

/// Of a node, as one word of --set: "edge" on loopback as ever, and "lan" on every address of this host.
inline std::string two_listeners(const edge::tls_files& shown) {
  constexpr const char* own_surfaces = R"("surfaces":["v1","ops"])";
  return std::string{R"(edge.listeners=[{"name":"edge","port":0,)"} + own_surfaces + R"(},{"name":"lan","address":"0.0.0.0","port":0,)" + own_surfaces + R"(,"certificate":")" +
         shown.certificate.string() + R"(","key":")" + shown.key.string() + R"("}])";
}

} // namespace troupe::test
