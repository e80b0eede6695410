// An order by the id that its client gave it: what a request for it becomes, and the words when there is none.

#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/v1_messages.hpp"
#include "runtime/edge/router.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

#include <algorithm>

using namespace troupe;
using namespace troupe::desk;

namespace {

result<v1::client_order_params> client_order(const std::string& json) {
  auto value = wire::parse_json(json);
  REQUIRE(value);
  return wire::from_json<v1::client_order_params>(*value);
}

} // namespace

TEST_SUITE_BEGIN("nodes/api/client_ids");

TEST_CASE("an order by its client's id has the tenant and account that an order without them gets, and an id that can be seen") {
  const auto short_one = client_order(R"({"client_order_id":"my 1/2"})");
  REQUIRE(short_one);
  const v1::order_request placed;
  CHECK(short_one->tenant == placed.tenant);
  CHECK(short_one->account == placed.account);
  CHECK(short_one->client_order_id.value == text<48>{"my 1/2"});
  const auto whole = client_order(R"({"tenant":"desk2","account":"alpha","client_order_id":"one"})");
  REQUIRE(whole);
  CHECK(whole->tenant.value.value == text<16>{"desk2"});
  CHECK(whole->account.value.value == text<32>{"alpha"});
  for (const char* wrong : {R"({"account":"alpha"})", R"({"client_order_id":""})", R"({"client_order_id":"  "})", R"({"client_order_id":"one","order_id":"1-1"})"})
    CHECK_MESSAGE(!client_order(wrong), wrong);
  CHECK_FALSE(client_order(R"({"client_order_id":")" + std::string(49, 'x') + R"("})"));
}

TEST_CASE("no order under a client's id is not found, not retriable, in words that name the account and promise nothing about what is under way") {
  const auto why = no_order_of({{"main"}, {"alpha"}, {"one"}});
  CHECK(why.code == errc::not_found);
  CHECK_FALSE(is_retriable(why.code));
  CHECK(why.message == "account alpha has no order with client order id one: nothing with it was acknowledged so far, and what is still under way with it may yet arrive");
  CHECK(no_order_of({{"desk2"}, {"alpha"}, {"one"}}).message.starts_with("account alpha of tenant desk2 has no order"));
}

TEST_CASE("an account is reserved when it is called as a venue's actor, whether there is such a venue or could be") {
  for (const char* taken : {"venue/SIM", "venue/", "venue/a-name-that-is-too-long"}) {
    CAPTURE(taken);
    const auto why = reserved({text<32>{taken}});
    REQUIRE(why);
    CHECK(why->fields[0].field == "account");
  }
  for (const char* free : {"default", "venue", "venues/SIM", "Venue/SIM", " venue/SIM", "strategy/ma"}) CHECK_MESSAGE(!reserved({text<32>{free}}), free);
}

TEST_CASE("no order's id can be taken for the place where orders are found by their clients' ids") {
  const auto hub = std::make_shared<edge::stream_hub>();
  edge::route_table table;
  auto a = std::make_shared<api>();
  a->hub = hub.get();
  add_v1_routes(table, a);
  const auto router = edge::router::make(table, {"v1"});
  REQUIRE(router);
  const auto path_of = [&](std::string_view path, edge::method verb) {
    const auto* r = router->find(path).routes[static_cast<std::size_t>(verb)];
    return r ? r->path : std::string{};
  };
  for (const auto verb : {edge::method::get, edge::method::del}) {
    CHECK(path_of("/v1/orders/by_client_id", verb) == "/v1/orders/by_client_id");
    CHECK(path_of("/v1/orders/17-4711", verb) == "/v1/orders/{order_id}");
  }
  trading::order_id id;
  CHECK_FALSE(trading::from_text("by_client_id", id));
}

TEST_SUITE_END();
