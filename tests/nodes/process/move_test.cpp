// Slots that move between three real nodes while orders go in, with the command people use.

#include "actors/trading/ids.hpp"
#include "tests/nodes/process/proof.hpp"
#include "tests/nodes/process/three_nodes.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <random>
#include <set>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr const char* nodes[] = {"a", "b", "c"};

struct command {
  int exit_code = 0;
  std::string output;
};

/// `troupe cluster ...` at node `at`, with its operator's key.
command in_cluster(const node_process& at, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "cluster");
  for (const auto& more : {std::string{"--edge"}, "http://127.0.0.1:" + std::to_string(at.port()), std::string{"--data-dir"}, at.options().data_dir.string()})
    arguments.push_back(more);
  command done;
  done.exit_code = run_program("troupe", arguments, done.output);
  return done;
}

std::uint32_t slot_of(const std::string& account) { return trading::slot_of(trading::tenant_id{"main"}, {*text<32>::make(account)}); }

/// The slots that order_load uses.
std::vector<std::uint32_t> loaded_slots() {
  std::vector<std::uint32_t> all;
  for (int i = 0; i < 16; ++i) all.push_back(slot_of("load-" + std::to_string(i)));
  return all;
}

std::string place_of(const node_process& at, std::uint32_t slot) {
  const auto answer = at.client().get("/v1/cluster/placement?limit=500");
  if (!answer) return "";
  const auto body = json::parse(answer->body);
  for (const auto& row : body["placement"])
    if (row["name"] == "oms/" + std::to_string(slot)) return row["node"];
  return "";
}

bool takes(const node_process& at, const std::string& account, const std::string& client_id) {
  const auto answer = at.client().post("/v1/orders", order_of(account, client_id));
  return answer && (answer->status == 201 || answer->status == 200);
}

struct waits {
  std::chrono::milliseconds client{};   // the longest between two orders that one client got taken, one after the other
  std::chrono::microseconds reported{}; // the longest that a move said
};

/// What a client of one account at node a sees while the account's slot goes round. `ids` begins its client order ids.
waits move_round(three_nodes& desk, const std::string& account, const std::string& ids) {
  waits longest;
  std::atomic<bool> leaving{false};
  std::atomic<int> taken{0};
  std::thread client{[&] {
    auto edge = desk[0].client();
    auto last = std::chrono::steady_clock::now();
    for (int n = 0; !leaving;) {
      const auto answer = edge.post("/v1/orders", order_of(account, ids + std::to_string(n)));
      if (!answer || (answer->status != 201 && answer->status != 200)) continue; // away: the same again, at once
      ++n;
      if (answer->status != 201) continue; // refused, and on record as that
      const auto now = std::chrono::steady_clock::now();
      longest.client = std::max(longest.client, std::chrono::duration_cast<std::chrono::milliseconds>(now - last));
      last = now;
      ++taken;
    }
  }};
  const auto trades_on = [&] {
    const int before = taken;
    CHECK(eventually([&] { return taken > before + 10; }));
  };
  for (const char* to : {"b", "c", "a", "c", "b", "a"}) {
    trades_on();
    const auto done = in_cluster(desk[0], {"move", std::to_string(slot_of(account)), to, "--json"});
    CHECK_MESSAGE(done.exit_code == 0, done.output);
    if (done.exit_code == 0)
      longest.reported = std::max(longest.reported, std::chrono::microseconds{json::parse(done.output)["moved"][0]["pause_us"].get<std::int64_t>()});
  }
  trades_on();
  leaving = true;
  client.join();
  return longest;
}

/// All three say the same of every slot, and each is served from every edge.
void check_serving(three_nodes& desk) {
  static int n = 0;
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) {
    const auto place = place_of(desk[0], slot);
    for (std::size_t at = 1; at < 3; ++at) CHECK(eventually([&] { return place_of(desk[at], slot) == place; }));
  }
  for (int i = 0; i < 16; ++i)
    for (std::size_t at = 0; at < 3; ++at)
      CHECK(eventually([&] { return takes(desk[at], "load-" + std::to_string(i), "serving-" + std::to_string(++n)); }));
}

void check_all(three_nodes& desk, order_load& load) {
  load.stop();
  check_serving(desk);
  (void)load.resolve(desk[0]);
  CHECK(load.unknown().empty());
  CHECK(load.strange().empty());
  stop_settled(desk.all());
  check_invariants({&desk[0], &desk[1], &desk[2]}, load.acknowledged(), true);
}

} // namespace

TEST_SUITE_BEGIN("process/move");

TEST_CASE("slots go to and fro under load: nothing acknowledged is lost or doubled, every edge finds them, lists and positions stay whole") {
  three_nodes desk;
  desk.start();
  order_load load{4};
  load.start(desk[0]);
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const auto slots = loaded_slots();
  std::vector<std::uint64_t> pauses;
  for (int i = 0; i < 24; ++i) {
    const auto slot = slots[random() % slots.size()];
    const std::string from = place_of(desk[1], slot);
    std::string to = from;
    while (to == from) to = nodes[random() % 3];
    const auto done = in_cluster(desk[i % 3], {"move", std::to_string(slot), to, "--json"});
    REQUIRE_MESSAGE(done.exit_code == 0, done.output);
    const auto shown = json::parse(done.output)["moved"][0];
    CHECK(shown["from"] == from);
    CHECK(shown["to"] == to);
    pauses.push_back(shown["pause_us"]);
    CHECK(eventually([&] { return place_of(desk[0], slot) == to && place_of(desk[1], slot) == to && place_of(desk[2], slot) == to; }));
  }
  std::ranges::sort(pauses);
  MESSAGE(load.answered() << " orders meanwhile; a slot was away for " << pauses[pauses.size() / 2] << " us at the median, " << pauses.back() << " us at most");
  load.stop();
  (void)load.resolve(desk[0]);
  // Every order is shown once, wherever its slot is and was.
  std::set<std::string> shown;
  for (std::string cursor; ;) {
    const auto page = desk[1].client().get("/v1/orders?status=ALL&limit=500" + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(page);
    REQUIRE_MESSAGE(page->status == 200, page->body);
    const auto body = json::parse(page->body);
    for (const auto& o : body["orders"]) CHECK(shown.insert(o["order_id"].get<std::string>()).second);
    if (!body.contains("next") || body["next"].is_null()) break;
    cursor = body["next"].get<std::string>();
  }
  for (const auto& [client, order] : load.acknowledged()) CHECK(shown.contains(order));
  check_all(desk, load);
}

TEST_CASE("a client of a slot that moves waits less than a second from one order that is taken to the next") {
  three_nodes desk;
  desk.start();
  order_load load{2};
  load.start(desk[0]);
  const auto account = three_nodes::account_on(0);
  auto longest = move_round(desk, account, "first-");
  MESSAGE("the client waited " << longest.client.count() << " ms at most, the moves report " << longest.reported.count() << " us at most");
  if (longest.client >= 1s) { // the machine may have been busy with something else
    longest = move_round(desk, account, "second-");
    MESSAGE("the second time " << longest.client.count() << " ms and " << longest.reported.count() << " us");
  }
  CHECK(longest.client < 1s);
  CHECK(longest.reported < 1s);
  check_all(desk, load);
}

TEST_CASE("a node that dies while slots move, and whichever it is, leaves each slot with one node; nothing acknowledged is lost or doubled") {
  three_nodes desk;
  desk.start();
  order_load load{2};
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const auto slots = loaded_slots();
  for (int round = 0; round < 6; ++round) {
    load.start(desk[2]); // ends when c dies
    std::vector<std::uint32_t> moving;
    for (int i = 0; i < 4; ++i) {
      const auto slot = slots[random() % slots.size()];
      const auto to = nodes[random() % 3];
      (void)desk[0].client().request("POST", "/v1/cluster/moves", json{{"slot", slot}, {"node", to}}.dump(),
                                     {{"Authorization", "Bearer " + desk[0].operator_key(1)}});
    }
    std::this_thread::sleep_for(std::chrono::microseconds{random() % 60'000});
    auto& victim = desk[static_cast<std::size_t>(round) % 3];
    victim.kill();
    load.stop();
    REQUIRE_MESSAGE(victim.start(), victim.log());
    CHECK(eventually([&] { return desk.is_whole(); }, 20s));
    CHECK(eventually([&] { // everything under way has come to its end
      const auto moves = desk[1].client().get("/v1/cluster/moves");
      if (!moves || moves->status != 200) return false;
      const auto body = json::parse(moves->body);
      return std::ranges::all_of(body["moves"], [](const json& m) { return m["status"] == "DONE" || m["status"] == "FAILED"; });
    }, 20s));
  }
  load.start(desk[0]);
  check_all(desk, load);
}

TEST_CASE("what cannot be moved is refused with the reason, and stays where it is") {
  three_nodes desk;
  desk.start();
  const auto slot = slot_of(three_nodes::account_on(0));
  const auto refused = [&](std::vector<std::string> arguments, std::string_view why) {
    const auto done = in_cluster(desk[1], std::move(arguments));
    CHECK(done.exit_code != 0);
    CHECK_MESSAGE(done.output.find(why) != std::string::npos, done.output);
  };
  refused({"move", std::to_string(slot), "x"}, "there is no node \"x\"; there are a, b, c");
  refused({"move", std::to_string(slot), "a"}, "is on node a already");
  refused({"move", "64", "b"}, "slots are 0 to 63");
  refused({"move", "five", "b"}, "is no slot");
  refused({"move", "1,", "b"}, "is no list of slots");
  refused({"move", "", "b"}, "argument 3 is empty");
  refused({"drain", "x"}, "there is no node \"x\"; there are a, b, c");
  std::string output;
  const auto edge = "http://127.0.0.1:" + std::to_string(desk[1].port());
  CHECK(run_program("troupe", {"cluster", "placement", "--on", "x", "--edge", edge}, output) != 0);
  CHECK(output.find("there is no node \"x\"") != std::string::npos);
  const auto unasked = desk[1].client().post("/v1/cluster/moves", json{{"slot", slot}, {"node", "b"}}.dump());
  REQUIRE(unasked);
  CHECK(unasked->status == 401);
  CHECK(place_of(desk[2], slot) == "a");
  const auto again = in_cluster(desk[1], {"move", "20,20-22", "b"}); // 22 is there
  CHECK_MESSAGE(again.exit_code == 0, again.output);
  CHECK_MESSAGE(again.output.find("1 of 3 slots are on node b already") != std::string::npos, again.output);
  CHECK_MESSAGE(again.output.find("2 of 2 slots moved") != std::string::npos, again.output);
  CHECK(run_program("troupe", {"cluster", "moves", "--json", "--edge", edge}, output) == 0);
  const auto moves = json::parse(output)["moves"];
  REQUIRE(moves.size() == 2);
  for (const auto& m : moves) CHECK_MESSAGE((m["status"] == "DONE" && m["from"] == "a" && m["to"] == "b" && m["pause_us"] > 0), m.dump());
  CHECK(run_program("troupe", {"cluster", "status", "--json", "--edge", edge}, output) == 0);
  desk[2].kill();
  CHECK(eventually([&] { return run_program("troupe", {"cluster", "status", "--json", "--edge", edge}, output) == 1; }));
  refused({"move", std::to_string(slot), "c"}, "node c");
  CHECK(place_of(desk[0], slot) == "a");
  CHECK(takes(desk[0], three_nodes::account_on(0), "still-here"));
}

TEST_CASE("a node whose folder was lost serves no slot that had moved away: it hears of it and stops") {
  three_nodes desk;
  desk.start();
  const auto account = three_nodes::account_on(2);
  const auto slot = slot_of(account);
  REQUIRE(takes(desk[0], account, "first"));
  const auto done = in_cluster(desk[0], {"move", std::to_string(slot), "b"});
  REQUIRE_MESSAGE(done.exit_code == 0, done.output);
  desk[2].kill();
  std::filesystem::remove_all(desk[2].options().data_dir);
  REQUIRE_MESSAGE(desk[2].start(), desk[2].log());
  CHECK(eventually([&] { return place_of(desk[2], slot) == "b" && takes(desk[2], account, "second"); }));
  CHECK(eventually([&] { return desk[2].log().find("of which this node's record knows nothing") != std::string::npos; }));
  CHECK(takes(desk[0], account, "third"));
}

TEST_CASE("a drained node has no slot left, leaves when it is told to, and nobody misses it; what was moved stays moved over restarts of all") {
  three_nodes desk;
  desk.start();
  for (int i = 0; i < 16; ++i) REQUIRE(takes(desk[0], "load-" + std::to_string(i), "before-" + std::to_string(i)));
  const auto drained = in_cluster(desk[0], {"drain", "c"});
  REQUIRE_MESSAGE(drained.exit_code == 0, drained.output);
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) CHECK(place_of(desk[0], slot) != "c");
  const auto needed = in_cluster(desk[1], {"leave", "a"});
  CHECK(needed.exit_code != 0);
  CHECK_MESSAGE(needed.output.find("nothing was changed") != std::string::npos, needed.output);
  const auto gone = in_cluster(desk[1], {"leave", "c", "--force"}); // it shows no market that the others need
  CHECK_MESSAGE(gone.exit_code == 0, gone.output);
  CHECK(desk[2].join(10s));
  CHECK(desk[2].exit_code() == 0);
  for (int i = 0; i < 16; ++i) CHECK(takes(desk[0], "load-" + std::to_string(i), "without-" + std::to_string(i)));
  for (std::size_t i = 0; i < 2; ++i) desk[i].kill();
  desk.start();
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot)
    for (std::size_t at = 0; at < 3; ++at) CHECK(eventually([&] { return place_of(desk[at], slot) != "c"; }));
  check_serving(desk);
  stop_settled(desk.all());
  check_invariants({&desk[0], &desk[1], &desk[2]}, {}, true);
}

TEST_SUITE_END();
