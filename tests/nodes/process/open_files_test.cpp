// What the system allows a process. Open files: stores and clients share the limit, and a store that cannot open a file ends the node. Threads and the
// size of files: a node that is refused them says so.

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

TEST_CASE("a node that may not have its threads ends with 3 and says what to raise; nobody catches what a library throws then") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) // they need more memory than the limit before there is a thread
  TROUPE_SKIP("sanitizers");
#endif
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  node.options().program = under_limit(dir.path(), "-v 200000");
  REQUIRE_FALSE(node.start());
  CHECK_MESSAGE(node.exit_code() == 3, node.log());
  CHECK_MESSAGE(node.log().find("the system gives this process no more ") != std::string::npos, node.log());
  node.options().program = node_options{}.program;
  CHECK_MESSAGE(node.start(), node.log());
}

TEST_CASE("a node whose files may not grow ends with 4 and the reason when its journal is as large, and what it acknowledged is there") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  node.options().program = under_limit(dir.path(), "-f 400"); // of 512 bytes
  REQUIRE_MESSAGE(node.start(), node.log());
  std::string last;
  for (int i = 0; i < 5000; ++i) {
    const auto answer = node.client().post("/v1/orders", small_order);
    if (!answer) break;
    if (answer->status == 201) last = json_field(answer->body, "order_id");
  }
  REQUIRE(node.join(std::chrono::seconds{20}));
  CHECK(node.exit_code() == 4);
  CHECK_MESSAGE(node.log().find("File too large") != std::string::npos, node.log());
  REQUIRE_FALSE(last.empty());
  node.options().program = node_options{}.program;
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(node.client().get("/v1/orders/" + last)->status == 200);
}

TEST_SUITE_END();
