// The described surface against a real node: every operation of /openapi.json takes a request made from nothing but its
// description, every served route is described, and native routes refuse by name what nobody described.

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/api.hpp"
#include "runtime/edge/builtin.hpp"
#include "tests/nodes/process/trade2026.hpp"
#include "tests/support/schema_sample.hpp"

#include <functional>

using namespace troupe;
using namespace troupe::test;

namespace {

const std::string undeclared = "nobody_declared";

/// One operation of a listener's document.
struct operation {
  std::string listener, verb, path;
  json declared;

  [[nodiscard]] bool is_native() const { return declared["tags"][0] == "v1" || declared["tags"][0] == "ops"; }
  [[nodiscard]] std::string name() const { return verb + " " + path; }
};

struct described_node : trade2026_node {
  std::map<std::string, json> documents;
  std::map<std::string, edge::http_client> clients;

  described_node() {
    for (const char* listener : {"oms", "risk", "gateway", "edge"}) {
      documents[listener] = get(listener, "/openapi.json");
      clients.emplace(listener, node.client_of(listener));
    }
  }

  void for_each_operation(const std::function<void(const operation&)>& f) const {
    for (const auto& [listener, document] : documents)
      for (const auto& [path, verbs] : document["paths"].items())
        for (const auto& [verb, declared] : verbs.items()) f({listener, upper(verb), path, declared});
  }

  /// Path, query and body as the description allows them.
  [[nodiscard]] std::pair<std::string, std::string> request_of(const operation& o, members which) const {
    const auto& document = documents.at(o.listener);
    std::string target = o.path, query;
    for (const auto& p : o.declared.value("parameters", json::array())) {
      const auto value = sample_of(document, p["schema"], which);
      const auto text = value.is_string() ? value.get<std::string>() : value.dump();
      if (p["in"] == "path") target.replace(target.find('{'), target.find('}') - target.find('{') + 1, text);
      else if (p["in"] == "query" && (which == members::all || p["required"] == true))
        query += (query.empty() ? "?" : "&") + p["name"].get<std::string>() + "=" + text;
    }
    std::string body;
    if (o.declared.contains("requestBody"))
      body = sample_of(document, o.declared["requestBody"]["content"]["application/json"]["schema"], which).dump();
    return {target + query, body};
  }

  [[nodiscard]] edge::client_response send(const operation& o, const std::string& target, const std::string& body) {
    auto answer = clients.at(o.listener).request(o.verb, target, body);
    REQUIRE_MESSAGE(answer.has_value(), o.name());
    return *answer;
  }
};

/// The fields that an error body names.
std::set<std::string> named_in(const edge::client_response& answer) {
  std::set<std::string> out;
  const auto body = json::parse(answer.body, nullptr, false);
  if (body.is_object() && body.contains("fields"))
    for (const auto& f : body["fields"]) out.insert(f["field"]);
  return out;
}

} // namespace

TEST_SUITE_BEGIN("process/openapi");

TEST_CASE_FIXTURE(described_node, "every operation takes a request that was made from its description") {
  std::size_t asked = 0;
  for_each_operation([&](const operation& o) {
    CAPTURE(o.name());
    for (const auto which : {members::required, members::all}) {
      const auto [target, body] = request_of(o, which);
      CAPTURE(target);
      CAPTURE(body);
      const auto answer = send(o, target, body);
      CAPTURE(answer.body);
      CHECK(answer.status != 405);
      CHECK(answer.status < 500);
      CHECK(o.declared["responses"].contains(std::to_string(answer.status)));
      for (const char* code : {"route_not_found", "unknown_field", "malformed"}) CHECK(json_field(answer.body, "code") != code);
      CHECK(answer.body.find("nothing is served at this path") == std::string::npos);
      if (o.declared.contains("x-websocket")) CHECK(answer.status == 426);
      ++asked;
    }
  });
  CHECK(asked > 150);
}

TEST_CASE_FIXTURE(described_node, "no route is served that is not described") {
  edge::route_table table;
  auto hub = std::make_shared<edge::stream_hub>();
  auto handlers = std::make_shared<desk::api>();
  handlers->hub = hub.get();
  edge::add_builtin_routes(table, {.metrics_text = [] { return std::string{}; }});
  desk::add_v1_routes(table, handlers);
  desk::add_trade2026_routes(table, handlers);
  std::set<std::string> described, served;
  for_each_operation([&](const operation& o) { described.insert(o.declared["tags"][0].get<std::string>() + " " + o.name()); });
  for (const auto& r : table.routes()) served.insert(r.surface->name + " " + std::string{edge::to_string(r.verb)} + " " + r.path);
  CHECK(described == served);
}

TEST_CASE_FIXTURE(described_node, "a native route answers 400 to what nobody declared, in the query and in the body, and names it") {
  for_each_operation([&](const operation& o) {
    if (!o.is_native()) return;
    CAPTURE(o.name());
    const auto [target, body] = request_of(o, members::required);
    const auto in_query = send(o, target + (target.find('?') == std::string::npos ? "?" : "&") + undeclared + "=1", body);
    CHECK(in_query.status == 400);
    CHECK_MESSAGE(named_in(in_query).contains(undeclared), in_query.body);
    auto more = body.empty() ? json::object() : json::parse(body);
    more[undeclared] = 1;
    const auto in_body = send(o, target, more.dump());
    CHECK(in_body.status == 400);
    CHECK_MESSAGE(named_in(in_body).contains(undeclared), in_body.body);
  });
}
