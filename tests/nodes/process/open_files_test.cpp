// The process's limit of open files: stores and clients share it, and a store that cannot open a file ends the node.

#include "tests/support/node_process.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("process/open_files");

namespace {

/// troupe-node under `ulimit` with these words.
std::filesystem::path under_limit(const std::filesystem::path& folder, const std::string& words) {
  const auto script = folder / "limited-node";
  std::ofstream{script} << "#!/bin/sh\nulimit " << words << " && exec " << (binary_dir() / "troupe-node").string() << " \"$@\"\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  return script;
}

/// Soft and hard limit of a running process.
std::pair<std::uint64_t, std::uint64_t> limits_of(const node_process& node) {
  std::ifstream file{"/proc/" + std::to_string(node.pid()) + "/limits"};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("Max open files")) {
      std::istringstream rest{line.substr(14)};
      std::pair<std::uint64_t, std::uint64_t> found;
      rest >> found.first >> found.second;
      return found;
    }
  return {};
}

const std::string small_order = R"({"account":"f","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})";

} // namespace

TEST_CASE("a node that a shell allows few files allows itself what clients and stores together may need") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"edge.connections_max=300"}}};
  node.options().program = under_limit(dir.path(), "-Sn 128");
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto [soft, hard] = limits_of(node);
  CHECK(soft > 2000 + 300);
  CHECK(soft < 10'000);
  CHECK(hard >= soft);
  CHECK(node.client().post("/v1/orders", small_order)->status == 201);
}

TEST_CASE("a node that may not have the files it may need does not start: it says how many they are and what to do, and nothing was made") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  node.options().program = under_limit(dir.path(), "-n 1000");
  REQUIRE_FALSE(node.start());
  CHECK(node.exit_code() == 3);
  CHECK(node.log().find("may have 1000 files and connections open, and may come to need ") != std::string::npos);
  CHECK(node.log().find("LimitNOFILE") != std::string::npos);
  CHECK(node.log().find("edge.connections_max") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(dir.path() / "data"));
}

TEST_SUITE_END();
