// What a client does that knows only its own id, because its answer was lost: it finds out what became of the order, or withdraws it, and places nothing.

#include "tests/support/count_of.hpp"
#include "tests/support/node_process.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// A node and a client that never looks at the order ids it is answered.
struct forgetful_client {
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  edge::http_client client{"", 0};

  forgetful_client() { start(); }
  void start() {
    REQUIRE_MESSAGE(node.start(), node.log());
    client = node.client();
    REQUIRE(eventually([&] { return client.get("/v1/marks/BTCUSDT.SIM")->status == 200; }));
  }
  /// Rests far below the market.
  [[nodiscard]] edge::client_response place(const std::string& id, const std::string& whose = R"("account":"alpha")", const std::string& quantity = "0.01") {
    return sent("POST", "/v1/orders", "{" + whose + R"(,"client_order_id":")" + id + R"(","instrument":"BTCUSDT.SIM","side":"BUY","quantity":")" + quantity +
                                        R"(","limit_price":"42000"})");
  }
  [[nodiscard]] edge::client_response look(const std::string& id, const std::string& whose = "account=alpha") { return sent("GET", target(id, whose)); }
  [[nodiscard]] edge::client_response cancel(const std::string& id, const std::string& whose = "account=alpha") { return sent("DELETE", target(id, whose)); }
  [[nodiscard]] edge::client_response sent(const std::string& verb, const std::string& where, const std::string& body = {}) {
    auto answer = client.request(verb, where, body);
    REQUIRE_MESSAGE(answer.has_value(), to_string(answer.error()));
    return *answer;
  }
  [[nodiscard]] bool is(const std::string& id, const std::string& status) {
    return eventually([&] { return json_field(look(id).body, "status") == status; });
  }
  [[nodiscard]] std::size_t orders() { return count_of("\"order_id\"", sent("GET", "/v1/orders?status=all&limit=500").body); }

private:
  static std::string target(const std::string& id, const std::string& whose) {
    return "/v1/orders/by_client_id?" + whose + (whose.empty() ? "" : "&") + "client_order_id=" + id;
  }
};

const std::string nothing_yet = "nothing with it was acknowledged so far";

} // namespace

TEST_SUITE_BEGIN("process/client_ids");

TEST_CASE_FIXTURE(forgetful_client, "by its client's id an order is shown and cancelled as by its own, open, finished or refused by risk, before and after kill -9; asking places nothing") {
  REQUIRE(place("one").status == 201);
  REQUIRE(is("one", "NEW"));
  const auto id = json_field(look("one").body, "order_id");
  CHECK(look("one").body == sent("GET", "/v1/orders/" + id).body);
  const auto refused = place("large", R"("account":"alpha")", "100000");
  REQUIRE(refused.status == 200);
  CHECK(json_field(look("large").body, "status") == "REJECTED");
  CHECK(json_field(look("large").body, "order_id") == json_field(refused.body, "order_id"));

  node.kill();
  start();
  CHECK(json_field(look("one").body, "order_id") == id);
  const auto first = cancel("one");
  CHECK_MESSAGE(first.status == 202, first.body);
  CHECK(json_field(first.body, "order_id") == id);
  CHECK(json_field(first.body, "client_order_id") == "one");
  REQUIRE(is("one", "CANCELED"));
  CHECK(look("one").body == sent("GET", "/v1/orders/" + id).body);
  for (int n = 0; n < 2; ++n) { // of a finished order it is refused by either id, in the same words
    const auto again = cancel("one"), by_id = sent("DELETE", "/v1/orders/" + id);
    CHECK(again.status == 409);
    CHECK(by_id.status == 409);
    CHECK(json_field(again.body, "message") == json_field(by_id.body, "message"));
  }
  CHECK(cancel("large").status == 409);

  node.kill();
  start();
  CHECK(json_field(look("one").body, "status") == "CANCELED"); // from the table of finished ones
  CHECK(cancel("one").status == 409);
  CHECK(orders() == 2);
}

TEST_CASE_FIXTURE(forgetful_client, "an id is its account's and tenant's, as they were when it was placed; where there is none it is 404, not retriable, and a cancel stops nothing that comes later") {
  REQUIRE(place("same").status == 201);
  REQUIRE(place("same", R"("account":"beta")").status == 201);
  REQUIRE(place("same", R"("tenant":"desk2","account":"alpha")").status == 201);
  REQUIRE(place("same", R"("tenant":"main")").status == 201); // of the default account
  const auto known = orders();
  const auto of_alpha = json_field(look("same").body, "order_id");
  CHECK(json_field(look("same", "account=beta").body, "account") == "beta");
  CHECK(json_field(look("same", "account=alpha&tenant=desk2").body, "tenant") == "desk2");
  CHECK(json_field(look("same", "").body, "account") == "default");
  CHECK(json_field(look("same", "account=alpha&tenant=main").body, "order_id") == of_alpha);
  REQUIRE(cancel("same", "account=beta").status == 202);
  REQUIRE(eventually([&] { return json_field(look("same", "account=beta").body, "status") == "CANCELED"; }));
  CHECK(is("same", "NEW")); // of alpha: it stays

  REQUIRE(place("bad", R"("account":"alpha")", "0.00000001").status == 400); // refused by its form: no order
  for (const auto& none : {look("late"), cancel("late"), look("bad"), look("same", "account=nobody"), cancel("same", "account=nobody"), look("same", "tenant=desk3&account=alpha")}) {
    CAPTURE(none.body);
    CHECK(none.status == 404);
    CHECK(json_field(none.body, "code") == "not_found");
    CHECK(none.body.find("\"retriable\":false") != std::string::npos);
    CHECK(json_field(none.body, "message").find(nothing_yet) != std::string::npos);
  }
  CHECK(orders() == known);
  REQUIRE(place("late").status == 201);
  CHECK(is("late", "NEW"));
  CHECK(orders() == known + 1);
}

TEST_CASE_FIXTURE(forgetful_client, "a look-up or cancel without an id, or with one that is none, is 400 and names the field") {
  for (const char* verb : {"GET", "DELETE"})
    for (const auto& [query, field] : {std::pair<std::string, const char*>{"", "client_order_id"},
                                       {"?account=alpha", "client_order_id"},
                                       {"?client_order_id=%20", "client_order_id"},
                                       {"?client_order_id=" + std::string(49, 'x'), "client_order_id"},
                                       {"?client_order_id=one&account=%20", "account"},
                                       {"?client_order_id=one&order_id=1-1", "order_id"}}) {
      CAPTURE(query);
      const auto answer = sent(verb, "/v1/orders/by_client_id" + query);
      CHECK(answer.status == 400);
      CHECK_MESSAGE(answer.body.find(std::string{"\"field\":\""} + field) != std::string::npos, answer.body);
    }
}
