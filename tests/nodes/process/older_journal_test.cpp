// A journal that is older than its venue: a disk was lost and a backup put in its place, while the exchange remembers.

#include "tests/nodes/process/proof.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

std::size_t lines_with(const std::string& log, std::string_view words) {
  std::size_t n = 0;
  for (auto at = log.find(words); at != std::string::npos; at = log.find(words, at + 1)) ++n;
  return n;
}

struct restored_node {
  temporary_directory dir;
  fs::path data = dir.path() / "data", older = dir.path() / "older";
  node_process node{{data}};

  /// Posts a buy for account `a`. No answer: the node died before it had left.
  result<edge::client_response> try_to_buy(const std::string& id, const std::string& limit, const std::string& tif) {
    auto client = node.client();
    return client.post("/v1/orders", R"({"account":"a","client_order_id":")" + id + R"(","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01",)"
                                              R"("type":"LIMIT","time_in_force":")" + tif + R"(","limit_price":")" + limit + "\"}");
  }
  edge::client_response buy(const std::string& id, const std::string& limit, const std::string& tif) {
    auto answer = try_to_buy(id, limit, tif);
    REQUIRE(answer);
    return *answer;
  }
  std::string order_id_of(const edge::client_response& answer) {
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    return json_field(answer.body, "order_id");
  }
  nlohmann::json get(const std::string& path) {
    auto answer = node.client().get(path);
    REQUIRE(answer);
    return nlohmann::json::parse(answer->body, nullptr, false);
  }
  std::string status_of(const std::string& order) { return get("/v1/orders/" + order).value("status", ""); }
  /// Starts, and places an order that fills.
  std::string fill_one() {
    REQUIRE_MESSAGE(node.start(), node.log());
    auto first = order_id_of(buy("one", "46000", "GTC"));
    REQUIRE(eventually([&] { return status_of(first) == "FILLED"; }));
    return first;
  }
  void back_up() { fs::copy(data / "journal", older, fs::copy_options::recursive); }
  /// Everything but the journal of the slots and of risk goes on; that one becomes what it was.
  void put_back() {
    fs::remove_all(data / "journal");
    fs::copy(older, data / "journal", fs::copy_options::recursive);
  }
};

} // namespace

TEST_SUITE_BEGIN("process/older_journal");

TEST_CASE_FIXTURE(restored_node, "a slot whose journal is older than the venue gets its orders and fills back, gives no number out twice, and its accounts are halted") {
  const auto first = fill_one();
  stop_settled(node);
  back_up();

  REQUIRE_MESSAGE(node.start(), node.log());
  const auto filled = order_id_of(buy("two", "46000", "GTC")); // an IOC order would be refused by a venue that has no book yet
  const auto resting = order_id_of(buy("three", "20000", "GTC"));
  const bool is_told = eventually([&] { return status_of(filled) == "FILLED" && status_of(resting) == "NEW"; });
  REQUIRE_MESSAGE(is_told, status_of(filled) << ' ' << status_of(resting));
  const auto positions = get("/v1/positions")["positions"];
  REQUIRE(positions.size() == 1);
  stop_settled(node);

  put_back();
  node.options().arguments.push_back("--accept-older-journal"); // its next epoch is the one that the life with the lost disk had
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(eventually([&] { return status_of(filled) == "FILLED"; }));
  CHECK(get("/v1/orders/" + filled).value("client_order_id", "") == "");
  CHECK(eventually([&] {
    const auto now = get("/v1/positions")["positions"];
    return now.size() == 1 && now[0]["quantity"] == positions[0]["quantity"] && now[0]["cost_basis"] == positions[0]["cost_basis"];
  }));
  CHECK(node.log().find("knows more than this journal") != std::string::npos);
  // Withdrawn with the halt of its account: the slot's first word, though the venue has heard more turns of it.
  CHECK(eventually([&] { return status_of(resting) == "CANCELED"; }));

  const auto refused = nlohmann::json::parse(buy("two", "46000", "IOC").body); // the client repeats what it was told is done
  CHECK(refused["refusal"] == "HALTED");
  CHECK(refused["reason"].get<std::string>().find("without their client ids") != std::string::npos);
  auto client = node.client();
  REQUIRE(client.request("POST", "/v1/halts/resume", R"({"scope":"ACCOUNT","key":"a"})", {{"Authorization", "Bearer " + node.operator_key(1)}})->status == 200);
  std::string next;
  int tries = 0;
  REQUIRE(eventually([&] { // until the slot has heard of it; what was refused stays refused under its id
    const auto answer = nlohmann::json::parse(buy("four-" + std::to_string(++tries), "46000", "IOC").body);
    next = answer.value("order_id", "");
    return answer.value("status", "REJECTED") != "REJECTED";
  }));
  CHECK(eventually([&] { return status_of(next) == "FILLED"; })); // the first command of all reaches the venue, whose ears are further than this journal
  CHECK(next != filled);
  CHECK(next != resting);
  stop_settled(node);
  check_invariants(node, {{"one", first}}, true);
}

TEST_CASE_FIXTURE(restored_node, "a node whose slots are fenced by their venue does not start, until an operator says that its journal was restored") {
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto first = order_id_of(buy("one", "46000", "IOC"));
  stop_settled(node);
  back_up();
  for (int i = 0; i < 3; ++i) { // each start raises the epochs
    REQUIRE_MESSAGE(node.start(), node.log());
    stop_settled(node);
  }
  put_back();
  CHECK_FALSE(node.start());
  CHECK(node.exit_code() == 6);
  CHECK(node.log().find("--accept-older-journal") != std::string::npos);

  node.options().arguments.push_back("--accept-older-journal");
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return buy("two", "46000", "IOC").status == 201; }));
  stop_settled(node);
  check_invariants(node, {{"one", first}}, true);
}

TEST_CASE_FIXTURE(restored_node, "a journal that is gone is filled from the venue, as far as the venue knows") {
  const auto filled = fill_one();
  for (int i = 0; i < 30; ++i) (void)order_id_of(buy("more-" + std::to_string(i), "46000", "IOC"));
  const auto resting = order_id_of(buy("resting", "20000", "GTC"));
  REQUIRE(eventually([&] { return status_of(resting) == "NEW"; }));
  stop_settled(node);
  fs::remove_all(data / "journal");
  CHECK_FALSE(node.start());
  CHECK(node.exit_code() == 6);
  CHECK(node.log().find("the slots' journal beside it is gone") != std::string::npos);
  CHECK_FALSE(fs::exists(data / "journal")); // whoever looks finds it gone
  node.options().arguments.push_back("--accept-older-journal");
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(eventually([&] { return status_of(filled) == "FILLED"; }));
  CHECK(eventually([&] { return status_of(resting) == "CANCELED"; })); // the halt of its account reaches it while the rest still comes
  CHECK(eventually([&] { return get("/v1/positions")["positions"].size() == 1; }));
  CHECK(lines_with(node.log(), "knows more than this journal") <= 2); // one page holds all of them
  stop_settled(node);
  check_invariants(node, {}, true);
}

TEST_CASE_FIXTURE(restored_node, "reports that a slot had not heard when its node died come back with their orders, when an older journal takes its place") {
  const auto first = fill_one();
  stop_settled(node);
  back_up();

  node.options().arguments = {"--allow-faults"};
  node.options().environment = {{"TROUPE_CRASH_AT", "inbox.before_decide:2"}}; // the venue takes the order in the first, the slot its reports in the second
  REQUIRE_MESSAGE(node.start(), node.log());
  (void)try_to_buy("two", "46000", "GTC");
  const auto unheard = first.substr(0, first.find('-')) + "-2";
  REQUIRE(node.join(20s));
  REQUIRE(node.exit_code() == -SIGKILL);

  put_back();
  node.options().environment.clear();
  node.options().arguments = {"--accept-older-journal"};
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(eventually([&] { return status_of(unheard) == "FILLED"; }));
  CHECK(get("/v1/orders/" + unheard).value("client_order_id", "") == "");
  CHECK(eventually([&] {
    const auto now = get("/v1/positions")["positions"];
    return now.size() == 1 && now[0].value("quantity", "") == "0.02";
  }));
  stop_settled(node);
  check_invariants(node, {{"one", first}}, true);
}

TEST_CASE_FIXTURE(restored_node, "a node killed under load whose journal is replaced by an older one gets back all that its venue did, and trades on") {
  order_load load;
  REQUIRE_MESSAGE(node.start(), node.log());
  load.start(node);
  REQUIRE(eventually([&] { return load.answered() > 200; }));
  load.stop();
  const auto before = load.acknowledged();
  stop_settled(node);
  back_up();

  REQUIRE_MESSAGE(node.start(), node.log());
  load.start(node);
  REQUIRE(eventually([&] { return load.acknowledged().size() > before.size() + 500; }));
  node.kill();
  load.stop();
  CHECK(load.acknowledged().size() > before.size());

  put_back();
  node.options().arguments.push_back("--accept-older-journal");
  REQUIRE_MESSAGE(node.start(), node.log());
  check_acknowledged(node, before, 50); // halted or not: who repeats what is on record hears what was answered
  CHECK(eventually([&] { return buy("behind", "46000", "GTC").status == 201; })); // an account that had nothing to lose
  stop_settled(node);
  check_invariants(node, before, true);
}

TEST_SUITE_END();
