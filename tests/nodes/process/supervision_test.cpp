// Faults in a real node: what is thrown, dies, hangs or spins, and halts that last over kill -9.

#include "actors/trading/ids.hpp"
#include "tests/nodes/desk/captures.hpp"
#include "tests/nodes/process/load.hpp"
#include "tests/support/market.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <csignal>
#include <set>
#include <utility>

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// The object about `name` in the list of /v1/actors; empty when it is not there.
std::string actor_row(const node_process& node, const std::string& name) {
  auto answer = node.client().get("/v1/actors");
  if (!answer || answer->status != 200) return {};
  const auto at = answer->body.find("\"name\":\"" + name + "\"");
  if (at == std::string::npos) return {};
  return answer->body.substr(at, answer->body.find('}', at) - at);
}

const std::string at_market = R"({"account":"f","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET","time_in_force":"IOC"})";

} // namespace

TEST_SUITE_BEGIN("process/supervision");

namespace {

const std::string account = "f";
const std::string slot_of_f = "oms/" + std::to_string(trading::slot_of({"main"}, {"f"}));
const std::vector<std::string> instruments{"INSTRUMENT BTCUSDT.SIM", "INSTRUMENT ETHUSDT.SIM", "INSTRUMENT SOLUSDT.SIM"};

/// One of each kind of actor, and what is halted when its supervisor gives it up.
const std::vector<std::pair<std::string, std::vector<std::string>>> kinds{
  {"portfolio", {}}, {"operations", {}}, {"supervision", {}}, {slot_of_f, {"ACCOUNT f"}}, {"strategy/mm", {"STRATEGY mm"}},
  {"feed/walk", instruments}, {"venue/SIM", {"VENUE SIM"}}, {"risk", {}}, {"history", {}}, {"node", {}}, {"edge/orders", {}}};

node_options with_strategy(const std::filesystem::path& data, std::vector<std::string> more = {}) {
  more.push_back(R"(strategies=[{"name":"mm","kind":"quoter","account":"mm","instrument":"BTCUSDT.SIM",)"
                 R"("parameters":["spread_ticks=2","size=0.01","position_max=0.1","skew_ticks=1"]}])");
  return {data, more, {"--allow-faults"}};
}

/// "SCOPE KEY" of every halt in force.
std::set<std::string> halts_of(const node_process& node) {
  std::set<std::string> all;
  auto answer = node.client().get("/v1/halts");
  if (!answer || answer->status != 200) return all;
  for (auto at = answer->body.find("\"scope\""); at != std::string::npos; at = answer->body.find("\"scope\"", at + 1)) {
    const auto one = std::string_view{answer->body}.substr(at);
    const auto key = json_field(one, "key");
    all.insert(json_field(one, "scope") + (key.empty() ? "" : " " + key));
  }
  return all;
}

bool is_ready(const node_process& node) {
  auto answer = node.client().get("/ready");
  return answer && answer->status == 200;
}

unsigned inject(const node_process& node, const std::string& name, const std::string& fault) {
  auto answer = node.client().post("/v1/actors/fault", R"({"name":")" + name + R"(","fault":")" + fault + "\"}");
  return answer ? answer->status : 0;
}

const std::string order_of_f = R"({"account":"f","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})";

} // namespace

TEST_CASE("throw and die: the actor is restarted behind its name, the tree says why, and orders go on") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  for (const auto& [name, fault] : {std::pair{"oms/3", "throw"}, std::pair{"risk", "die"}, std::pair{"venue/SIM", "throw"}, std::pair{"portfolio", "die"}, std::pair{"feed/walk", "throw"}}) {
    CAPTURE(name);
    REQUIRE(inject(node, name, fault) == 202);
    CHECK(eventually([&, n = name, f = fault] {
      const auto row = actor_row(node, n);
      return json_field(row, "status") == "RUNNING" && json_field(row, "restarts") == "1" && row.find(std::string{"injected fault: "} + f) != std::string::npos;
    }));
    CHECK(eventually([&] { return node.client().post("/v1/orders", at_market)->status == 201; }));
  }
}

TEST_CASE("risk restarts within a lease: no slot loses the budget it holds, and orders go on") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"risk.lease_ms=5000"}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(inject(node, "risk", "die") == 202);
  REQUIRE(eventually([&] { return json_field(actor_row(node, "risk"), "restarts") == "1"; }));
  auto client = node.client();
  const auto until = std::chrono::steady_clock::now() + 1500ms; // each slot has renewed its lease several times by then
  for (int i = 0; std::chrono::steady_clock::now() < until; ++i) {
    if (i == 20) REQUIRE(client.post("/v1/halts", R"({"scope":"ACCOUNT","key":"other","reason":"pushes leases"})")->status == 200);
    auto answer = client.post("/v1/orders", at_market);
    REQUIRE(answer);
    CAPTURE(answer->body);
    REQUIRE(answer->status == 201);
    std::this_thread::sleep_for(5ms);
  }
}

TEST_CASE("each kind of actor that throws and then dies is given up, its scope is halted, and an operator brings it back") {
  temporary_directory dir;
  node_process node{with_strategy(dir.path() / "data")};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(node.client().post("/v1/orders", order_of_f)->status == 201);
  std::set<std::string> halted;
  for (const auto& [name, scopes] : kinds) {
    CAPTURE(name);
    REQUIRE(inject(node, name, "throw") == 202);
    CHECK(eventually([&, n = name] {
      const auto row = actor_row(node, n);
      return json_field(row, "status") == "RUNNING" && json_field(row, "restarts") == "1" && row.find("injected fault: throw") != std::string::npos;
    }));
    CHECK(eventually([&] { return is_ready(node); }));
    REQUIRE(inject(node, name, "die") == 202); // the second within the period
    CHECK(eventually([&, n = name] {
      const auto row = actor_row(node, n);
      return json_field(row, "status") == "HALTED" && row.find("injected fault: die") != std::string::npos;
    }));
    CHECK_FALSE(is_ready(node));
    CHECK(inject(node, name, "throw") == 409); // nobody is there to take it
    halted.insert(scopes.begin(), scopes.end());
    const auto body = R"({"name":")" + name + "\"}";
    CHECK(node.client().post("/v1/actors/restart", body)->status == 401);
    auto restarted = node.client().request("POST", "/v1/actors/restart", body, {{"Authorization", "Bearer " + node.operator_key(1)}});
    CHECK_MESSAGE(restarted->status == 202, restarted->body);
    CHECK(eventually([&, n = name] { return json_field(actor_row(node, n), "status") == "RUNNING" && is_ready(node); }));
    CHECK(eventually([&] { return halts_of(node) == halted; }));
  }
  // Who did it is on record, and everything that was halted still is after the hardest stop.
  const auto record = node.client().get("/v1/actors/state?name=operations")->body;
  CHECK(record.find("operator:operator-1") != std::string::npos);
  CHECK(record.find("\"RESTART\"") != std::string::npos);
  CHECK(record.find("\"FAULT\"") != std::string::npos);
  node.kill();
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(halts_of(node) == halted);
  CHECK(json_field(node.client().post("/v1/orders", order_of_f)->body, "refusal") == "HALTED");
  for (const auto& [name, scopes] : kinds) CHECK(json_field(actor_row(node, name), "status") == "RUNNING");
}

TEST_CASE("what restarted and why is on record: the folder tells it after kill -9, and the next life goes on from there") {
  temporary_directory dir;
  const auto data = dir.path() / "data";
  node_process node{with_strategy(data, {"node.hang_after_ms=3000"})}; // a machine that is busy reports no hang beside
  REQUIRE_MESSAGE(node.start(), node.log());
  std::string out;
  const auto troupe = [&](std::vector<std::string> words) { return run_program("troupe", words, out); };
  const auto of_folder = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--data-dir", data.string()});
    return troupe(std::move(words));
  };
  const auto of_node = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--edge", "http://127.0.0.1:" + std::to_string(node.port())});
    return troupe(std::move(words));
  };
  /// What the table's line about an actor ends with, behind its name.
  const auto line_of = [&](const std::string& actor) {
    const auto at = out.find("─ " + actor + " ");
    return at == std::string::npos ? std::string{} : out.substr(at, out.find('\n', at) - at);
  };
  const auto has_reason = [](const nlohmann::json& row, const char* reason) { return row["last_reason"].get<std::string>().find(reason) != std::string::npos; };
  const auto turns = [&] { return json_field(node.client().get("/v1/actors/state?name=supervision")->body, "durable"); };
  REQUIRE_MESSAGE(of_node({"fault", "inject", "strategy/mm", "throw"}) == 0, out);
  CHECK(eventually([&] { return turns() == "1"; }));
  REQUIRE(of_node({"fault", "inject", "history", "die"}) == 0); // has no stream
  CHECK(eventually([&] { return turns() == "2"; }));
  REQUIRE(of_node({"fault", "inject", "supervision", "throw"}) == 0); // told when it is back
  CHECK(eventually([&] { return turns() == "3"; }));
  REQUIRE_MESSAGE(of_node({"inspect", "history", "supervision"}) == 0, out);
  CHECK(out.find("injected fault: throw") != std::string::npos);
  node.kill();

  REQUIRE_MESSAGE(of_folder({"inspect", "tree"}) == 0, out);
  for (const auto& [actor, reason] : {std::pair{"strategy/mm", "injected fault: throw"}, {"history", "injected fault: die"}, {"supervision", "injected fault: throw"}}) {
    CHECK_MESSAGE(line_of(actor).find(" 1  ") != std::string::npos, out);
    CHECK_MESSAGE(line_of(actor).find(reason) != std::string::npos, out);
  }
  CHECK_MESSAGE(line_of("risk").ends_with(" 0"), out);
  REQUIRE_MESSAGE(of_folder({"inspect", "info", "strategy/mm"}) == 0, out);
  CHECK(out.find("injected fault: throw") != std::string::npos);
  REQUIRE_MESSAGE(of_folder({"inspect", "info", "history", "--json"}) == 0, out);
  CHECK(json_field(out, "restarts") == "1");
  CHECK(has_reason(nlohmann::json::parse(out), "injected fault: die"));
  REQUIRE_MESSAGE(of_folder({"inspect", "ls", "--json"}) == 0, out);
  const auto list = nlohmann::json::parse(out);
  const auto own = std::ranges::find_if(list["streams"], [](const auto& row) { return row["stream"] == "strategy/mm"; });
  REQUIRE(own != list["streams"].end());
  CHECK((*own)["restarts"] == 1);
  CHECK(has_reason(*own, "injected fault: throw"));
  CHECK(list["actors"].size() == 3);
  REQUIRE_MESSAGE(of_folder({"inspect", "state", "supervision"}) == 0, out);
  CHECK(out.find("\"strategy/mm\"") != std::string::npos);
  REQUIRE_MESSAGE(troupe({"journal", "tail", data.string(), "supervision", "--from", "1"}) == 0, out);
  CHECK(out.find("report -> recorded") != std::string::npos);

  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(of_node({"fault", "inject", "strategy/mm", "die"}) == 0);
  CHECK(eventually([&] { return turns() == "4"; }));
  CHECK(json_field(actor_row(node, "strategy/mm"), "restarts") == "1"); // of this life
  node.signal(SIGTERM);
  REQUIRE(node.join(20s));
  REQUIRE_MESSAGE(of_folder({"inspect", "info", "strategy/mm", "--json"}) == 0, out);
  CHECK(json_field(out, "restarts") == "2");
  CHECK(has_reason(nlohmann::json::parse(out), "injected fault: die"));
  REQUIRE_MESSAGE(of_folder({"inspect", "info", "supervision", "--json"}) == 0, out);
  CHECK(json_field(out, "sequence") == "4"); // an orderly stop is no news
}

TEST_CASE("a subscriber that restarts costs the feed no credit, and the market waits for none that is given up") {
  temporary_directory dir;
  node_process node{with_strategy(dir.path() / "data")};
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto lines = [&] { return std::stoull(json_field(node.client().get("/v1/feeds")->body, "lines")); };
  for (const auto& [fault, status] : {std::pair{"throw", "RUNNING"}, std::pair{"die", "HALTED"}}) {
    REQUIRE(inject(node, "strategy/mm", fault) == 202);
    REQUIRE(eventually([&, s = status, f = fault] {
      const auto row = actor_row(node, "strategy/mm");
      return json_field(row, "status") == s && row.find(std::string{"injected fault: "} + f) != std::string::npos;
    }));
    const auto before = lines();
    CHECK(eventually([&] { return lines() > before + 3000; })); // seconds of this market, more than a full window
  }
  CHECK(json_field(node.client().get("/v1/feeds")->body, "dropped") == "0");
  CHECK(node.log().find("does not keep up") == std::string::npos);
}

TEST_CASE("a feed that fails is told by name and reason: feeds, tree, readiness; the rest trades on") {
  temporary_directory dir;
  const auto file = cut_gzip(write_trades(dir.path(), 20'000, 1us));
  node_process node{{dir.path() / "data",
                     {R"(feeds=[{"name":"walk","seed":1,"step_ms":1},{"name":"main","speed":0,"file":")" + file.string() + "\"}]"},
                     {}}};
  REQUIRE_MESSAGE(node.start(), node.log()); // starts, whatever its feeds say
  CHECK(eventually([&] { return !is_ready(node); }));
  const auto ready = node.client().get("/ready");
  CHECK(ready->status == 503);
  CHECK(ready->body.find("feed/main has failed") != std::string::npos);
  CHECK(ready->body.find("behind line") != std::string::npos);
  CHECK(node.client().get("/metrics")->body.find("\ntroupe_node_ready 0\n") != std::string::npos); // which the rules alert about
  const auto feeds = node.client().get("/v1/feeds")->body;
  const auto main = feeds.substr(feeds.find("\"main\""));
  CAPTURE(feeds);
  CHECK(json_field(main, "status") == "FAILED");
  CHECK(json_field(main, "failure").find("behind line") != std::string::npos);
  CHECK(json_field(main, "ended") == "true");
  CHECK(json_field(feeds.substr(feeds.find("\"walk\"")), "status") == "STREAMING");
  CHECK(feeds.substr(feeds.find("\"walk\"")).find("failure") == std::string::npos);
  std::string tree;
  REQUIRE(run_program("troupe", {"inspect", "tree", "--edge", "http://127.0.0.1:" + std::to_string(node.port())}, tree) == 0);
  CHECK_MESSAGE(tree.find("source FAILED: ") != std::string::npos, tree);
  CHECK(node.client().post("/v1/orders", at_market)->status == 201);
}

TEST_CASE("a feed that fails takes its market along: nothing is priced from its last quotes") {
  temporary_directory dir;
  const auto file = cut_gzip(write_market(dir.path(), 20'000));
  node_process node{{dir.path() / "data", {R"(feeds=[{"name":"main","speed":0,"file":")" + file.string() + "\"}]"}, {}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return json_field(node.client().get("/v1/feeds")->body, "status") == "FAILED"; }));
  CHECK(std::stoull(json_field(node.client().get("/v1/feeds")->body, "quotes")) > 0);
  CHECK(eventually([&] { return node.client().get("/v1/marks")->body.find("\"bid\"") == std::string::npos; }, 2s));
}

TEST_CASE("a feed at the end of its file has done what it was asked to: it says ended, and the node stays ready") {
  temporary_directory dir;
  const auto file = write_trades(dir.path(), 20, 1us);
  node_process node{{dir.path() / "data", {R"(feeds=[{"name":"main","speed":0,"file":")" + file.string() + "\"}]"}, {}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(eventually([&] { return json_field(node.client().get("/v1/feeds")->body, "status") == "ENDED"; }));
  CHECK(is_ready(node));
}

TEST_CASE("hang and spin: the handle bounces, other slots trade on, and the process ends within five seconds") {
  for (const std::string how : {"hang", "spin"}) {
    CAPTURE(how);
    temporary_directory dir;
    node_process node{{dir.path() / "data", {}, {"--allow-faults"}}}; // five seconds is what is declared: desk/configuration
    REQUIRE_MESSAGE(node.start(), node.log());
    REQUIRE(inject(node, slot_of_f, how) == 202);
    const auto began = std::chrono::steady_clock::now();
    CHECK(eventually([&] { return json_field(actor_row(node, slot_of_f), "status") == "HUNG"; }));
    CHECK(node.client().post("/v1/orders", order_of_f)->status == 503);
    const auto checked = node.client().post("/v1/orders/check", order_of_f); // places nothing, so nothing of it is unknown
    CHECK(checked->status == 503);
    CHECK(json_field(checked->body, "message").ends_with("; ask again"));
    CHECK(node.client().post("/v1/orders", order_load::body_of("other"))->status == 201);
    REQUIRE(node.join(30s));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    MESSAGE("ended " << took.count() << " ms after it was made to " << how);
#if !defined(__SANITIZE_ADDRESS__)
    CHECK(took <= 5s);
#endif
    CHECK(node.exit_code() == 5);
    REQUIRE_MESSAGE(node.start(), node.log()); // and the next start is a normal one, which has on record why the last one ended
    CHECK(eventually([&] {
      const auto record = node.client().get("/v1/actors/history?name=supervision&limit=100")->body;
      return record.find("it ended itself: watchdog: ") != std::string::npos && record.find("\"child\":\"process\"") != std::string::npos;
    }));
    CHECK(eventually([&] { return !std::filesystem::exists(dir.path() / "data/last_words"); }));
  }
}

TEST_CASE("a handler that never returns ends the process with 5 also when the disk does not take its last words") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto words = dir.path() / "data/last_words"; // whoever opens a pipe for writing waits for a reader, as for a disk that stands still
  REQUIRE(::mkfifo(words.c_str(), 0600) == 0);
  REQUIRE(inject(node, slot_of_f, "hang") == 202);
  REQUIRE(node.join(30s));
  CHECK(node.exit_code() == 5);
  CHECK(node.log().find("watchdog: ") != std::string::npos);
  REQUIRE(std::filesystem::is_fifo(words));
  std::filesystem::remove(words);
  REQUIRE_MESSAGE(node.start(), node.log());
}

namespace {

/// A node for each way of not returning, both at once: what they wait for is the watchdog's patience.
struct stuck_nodes {
  temporary_directory dir;
  node_process hung;
  node_process spinning;
  const std::array<std::pair<const char*, node_process*>, 2> all{{{"hang", &hung}, {"spin", &spinning}}};

  explicit stuck_nodes(const std::vector<std::string>& settings)
    : hung{with_strategy(dir.path() / "hung", settings)}, spinning{with_strategy(dir.path() / "spinning", settings)} {}

  /// The watchdog ended it, saying `why`, and it starts.
  static void start_again(node_process& node, const std::string& why) {
    REQUIRE(node.join(30s));
    CHECK(node.exit_code() == 5);
    CHECK(node.log().find(why) != std::string::npos);
    REQUIRE_MESSAGE(node.start(), node.log());
  }
};

} // namespace

TEST_CASE("each kind of actor that hangs or spins: its handle bounces, its scope is halted, the watchdog ends the process, a start recovers") {
  // Threads, because each of them keeps one for good; patience, to look at all of them before the end.
  stuck_nodes nodes{{"node.threads=16", "node.stuck_after_ms=15000"}};
  std::vector<std::string> stuck;
  std::set<std::string> halted;
  for (const auto& [name, scopes] : kinds) {
    if (name == "operations" || name == "risk") continue; // one records the others' faults, one their halts
    stuck.push_back(name);
    halted.insert(scopes.begin(), scopes.end());
  }
  for (const auto& [how, node] : nodes.all) {
    REQUIRE_MESSAGE(node->start(), node->log());
    REQUIRE(node->client().post("/v1/orders", order_of_f)->status == 201);
    for (const auto& name : stuck) REQUIRE(inject(*node, name, how) == 202);
  }
  for (const auto& [how, node] : nodes.all) {
    INFO(how);
    for (const auto& name : stuck) {
      CAPTURE(name);
      CHECK(eventually([&, n = node] { return json_field(actor_row(*n, name), "status") == "HUNG"; }));
    }
    CHECK(node->client().post("/v1/orders", order_of_f)->status == 503); // the slot's handle leads nowhere
    CHECK(eventually([&, n = node] { return halts_of(*n) == halted; }));
  }
  for (const auto& [how, node] : nodes.all) {
    INFO(how);
    nodes.start_again(*node, "a handler has not returned for");
    CHECK(halts_of(*node) == halted);
    node->kill();
    REQUIRE_MESSAGE(node->start(), node->log());
    CHECK(halts_of(*node) == halted);
    CHECK(json_field(node->client().post("/v1/orders", order_of_f)->body, "refusal") == "HALTED");
    for (const auto& [name, scopes] : kinds) CHECK(json_field(actor_row(*node, name), "status") == "RUNNING");
  }
}

TEST_CASE("risk hangs or spins: nothing can halt a scope then and nothing needs to, the watchdog ends the process, and a start trades") {
  stuck_nodes nodes{{}};
  for (const auto& [how, node] : nodes.all) {
    REQUIRE_MESSAGE(node->start(), node->log());
    REQUIRE(inject(*node, "risk", how) == 202);
  }
  for (const auto& [how, node] : nodes.all) {
    INFO(how);
    nodes.start_again(*node, "risk: a handler has not returned");
    CHECK(halts_of(*node).empty());
    CHECK(node->client().post("/v1/orders", order_of_f)->status == 201);
  }
}

TEST_CASE("operations hangs or spins: what must go on record is refused, orders go on, the watchdog ends the process, and a start trades") {
  stuck_nodes nodes{{"node.stuck_after_ms=10000"}};
  for (const auto& [how, node] : nodes.all) {
    REQUIRE_MESSAGE(node->start(), node->log());
    REQUIRE(inject(*node, "operations", how) == 202);
  }
  for (const auto& [how, node] : nodes.all) {
    INFO(how);
    REQUIRE(eventually([&, n = node] { return json_field(actor_row(*n, "operations"), "status") == "HUNG"; }));
    CHECK(inject(*node, "portfolio", "die") == 503);
    CHECK(json_field(actor_row(*node, "portfolio"), "restarts") == "0");
    CHECK(node->client().post("/v1/orders", order_of_f)->status == 201);
    CHECK(halts_of(*node).empty());
  }
  for (const auto& [how, node] : nodes.all) {
    INFO(how);
    nodes.start_again(*node, "operations: a handler has not returned");
    CHECK(node->client().post("/v1/orders", order_of_f)->status == 201);
  }
}

TEST_CASE("history that ends is started again; given up, look-ups are refused at once and the node is not ready, until an operator brings it back") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return node.client().get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  const auto finished = "/v1/orders/" + json_field(node.client().post("/v1/orders", at_market)->body, "order_id");
  REQUIRE(eventually([&] { return json_field(node.client().get(finished)->body, "status") == "FILLED"; }));
  REQUIRE(inject(node, "history", "throw") == 202);
  REQUIRE(eventually([&] { return json_field(actor_row(node, "history"), "restarts") == "1"; }));
  CHECK(eventually([&] { return node.client().get(finished)->status == 200; }));
  REQUIRE(inject(node, "history", "die") == 202);
  REQUIRE(eventually([&] { return json_field(actor_row(node, "history"), "status") == "HALTED"; }));
  const auto refused = node.client().get(finished);
  CHECK(refused->status == 503); // not 504: nobody is waited for
  CHECK(json_field(refused->body, "code") == "unavailable");
  CHECK(node.client().get("/ready")->body.find("history is halted") != std::string::npos);
  CHECK(node.client().post("/v1/orders", at_market)->status == 201);
  REQUIRE(node.client().request("POST", "/v1/actors/restart", R"({"name":"history"})", {{"Authorization", "Bearer " + node.operator_key(1)}})->status == 202);
  CHECK(eventually([&] { return node.client().get(finished)->status == 200 && is_ready(node); }));
}

TEST_CASE("a stop that cannot end is ended: a hung actor does not keep the process") {
  temporary_directory dir;
  node_process node{with_strategy(dir.path() / "data", {"node.stuck_after_ms=60000", "node.hang_after_ms=10000", "node.stop_within_ms=3000"})};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(inject(node, "portfolio", "hang") == 202);
  node.signal(SIGTERM);
  REQUIRE(node.join(30s));
  CHECK(node.exit_code() == 5);
  CHECK(node.log().find("the node does not stop") != std::string::npos);
  REQUIRE_MESSAGE(node.start(), node.log());
}

TEST_CASE("Ctrl-C prints the report: quotes, orders, fills, positions, P&L and the journal") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return json_field(node.client().post("/v1/orders", at_market)->body, "status") != "REJECTED"; }));
  REQUIRE(eventually([&] { return node.client().get("/v1/fills")->body.find("\"quantity\"") != std::string::npos; }));
  node.signal(SIGINT);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);
  const auto report = node.log();
  CAPTURE(report);
  for (const std::string part : {" quotes (", " orders, ", "1 fills\n", "positions: f 0.001 BTCUSDT.SIM", "P&L: 0 USDT realized", " durable turns in ", "0 waiting"})
    CHECK_MESSAGE(report.find(part) != std::string::npos, part);
}

TEST_CASE("the report counts after the last drain: nothing waits, whatever was under way at Ctrl-C") {
  temporary_directory dir;
  node_process node{with_strategy(dir.path() / "data", {"journal.snapshot_interval=0"})};
  REQUIRE_MESSAGE(node.start(), node.log());
  order_load load{4};
  load.start(node);
  std::this_thread::sleep_for(500ms);
  node.signal(SIGINT);
  REQUIRE(node.join(20s));
  load.stop();
  CHECK(node.exit_code() == 0);
  const auto report = node.log().substr(node.log().rfind("ran "));
  CAPTURE(report);
  CHECK(report.find(" flushes, 0 waiting\n") != std::string::npos);
  const auto journal = report.substr(report.find("journal: ") + 9);
  std::string verified; // and every turn is in the count: an epoch of this start is no turn
  REQUIRE(run_program("troupe", {"check", "invariants", "--data-dir", (dir.path() / "data").string(), "--json"}, verified) == 0);
  CHECK(journal.substr(0, journal.find(' ')) == json_field(verified, "turns"));
}

TEST_CASE("the same signal twice at once, as `timeout` sends it, is one: the node drains") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  node.signal(SIGTERM);
  node.signal(SIGINT);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);
  CHECK(node.log().find("second signal") == std::string::npos);
}

TEST_CASE("a second signal ends a drain at once and says what was not done") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"node.hang_after_ms=9000", "node.stuck_after_ms=30000"}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(inject(node, slot_of_f, "hang") == 202);
  node.signal(SIGINT);
  REQUIRE(eventually([&] { return node.log().find("draining") != std::string::npos; }));
  CHECK_FALSE(node.join(1s)); // it waits for the hung slot
  node.signal(SIGINT);
  REQUIRE(node.join(2s));
  CHECK(node.exit_code() == 1);
  const auto log = node.log();
  CAPTURE(log);
  CHECK(log.find("ended by the second signal, before it was drained: 0 requests were not answered, ") != std::string::npos);
}

TEST_CASE("a signal before the node is ready ends it cleanly, and nobody was told that it is ready") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {}, {"--allow-faults"}, {{"TROUPE_SYNC_DELAY", "700:0"}}}};
  REQUIRE_FALSE(node.start(1s)); // its first syncs take their time
  REQUIRE(node.is_running());
  node.signal(SIGINT);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);
  CHECK(node.ready_line().empty());
  CHECK(node.log().find("stopped before it was ready") != std::string::npos);
}

TEST_CASE("a halt stops its scope and nothing else, holds over kill -9, and is lifted only by operators") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"halt.cancels_orders=false"}}}; // what it leaves open can still be cancelled; what it withdraws: process/halt
  REQUIRE_MESSAGE(node.start(), node.log());
  auto post = [&](const char* target, const std::string& body, const std::string& key = {}) {
    edge::client_headers headers;
    if (!key.empty()) headers.push_back({"Authorization", "Bearer " + key});
    auto answer = node.client().request("POST", target, body, headers);
    REQUIRE(answer);
    return *answer;
  };
  const auto order = [&](const char* account) {
    return post("/v1/orders", std::string{R"({"instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000","account":")"} + account + "\"}");
  };
  const auto resting = json_field(order("halted").body, "order_id");
  REQUIRE(post("/v1/halts", R"({"scope":"ACCOUNT","key":"halted","reason":"test"})").status == 200);
  CHECK(eventually([&] { return json_field(order("halted").body, "refusal") == "HALTED"; }));
  CHECK(order("other").status == 201);
  node.kill();
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(json_field(order("halted").body, "refusal") == "HALTED");
  CHECK(node.client().request("DELETE", "/v1/orders/" + resting)->status == 202); // cancels pass
  CHECK(post("/v1/halts/resume", R"({"scope":"ACCOUNT","key":"halted"})").status == 401);
  CHECK(post("/v1/halts/resume", R"({"scope":"ACCOUNT","key":"halted"})", std::string(64, '0')).status == 401);
  CHECK(post("/v1/halts/resume", R"({"scope":"ACCOUNT","key":"halted"})", node.operator_key(1)).status == 200);
  CHECK(eventually([&] { return order("halted").status == 201; }));

  REQUIRE(post("/v1/halts", R"({"scope":"FIRM","reason":"test"})").status == 200);
  CHECK(eventually([&] { return json_field(order("other").body, "refusal") == "HALTED"; }));
  CHECK(post("/v1/halts/resume", R"({"scope":"FIRM"})", node.operator_key(1)).status == 202);
  node.kill();
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(post("/v1/halts/resume", R"({"scope":"FIRM"})", node.operator_key(1)).status == 202); // the same operator once more is no second one
  CHECK(json_field(order("other").body, "refusal") == "HALTED");
  CHECK(post("/v1/halts/resume", R"({"scope":"FIRM"})", node.operator_key(2)).status == 200);
  CHECK(eventually([&] { return order("other").status == 201; }));
}

TEST_CASE("risk away for longer than a lease: no order is accepted, cancels pass") {
  temporary_directory dir;
  // Risk hangs; the watchdog is patient enough here to look at the world without risk.
  node_process node{{dir.path() / "data", {"node.hang_after_ms=9000", "node.stuck_after_ms=15000"}, {"--allow-faults"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  const auto limit = R"({"account":"r","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})";
  const auto resting = json_field(client.post("/v1/orders", limit)->body, "order_id");
  REQUIRE(client.post("/v1/actors/fault", R"({"name":"risk","fault":"hang"})")->status < 300);
  std::this_thread::sleep_for(1500ms);
  auto refused = client.post("/v1/orders", limit);
  CHECK(json_field(refused->body, "refusal") == "NO_LEASE");
  CHECK(client.request("DELETE", "/v1/orders/" + resting)->status == 202);
  CHECK(eventually([&] { return json_field(client.get("/v1/orders/" + resting)->body, "status") == "CANCELED"; }));
}

TEST_CASE("SIGTERM drains: every accepted request is answered and the exit code is 0") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  order_load load{4};
  load.start(node);
  std::this_thread::sleep_for(500ms);
  node.signal(SIGTERM);
  REQUIRE(node.join(10s));
  load.stop();
  CHECK(node.exit_code() == 0);
  CHECK(load.strange().empty());
}

TEST_CASE("arguments: --check, --version, unknown keys and bad values, each with its exit code") {
  std::string output;
  const auto config = (source_dir() / "config/desk.json").string();
  CHECK(run_program("troupe-node", {"--config", config, "--check"}, output) == 0);
  CHECK(run_program("troupe-node", {"--config", (source_dir() / "config/trade2026.json").string(), "--check"}, output) == 0);
  CHECK(run_program("troupe-node", {"--version"}, output) == 0);
  CHECK(output.starts_with("troupe "));
  CHECK(run_program("troupe-node", {"--help"}, output) == 0);
  CHECK(run_program("troupe-node", {"--nonsense"}, output) == 2);
  CHECK(run_program("troupe-node", {"--config", config, "--check", "--set", "risk.lese_ms=5", "--set", "risk.lease_ms=1"}, output) == 2);
  CHECK(output.find("risk.lease_ms") != std::string::npos);
  CHECK(output.find("lese_ms") != std::string::npos);
  CHECK(run_program("troupe-node", {"--config", "/nonexistent.json"}, output) == 2);
  CHECK(run_program("troupe-node", {"--config", config, "--check", "--set", "edge.listeners.0.address=0.0.0.0"}, output) == 2);
  CHECK(output.find("loopback") != std::string::npos);
  const std::string away = R"(feeds=[{"name":"spot","file":"/nonexistent/binance_spot_btcusdt_20240808.jsonl"}])"; // it may be on another host
  CHECK(run_program("troupe-node", {"--config", config, "--check", "--set", away}, output) == 0);
  CHECK_MESSAGE(output.find("binance_spot_btcusdt_20240808.jsonl of feed spot is not here") != std::string::npos, output);
}

TEST_CASE("arguments: words that contradict each other, or name nothing, are refused instead of dropped") {
  temporary_directory dir;
  std::string output;
  const auto config = (source_dir() / "config/desk.json").string();
  const auto file = write_trades(dir.path(), 3, 1ms).string();
  const std::pair<std::vector<std::string>, const char*> rows[] = {
    {{"--feed", file, "--quotes", "5"}, "--quotes is of the random walk"},
    {{"--feed", file, "--seed", "5"}, "--seed is of the random walk"},
    {{"--data-dir", ""}, "--data-dir is empty"},
    {{"--feed", ""}, "--feed is empty"},
    {{"--set", "node.name="}, "node.name"},
    {{"--set", "node.data_dir="}, "node.data_dir"},
  };
  for (const auto& [words, says] : rows) {
    CAPTURE(says);
    for (const char* how : {"--check", "--until-done"}) {
      std::vector<std::string> all{"--config", config, how};
      all.insert(all.end(), words.begin(), words.end());
      CHECK(run_program("troupe-node", all, output) == 2);
      CHECK_MESSAGE(output.find(says) != std::string::npos, output);
    }
  }
}
