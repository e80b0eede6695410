// Positions that an operator corrects, on real nodes: over HTTP and from the command line, killed at once behind the answer, and entered at another node than the account's.

#include "tests/nodes/process/proof.hpp"
#include "tests/nodes/process/three_nodes.hpp"

#include "runtime/edge/client.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <set>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

std::string correction_body(const std::string& account, const std::string& id, const std::string& q = "-0.5", const std::string& p = "50000") {
  return R"({"account":")" + account + R"(","correction_id":")" + id + R"(","instrument":"BTCUSDT.SIM","quantity":")" + q + R"(","price":")" + p + R"(","reason":"statement"})";
}

nlohmann::json correction_answer(const node_process& node, const std::string& target) {
  const auto answer = node.client().get(target);
  REQUIRE(answer);
  REQUIRE_MESSAGE(answer->status == 200, answer->body);
  return nlohmann::json::parse(answer->body);
}

edge::client_response post_as_operator(const node_process& node, const std::string& body, int number = 1) {
  const auto answer = node.client().request("POST", "/v1/positions/corrections", body, {{"Authorization", "Bearer " + node.operator_key(number)}});
  REQUIRE(answer.has_value());
  return *answer;
}

/// As the portfolio shows it; "" while there is none.
std::string position_in_btc(const node_process& node, const std::string& account) {
  const auto rows = correction_answer(node, "/v1/positions?flat=true&account=" + account)["positions"];
  for (const auto& p : rows)
    if (p["instrument"] == "BTCUSDT.SIM") return p["quantity"];
  return {};
}

struct quiet_node {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"strategies=[]"}}};
  quiet_node() { REQUIRE_MESSAGE(node.start(), node.log()); }
};

} // namespace

TEST_SUITE_BEGIN("process/corrections");

TEST_CASE_FIXTURE(quiet_node, "a correction needs an operator's key; it is on record with the operator, in positions and cash and in no fill; a repeat has the bytes of the first answer") {
  const auto body = correction_body("c", "k1");
  auto client = node.client();
  for (const auto& headers : {edge::client_headers{}, edge::client_headers{{"Authorization", "Bearer " + std::string(64, '0')}}}) {
    const auto refused = client.request("POST", "/v1/positions/corrections", body, headers);
    REQUIRE(refused);
    CHECK(refused->status == 401);
  }
  CHECK(position_in_btc(node, "c").empty());
  CHECK(correction_answer(node, "/v1/positions/corrections")["corrections"].empty());

  const auto first = post_as_operator(node, body);
  REQUIRE_MESSAGE(first.status == 201, first.body);
  CHECK(json_field(first.body, "correction_id") == "k1");
  CHECK(json_field(first.body, "position") == "-0.5");
  REQUIRE(eventually([&] { return position_in_btc(node, "c") == "-0.5"; }));
  CHECK(correction_answer(node, "/v1/cash?account=c")["cash"][0]["amount"]["amount"] == "25000");
  CHECK(correction_answer(node, "/v1/fills?account=c")["fills"].empty());
  for (int again = 0; again < 3; ++again) {
    const auto repeat = post_as_operator(node, body, 1 + again % 2); // another operator may ask what became of it
    CHECK(repeat.status == 201);
    CHECK(repeat.body == first.body);
  }
  for (const auto& other : {correction_body("c", "k1", "-0.6"), correction_body("c", "k1", "-0.5", "50001")}) CHECK(post_as_operator(node, other).status == 409);
  CHECK(position_in_btc(node, "c") == "-0.5");

  const auto rows = correction_answer(node, "/v1/positions/corrections?account=c")["corrections"];
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["correction_id"] == "k1");
  CHECK(rows[0]["corrected_by"] == "operator:operator-1");
  CHECK(rows[0]["reason"] == "statement");
  CHECK(rows[0]["quantity"] == "-0.5");
  CHECK_FALSE(rows[0].contains("execution_id"));
  CHECK(correction_answer(node, "/v1/positions/corrections?account=other")["corrections"].empty());
  stop_settled(node);
  check_invariants(node, {}, true);
}

TEST_CASE_FIXTURE(quiet_node, "what is wrong with a correction is told by field, and changes nothing") {
  REQUIRE(post_as_operator(node, correction_body("c", "k1")).status == 201);
  REQUIRE(eventually([&] { return position_in_btc(node, "c") == "-0.5"; }));
  struct row { const char* member; const char* value; unsigned status; const char* field; };
  const row rows[] = {{"quantity", "\"1e\"", 400, "quantity"},          {"quantity", "\"0\"", 400, "quantity"},      {"price", "\"0\"", 400, "price"},
                      {"price", "\"-1\"", 400, "price"},                {"reason", "\"\"", 400, "reason"},        {"reason", "\"  \"", 400, "reason"},
                      {"instrument", "\"DOGE.SIM\"", 400, "instrument"}, {"account", "\"\"", 400, "account"},     {"correction_id", "\"a/b\"", 400, "correction_id"},
                      {"correction_id", "null", 400, "correction_id"},  {"nobody_declared", "1", 400, "nobody_declared"}, {"execution_id", "\"x1\"", 404, ""},
                      {"quantity", "\"92233720368.54775807\"", 201, ""}, {"quantity", "\"92233720368.54775807\"", 400, "quantity"}};
  int number = 0;
  for (const auto& r : rows) {
    CAPTURE(r.member);
    CAPTURE(r.value);
    auto body = nlohmann::json::parse(correction_body(r.status == 201 ? "rich" : std::string_view{r.value} == "\"92233720368.54775807\"" ? "rich" : "c", "bad-" + std::to_string(++number)));
    body[r.member] = nlohmann::json::parse(r.value);
    if (std::string_view{r.member} == "correction_id" && body[r.member].is_null()) body.erase("correction_id");
    if (std::string_view{r.member} == "execution_id") body.erase("correction_id");
    const auto answer = post_as_operator(node, body.dump());
    CHECK_MESSAGE(answer.status == r.status, answer.body);
    if (*r.field) CHECK_MESSAGE(answer.body.find(std::string{"\"field\":\""} + r.field) != std::string::npos, answer.body);
  }
  CHECK(position_in_btc(node, "c") == "-0.5");
  CHECK(correction_answer(node, "/v1/positions/corrections?account=c")["corrections"].size() == 1);
}

TEST_CASE_FIXTURE(quiet_node, "what is held in an instrument that was taken out of the configuration is corrected, a repeat has its first answer, and of one that was never held it is refused") {
  const auto in_ether = [](const std::string& id, const std::string& q) {
    auto body = nlohmann::json::parse(correction_body("c", id, q, "2500"));
    body["instrument"] = "ETHUSDT.SIM";
    return body.dump();
  };
  const auto held = [&] {
    const auto rows = correction_answer(node, "/v1/positions?flat=true&account=c")["positions"];
    return rows.empty() ? std::string{} : rows[0]["quantity"].get<std::string>();
  };
  const auto first = post_as_operator(node, in_ether("k1", "-0.5"));
  REQUIRE_MESSAGE(first.status == 201, first.body);
  node.kill();
  node.options().sets.emplace_back(R"(instruments=[{"id":"BTCUSDT.SIM"},{"id":"SOLUSDT.SIM","tick_size":"0.001","lot_size":"0.001"}])");
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return held() == "-0.5"; }));
  CHECK(post_as_operator(node, in_ether("k1", "-0.5")).body == first.body);
  const auto closed = post_as_operator(node, in_ether("k2", "0.5"));
  REQUIRE_MESSAGE(closed.status == 201, closed.body);
  CHECK(json_field(closed.body, "position") == "0");
  REQUIRE(eventually([&] { return held() == "0"; }));
  auto never = nlohmann::json::parse(in_ether("k3", "1"));
  never["instrument"] = "DOGE.SIM";
  CHECK(post_as_operator(node, never.dump()).status == 400);
  never["instrument"] = "ETHUSDT.SIM";
  never["account"] = "d"; // which had none
  CHECK(post_as_operator(node, never.dump()).status == 400);
  CHECK(correction_answer(node, "/v1/positions/corrections")["corrections"].size() == 2);
  stop_settled(node);
  check_invariants(node, {}, true);
}

TEST_CASE("kill -9 behind the answer keeps every correction exactly once, and each repeat gets its first answer") {
  temporary_directory dir;
  node_process node{{dir.path() / "data", {"strategies=[]"}}};
  std::vector<std::string> answers;
  for (int cycle = 0; cycle < 6; ++cycle) {
    REQUIRE_MESSAGE(node.start(), node.log());
    for (std::size_t i = 0; i < answers.size(); ++i) CHECK(post_as_operator(node, correction_body("c", "k" + std::to_string(i), "0.25")).body == answers[i]);
    for (int more = 0; more < 3; ++more) {
      const auto answer = post_as_operator(node, correction_body("c", "k" + std::to_string(answers.size()), "0.25"));
      REQUIRE_MESSAGE(answer.status == 201, answer.body);
      answers.push_back(answer.body);
    }
    node.kill();
  }
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(eventually([&] { return position_in_btc(node, "c") == "4.5"; }));
  CHECK(correction_answer(node, "/v1/positions/corrections?account=c&limit=500")["corrections"].size() == 18);
  stop_settled(node);
  check_invariants(node, {}, true);
}

TEST_CASE_FIXTURE(three_nodes, "a correction enters at any node, is decided where the account is, and every node shows it; its stream tells of it") {
  start();
  for (std::size_t owner = 0; owner < 3; ++owner)
    for (std::size_t entry = 0; entry < 3; ++entry) {
      const auto account = account_on(owner);
      const auto id = "k" + std::to_string(entry);
      auto& node = (*this)[entry];
      const auto answer = post_as_operator(node, correction_body(account, id, "0.5"));
      REQUIRE_MESSAGE(answer.status == 201, answer.body);
      for (std::size_t reader = 0; reader < 3; ++reader) { // a repeat, wherever it enters
        CHECK(post_as_operator((*this)[reader], correction_body(account, id, "0.5")).body == answer.body);
        CHECK(post_as_operator((*this)[reader], correction_body(account, id, "0.75")).status == 409);
      }
    }
  for (std::size_t owner = 0; owner < 3; ++owner)
    for (std::size_t reader = 0; reader < 3; ++reader)
      CHECK(eventually([&] { return position_in_btc((*this)[reader], account_on(owner)) == "1.5"; }));
  // One list over all nodes, the same from each, also in pages.
  const auto whole = correction_answer((*this)[0], "/v1/positions/corrections?limit=500")["corrections"];
  CHECK(whole.size() == 9);
  for (std::size_t reader = 0; reader < 3; ++reader) {
    std::string cursor;
    nlohmann::json paged = nlohmann::json::array();
    do {
      const auto page = correction_answer((*this)[reader], "/v1/positions/corrections?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
      for (const auto& row : page["corrections"]) paged.push_back(row);
      cursor = page.value("next", "");
    } while (!cursor.empty());
    CHECK(paged == whole);
  }
  stop_settled(all());
  check_invariants({&(*this)[0], &(*this)[1], &(*this)[2]}, {}, true);
}

TEST_CASE_FIXTURE(three_nodes, "who follows corrections and positions at one node hears of a correction of an account of another") {
  start();
  auto socket = edge::websocket_client::open("127.0.0.1", (*this)[0].port(), "/v1/stream", 10s);
  REQUIRE(socket);
  REQUIRE(socket->send(R"({"op":"subscribe","channels":["corrections","positions"]})", 10s));
  const auto account = account_on(2);
  REQUIRE(post_as_operator((*this)[1], correction_body(account, "k1", "0.5")).status == 201);
  std::set<std::string> told;
  while (told.size() < 2) {
    const auto text = socket->receive(10s);
    REQUIRE_MESSAGE(text.has_value(), "nothing came for 10 s");
    const auto m = nlohmann::json::parse(*text);
    if (m["type"] != "delta" || m["data"]["account"] != account) continue;
    if (m["channel"] == "corrections") CHECK(m["data"]["correction_id"] == "k1");
    else CHECK(m["data"]["quantity"] == "0.5");
    told.insert(m["channel"]);
  }
}

TEST_CASE_FIXTURE(quiet_node, "positions are corrected and listed from the command line, and a script sees what was refused") {
  std::string out;
  const auto troupe = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "position");
    arguments.insert(arguments.end(), {"--edge", "http://127.0.0.1:" + std::to_string(node.port())});
    return run_program("troupe", arguments, out);
  };
  const std::vector<std::string> key{"--data-dir", (dir.path() / "data").string()};
  const auto correct = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "correct");
    arguments.insert(arguments.end(), key.begin(), key.end());
    return troupe(std::move(arguments));
  };
  CHECK(correct({"SELL", "0.5", "BTCUSDT.SIM", "--price", "100", "--account", "c", "--id", "k1", "--reason", "statement"}) == 0);
  CHECK_MESSAGE(out.find("correction k1: c holds -0.5 BTCUSDT.SIM") != std::string::npos, out);
  CHECK(correct({"SELL", "0.5", "BTCUSDT.SIM", "--price", "100", "--account", "c", "--id", "k1", "--reason", "statement", "--json"}) == 0);
  CHECK(json_field(out, "position") == "-0.5");
  CHECK(correct({"SELL", "0.6", "BTCUSDT.SIM", "--price", "100", "--account", "c", "--id", "k1", "--reason", "statement"}) == 1);
  CHECK(out.find("another body") != std::string::npos);
  CHECK(correct({"BUY", "0", "BTCUSDT.SIM", "--fee=-1.5", "--account", "c", "--id", "k2", "--reason", "rebate"}) == 0);
  CHECK(correct({"BUY", "1", "BTCUSDT.SIM", "--account", "c", "--id", "k3", "--reason", "no price"}) == 2);
  CHECK(correct({"BUY", "-1", "BTCUSDT.SIM", "--price", "100", "--account", "c", "--id", "k3", "--reason", "twice signed"}) == 2);
  CHECK(correct({"BUY", "1", "BTCUSDT.SIM", "--price", "100", "--account", "c", "--id", "k3"}) == 2); // no reason
  std::vector<std::string> book{"book", "x1", "BTCUSDT.SIM", "--account", "c", "--reason", "compared"};
  book.insert(book.end(), key.begin(), key.end());
  CHECK(troupe(book) == 1);
  CHECK(out.find("is in dispute") != std::string::npos);
  CHECK(troupe({"correct", "BUY", "1", "BTCUSDT.SIM", "--price", "100", "--account", "c", "--id", "k3", "--reason", "no key", "--data-dir", "nowhere"}) != 0);
  CHECK(troupe({"corrections"}) == 0);
  CHECK(out.find("operator:operator-1") != std::string::npos);
  CHECK(out.find("rebate") != std::string::npos);
  CHECK(out.find("k3") == std::string::npos);
  CHECK(troupe({"corrections", "--limit", "1"}) == 0);
  CHECK(out.find("more: --cursor ") != std::string::npos);
  CHECK(troupe({"disputes"}) == 0);
  CHECK(out.find("EXECUTION") != std::string::npos);
  CHECK(eventually([&] { return position_in_btc(node, "c") == "-0.5"; }));
  CHECK(correction_answer(node, "/v1/cash?account=c")["cash"][0]["amount"]["amount"] == "51.5");
}

TEST_SUITE_END();
