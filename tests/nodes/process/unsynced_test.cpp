// Syncs that are slow or fail, on a node whose unsynced bytes never reach the disk: what nobody was told may go, and
// nobody was shown it.

#include "tests/nodes/process/proof.hpp"

#include "runtime/core/decimal.hpp"
#include "runtime/journal/tool.hpp"

#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr auto sync_delay = 2s;

std::string market_order(const std::string& client_id) {
  return R"({"account":"shown","client_order_id":")" + client_id +
         R"(","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET","time_in_force":"IOC"})";
}

/// The order after this one in its slot: "17-4" is followed by "17-5".
std::string next_id(const std::string& order) {
  const auto dash = order.find('-');
  return order.substr(0, dash + 1) + std::to_string(std::stoull(order.substr(dash + 1)) + 1);
}

/// A read at the moment in question: what it said, or nothing while it waits.
struct read {
  std::string target;
  std::optional<edge::client_response> answer;
};

/// All of them at once, each on a connection of its own.
void ask_all(const node_process& node, std::vector<read>& reads, std::chrono::milliseconds limit) {
  std::vector<std::thread> asking;
  for (auto& r : reads)
    asking.emplace_back([&node, &r, limit] {
      if (auto answer = node.client(limit).get(r.target)) r.answer = std::move(*answer);
    });
  for (auto& t : asking) t.join();
}

/// Starts the node, whose syncs take long from some order on, and places orders until one waits for that.
void place_until_slow(node_process& node) {
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  int answered = 0;
  while (node.client(1s).post("/v1/orders", market_order("w" + std::to_string(answered)))) REQUIRE(++answered < 3000);
}

enum class outcome { shown_nothing, too_late };

/// One attempt: too late when this machine was so busy that the sync was over before the kill.
outcome read_while_the_disk_is_slow() {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"edge.answer_timeout_ms=20000"}, {"--allow-faults"},
                     {{"TROUPE_SYNC_DELAY", "2000:300"}, {"TROUPE_LOSE_UNSYNCED", "1"}}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  std::string slow, last;
  int answered = 0;
  steady_clock::time_point posted;
  while (slow.empty()) {
    const auto id = "s" + std::to_string(answered);
    posted = steady_clock::now();
    auto answer = node.client(600ms).post("/v1/orders", market_order(id));
    if (!answer) {
      slow = id;
      break;
    }
    REQUIRE_MESSAGE(answer->status == 201, answer->body);
    last = json_field(answer->body, "order_id");
    REQUIRE(++answered < 3000);
  }
  REQUIRE(answered > 0);
  const auto order = next_id(last);
  std::vector<read> reads{{"/v1/orders/" + order, {}},
                          {"/v1/orders/by_client_id?account=shown&client_order_id=" + slow, {}},
                          {"/v1/orders?account=shown&status=all&limit=500", {}},
                          {"/v1/orders?account=shown", {}},
                          {"/v1/fills?account=shown&limit=500", {}},
                          {"/v1/positions?account=shown", {}},
                          {"/v1/actors/state?name=oms/" + order.substr(0, order.find('-')) + "&ahead=true", {}}};
  ask_all(node, reads, 500ms);
  const bool decided = reads.back().answer && reads.back().answer->body.find('"' + slow + '"') != std::string::npos;
  node.kill();
  if (steady_clock::now() - posted >= sync_delay || !decided) return outcome::too_late;
  reads.pop_back(); // it says "now, durable or not": the order was there, only not on the disk

  const auto shows = [&](const edge::client_response& r) {
    return r.status == 200 && (r.body.find('"' + slow + '"') != std::string::npos || r.body.find('"' + order + '"') != std::string::npos);
  };
  int waited = 0;
  for (const auto& r : reads) {
    CAPTURE(r.target);
    if (!r.answer) ++waited;
    else CHECK_FALSE(shows(*r.answer));
    if (!r.answer || !r.target.starts_with("/v1/positions")) continue;
    // Fills of what was acknowledged may still be on their way; more than that was never bought.
    const auto held = quantity::parse(json_field(r.answer->body, "quantity"));
    CHECK((held ? held->units : 0) <= answered * quantity::parse("0.001")->units);
  }
  MESSAGE(answered << " orders before, " << waited << " of " << reads.size() << " reads waited");

  node.options().environment.clear();
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(node.client().get("/v1/orders/" + order)->status == 404);
  CHECK(node.client().get("/v1/orders/" + last)->status == 200);
  for (auto& r : reads) {
    CAPTURE(r.target);
    auto after = node.client().get(r.target);
    REQUIRE(after);
    CHECK_FALSE(shows(*after));
  }
  auto again = node.client().post("/v1/orders", market_order(slow));
  REQUIRE(again);
  CHECK(json_field(again->body, "order_id") == order); // nobody ever heard of that number
  return outcome::shown_nothing;
}

} // namespace

TEST_SUITE_BEGIN("process/unsynced");

TEST_CASE("a read never shows what a crash then takes back") {
  auto seen = outcome::too_late;
  for (int attempt = 0; attempt < 5 && seen == outcome::too_late; ++attempt) seen = read_while_the_disk_is_slow();
  REQUIRE(seen == outcome::shown_nothing);
}

TEST_CASE("the tools show of a running node what is on the disk, and wait for what is only written") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}, {{"TROUPE_SYNC_DELAY", "2000:300"}}}};
  place_until_slow(node);
  const auto folder = dir.path() / "data" / "journal";
  for (int looks = 0; looks < 5; ++looks) {
    auto seen = journal::verify(folder);
    REQUIRE_MESSAGE(seen.has_value(), to_string(seen.error()));
    auto durable = journal::read_frontier(folder / "frontier");
    REQUIRE((durable && *durable));
    CHECK((*durable)->commit >= seen->last.commit);
  }
}

TEST_CASE("a node whose disk does not answer is not ready and says why, although its actors are well") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}, {{"TROUPE_SYNC_DELAY", "60000:300"}}}};
  place_until_slow(node);
  CHECK(eventually([&] {
    const auto ready = node.client().get("/ready");
    return ready && ready->status == 503 && ready->body.find("the disk has not taken what is written to the") != std::string::npos;
  }, 15s));
  CHECK(node.client().get("/alive")->status == 200);
}

TEST_CASE("a failed fdatasync ends the node: nothing is acknowledged after it, and the next start is clean") {
  for (const char* failing : {"400", "651"}) {
    CAPTURE(failing);
    temporary_directory dir;
    node_process node{{dir.path() / "data", {}, {"--allow-faults"}, {{"TROUPE_SYNC_FAIL_AT", failing}, {"TROUPE_LOSE_UNSYNCED", "1"}}}};
    order_load load{4};
    REQUIRE_MESSAGE(node.start(), node.log());
    load.start(node);
    REQUIRE_MESSAGE(node.join(30s), "the sync never failed");
    load.stop();
    CHECK(node.exit_code() == 4);
    CHECK(node.log().find("fdatasync failed") != std::string::npos);
    const auto acknowledged = load.acknowledged();
    CHECK(acknowledged.size() > 20);
    node.options().environment.clear();
    REQUIRE_MESSAGE(node.start(), node.log());
    check_acknowledged(node, acknowledged, 100);
    CHECK(eventually([&] { return node.client().post("/v1/orders", R"({"account":"after","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})")->status == 201; }));
    stop_settled(node);
    check_invariants(node, acknowledged, true);
  }
}
