// A real market and the worst stop: the captured Binance stream, ten times faster than it was, with the strategies that are shipped.

#include "tests/nodes/process/proof.hpp"

#include <csignal>
#include <random>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

node_options captured_market(const std::filesystem::path& data, const std::filesystem::path& file) {
  return {.data_dir = data,
          .sets = {R"(feeds=[{"name":"usdm","speed":10,"file":")" + file.string() + "\"}]"},
          .with_strategies = true};
}

/// The newest fill that the desk shows, as JSON; empty without any.
std::string newest_fill_on(const node_process& node) {
  auto answer = node.client().get("/v1/fills?sort=NEWEST&limit=1");
  return answer && answer->status == 200 ? answer->body : std::string{};
}

/// All pages of /v1/fills, one behind the other.
std::string all_fills_of(const node_process& node) {
  std::string pages, next;
  do {
    auto answer = node.client().get("/v1/fills?limit=500" + (next.empty() ? "" : "&cursor=" + next));
    REQUIRE(answer);
    REQUIRE_MESSAGE(answer->status == 200, answer->body);
    next = json_field(answer->body, "next");
    pages += answer->body;
  } while (!next.empty() && next != "null");
  return pages;
}

} // namespace

TEST_SUITE_BEGIN("process/live_capture");

TEST_CASE("a captured market is traded live at ten times its pace over five kill -9: fills go on, those that were shown stay, every invariant and the tape hold") {
  const auto market = market_data();
  if (market.empty()) TROUPE_SKIP("no market data");
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  temporary_directory dir;
  node_process node{captured_market(dir.path() / "data", market / "ticks/binance_usdm_btcusdt_20240808.jsonl.gz")};
  std::vector<std::string> shown;
  for (int life = 0; life <= 5; ++life) {
    CAPTURE(life);
    REQUIRE_MESSAGE(node.start(), node.log());
    REQUIRE(eventually([&] {
      const auto newest = json_field(newest_fill_on(node), "execution_id");
      if (newest.empty() || (!shown.empty() && newest == shown.back())) return false;
      shown.push_back(newest);
      return true;
    }));
    if (life == 5) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{random() % 1000}); // the instant of the kill is the case's own
    node.kill();
    if (life % 2 == 0) check_invariants(node, {});
  }
  const auto fills = all_fills_of(node);
  for (const auto& id : shown) {
    const auto member = "\"execution_id\":\"" + id + "\"";
    CAPTURE(member);
    CHECK(fills.find(member) != std::string::npos);
    CHECK(fills.find(member) == fills.rfind(member));
  }
  CHECK(fills.find("\"instrument\":\"BTCUSDT.BINANCE_USDM\"") != std::string::npos);
  const auto cited = json_field(newest_fill_on(node), "position");
  node.signal(SIGTERM);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);
  check_invariants(node, {});
  const auto data = node.options().data_dir.string();
  std::string out;
  CHECK(run_program("troupe", {"tape", "verify", data}, out) == 0);
  CHECK_MESSAGE(out.find("whole    usdm: ") != std::string::npos, out);
  // What the market had said; or, of an instant before a kill, that it is lost.
  const bool is_shown = run_program("troupe", {"tape", "show", data, "usdm", "--at", cited}, out) == 0;
  CHECK_MESSAGE(out.find(is_shown ? "btcusdt@" : "was lost when the node was killed") != std::string::npos, out);
}
