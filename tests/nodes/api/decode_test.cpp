// What a body becomes: defaults, unknown fields, and which of two names counts.

#include "actors/platform/trade2026/messages.hpp"
#include "actors/trading/oms/messages.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/v1_messages.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
namespace t26 = trade2026;

namespace {

template <class T>
result<T> read(const std::string& json, wire::json_decoding mode = {}) {
  auto value = wire::parse_json(json);
  REQUIRE(value);
  return wire::from_json<T>(*value, mode);
}

result<t26::order_request> order(const std::string& more) {
  wire::json_decoding lenient{wire::unknown_fields::count};
  return read<t26::order_request>(R"({"symbol":"BTCUSDT","side":"buy","quantity":0.5)" + more + "}", lenient);
}

std::string fields_of(const error& e) {
  std::string out;
  for (const auto& f : e.fields) out += f.field + " ";
  return out;
}

} // namespace

TEST_SUITE_BEGIN("nodes/api/decode");

TEST_CASE("trade2026 order: `type` counts before `order_type`, in any case, and LIMIT when neither is there") {
  CHECK(t26::kind_of(*order("")).value() == t26::order_kind::limit);
  CHECK(t26::kind_of(*order(R"(,"order_type":"market")")).value() == t26::order_kind::market);
  CHECK(t26::kind_of(*order(R"(,"type":"Limit","order_type":"market")")).value() == t26::order_kind::limit);
  CHECK(t26::kind_of(*order(R"(,"type":"MARKET","order_type":"nonsense")")).value() == t26::order_kind::market);
  CHECK(t26::kind_of(*order(R"(,"type":"ICEBERG")")).error().code == errc::invalid_argument);
  CHECK(t26::kind_of(*order(R"(,"type":"stop_limit")")).value() == t26::order_kind::stop_limit);
}

TEST_CASE("trade2026 order: defaults, numbers kept exact, unknown members counted") {
  wire::json_decoding lenient{wire::unknown_fields::count};
  auto value = wire::parse_json(R"({"symbol":"ETHUSDT","side":"SELL","quantity":0.1,"price":2500.10000001,
    "metadata":{"a":1},"colour":"red","size":1,"stop_price":null})");
  REQUIRE(value);
  auto r = wire::from_json<t26::order_request>(*value, lenient);
  REQUIRE(r);
  CHECK(r->account.value.value == text<32>{"default"});
  CHECK(r->time_in_force.value == t26::validity::day);
  CHECK(r->side == trading::side::sell);
  CHECK(r->quantity.value.value == *quantity::parse("0.1"));
  CHECK(r->price->value == *price::parse("2500.10000001"));
  CHECK_FALSE(r->stop_price);
  CHECK(lenient.unknown_seen == 2);
}

TEST_CASE("trade2026 order: a number that a double came close to is the decimal that is meant; one that is finer is refused, and nothing is rounded to a tick") {
  const std::pair<const char*, const char*> computed[] = {
    {"0.30000000000000004", "0.3"}, {"0.010000000000000002", "0.01"}, {"44000.00000000001", "44000"}, {"61829.770000000004", "61829.77"}, {"99.9999999999986", "100"},
    {"2.9999999999999996", "3"}, {"1.0000000000000002e-06", "0.000001"}, {"45000.200000000004", "45000.2"},    {"3e-1", "0.3"},                  {"0.12345678", "0.12345678"}, {"92233720368.54775807", "92233720368.54775807"}};
  for (const auto& [sent, meant] : computed) {
    CAPTURE(sent);
    for (const std::string& number : {std::string{sent}, '"' + std::string{sent} + '"'}) {
      const auto r = order(",\"price\":" + number);
      REQUIRE(r);
      CHECK(r->price->value == *price::parse(meant));
    }
  }
  for (const char* finer : {"0.123456789", "44000.123456789", "44000.1234567891", "60000.0000000003", "0.022222222222222223", "1e-12", "1e-300", "1e30", "1e+-3", "1e5e5", "e5", "inf", "nan", "0x1p3", "1.0.0", "", " 1", "+1"}) {
    CAPTURE(finer);
    const auto r = order(R"(,"price":")" + std::string{finer} + '"');
    REQUIRE_FALSE(r);
    CHECK(r.error().fields[0].message == "must be a decimal with at most 8 decimal places between -92233720368 and 92233720368");
  }
}

TEST_CASE("trade2026 order: metadata may be anything and is not counted as unknown") {
  for (const char* any : {"{}", R"({"desk":{"a":[1,null]}})", "[]", "\"text\"", "7", "null"}) {
    CAPTURE(any);
    wire::json_decoding lenient{wire::unknown_fields::count};
    CHECK(read<t26::order_request>(std::string{R"({"symbol":"BTCUSDT","side":"buy","quantity":1,"metadata":)"} + any + "}", lenient));
    CHECK(lenient.unknown_seen == 0);
  }
}

TEST_CASE("ids of an order that are white space alone are refused by name, on both surfaces") {
  const auto native = read<desk::v1::order_request>(
    R"({"tenant":" ","account":"  ","client_order_id":" ","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"1"})");
  REQUIRE_FALSE(native);
  CHECK(native.error().code == errc::invalid_argument);
  CHECK(fields_of(native.error()) == "tenant account client_order_id ");
  const auto theirs = order(R"(,"account":" ","client_order_id":"   ")");
  REQUIRE_FALSE(theirs);
  CHECK(fields_of(theirs.error()) == "account client_order_id ");
  CHECK(order(R"(,"account":" a","client_order_id":"b c")")); // what can be seen is a name, blanks and all
}

TEST_CASE("what an older journal holds of a blank account is still read") {
  oms::new_order o;
  o.account = {" "};
  o.client_id = {" "};
  std::string bytes;
  wire::encode(o, bytes);
  const auto again = wire::decode<oms::new_order>(bytes);
  REQUIRE(again);
  CHECK(again->account.value == text<32>{" "});
}

TEST_CASE("a native halt needs no reason, and limits are those of an account that can be seen") {
  using desk::v1::halt_request;
  for (const char* one : {R"({"scope":"FIRM","reason":"drill"})", R"({"scope":"FIRM"})", R"({"scope":"FIRM","reason":""})", R"({"scope":"FIRM","reason":" "})"})
    CHECK_MESSAGE(read<halt_request>(one), one);
  const auto of = [](const char* account) {
    return wire::to_json(desk::v1::limits_request{required_text<text<32>>{account}, desk::v1::view_of(risk::limits{})});
  };
  CHECK(read<desk::v1::limits_request>(of("alpha")));
  const auto nobody = read<desk::v1::limits_request>(of(" "));
  REQUIRE_FALSE(nobody);
  CHECK(fields_of(nobody.error()) == "account ");
}

TEST_CASE("a halt is refused for no words: of a long reason the beginning is on record, and what is no ASCII as question marks") {
  const std::string long_reason(200, 'x');
  for (const auto& reason : {long_reason, std::string{"H\xc3\xa4ndler \xe2\x80\x94 sofort"}}) {
    CAPTURE(reason);
    CHECK(read<desk::v1::halt_request>(R"({"scope":"ACCOUNT","key":"alpha","reason":")" + reason + "\"}").value().reason == reason);
    CHECK(read<t26::halt_request>(R"({"scope":"account","key":"alpha","reason":")" + reason + "\"}").value().reason == reason);
  }
  const text<95> otherwise{"none given"};
  CHECK(desk::reason_of_halt(long_reason, otherwise).str() == long_reason.substr(0, 95));
  CHECK(desk::reason_of_halt("H\xc3\xa4ndler", otherwise).str() == "H??ndler");
  CHECK(desk::reason_of_halt("drill\n", otherwise).str() == "drill?");
  for (const auto& nothing : {std::optional<std::string>{}, std::optional<std::string>{""}, std::optional<std::string>{" \n"}})
    CHECK(desk::reason_of_halt(nothing, otherwise) == otherwise);
}

TEST_CASE("trade2026 order: everything that is wrong is said at once") {
  auto r = read<t26::order_request>(R"({"side":"long","quantity":0})", {wire::unknown_fields::count});
  REQUIRE_FALSE(r);
  CHECK(fields_of(r.error()) == "symbol side quantity ");
}

TEST_CASE("trade2026 replies show absent values as null and decimals as numbers") {
  t26::order_reply out;
  out.order_id = trading::order_id::make(17, 4711);
  out.status = t26::order_state::risk_rejected;
  out.symbol = "BTCUSDT";
  out.quantity = {*quantity::parse("0.5")};
  out.error_message.value = "halted";
  out.created_at = time_from_ns(1'700'000'000'000'000'000);
  CHECK(wire::to_json(out) == R"({"order_id":"17-4711","status":"RISK_REJECTED","symbol":"BTCUSDT","side":"BUY",)"
                              R"("order_type":"LIMIT","quantity":0.5,"price":null,"stop_price":null,"filled_quantity":0,)"
                              R"("error_message":"halted","created_at":"2023-11-14T22:13:20.000000000Z"})");
  out.price.value = t26::price_number{*price::parse("45000.1")};
  CHECK(wire::to_json(out).find(R"("price":45000.1,)") != std::string::npos);
}

TEST_CASE("trade2026 check: an incomplete order is decoded, because it is answered and not refused") {
  auto r = read<t26::check_request>("{}");
  REQUIRE(r);
  CHECK_FALSE(r->account);
  CHECK_FALSE(r->symbol);
  const std::string long_text(300, 'X');
  CHECK(read<t26::check_request>(R"({"symbol":")" + long_text + R"(","side":")" + long_text + "\"}").value().side == long_text);
  for (const char* number : {"-1", "0.123456789", "1e30", "0"}) {
    const auto bare = read<t26::check_request>(R"({"quantity":)" + std::string{number} + "}"), quoted = read<t26::check_request>(R"({"quantity":")" + std::string{number} + "\"}");
    REQUIRE((bare && quoted));
    CHECK(bare->quantity->text == number);
    CHECK(quoted->quantity == bare->quantity);
  }
  CHECK(fields_of(read<t26::check_request>(R"({"quantity":true,"price":{}})").error()) == "quantity price ");
}

TEST_CASE("trade2026 queries: yes and no as Python writes them, in any case, and nothing else") {
  const auto given = [](const std::string& text) { return read<t26::orders_params>(R"({"active_only":")" + text + "\"}"); };
  for (const char* yes : {"True", "true", "TRUE", "1", "yes", "On", "y", "T"}) CHECK_MESSAGE(given(yes).value().active_only.value.on, yes);
  for (const char* no : {"False", "false", "0", "NO", "off", "n", "f"}) CHECK_FALSE_MESSAGE(given(no).value().active_only.value.on, no);
  for (const char* neither : {"", "2", "truely", "true_", "falsehood", "o"}) CHECK_FALSE_MESSAGE(given(neither).has_value(), neither);
  CHECK_FALSE(read<t26::orders_params>("{}").value().active_only.value.on);
}

TEST_CASE("native order: defaults, and every violation with its field") {
  auto r = read<desk::v1::order_request>(R"({"instrument":"BTCUSDT.SIM","side":"BUY","quantity":"1","limit_price":"45000"})");
  REQUIRE(r);
  CHECK(r->tenant.value.value == text<16>{"main"});
  CHECK(r->account.value.value == text<32>{"default"});
  CHECK(r->type.value == trading::order_type::limit);
  CHECK(r->time_in_force.value == trading::time_in_force::day);
  CHECK_FALSE(r->client_order_id);

  auto wrong = read<desk::v1::order_request>(
    R"({"instrument":"BTCUSDT.SIM","side":"BUY","quantity":"-1","limit_price":"0","client_order_id":"","colour":"red"})");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == errc::unknown_field);
  CHECK(fields_of(wrong.error()) == "client_order_id quantity limit_price colour ");
}
