// One symbol on two venues of one desk: spot and perpetual BTCUSDT, each from a capture of its own.

#include "runtime/core/decimal.hpp"
#include "tests/support/node_process.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace troupe;
using namespace troupe::test;

namespace {

/// A minute of a market around `whole`, as Binance sends it under the symbol BTCUSDT: same ids, same times, whatever the venue.
std::string write_minute(const std::filesystem::path& file, const std::string& whole) {
  constexpr int lines = 3000;
  constexpr std::int64_t apart = 20'000'000, began = 1'723'161'255'000'000'000;
  std::ofstream out{file};
  for (int n = 0; n < lines; ++n) {
    const auto at = began + n * apart;
    const auto ms = std::to_string(at / 1'000'000), id = std::to_string(n + 1);
    const auto bid = whole + '.' + std::to_string(1 + n % 7), ask = whole + '.' + std::to_string(2 + n % 7);
    if (n % 3 == 2)
      out << at << R"( {"stream":"btcusdt@trade","data":{"e":"trade","E":)" << ms << R"(,"T":)" << ms << R"(,"s":"BTCUSDT","t":)" << id
          << R"(,"p":")" << bid << R"(","q":"0.5","m":true}})" << '\n';
    else
      out << at << R"( {"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":)" << id << R"(,"s":"BTCUSDT","b":")" << bid
          << R"(","B":"2","a":")" << ask << R"(","A":"3","T":)" << ms << R"(,"E":)" << ms << "}}\n";
  }
  return file.string();
}

/// What one of the two is expected to be.
struct market_of_two {
  std::string venue;
  std::string whole;    // of every price
  std::string quantity; // bought of it
  int fee_divisor;      // the taker's fee is the notional by this
  [[nodiscard]] std::string instrument() const { return "BTCUSDT." + venue; }
};

nlohmann::json read_json(const node_process& node, const std::string& target) {
  auto answer = node.client().get(target);
  REQUIRE(answer);
  REQUIRE_MESSAGE(answer->status == 200, answer->body);
  return nlohmann::json::parse(answer->body);
}

} // namespace

TEST_SUITE_BEGIN("process/two_markets");

TEST_CASE("spot and perpetual of one symbol side by side: each has its own prices, fills its own orders at them, and moves its own position") {
  const market_of_two both[] = {{"BINANCE_SPOT", "61800", "0.1", 1000}, {"BINANCE_USDM", "61900", "0.2", 2000}};
  temporary_directory dir;
  const auto spot = write_minute(dir.path() / "binance_spot_btcusdt_20240808.jsonl", both[0].whole);
  const auto perpetual = write_minute(dir.path() / "binance_usdm_btcusdt_20240808.jsonl", both[1].whole);
  node_process node{{.data_dir = dir.path() / "data",
                     .sets = {R"(feeds=[{"name":"spot","file":")" + spot + R"("},{"name":"usdm","file":")" + perpetual + R"("}])"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  for (const auto& m : both)
    REQUIRE(eventually([&] { return client.get("/v1/marks/" + m.instrument())->status == 200; }));
  for (int n = 0; n < 50; ++n)
    for (const auto& m : both) {
      const auto mark = read_json(node, "/v1/marks/" + m.instrument());
      CAPTURE(mark.dump());
      CHECK(mark["instrument"] == m.instrument());
      CHECK(mark["bid"].get<std::string>().starts_with(m.whole + '.'));
      CHECK(mark["ask"].get<std::string>().starts_with(m.whole + '.'));
    }
  CHECK(read_json(node, "/v1/marks")["marks"].size() == 2);

  for (const auto& m : both) {
    auto placed = client.post("/v1/orders", R"({"account":"two","instrument":")" + m.instrument() + R"(","side":"BUY","quantity":")" + m.quantity +
                                              R"(","type":"MARKET"})");
    REQUIRE(placed);
    REQUIRE_MESSAGE(placed->status == 201, placed->body);
    const auto id = json_field(placed->body, "order_id");
    REQUIRE(eventually([&] { return json_field(client.get("/v1/orders/" + id)->body, "status") == "FILLED"; }));
  }
  REQUIRE(eventually([&] { return read_json(node, "/v1/positions?account=two")["positions"].size() == 2; }));
  const auto fills = read_json(node, "/v1/fills?account=two")["fills"], positions = read_json(node, "/v1/positions?account=two")["positions"];
  REQUIRE(fills.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& m = both[i];
    const auto& fill = fills[i];
    CAPTURE(fill.dump());
    CHECK(fill["instrument"] == m.instrument());
    CHECK(fill["venue"] == m.venue);
    CHECK(fill["price"].get<std::string>().starts_with(m.whole + '.'));
    const auto units = [&](const char* amount) { return *parse_scaled(fill[amount]["amount"].get<std::string>()); };
    CHECK(units("fee") == units("notional") / m.fee_divisor);
    const auto& position = positions[i]; // by name: spot, then perpetual
    CAPTURE(position.dump());
    CHECK(position["instrument"] == m.instrument());
    CHECK(position["quantity"] == m.quantity);
    CHECK(position["average_price"] == fill["price"]);
  }
}
