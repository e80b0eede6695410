// What an operator says a strategy holds, on a real node: over HTTP and from the command line, and killed at once behind the answer.

#include "tests/nodes/process/proof.hpp"

#include "runtime/edge/client.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// The strategies of the small desk, and no market: they do nothing by themselves.
struct idle_strategies {
  temporary_directory dir;
  node_process node{{.data_dir = dir.path() / "data", .with_market = false, .with_strategies = true}};
  idle_strategies() { REQUIRE_MESSAGE(node.start(), node.log()); }

  [[nodiscard]] edge::client_response correct_mm(const nlohmann::json& body, bool with_key = true, const std::string& name = "mm") const {
    const auto answer = node.client().request("POST", "/v1/strategies/" + name + "/corrections", body.dump(),
                                              with_key ? edge::client_headers{{"Authorization", "Bearer " + node.operator_key(1)}} : edge::client_headers{});
    REQUIRE(answer.has_value());
    return *answer;
  }
  /// What the strategy's own stream says; empty while it says nothing.
  [[nodiscard]] std::string position_of_mm() const {
    std::string out;
    if (run_program("troupe", {"inspect", "state", "strategy/mm", "--data-dir", (dir.path() / "data").string()}, out) != 0) return {};
    const auto at = out.find("\"position\"");
    return at == std::string::npos ? "" : out.substr(out.find(':', at) + 1, 16);
  }
};

const nlohmann::json three_missing{{"correction_id", "k1"}, {"instrument", "BTCUSDT.SIM"}, {"quantity", "0.03"}, {"reason", "compared with the books"}};

} // namespace

TEST_SUITE_BEGIN("process/strategy_corrections");

TEST_CASE_FIXTURE(idle_strategies, "what a strategy takes its position for is corrected by an operator alone, once, over kill -9; its books stay as they are, and every invariant holds") {
  CHECK(correct_mm(three_missing, false).status == 401);
  struct row { const char* member; const char* value; unsigned status; };
  for (const auto& r : {row{"instrument", "ETHUSDT.SIM", 400}, row{"account", "nobody", 400}, row{"quantity", "much", 400}, row{"reason", " ", 400}, row{"correction_id", " ", 400}}) {
    CAPTURE(r.member);
    auto other = three_missing;
    other[r.member] = r.value;
    const auto refused = correct_mm(other);
    CHECK_MESSAGE(refused.status == r.status, refused.body);
  }
  const auto unknown = correct_mm(three_missing, true, "nn");
  CHECK(unknown.status == 404);
  CHECK_MESSAGE(unknown.body.find("mm") != std::string::npos, unknown.body);
  CHECK(position_of_mm().empty());

  const auto first = correct_mm(three_missing);
  node.kill();
  REQUIRE_MESSAGE(first.status == 201, first.body);
  CHECK(json_field(first.body, "position") == "0.03");
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(position_of_mm().find("0.03") != std::string::npos);
  const auto again = correct_mm(three_missing);
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  auto other = three_missing;
  other["quantity"] = "0.04";
  CHECK(correct_mm(other).status == 409);
  CHECK(position_of_mm().find("0.03") != std::string::npos);
  const auto books = node.client().get("/v1/positions?flat=true&account=mm");
  REQUIRE(books);
  CHECK_MESSAGE(nlohmann::json::parse(books->body)["positions"].empty(), books->body);
  stop_settled(node);
  check_invariants(node, {}, true);
}

TEST_CASE_FIXTURE(idle_strategies, "a strategy is corrected from the command line, and a script sees what was refused") {
  std::string out;
  const auto correct = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"strategy", "correct"});
    arguments.insert(arguments.end(), {"--edge", "http://127.0.0.1:" + std::to_string(node.port()), "--data-dir", (dir.path() / "data").string()});
    return run_program("troupe", arguments, out);
  };
  CHECK(correct({"mm", "BTCUSDT.SIM", "-0.03", "--id", "k1", "--reason", "compared"}) == 0);
  CHECK_MESSAGE(out.find("correction k1: mm takes its position for -0.03 BTCUSDT.SIM") != std::string::npos, out);
  CHECK(correct({"mm", "BTCUSDT.SIM", "-0.03", "--id", "k1", "--reason", "compared", "--json"}) == 0);
  CHECK(json_field(out, "position") == "-0.03");
  CHECK(correct({"mm", "BTCUSDT.SIM", "0.03", "--id", "k1", "--reason", "compared"}) == 1);
  CHECK_MESSAGE(out.find("another body") != std::string::npos, out);
  CHECK(correct({"mm", "BTCUSDT.SIM", "0.01", "--reason", "without an id of my own"}) == 0);
  CHECK_MESSAGE(out.find("-0.02") != std::string::npos, out);
  CHECK(correct({"mm", "BTCUSDT.SIM", "0", "--account", "mm", "--reason", "looked"}) == 0);
  CHECK(correct({"nn", "BTCUSDT.SIM", "0.01", "--reason", "nobody"}) != 0);
  CHECK_MESSAGE(out.find("there is no strategy") != std::string::npos, out);
  CHECK(correct({"mm", "BTCUSDT.SIM", "0.01"}) == 2); // no reason
  CHECK(position_of_mm().find("-0.02") != std::string::npos);
}

TEST_SUITE_END();
