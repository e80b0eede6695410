// Certificates that are renewed while a node runs, and those that run out: what is shown behind each look, and what is told of it.

#include "nodes/desk/certificates.hpp"
#include "tests/support/edge_certificates.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// Listener "lan" with a certificate for 30 days and, as one of several nodes, a link with one for 60.
struct watched_certificates {
  temporary_directory dir;
  edge_certificates first{dir.path() / "first"}, second{dir.path() / "second"};
  edge::tls_files shown{dir.path() / "shown.crt", dir.path() / "shown.key"};
  std::unique_ptr<desk::configuration> config;
  telemetry::metrics_registry metrics;
  std::vector<std::pair<std::string, edge::tls_context>> taken;
  std::vector<cluster::link_tls> taken_by_link;
  const fs::path links = dir.path() / "links";
  std::vector<std::pair<log::level, std::string>> told;
  std::unique_ptr<desk::certificate_watch> watch;
  time_ns now = std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now());

  watched_certificates() {
    put(first.shown);
    REQUIRE(cluster::create_authority(dir.path() / "ca", "desk"));
    REQUIRE(cluster::issue_certificate(dir.path() / "ca", node_name{"desk-1"}, links, 60));
    const std::vector<std::string> sets{
      R"(edge.listeners=[{"name":"here","port":0},{"name":"lan","port":0,"certificate":")" + shown.certificate.string() + R"(","key":")" + shown.key.string() + R"("}])",
      R"(cluster.members=[{"name":"desk-1","host":"127.0.0.1"}])", "cluster.certificates=" + links.string(), "node.name=desk-1"};
    auto loaded = config::load_file<desk::configuration>(source_dir() / "config/desk.json", sets);
    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    config = std::make_unique<desk::configuration>(std::move(*loaded));
    watch = std::make_unique<desk::certificate_watch>(
      *config, metrics, [this](const std::string& listener, edge::tls_context c) { taken.emplace_back(listener, std::move(c)); },
      [this](cluster::link_tls t) { taken_by_link.push_back(std::move(t)); },
      [this](log::level l, const std::string& line) { told.emplace_back(l, line); });
  }
  void put(const edge::tls_files& pair) const {
    put_certificate(pair);
    put_key(pair);
  }
  void put_certificate(const edge::tls_files& of) const { fs::copy_file(of.certificate, shown.certificate, fs::copy_options::overwrite_existing); }
  void put_key(const edge::tls_files& of) const {
    fs::copy_file(of.key, shown.key, fs::copy_options::overwrite_existing);
    fs::permissions(shown.key, fs::perms::owner_read | fs::perms::owner_write);
  }
  /// Of the link.
  void put_link(const fs::path& from) const {
    for (const char* file : {"ca.crt", "desk-1.crt", "desk-1.key"}) fs::copy_file(from / file, links / file, fs::copy_options::overwrite_existing);
    fs::permissions(links / "desk-1.key", fs::perms::owner_read | fs::perms::owner_write);
  }
  void look(int times = 1) const {
    for (int i = 0; i < times; ++i) watch->look(now);
  }
  [[nodiscard]] std::size_t told_as(log::level l) const { return static_cast<std::size_t>(std::ranges::count(told, l, &std::pair<log::level, std::string>::first)); }
  [[nodiscard]] bool is_newest(const std::string& part) const { return !told.empty() && told.back().second.find(part) != std::string::npos; }
  /// The value of the series with this label.
  [[nodiscard]] std::string series(const std::string& label) const {
    const auto page = metrics.exposition();
    const auto at = page.find('"' + label + '"');
    REQUIRE_MESSAGE(at != std::string::npos, page);
    const auto value = page.find("} ", at) + 2;
    return page.substr(value, page.find('\n', value) - value);
  }
};

std::string seconds_of(time_ns t) { return std::to_string(std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count()); }

} // namespace

TEST_SUITE_BEGIN("desk/certificates");

TEST_CASE_FIXTURE(watched_certificates, "a renewed pair is taken when it has not changed for a look; until then, and while nothing changes, nothing is done") {
  look(3);
  CHECK(told.empty());
  const auto longer = dir.path() / "longer";
  REQUIRE(cluster::issue_certificate(dir.path() / "first/ca", node_name{"localhost"}, longer, 90));
  const edge::tls_files renewed{longer / "localhost.crt", longer / "localhost.key"};
  const auto until = cluster::read_certificate(renewed.certificate)->not_after;
  put_certificate(renewed); // half of it
  look();
  put_key(renewed);
  look();
  CHECK(taken.empty());
  look();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].first == "lan");
  CHECK(edge::runs_out_at(taken[0].second) == until);
  CHECK(told_as(log::level::error) == 0);
  CHECK(is_newest("listener lan shows the renewed certificate " + shown.certificate.string()));
  CHECK(series("lan") == seconds_of(until));
  look(5);
  CHECK(taken.size() == 1);
  CHECK(told.size() == 1);
}

TEST_CASE_FIXTURE(watched_certificates, "a pair that cannot be used is told once, and what was shown stays until there is one that can") {
  const auto until = series("lan");
  const auto stays = [&](const std::string& why) {
    look(4);
    CHECK(taken.empty());
    CHECK(series("lan") == until);
    CHECK_MESSAGE(is_newest(why), told.back().second);
    CHECK(is_newest("listener lan goes on with the certificate it had, which runs out at "));
  };
  put_certificate(second.shown);
  stays("is not that of the certificate");
  fs::remove(shown.certificate);
  stays("shown.crt cannot be read");
  std::ofstream{shown.certificate} << "nonsense";
  stays("holds no PEM certificate");
  put_certificate(first.shown);
  fs::permissions(shown.key, fs::perms::others_read, fs::perm_options::add);
  stays("can be read by others: chmod 600 it");
  CHECK(told_as(log::level::error) == 4);
  CHECK(told.size() == 4);
  put(second.shown);
  look(2);
  CHECK(taken.size() == 1);
  CHECK(told_as(log::level::error) == 4);
}

TEST_CASE_FIXTURE(watched_certificates, "a certificate that lasts 14 days or less is told of once a day, by the check too; each says what to do, and a renewed one is told of no more") {
  const auto edge_until = cluster::read_certificate(shown.certificate)->not_after;
  const auto link_until = cluster::read_certificate(links / "desk-1.crt")->not_after;
  CHECK(series("link") == seconds_of(link_until));
  CHECK(desk::expiring_certificates(*config, now).empty());
  now = edge_until - desk::certificate_warning - 1s;
  look();
  CHECK(told.empty());
  now += 2s;
  look(3);
  REQUIRE(told.size() == 1);
  CHECK(told[0].first == log::level::warn);
  CHECK_MESSAGE(is_newest("of listener lan runs out at "), told[0].second);
  CHECK_MESSAGE(is_newest(", in 13 days: put another in its place; the node takes it as it runs"), told[0].second);
  CHECK(desk::expiring_certificates(*config, now) == std::vector<std::string>{told[0].second});
  now += 24h;
  look(3);
  CHECK(told.size() == 2);
  REQUIRE(cluster::issue_certificate(dir.path() / "first/ca", node_name{"localhost"}, dir.path() / "longer", 365));
  put({dir.path() / "longer/localhost.crt", dir.path() / "longer/localhost.key"});
  look(2);
  CHECK(is_newest("shows the renewed certificate"));
  now = link_until + 1h;
  look(3);
  CHECK(told_as(log::level::warn) == 3);
  CHECK_MESSAGE(is_newest(" of the link between nodes ran out at "), told.back().second);
  CHECK_MESSAGE(is_newest(": put another in its place; the node takes it as it runs"), told.back().second);
  CHECK(desk::expiring_certificates(*config, now) == std::vector<std::string>{told.back().second});
}

TEST_CASE_FIXTURE(watched_certificates, "what the link shows to other nodes is renewed as well, with the authority that it trusts; what its peers would refuse is told once, and changes nothing") {
  REQUIRE(cluster::create_authority(dir.path() / "other", "desk"));
  REQUIRE(cluster::issue_certificate(dir.path() / "other", node_name{"desk-1"}, dir.path() / "moved", 300));
  REQUIRE(cluster::issue_certificate(dir.path() / "ca", node_name{"desk-1"}, dir.path() / "longer", 200));
  const auto first_until = series("link");
  fs::copy_file(dir.path() / "moved/desk-1.crt", links / "desk-1.crt", fs::copy_options::overwrite_existing); // its key is not here yet
  look(4);
  CHECK_MESSAGE(is_newest("the link between nodes goes on with the certificate it had, which runs out at "), told.back().second);
  fs::copy_file(dir.path() / "moved/desk-1.key", links / "desk-1.key", fs::copy_options::overwrite_existing); // nor is its authority
  look(4);
  CHECK_MESSAGE(is_newest("by the authority in " + (links / "ca.crt").string()), told.back().second);
  CHECK(told.size() == 2);
  CHECK(told_as(log::level::error) == 2);
  CHECK(taken_by_link.empty());
  CHECK(series("link") == first_until);
  put_link(dir.path() / "longer");
  look(2);
  REQUIRE(taken_by_link.size() == 1);
  const auto until = cluster::read_certificate(dir.path() / "longer/desk-1.crt")->not_after;
  CHECK(cluster::runs_out_at(taken_by_link[0]) == until);
  CHECK(series("link") == seconds_of(until));
  CHECK_MESSAGE(is_newest("the link between nodes shows the renewed certificate " + (links / "desk-1.crt").string()), told.back().second);
  std::ofstream{links / "ca.crt", std::ios::app} << std::ifstream{dir.path() / "other/ca.crt"}.rdbuf(); // an authority more is news by itself
  look(2);
  CHECK(taken_by_link.size() == 2);
  put_link(dir.path() / "moved");
  look(5);
  CHECK(taken_by_link.size() == 3);
  CHECK(told.size() == 5);
  CHECK(taken.empty());
}

TEST_SUITE_END();
