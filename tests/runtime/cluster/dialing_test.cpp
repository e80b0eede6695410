#include "tests/support/test.hpp"

#include "runtime/cluster/certificate.hpp"
#include "runtime/cluster/tls_link.hpp"
#include "tests/support/free_port.hpp"

#include <atomic>
#include <thread>

using namespace troupe;
using namespace troupe::cluster;
using test::free_port;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("cluster/dialing");

namespace {

struct counted final : link_events {
  std::atomic<int> ups{0};
  void up(const greeting&) override { ++ups; }
  void down(const node_name&, const std::string&) override {}
  void received(const node_name&, lane, std::string_view, nanoseconds) override {}
};

/// True when a and b meet, where each knows only the other's name unless it dials.
bool meet(dialing by_a, dialing by_b) {
  test::temporary_directory folder;
  REQUIRE(create_authority(folder.path() / "ca", "desk"));
  const std::uint16_t port_a = free_port(), port_b = free_port();
  const auto options = [&](const char* name, const char* other, std::uint16_t port, std::uint16_t other_port, dialing how) {
    REQUIRE(issue_certificate(folder.path() / "ca", {name}, folder.path() / name));
    tls_link_options o;
    o.self = {{name}, port, "build", "schema", "c"};
    o.rule.members = {{"a"}, {"b"}};
    o.listen = {"127.0.0.1", port};
    o.peers[{other}] = how == dialing::never ? tls_address{} : tls_address{"127.0.0.1", other_port};
    o.dials = how;
    o.files = link_files_in(folder.path() / name, {name});
    return o;
  };
  counted at_a, at_b;
  auto a = open_tls_link(options("a", "b", port_a, port_b, by_a), at_a);
  auto b = open_tls_link(options("b", "a", port_b, port_a, by_b), at_b);
  REQUIRE(a);
  REQUIRE(b);
  for (int i = 0; i < 300 && (at_a.ups == 0 || at_b.ups == 0); ++i) std::this_thread::sleep_for(10ms);
  return at_a.ups == 1 && at_b.ups == 1;
}

} // namespace

TEST_CASE("where one side always dials and the other never does, names make no difference") {
  CHECK(meet(dialing::always, dialing::never));
  CHECK(meet(dialing::never, dialing::always));
  CHECK_FALSE(meet(dialing::never, dialing::never));
}

TEST_SUITE_END();
