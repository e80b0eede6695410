// A node whose edge listens beyond loopback: TLS, keys by role, the principal on record, the tools that speak to it, what changes while it runs, and what a start refuses.

#include "tests/nodes/process/load.hpp"
#include "tests/support/edge_certificates.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <vector>

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string order_for(const std::string& account, const std::string& id) {
  return R"({"client_order_id":")" + id + R"(","account":")" + account + R"(","instrument":"SOLUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"50"})";
}

/// A node beyond loopback, with keys of a trader and a reader that `troupe keys` made before its first start.
struct node_abroad {
  temporary_directory dir;
  edge_certificates certificates{dir.path()};
  fs::path data = dir.path() / "data";
  std::string out;
  node_process node{{data, {two_listeners(certificates.shown), "node.log_level=debug"}}};

  node_abroad() {
    for (const auto& [name, role] : {std::pair{"bot", "trade"}, {"watcher", "read"}})
      REQUIRE_MESSAGE(run_program("troupe", {"keys", "add", name, "--role", role, "--data-dir", data.string()}, out) == 0, out);
    REQUIRE_MESSAGE(node.start(), node.log());
  }
  [[nodiscard]] std::string key(const std::string& file) const {
    std::ifstream in{data / "keys" / file};
    std::string text;
    in >> text;
    REQUIRE(text.size() == 64);
    return text;
  }
  [[nodiscard]] edge::http_client lan(const std::string& key_shown = {}) const { return {"localhost", node.port_of("lan"), 10s, {.tls = certificates.trust(), .key = key_shown}}; }
  /// `troupe` as somebody abroad would call it.
  int troupe(std::vector<std::string> words, const std::string& key_file, const fs::path& authority) {
    for (std::string more : {std::string{"--edge"}, "https://localhost:" + std::to_string(node.port_of("lan")), std::string{"--ca"}, authority.string()}) words.push_back(std::move(more));
    if (!key_file.empty()) {
      words.emplace_back("--key-file");
      words.push_back((data / "keys" / key_file).string());
    }
    return run_program("troupe", words, out);
  }
};

} // namespace

TEST_SUITE_BEGIN("process/edge_tls");

TEST_CASE_FIXTURE(node_abroad, "beyond loopback each key does what its role may, its name is on record, and no key is in the log") {
  auto nobody = lan(), reader = lan(key("read/watcher.key")), trader = lan(key("trade/bot.key")), chief = lan(key("operator-1.key"));
  REQUIRE(eventually([&] { return reader.get("/v1/marks/SOLUSDT.SIM")->status == 200; }));
  CHECK(nobody.get("/alive")->status == 200);
  CHECK(nobody.get("/api/docs")->body.starts_with("<!doctype html>")); // which takes the key that a browser cannot show
  for (const char* target : {"/v1/orders", "/metrics", "/openapi.json", "/nothing"}) CHECK_MESSAGE(nobody.get(target)->status == 401, target);
  CHECK(nobody.post("/v1/orders", order_for("a", "tls-0"))->status == 401);
  CHECK(reader.post("/v1/orders", order_for("a", "tls-0"))->status == 403);
  CHECK(reader.post("/v1/halts", R"({"scope":"ACCOUNT","key":"a","reason":"drill"})")->status == 403);
  CHECK(nlohmann::json::parse(reader.get("/v1/orders")->body).at("orders").empty());
  CHECK(nlohmann::json::parse(reader.get("/v1/halts")->body).at("halts").empty());

  const auto placed = trader.post("/v1/orders", order_for("a", "tls-1"));
  REQUIRE_MESSAGE(placed->status == 201, placed->body);
  REQUIRE(node.client().post("/v1/orders", order_for("a", "tls-2"))->status == 201); // on loopback, without a key
  REQUIRE(trader.post("/v1/halts", R"({"scope":"ACCOUNT","key":"a","reason":"drill"})")->status == 200);
  CHECK(trader.post("/v1/halts/resume", R"({"scope":"ACCOUNT","key":"a"})")->status == 403);
  CHECK(reader.get("/v1/halts")->body.find("trade:bot") != std::string::npos);
  CHECK(chief.post("/v1/halts/resume", R"({"scope":"ACCOUNT","key":"a"})")->status == 200);
  CHECK(nlohmann::json::parse(reader.get("/v1/halts")->body).at("halts").empty());

  const auto id = json_field(placed->body, "order_id");
  const auto slot = "oms/" + id.substr(0, id.find('-'));
  std::map<std::string, std::set<std::string>> placed_by;
  const auto history = nlohmann::json::parse(reader.get("/v1/actors/history?limit=500&name=" + slot)->body);
  for (const auto& t : history.at("turns"))
    if (const auto& turn = t.at("turn"); turn.contains("command") && turn["command"].is_object() && turn["command"].value("kind", "") == "new_order")
      placed_by[turn["command"].at("client_id").get<std::string>()].insert(turn.at("principal").get<std::string>());
  CHECK(placed_by["tls-1"] == std::set<std::string>{"trade:bot"});
  CHECK(placed_by["tls-2"] == std::set<std::string>{"http"});
  CHECK(reader.get("/v1/node")->body.find("\"lan\":\"https://") != std::string::npos);
  const auto metrics = reader.get("/metrics")->body;
  CHECK(metrics.find("troupe_edge_refusals_total{reason=\"no_key\"} 5") != std::string::npos);
  CHECK(metrics.find("troupe_edge_refusals_total{reason=\"role\"} 3") != std::string::npos);
  CHECK(metrics.find("troupe_edge_refusals_total{reason=\"tls_handshake\"} 0") != std::string::npos);

  node.signal(SIGTERM);
  REQUIRE(node.join(20s));
  CHECK(node.exit_code() == 0);
  const auto log = node.log();
  CHECK(log.find("POST /v1/orders") != std::string::npos);
  for (const char* file : {"read/watcher.key", "trade/bot.key", "operator-1.key"}) CHECK_MESSAGE(log.find(key(file)) == std::string::npos, file);
}

TEST_CASE_FIXTURE(node_abroad, "a WebSocket of a browser abroad shows its key as a subprotocol and follows the orders") {
  const auto port = node.port_of("lan");
  const auto open = [&](const std::string& shown) {
    return edge::websocket_client::open("localhost", port, "/v1/stream", 10s, "https://localhost:" + std::to_string(port),
                                        {.tls = certificates.trust(), .key = shown, .key_as_subprotocol = true});
  };
  CHECK_FALSE(open(std::string(64, '0')));
  auto stream = open(key("read/watcher.key"));
  REQUIRE_MESSAGE(stream.has_value(), to_string(stream.error()));
  CHECK(stream->protocol() == "troupe");
  REQUIRE(stream->send(R"({"op":"subscribe","channels":["orders"]})", 10s));
  REQUIRE(stream->receive(10s));
  auto trader = lan(key("trade/bot.key"));
  REQUIRE(eventually([&] { return trader.get("/v1/marks/SOLUSDT.SIM")->status == 200; }));
  REQUIRE(trader.post("/v1/orders", order_for("a", "tls-ws"))->status == 201);
  CHECK(eventually([&] {
    const auto change = stream->receive(10s);
    REQUIRE(change);
    return change->find("tls-ws") != std::string::npos;
  }));
}

TEST_CASE_FIXTURE(node_abroad, "the command line and the load generator trade over TLS with a key, and with nobody whom they do not trust") {
  const auto says = [&](const std::string& text) { return out.find(text) != std::string::npos; };
  const edge_certificates others{dir.path() / "others"};
  REQUIRE(eventually([&] { return lan(key("read/watcher.key")).get("/v1/marks/SOLUSDT.SIM")->status == 200; }));
  REQUIRE_MESSAGE(troupe({"order", "BUY", "0.001", "SOLUSDT.SIM", "--limit", "50", "--id", "cli-1"}, "trade/bot.key", certificates.authority) == 0, out);
  REQUIRE_MESSAGE(troupe({"orders"}, "read/watcher.key", certificates.authority) == 0, out);
  CHECK(says("cli-1"));
  CHECK(troupe({"order", "BUY", "0.001", "SOLUSDT.SIM", "--limit", "50", "--id", "cli-2"}, "read/watcher.key", certificates.authority) != 0);
  CHECK_MESSAGE(says("this key is for reading only"), out);
  CHECK(troupe({"orders"}, {}, certificates.authority) != 0);
  CHECK_MESSAGE(says("this needs a key"), out);
  CHECK(troupe({"orders"}, "read/watcher.key", others.authority) == 3);
  CHECK_MESSAGE(says("certificate is not trusted"), out);
  CHECK(troupe({"orders"}, "read/watcher.key", dir.path() / "none.crt") == 2);
  REQUIRE(run_program("troupe", {"orders", "--edge", "http://10.255.255.1:1", "--key-file", (data / "keys/read/watcher.key").string()}, out) == 2);
  CHECK_MESSAGE(says("a key is not sent in the clear"), out);

  REQUIRE(troupe({"halt", "account", "cli", "--reason", "drill"}, "trade/bot.key", certificates.authority) == 0);
  CHECK(troupe({"resume", "account", "cli"}, "trade/bot.key", certificates.authority) != 0);
  CHECK_MESSAGE(says("this needs an operator's key"), out);
  CHECK_MESSAGE(troupe({"resume", "account", "cli", "--data-dir", data.string()}, {}, certificates.authority) == 0, out); // the first of the folder is an operator's
  CHECK(run_program("troupe", {"resume", "account", "cli", "--data-dir", data.string(), "--edge", "https://desk.invalid:1"}, out) == 2); // which no other host gets
  CHECK_MESSAGE(says("give one with --key-file"), out);

  const auto load = [&](const fs::path& authority, const std::string& key_file) {
    return run_program("troupe-load", {"--tls", "--ca", authority.string(), "--key-file", (data / "keys" / key_file).string(), "--host", "localhost", "--port", std::to_string(node.port_of("lan")),
                                       "-c", "8", "-n", "400", "--instrument", "SOLUSDT.SIM", "--quantity", "0.001", "--limit", "50", "--side", "BUY", "--prefix", "abroad"}, out);
  };
  CHECK(load(others.authority, "trade/bot.key") == 3);
  CHECK_MESSAGE(says("certificate is not trusted"), out);
  CHECK(load(certificates.authority, "read/watcher.key") == 1);
  CHECK_MESSAGE(says("\"refused\":{\"403\":400}"), out);
  CHECK_MESSAGE(load(certificates.authority, "trade/bot.key") == 0, out);
  CHECK_MESSAGE(says("\"acknowledged\":400"), out);
}

TEST_CASE_FIXTURE(node_abroad, "while the node runs a key that is added is let in, one that is removed is shut out with its WebSockets, and a certificate that is renewed is shown") {
  const auto gone = key("read/watcher.key");
  auto watcher = lan(gone);
  REQUIRE(watcher.get("/v1/orders")->status == 200);
  auto stream = edge::websocket_client::open("localhost", node.port_of("lan"), "/v1/stream", 10s, {}, {.tls = certificates.trust(), .key = gone});
  REQUIRE_MESSAGE(stream.has_value(), to_string(stream.error()));
  const auto data_dir = data.string();
  REQUIRE_MESSAGE(run_program("troupe", {"keys", "remove", "watcher", "--data-dir", data_dir}, out) == 0, out);
  REQUIRE_MESSAGE(run_program("troupe", {"keys", "add", "late", "--role", "trade", "--data-dir", data_dir}, out) == 0, out);
  CHECK_FALSE(stream->receive(20s));
  CHECK(stream->close_code() == 1008);
  CHECK(watcher.get("/v1/orders")->status == 401); // on the connection that it had
  auto late = lan(key("trade/late.key"));
  CHECK(eventually([&] { return late.get("/v1/orders")->status == 200; }));
  for (const char* change : {"removed read:watcher", "added trade:late"}) CHECK(eventually([&] { return node.log().find(change) != std::string::npos; }));

  const edge_certificates renewed{dir.path() / "renewed"};
  const auto runs_out = [&] {
    const auto page = late.get("/metrics")->body;
    const auto at = page.find("troupe_certificate_not_after_timestamp_seconds{");
    REQUIRE(at != std::string::npos);
    return page.substr(at, page.find('\n', at) - at);
  };
  CHECK(runs_out().find("\"lan\"") != std::string::npos);
  const auto replace = [](const fs::path& from, const fs::path& to) { fs::copy_file(from, to, fs::copy_options::overwrite_existing); };
  replace(renewed.shown.certificate, certificates.shown.certificate);
  replace(renewed.shown.key, certificates.shown.key);
  CHECK(eventually([&] {
    edge::http_client c{"localhost", node.port_of("lan"), 10s, {.tls = renewed.trust()}};
    return c.get("/alive").has_value();
  }));
  CHECK_FALSE(lan().get("/alive")); // who trusts the earlier authority alone
  CHECK(late.get("/v1/orders")->status == 200); // on the connection that it had
  CHECK(eventually([&] { return node.log().find("listener lan shows the renewed certificate") != std::string::npos; }));
}

TEST_CASE("a certificate that is about to run out is told of by --check and at the start; the node starts all the same") {
  temporary_directory dir;
  const edge_certificates mine{dir.path()};
  REQUIRE(cluster::issue_certificate(dir.path() / "ca", node_name{"localhost"}, dir.path() / "short", 10));
  const edge::tls_files shown{dir.path() / "short/localhost.crt", dir.path() / "short/localhost.key"};
  std::string out;
  const auto warning = "the certificate " + shown.certificate.string() + " of listener lan runs out at ";
  REQUIRE(run_program("troupe-node", {"--config", (source_dir() / "config/desk.json").string(), "--set", two_listeners(shown), "--check"}, out) == 0);
  CHECK_MESSAGE(out.find(warning) != std::string::npos, out);
  node_process node{{dir.path() / "data", {two_listeners(shown)}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(eventually([&] { return node.log().find(warning) != std::string::npos; }));
}

TEST_CASE("what is wrong with a certificate is said by --check and at the start, before anything is opened; what is elsewhere is only missing here") {
  temporary_directory dir;
  const edge_certificates mine{dir.path() / "mine"}, other{dir.path() / "other"};
  const auto data = (dir.path() / "data").string();
  std::string out;
  const auto run = [&](const edge::tls_files& shown, bool check) {
    std::vector<std::string> words{"--config", (source_dir() / "config/desk.json").string(), "--data-dir", data, "--set", two_listeners(shown)};
    if (check) words.emplace_back("--check");
    return run_program("troupe-node", words, out);
  };
  const auto says = [&](const std::string& text) { return out.find(text) != std::string::npos; };
  CHECK_MESSAGE(run(mine.shown, true) == 0, out);
  const edge::tls_files gone{dir.path() / "gone.crt", dir.path() / "gone.key"}, unfit{mine.shown.certificate, other.shown.key};
  CHECK(run(gone, true) == 0);
  CHECK_MESSAGE(says("gone.crt cannot be read"), out);
  CHECK(run(gone, false) == 2);
  CHECK_MESSAGE(says("gone.crt cannot be read"), out);
  for (const bool check : {true, false}) {
    CHECK(run(unfit, check) == 2);
    CHECK_MESSAGE(says("listener lan: the key " + other.shown.key.string() + " is not that of the certificate"), out);
  }
  ::chmod(mine.shown.key.c_str(), 0644);
  CHECK(run(mine.shown, true) == 2);
  CHECK_MESSAGE(says("can be read by others"), out);
  CHECK_FALSE(fs::exists(data));
}

TEST_SUITE_END();
