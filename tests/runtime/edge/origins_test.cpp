// What a page of another origin, which may call here, can read of an answer.

#include "tests/runtime/edge/example.hpp"

using namespace edge_example;

namespace {

constexpr const char* allowed_page = "http://localhost:5173";

} // namespace

TEST_SUITE_BEGIN("edge/origins");

TEST_CASE("an allowed page may read what an answer says of itself: its request's id, when to come back, what the path serves") {
  desk d{{.allowed_origins = {allowed_page}}};
  auto c = d.client();
  for (const char* target : {"/v1/orders/o1", "/v1/orders/missing", "/v1/nowhere"}) {
    CAPTURE(target);
    const auto r = c.request("GET", target, "", {{"Origin", allowed_page}});
    REQUIRE(r);
    CHECK(r->header("Access-Control-Allow-Origin") == allowed_page);
    CHECK(r->header("Access-Control-Expose-Headers") == "X-Request-Id, Retry-After, Allow, WWW-Authenticate");
  }
  CHECK(c.get("/v1/orders/o1")->header("Access-Control-Expose-Headers").empty());
}

TEST_CASE("a browser need not ask again before each request of an allowed page") {
  desk d{{.allowed_origins = {allowed_page}}};
  const auto r = d.client().request("OPTIONS", "/v1/orders", "", {{"Origin", allowed_page}, {"Access-Control-Request-Method", "POST"}});
  REQUIRE(r);
  CHECK(r->status == 204);
  CHECK(r->header("Access-Control-Max-Age") == "600");
}

TEST_CASE("an allowed page may read why its request was refused before it was whole; any other learns nothing") {
  desk d{{.allowed_origins = {allowed_page}}};
  const auto too_large = [&](const std::string& origin) {
    return d.conversation("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin + "\r\nContent-Length: 1000000\r\n\r\n");
  };
  const auto too_long = [&](const std::string& origin) {
    return d.conversation("GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin + "\r\n\r\n");
  };
  CHECK(status_of(too_large(allowed_page)) == 413);
  CHECK(status_of(too_long(allowed_page)) == 414);
  for (const auto& said : {too_large(allowed_page), too_long(allowed_page)}) CHECK_MESSAGE(said.find("\r\nAccess-Control-Allow-Origin: http://localhost:5173\r\n") != std::string::npos, said);
  for (const auto& said : {too_large("http://evil.example"), too_long("null")}) CHECK_MESSAGE(said.find("Access-Control") == std::string::npos, said);
}

TEST_SUITE_END();
