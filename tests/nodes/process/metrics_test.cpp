// Numbers of a running node: each step of the order path counts each order once.

#include "tests/support/edge_certificates.hpp"
#include "tests/support/node_process.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

std::string page_of(const node_process& node) {
  auto page = node.client().get("/metrics");
  REQUIRE(page);
  return page->body;
}

/// The sum over every series of a metric whose labels begin as `labels`.
std::uint64_t sum_in(const std::string& page, const std::string& name, const std::string& labels = {}) {
  const auto series = name + (labels.empty() ? "" : "{" + labels);
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < page.size();) {
    const auto end = page.find('\n', at);
    const auto line = page.substr(at, end - at);
    at = end == std::string::npos ? page.size() : end + 1;
    if (line.starts_with(series) && (!labels.empty() || line[series.size()] == ' ')) sum += std::stoull(line.substr(line.rfind(' ') + 1));
  }
  return sum;
}
std::uint64_t sum_of(const node_process& node, const std::string& name, const std::string& labels = {}) {
  return sum_in(page_of(node), name, labels);
}

const std::string slots = "actor=\"oms/";
const std::string venue = "actor=\"venue/SIM\"";

} // namespace

TEST_SUITE_BEGIN("process/metrics");

TEST_CASE("every actor of the tree has its series, supervisors and those that came behind the edge among them") {
  temporary_directory dir;
  node_process node{{.data_dir = dir.path() / "data", .with_strategies = true}};
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto page = page_of(node);
  const auto rows = nlohmann::json::parse(node.client().get("/v1/actors")->body).at("actors");
  CHECK(rows.size() > 70);
  for (const auto& row : rows) {
    const auto name = row.at("name").get<std::string>();
    CAPTURE(name);
    for (const char* series : {"troupe_actor_messages_total", "troupe_actor_restarts_total", "troupe_actor_mailbox_depth"})
      CHECK(page.find(std::string{series} + "{actor=\"" + name + "\"} ") != std::string::npos);
    CHECK(sum_in(page, "troupe_actor_alive", "actor=\"" + name + '"') == 1);
  }
}

TEST_CASE("every series that an alerting rule or the dashboard names is on the page, with the labels a rule picks") {
  std::string rules;
  for (const char* file : {"deploy/prometheus/alerts.yml", "deploy/grafana/troupe.json"}) {
    std::ifstream in{source_dir() / file};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    CHECK_MESSAGE(!text.empty(), file);
    if (text.starts_with('{')) CHECK_MESSAGE(nlohmann::json::accept(text), file);
    rules += text;
  }
  temporary_directory dir;
  const edge_certificates certificates{dir.path()};
  node_process node{{dir.path() / "data", {two_listeners(certificates.shown)}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(node.client().post("/v1/halts", R"({"scope":"ACCOUNT","key":"nobody","reason":"drill"})")->status == 200);
  CHECK(eventually([&] { return sum_of(node, "troupe_risk_halts") == 1; }));
  CHECK(eventually([&] { return sum_of(node, "troupe_node_ready") == 1; }));
  const auto page = page_of(node);
  CHECK(sum_in(page, "troupe_journal_has_space") == 1);
  std::set<std::string> named;
  const std::regex series{R"re((troupe_[a-z_]+)(\{([a-z]+)=~?"([a-z|]+)"\})?)re"};
  for (std::sregex_iterator m{rules.begin(), rules.end(), series}, end; m != end; ++m) {
    const auto name = (*m)[1].str(), label = (*m)[3].str();
    named.insert(name);
    CHECK_MESSAGE((page.find('\n' + name + ' ') != std::string::npos || page.find('\n' + name + '{') != std::string::npos), name);
    std::istringstream values{(*m)[4].str()};
    for (std::string value; std::getline(values, value, '|');) {
      const auto picked = '\n' + name + '{' + label + "=\"" + value + "\"} ";
      CHECK_MESSAGE(page.find(picked) != std::string::npos, picked);
    }
  }
  CHECK(named.size() >= 10);
}

TEST_CASE("each step of the order path counts a thousand orders as a thousand, and a refused one as refused") {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  constexpr int orders = 1000;
  for (int i = 0; i < orders; ++i) {
    const auto body = R"({"account":"m)" + std::to_string(i % 7) + R"(","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000","client_order_id":")" +
                      std::to_string(i) + "\"}";
    auto answer = client.post("/v1/orders", body);
    REQUIRE(answer);
    REQUIRE_MESSAGE(answer->status == 201, answer->body);
  }
  CHECK(sum_of(node, "troupe_actor_effects_total", slots) == orders); // a submit each
  CHECK(eventually([&] { return sum_of(node, "troupe_actor_effects_acknowledged_total", slots) == orders; }));
  CHECK(sum_of(node, "troupe_actor_effects_total", venue) == orders); // a report each
  CHECK(eventually([&] { return sum_of(node, "troupe_actor_effects_acknowledged_total", venue) == orders; }));
  CHECK(sum_of(node, "troupe_actor_turns_refused_total", slots) == 0);
  CHECK(client.post("/v1/orders", R"({"account":"m","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.0000001","limit_price":"44000"})")->status == 400);
  CHECK(eventually([&] { return sum_of(node, "troupe_actor_turns_refused_total", slots) == 1; }));

  for (int i = 0; i < 20; ++i)
    REQUIRE(client.post("/v1/orders", R"({"account":"taker","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","type":"MARKET","client_order_id":"t)" +
                                        std::to_string(i) + "\"}")->status == 201);
  CHECK(eventually([&] { return sum_of(node, "troupe_portfolio_fills_total") == 20; }));

  CHECK(sum_of(node, "troupe_journal_flush_seconds_count") > 0);
  CHECK(eventually([&] {
    const auto page = page_of(node);
    return sum_in(page, "troupe_journal_flush_turns_sum") == sum_in(page, "troupe_journal_turns_total");
  }));
  CHECK(sum_of(node, "troupe_venue_turns_total") > 0);
  CHECK(sum_of(node, "troupe_oms_answer_seconds_count") > 0);
  CHECK(sum_of(node, "troupe_oms_answer_seconds_count") <= orders);
  CHECK(sum_of(node, "troupe_actor_handling_seconds_count", venue) > 0);
}
