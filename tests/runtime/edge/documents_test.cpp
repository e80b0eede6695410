// /openapi.json and /api/docs follow from the table.

#include "tests/runtime/edge/example.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <set>

using namespace edge_example;
using json = nlohmann::json;

namespace {

void for_each_reference(const json& at, const std::function<void(const std::string&)>& f) {
  if (at.is_object() && at.contains("$ref")) f(at["$ref"]);
  if (at.is_structured())
    for (const auto& item : at) for_each_reference(item, f);
}

json document(desk& d) {
  auto r = d.client().get("/openapi.json");
  REQUIRE(r);
  return json::parse(r->body);
}

} // namespace

TEST_SUITE_BEGIN("edge/documents");

TEST_CASE("openapi: every route of the listener is there, and nothing else") {
  desk d;
  const auto doc = document(d);
  CHECK(doc["openapi"] == "3.1.0");
  std::set<std::string> declared, described;
  for (const auto& r : d.table.routes())
    if (r.surface->name != "old") declared.insert(std::string{edge::to_string(r.verb)} + " " + r.path);
  for (const auto& [path, verbs] : doc["paths"].items())
    for (const auto& [verb, operation] : verbs.items()) {
      std::string upper = verb;
      for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      described.insert(upper + " " + path);
    }
  CHECK(declared == described);
}

TEST_CASE("openapi: every reference resolves and operation ids are unique") {
  desk d;
  const auto doc = document(d);
  std::size_t references = 0;
  for_each_reference(doc, [&](const std::string& ref) {
    CAPTURE(ref);
    REQUIRE(ref.starts_with("#/"));
    CHECK(doc.contains(json::json_pointer{ref.substr(1)}));
    ++references;
  });
  CHECK(references > 10);
  CHECK(doc["components"]["schemas"].contains("edge_example.leg")); // nested types are components too
  std::set<std::string> ids;
  for (const auto& path : doc["paths"])
    for (const auto& operation : path) CHECK(ids.insert(operation["operationId"]).second);
}

TEST_CASE("openapi: parameters, bodies, errors and keys come from the declaration") {
  desk d;
  const auto doc = document(d);
  const auto& show = doc["paths"]["/v1/orders/{order_id}"]["get"];
  REQUIRE(show["parameters"].size() == 3);
  CHECK(show["parameters"][0]["in"] == "path");
  CHECK(show["parameters"][0]["schema"]["maxLength"] == 16);
  CHECK(show["parameters"][1]["name"] == "depth");
  CHECK(show["parameters"][1]["description"] == "How many levels.");
  CHECK(show["parameters"][1]["schema"]["maximum"] == 100);
  CHECK(show["parameters"][1]["required"] == false);
  CHECK(show["responses"].contains("404"));
  const auto& place = doc["paths"]["/v1/orders"]["post"];
  CHECK(place["requestBody"]["content"]["application/json"]["schema"]["$ref"] ==
        "#/components/schemas/edge_example.new_order");
  CHECK(place["responses"]["409"]["description"] == "Conflict: conflict");
  CHECK(place["responses"]["415"]["description"] == "Unsupported Media Type: unsupported");
  CHECK_FALSE(show["responses"].contains("415"));
  CHECK(place["parameters"][0]["name"] == "Idempotency-Key");
  CHECK(doc["paths"]["/v1/stream"]["get"]["responses"].contains("101"));
  CHECK(doc["paths"]["/v1/echo/{a}/{b}"]["get"].contains("security"));
}

TEST_CASE("openapi: every described path answers something other than route_not_found") {
  desk d;
  const auto doc = document(d);
  auto c = d.client();
  for (auto [path, verbs] : doc["paths"].items())
    for (const auto& [verb, operation] : verbs.items()) {
      std::string target = path, upper = verb;
      if (target == "/v1/hold" || target == "/v1/stop") continue; // answer when told to
      for (auto& ch : upper) ch = static_cast<char>(std::toupper(static_cast<unsigned char>(ch)));
      for (auto open = target.find('{'); open != std::string::npos; open = target.find('{'))
        target.replace(open, target.find('}') - open + 1, "x");
      CAPTURE(target);
      auto r = c.request(upper, target);
      REQUIRE_MESSAGE(r.has_value(), to_string(r.error()));
      CHECK(r->body.find("route_not_found") == std::string::npos);
    }
}

TEST_CASE("docs: the page is served whole and loads nothing from elsewhere") {
  desk d;
  auto r = d.client().get("/api/docs");
  REQUIRE(r);
  CHECK(r->status == 200);
  CHECK(r->header("Content-Type") == "text/html; charset=utf-8");
  CHECK(r->body.find("openapi.json") != std::string::npos);
  CHECK(r->body.find("</html>") != std::string::npos);
  for (const char* outside : {"src=\"http", "href=\"http", "@import", "url(http"})
    CHECK(r->body.find(outside) == std::string::npos);
}

TEST_CASE("health: alive always, ready as the node says") {
  desk d;
  auto c = d.client();
  CHECK(c.get("/alive")->body == R"({"status":"alive"})");
  CHECK(c.get("/ready")->status == 200);
  d.server->post([&d] { d.not_ready = "recovering"; }); // callbacks run on that thread
  auto r = c.get("/ready");
  CHECK(r->status == 503);
  CHECK(r->header("Retry-After") == "1");
  CHECK(r->body.find("recovering") != std::string::npos);
  CHECK(c.get("/metrics")->body == "example_metric 1\n");
}
