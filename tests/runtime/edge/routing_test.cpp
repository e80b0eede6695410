// Which handler gets what: paths, parameters, bodies, and how each surface refuses.

#include "tests/runtime/edge/example.hpp"

#include "runtime/edge/router.hpp"
#include "runtime/wire/json_value.hpp"

#include <algorithm>
#include <mutex>

using namespace edge_example;

namespace {

std::string code_of(const edge::client_response& r) {
  auto body = wire::parse_json(r.body);
  REQUIRE_MESSAGE(body.has_value(), r.body);
  const auto* code = body->find("code");
  return code ? code->text : "";
}

std::string fields_of(const edge::client_response& r) {
  auto body = wire::parse_json(r.body);
  REQUIRE_MESSAGE(body.has_value(), r.body);
  std::string out;
  for (const auto& f : body->find("fields")->items) out += f.find("field")->text + " ";
  return out;
}

} // namespace

TEST_SUITE_BEGIN("edge/routing");

TEST_CASE("percent_decode: escapes become bytes, and half an escape is refused") {
  CHECK(edge::percent_decode("oms%2F17") == "oms/17");
  CHECK(edge::percent_decode("a+b") == "a+b");
  CHECK(edge::percent_decode("a+b", true) == "a b");
  for (const char* bad : {"%", "%4", "%zz", "a%2"}) CHECK_FALSE(edge::percent_decode(bad));
}

TEST_CASE("parse_query: pairs in order, without '=' an empty value, at most 64") {
  auto q = edge::parse_query("a=1&b=%26+x&&c&d==");
  REQUIRE(q);
  CHECK(*q == edge::named_values{{"a", "1"}, {"b", "& x"}, {"c", ""}, {"d", "="}});
  CHECK(edge::parse_query("a=%G0").error().code == errc::malformed);
  std::string many;
  for (int i = 0; i < 65; ++i) many += "x&";
  CHECK(edge::parse_query(many).error().code == errc::too_large);
}

TEST_CASE("a literal part of a path wins over a part in braces") {
  desk d;
  auto c = d.client();
  CHECK(c.get("/v1/orders/newest")->body.find("newest") != std::string::npos);
  CHECK(c.get("/v1/orders/o-7")->body.find("o-7") != std::string::npos);
}

TEST_CASE("path values arrive decoded, headers of interest arrive, and the request id is returned") {
  desk d;
  auto c = d.client();
  auto r = c.request("GET", "/v1/echo/oms%2F17/%C3%A4", {}, {{"Authorization", "Bearer k"}, {"Idempotency-Key", "i-1"}});
  REQUIRE(r);
  CHECK(r->body == "oms/17|\xc3\xa4|Bearer k|i-1|" + std::string{r->header("x-request-id")});
  CHECK(code_of(*c.get("/v1/echo/%4/b")) == "malformed");
  CHECK(c.request("GET", "http://elsewhere/v1/orders/o-1")->status == 200); // the absolute form, as proxies send it
}

TEST_CASE("a request id is the boot id it was given and the number of the request, also of one that was refused") {
  desk d{{.boot_id = "00c0ffee00c0ffee"}};
  auto c = d.client();
  CHECK(c.get("/v1/orders/o-1")->header("X-Request-Id") == "00c0ffee00c0ffee-1");
  CHECK(c.get("/nothing")->header("X-Request-Id") == "00c0ffee00c0ffee-2");
  desk other; // draws one of its own
  CHECK_FALSE(other.client().get("/alive")->header("X-Request-Id").starts_with("00c0ffee"));
  CHECK(other.client().get("/alive")->header("X-Request-Id").ends_with("-2"));
}

TEST_CASE("what is not served is 404, and another method on a served path is 405 with Allow") {
  desk d;
  auto c = d.client();
  for (const char* path : {"/", "/v1", "/v1/orders/a/b", "/v1/orders/", "/v2/orders", "//v1/orders", "/orders", "*"}) {
    CAPTURE(path);
    auto r = c.get(path);
    REQUIRE(r);
    CHECK(r->status == 404);
    CHECK(code_of(*r) == "route_not_found");
  }
  auto r = c.request("PUT", "/v1/orders/o-1");
  CHECK(r->status == 405);
  CHECK(r->header("Allow") == "GET, HEAD, DELETE");
  CHECK(c.request("BREW", "/v1/orders/o-1")->status == 405);
  CHECK(c.request("OPTIONS", "/v1/orders")->header("Allow") == "POST");
  auto head = c.request("HEAD", "/v1/orders/o-1");
  CHECK(head->status == 200);
  CHECK(head->body.empty());
  CHECK(c.get("/v1/orders/o-1")->status == 200); // the answer to HEAD left nothing behind on the connection
}

TEST_CASE("the absolute form is taken in any case, and what follows a \"?\" is no path") {
  desk d;
  auto c = d.client();
  CHECK(c.get("HTTP://elsewhere/v1/orders/o-1")->status == 200);
  CHECK(c.get("https://elsewhere:8080/v1/orders/o-1?depth=1")->status == 200);
  for (const char* no : {"http://elsewhere", "http://elsewhere?x=/v1/orders/o-1", "http://elsewhere/?x=/v1/orders/o-1", "ftp://elsewhere/v1/orders/o-1"}) CHECK_MESSAGE(c.get(no)->status == 404, no);
}

TEST_CASE("whoever looks at answers is told the method as it was sent, and HEAD is served and counted with its route") {
  std::mutex guard;
  std::vector<std::string> seen;
  desk d{{.answered = [&](const edge::request_context& r, unsigned) {
    std::lock_guard locked{guard};
    seen.push_back(r.sent_verb);
  }}};
  auto c = d.client();
  const std::vector<std::string> sent{"GET", "HEAD", "OPTIONS", "BREW", "DELETE"};
  for (const auto& verb : sent) REQUIRE(c.request(verb, "/v1/orders/o-1"));
  CHECK(eventually([&] {
    std::lock_guard locked{guard};
    return seen == sent;
  }));
  const auto& routes = d.table.routes();
  const auto shown = std::ranges::find_if(routes, [](const auto& r) { return r.path == "/v1/orders/{order_id}" && r.verb == edge::method::get; });
  CHECK(shown->metrics.by_class[1] == 2);
}

TEST_CASE("a packed body is 415 with the name of its packing, whatever is in it, and the handler sees nothing") {
  desk d;
  auto c = d.client();
  for (const char* packing : {"gzip", "deflate", "br", "identity, gzip"}) {
    CAPTURE(packing);
    const auto r = c.request("POST", "/v1/orders", good_order, {{"Content-Encoding", packing}});
    REQUIRE(r);
    CHECK(r->status == 415);
    CHECK(code_of(*r) == "unsupported");
    CHECK(r->body.find(packing) != std::string::npos);
    CHECK(r->header("Accept-Encoding") == "identity");
  }
  CHECK(d.orders_seen() == 0);
  for (const char* plain : {"identity", "Identity"}) CHECK(c.request("POST", "/v1/orders", good_order, {{"Content-Encoding", plain}})->status == 200);
  CHECK(c.request("GET", "/v1/orders/o-1", "", {{"Content-Encoding", "gzip"}})->status == 200); // of a body that is not there
  CHECK(d.client("old").request("POST", "/orders", good_order, {{"Content-Encoding", "gzip"}})->body == R"({"detail":"a body with Content-Encoding gzip is not read here; send it as it is"})");
}

TEST_CASE("a slash at the end is passed over where the surface says so, and is another path elsewhere") {
  desk d;
  auto old = d.client("old");
  CHECK(old.post("/orders/", good_order)->status == 200);
  CHECK(old.get("/orders/")->header("Allow") == "POST");
  for (const char* path : {"/orders//", "//orders/", "/", "/orders/x/"}) CHECK_MESSAGE(old.post(path, good_order)->status == 404, path);
  CHECK(d.orders_seen() == 1);
  CHECK(d.client().post("/v1/orders/", good_order)->status == 404);
  CHECK(d.client().get("/v1/orders/o-1/")->status == 404);
}

TEST_CASE("a listener serves its own surfaces only") {
  desk d;
  auto old = d.client("old");
  CHECK(old.post("/orders", good_order)->status == 200);
  CHECK(old.post("/v1/orders", good_order)->status == 404);
}

TEST_CASE("a path that is not there is answered with where to look, and that is there") {
  desk d;
  auto old = d.client("old");
  CHECK(old.get("/openapi.json")->status == 404);
  CHECK(old.get("/alive")->body == R"({"detail":"nothing is served at this path; here are /orders"})");
  CHECK(d.client().get("/orders")->body.find("see /openapi.json") != std::string::npos);
  CHECK(d.client().get("/openapi.json")->status == 200);
}

TEST_CASE("parameters: text becomes the declared types, and all violations are told by name") {
  desk d;
  auto c = d.client();
  CHECK(c.get("/v1/orders/o-1?depth=5&active_only=true")->body.find("\"depth\":5") != std::string::npos);
  auto r = c.get("/v1/orders/far-too-long-for-an-order?depth=0&active_only=maybe&more=1");
  CHECK(r->status == 400);
  CHECK(fields_of(*r) == "order_id depth active_only more ");
  CHECK(fields_of(*c.get("/v1/orders/o-1?depth=1&depth=2")) == "depth ");
  CHECK(fields_of(*c.get("/v1/orders/newest?x=1")) == "x ");
}

TEST_CASE("body: every violation is answered together in the one error body, and the handler sees nothing") {
  desk d;
  auto c = d.client();
  auto r = c.post("/v1/orders", R"({"account":"alpha","direction":"UP","legs":[{"symbol":"B","size":"0"}],"limit":"x","more":1})");
  REQUIRE(r);
  CHECK(r->status == 400);
  CHECK(code_of(*r) == "unknown_field");
  CHECK(fields_of(*r) == "direction legs[0].size limit more ");
  auto body = wire::parse_json(r->body);
  CHECK(body->find("retriable")->boolean == false);
  CHECK(body->find("request_id")->text == r->header("X-Request-Id"));
  for (const char* bad : {"", "{", "[]", "{\"account\":1}", "null", "\"x\""}) {
    CAPTURE(bad);
    CHECK(c.post("/v1/orders", bad)->status == 400);
  }
  CHECK(d.orders_seen() == 0);
  CHECK(c.post("/v1/orders", good_order)->status == 200);
  CHECK(d.orders_seen() == 1);
}

TEST_CASE("what is wrong with the path and with the body is told together, however much it is") {
  desk d;
  auto c = d.client();
  CHECK(c.request("PATCH", "/v1/notes/o1", R"({"loud":true})")->status == 200);
  for (const int unknown : {0, 1, 2, 5, 20, 60}) {
    CAPTURE(unknown);
    std::string body = R"({"loud":"very")", expected = "order_id loud ";
    for (int i = 0; i < unknown; ++i) {
      const auto name = "nobody_declared_this_" + std::to_string(i);
      body += ",\"" + name + "\":1";
      expected += name + " ";
    }
    const auto r = c.request("PATCH", "/v1/notes/longer-than-an-order-id-is", body + "}");
    REQUIRE(r);
    CHECK(r->status == 400);
    CHECK(fields_of(*r) == expected);
  }
}

TEST_CASE("a route without a body refuses one, but takes an empty object") {
  desk d;
  auto c = d.client();
  auto r = c.post("/v1/throw", R"({"x":1,"y":{"z":2}})");
  CHECK(r->status == 400);
  CHECK(fields_of(*r) == "x y ");
  CHECK(fields_of(*c.post("/v1/throw", "[1]")) == " ");
  CHECK(c.post("/v1/throw", "{}")->status == 500); // the handler ran
}

TEST_CASE("a body that may be missing counts as an empty object, and a wrong one is refused as ever") {
  desk d;
  auto c = d.client();
  for (const char* nothing : {"", " \r\n", "null", "{}"}) CHECK_MESSAGE(c.post("/v1/note", nothing)->body == R"({"loud":false})", nothing);
  for (const char* no : {"0", "false", "[]", "\"\"", "nul", "reason=drill"}) CHECK_MESSAGE(c.post("/v1/note", no)->status == 400, no);
  CHECK(c.post("/v1/note", R"({"loud":true})")->body == R"({"loud":true})");
  CHECK(fields_of(*c.post("/v1/note", R"({"quiet":true})")) == "quiet ");
  const auto doc = wire::parse_json(c.get("/openapi.json")->body, {64, 100'000});
  REQUIRE(doc);
  const auto* body = doc->find("paths")->find("/v1/note")->find("post")->find("requestBody");
  REQUIRE(body);
  CHECK(body->find("required")->boolean == false);
}

TEST_CASE("a stream refuses parameters that nobody declared") {
  desk d;
  auto r = d.client().get("/v1/stream?x=1");
  CHECK(r->status == 400);
  CHECK(fields_of(*r) == "x ");
}

TEST_CASE("unknown fields are ignored and counted on a lenient surface, refused on a native one") {
  desk d;
  auto old = d.client("old");
  const std::string more = R"({"order_type":"X","meta":{},)" + std::string{good_order}.substr(1);
  CHECK(old.post("/orders", more)->status == 200);
  CHECK(d.table.find_surface("old")->unknown_fields == 2);
  CHECK(old.request("POST", "/orders?a=1", good_order)->status == 200);
  CHECK(d.table.find_surface("old")->unknown_fields == 3);
  auto native = d.client();
  CHECK(fields_of(*native.post("/v1/orders", more)) == "order_type meta ");
  CHECK(d.table.find_surface("v1")->unknown_fields == 0);
}

TEST_CASE("a parameter that is read is said once; where undeclared ones are ignored they may come as often as they like") {
  edge::route_table table;
  table.declare("old", {.unknown = wire::unknown_fields::count});
  table.declare("new", {});
  const auto nothing = [](const edge::request_context&, const order_query&, const edge::responder&) {};
  edge::request_context lenient, strict;
  lenient.matched = &table.get<order_query, edge::none>("old", "/x/{order_id}", "One.", {}, nothing);
  strict.matched = &table.get<order_query, edge::none>("new", "/x/{order_id}", "One.", {}, nothing);
  lenient.query = strict.query = {{"_", "1"}, {"depth", "1"}, {"_", "2"}};
  CHECK_FALSE(edge::refuse_undeclared(lenient, true, false));
  REQUIRE(edge::refuse_undeclared(strict, true, false));
  CHECK(edge::refuse_undeclared(strict, true, false)->fields[0].field == "_");
  lenient.query.emplace_back("depth", "2");
  REQUIRE(edge::refuse_undeclared(lenient, true, false));
  CHECK(edge::refuse_undeclared(lenient, true, false)->fields[0].field == "depth");
}

TEST_CASE("a lenient surface answers errors in its own form") {
  desk d;
  auto old = d.client("old");
  auto r = old.post("/orders", R"({"account":"alpha","direction":"UP","legs":[]})");
  CHECK(r->status == 422);
  CHECK(r->body == R"({"detail":[{"loc":["body","direction"],"msg":"must be one of BUY, SELL","type":"value_error"}]})");
}

TEST_CASE("a listener cannot serve two routes with one verb and path") {
  edge::route_table table;
  table.declare("a", {});
  table.declare("b", {});
  auto nothing = [](const edge::request_context&, edge::none, const edge::responder&) {};
  table.get<edge::none, edge::none>("a", "/x/{id}", "One.", {}, nothing);
  table.get<edge::none, edge::none>("b", "/x/{name}", "Two.", {}, nothing);
  CHECK(edge::router::make(table, {"a"}).has_value());
  CHECK(edge::router::make(table, {"a", "b"}).error().code == errc::conflict);
  CHECK(edge::router::make(table, {"c"}).error().code == errc::not_found);
}

TEST_CASE("errors: every code has a status, and retriable refusals say when to come back") {
  CHECK(edge::http_status(errc::conflict) == 409);
  CHECK(edge::http_status(errc::disk_full) == 503);
  CHECK(edge::http_status(errc::timeout) == 504);
  auto r = edge::native_error(fail(errc::halted, "firm \"halt\"\n"), 503, "r-1");
  CHECK(r.headers == "Retry-After: 60\r\n"); // operators lift a halt, not time
  CHECK(edge::native_error(fail(errc::disk_full, "x"), 503, "r").headers == "Retry-After: 30\r\n");
  for (const unsigned status : {408u, 413u, 429u, 503u, 504u}) {
    CHECK(edge::native_error(fail(errc::overloaded, "x"), status, "r").headers == "Retry-After: 1\r\n");
    CHECK(edge::fastapi_error(fail(errc::overloaded, "x"), status, "r").headers == "Retry-After: 1\r\n");
  }
  for (const unsigned status : {400u, 404u, 409u, 500u})
    CHECK(edge::native_error(fail(errc::conflict, "x"), status, "r").headers.empty());
  auto body = wire::parse_json(r.body);
  REQUIRE(body);
  CHECK(body->find("message")->text == "firm \"halt\"\n");
  CHECK(body->find("retriable")->boolean);
}

TEST_CASE("a header value cannot add a header line") {
  edge::response r;
  r.header("X", "a\r\nSet-Cookie: b");
  CHECK(r.headers == "X: a  Set-Cookie: b\r\n");
}
