// The header Idempotency-Key on a real node, on both surfaces that take orders: with it a repeat is the same order, without it each post
// is a new one.

#include "tests/support/count_of.hpp"
#include "tests/support/node_process.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// Two bodies without an id of their own, as one surface takes them.
struct keyed_surface {
  const char* target;
  const char* body;
  const char* other_body;
  const char* body_with_key; // the first one, and the key in it
  unsigned accepted;
};

constexpr const char* client_key = "key-17";

constexpr keyed_surface keyed_surfaces[] = {
  {"/v1/orders", R"({"account":"k","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"42000"})",
   R"({"account":"k","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.02","limit_price":"42000"})",
   R"({"account":"k","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.01","limit_price":"42000","client_order_id":"key-17"})", 201},
  {"/orders", R"({"account":"t","symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000})",
   R"({"account":"t","symbol":"BTCUSDT","side":"buy","quantity":0.02,"price":42000})",
   R"({"account":"t","symbol":"BTCUSDT","side":"buy","quantity":0.01,"price":42000,"client_order_id":"key-17"})", 200},
};

struct keyed_node {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}}; // its one listener has both surfaces
  edge::http_client client{"", 0};

  keyed_node() {
    REQUIRE_MESSAGE(node.start(), node.log());
    client = node.client();
    REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  }

  [[nodiscard]] edge::client_response post(const keyed_surface& s, const char* body, const edge::client_headers& headers = {}) {
    auto answer = client.request("POST", s.target, body, headers);
    REQUIRE_MESSAGE(answer.has_value(), to_string(answer.error()));
    return *answer;
  }
  [[nodiscard]] std::string orders() {
    auto all = client.get("/v1/orders?status=all");
    REQUIRE(all);
    REQUIRE(all->status == 200);
    return all->body;
  }
  /// How many orders there are, none of them on its way any more; -1 while one is.
  [[nodiscard]] int settled_orders() {
    const auto all = orders();
    if (all.find("PENDING_NEW") != std::string::npos) return -1;
    return static_cast<int>(count_of("\"order_id\"", all));
  }
};

} // namespace

TEST_SUITE_BEGIN("process/idempotency");

TEST_CASE_FIXTURE(keyed_node, "an Idempotency-Key alone makes a repeat the same order, byte for byte, on each surface; another body under it is 409 and changes nothing") {
  const edge::client_headers with_key{{"Idempotency-Key", client_key}};
  int known = 0;
  for (const auto& s : keyed_surfaces) {
    CAPTURE(s.target);
    const auto first = post(s, s.body, with_key);
    CAPTURE(first.body);
    REQUIRE(first.status == s.accepted);
    ++known;
    REQUIRE(eventually([&] { return settled_orders() == known; }));
    const auto before = orders();
    for (int n = 0; n < 3; ++n) {
      const auto repeat = post(s, s.body, with_key);
      CHECK(repeat.status == first.status);
      CHECK(repeat.body == first.body);
    }
    CHECK(post(s, s.body_with_key).body == first.body); // in the body it is the same key
    CHECK(post(s, s.body_with_key, with_key).body == first.body);
    CHECK(post(s, s.other_body, with_key).status == 409);
    CHECK(post(s, s.body, with_key).body == first.body);
    CHECK(orders() == before);
  }
}

TEST_CASE_FIXTURE(keyed_node, "without a key and an id each post is an order of its own, on each surface") {
  int known = 0;
  for (const auto& s : keyed_surfaces) {
    CAPTURE(s.target);
    const auto one = post(s, s.body), other = post(s, s.body);
    CHECK(one.status == s.accepted);
    CHECK(other.status == s.accepted);
    CHECK_FALSE(json_field(one.body, "order_id").empty());
    CHECK(json_field(one.body, "order_id") != json_field(other.body, "order_id"));
    known += 2;
    CHECK(eventually([&] { return settled_orders() == known; }));
  }
}
