// Nodes of two builds: strangers to each other until both name both. The other build is a copy of ours that says another commit.

#include "tests/nodes/process/three_nodes.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <iterator>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// As `--version` says behind the name.
std::string build_named_by(const std::filesystem::path& program) {
  std::string line;
  REQUIRE(run_program(program.string(), {"--version"}, line) == 0);
  const auto begin = line.find(' ') + 1;
  return line.substr(begin, line.find(' ', begin) - begin);
}

/// Writes `to`, which says another commit of as many letters.
void copy_as_other_build(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto build = build_named_by(from);
  const auto commit = build.substr(build.find('+') + 1, build.find('-') - build.find('+') - 1);
  REQUIRE(commit.size() >= 7);
  auto other = commit;
  for (auto& letter : other) letter = letter == 'a' ? 'b' : 'a';
  std::ifstream in{from, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  std::size_t replaced = 0;
  const auto whole = build.substr(build.find('+') + 1) + '\0'; // as it stands there
  for (auto at = bytes.find(whole); at != std::string::npos; at = bytes.find(whole, at + other.size()), ++replaced) bytes.replace(at, other.size(), other);
  REQUIRE(replaced > 0);
  std::ofstream{to, std::ios::binary} << bytes;
  std::filesystem::permissions(to, std::filesystem::perms::owner_all);
}

struct two_builds : three_nodes {
  const std::filesystem::path old_program = binary_dir() / "troupe-node", new_program = folder() / "troupe-node";
  std::string old_build, new_build;

  two_builds() {
    copy_as_other_build(old_program, new_program);
    old_build = build_named_by(old_program);
    new_build = build_named_by(new_program);
  }
  /// Why node `at` refuses node `of`; empty when it does not.
  [[nodiscard]] std::string refusal_of(std::size_t at, std::size_t of) {
    const auto answer = (*this)[at].client().get("/v1/cluster/members");
    REQUIRE(answer);
    const auto m = nlohmann::json::parse(answer->body)["members"][of];
    return m["status"] == "REFUSED" ? m.value("problem", "") : "";
  }
  void restart(node_process& n) {
    n.signal(SIGTERM);
    REQUIRE(n.join(20s));
    REQUIRE_MESSAGE(n.start(), n.log());
    REQUIRE(eventually([&] { return is_whole(); }, 20s));
  }
  [[nodiscard]] std::string both_builds() const { return "cluster.builds=[\"" + old_build + "\",\"" + new_build + "\"]"; }
};

} // namespace

TEST_SUITE_BEGIN("process/builds");

TEST_CASE_FIXTURE(two_builds, "a node of another build is refused, and it and the others say which builds they are; when only one end allows it, both still say so") {
  REQUIRE(old_build != new_build);
  (*this)[2].options().program = new_program;
  (*this)[1].options().sets.push_back(both_builds());
  for (auto* n : all()) REQUIRE_MESSAGE(n->start(), n->log());
  const auto seen_by_old = "the build differs: " + old_build + " here, " + new_build + " there";
  const auto seen_by_new = "the build differs: " + new_build + " here, " + old_build + " there";
  CHECK(eventually([&] { return refusal_of(0, 2) == seen_by_old; }));
  CHECK(eventually([&] { return refusal_of(2, 0) == seen_by_new; }));
  CHECK(eventually([&] { return refusal_of(1, 2) == "it refuses: " + seen_by_new; }));
  CHECK(eventually([&] { return refusal_of(2, 1) == seen_by_new; }));
  CHECK((*this)[2].client().get("/ready")->status == 503);
}

TEST_CASE_FIXTURE(two_builds, "an upgrade node by node: first every node names both builds, then every node runs the new one, and all are one desk after each step") {
  start();
  for (auto* n : all()) {
    n->options().sets.push_back(both_builds());
    restart(*n);
  }
  for (auto* n : all()) {
    n->options().program = new_program;
    restart(*n);
  }
  for (auto* n : all()) CHECK(json_field(n->client().get("/v1/node")->body, "build") == new_build);
  for (std::size_t owner = 0; owner < 3; ++owner)
    CHECK((*this)[(owner + 1) % 3].client().post("/v1/orders", order_of(account_on(owner), "upgraded"))->status == 201);
}

TEST_SUITE_END();
