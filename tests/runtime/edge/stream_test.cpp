// WebSocket channels: a snapshot, then every change, and no client may slow the others down.

#include "tests/runtime/edge/example.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <optional>

using namespace edge_example;
using json = nlohmann::json;

namespace {

json next(edge::websocket_client& c) {
  auto text = c.receive(patience);
  REQUIRE_MESSAGE(text.has_value(), to_string(text.error()));
  return json::parse(*text);
}

void say(edge::websocket_client& c, const std::string& text) { REQUIRE(c.send(text, patience)); }

constexpr const char* subscribe_orders = R"({"op":"subscribe","channels":["orders"]})";

} // namespace

TEST_SUITE_BEGIN("edge/stream");

TEST_CASE("stream: a snapshot of what is retained, then numbered changes") {
  desk d;
  CHECK(d.hub->publish("orders", "a", "1") == 1);
  CHECK(d.hub->publish("orders", "b", "2") == 2);
  CHECK(d.hub->publish("orders", "a", "3") == 3);
  CHECK(d.hub->publish_last("orders", "b", "4") == 4);
  auto c = d.stream("/v1/stream");
  say(c, subscribe_orders);
  CHECK(next(c) == json::parse(R"({"type":"snapshot","channel":"orders","sequence":4,"data":[{"key":"a","data":3}]})"));
  d.hub->publish("orders", "c", R"({"x":"y"})");
  CHECK(next(c) == json::parse(
    R"({"type":"delta","channel":"orders","sequence":5,"previous":4,"key":"c","data":{"x":"y"}})"));
  say(c, R"({"op":"ping"})");
  CHECK(next(c) == json::parse(R"({"type":"pong"})"));
  say(c, R"({"op":"unsubscribe","channels":["orders"]})");
  CHECK(next(c)["type"] == "unsubscribed");
  d.hub->publish("orders", "c", "7");
  say(c, subscribe_orders);
  CHECK(next(c)["sequence"] == 6); // the change in between is in the new snapshot only
}

TEST_CASE("stream: text that is made when it is read is made once, and never for a key that nobody saw") {
  desk d;
  std::atomic<int> made{0};
  const auto counted = [&made](const char* text) { return edge::lazy_json{[&made, text] { ++made; return std::string{text}; }}; };
  d.hub->publish("orders", "a", counted("1"));
  d.hub->publish_last("orders", "a", counted("2"));
  d.hub->publish("orders", "b", counted("3"));
  CHECK(made == 0);
  auto first = d.stream("/v1/stream");
  say(first, subscribe_orders);
  CHECK(next(first)["data"] == json::parse(R"([{"key":"b","data":3}])"));
  CHECK(made == 1);
  auto second = d.stream("/v1/stream");
  say(second, subscribe_orders);
  CHECK(next(second)["data"] == json::parse(R"([{"key":"b","data":3}])"));
  CHECK(made == 1);
  d.hub->publish("orders", "c", counted("4"));
  CHECK(next(first)["data"] == 4);
  CHECK(next(second)["data"] == 4);
  CHECK(made == 2);
}

TEST_CASE("stream: snapshot and changes join without a gap while somebody publishes") {
  desk d{{}, 1'000'000}; // the publisher may run far ahead of the client on a loaded machine
  std::jthread publisher{[&](const std::stop_token& stop) {
    for (std::uint64_t n = 0; !stop.stop_requested(); ++n) {
      d.hub->publish("orders", "k" + std::to_string(n % 7), std::to_string(n + 1));
      if (n % 16 == 0) std::this_thread::sleep_for(1ms); // lets the changes spread over many joins
    }
  }};
  for (int joined = 0; joined < 20; ++joined) {
    auto c = d.stream("/v1/stream");
    say(c, subscribe_orders);
    auto m = next(c);
    REQUIRE(m["type"] == "snapshot");
    auto last = m["sequence"].get<std::uint64_t>();
    // The n-th change carried the value n, so the snapshot's newest value is its sequence.
    std::uint64_t newest = 0;
    for (const auto& e : m["data"]) newest = std::max(newest, e["data"].get<std::uint64_t>());
    CHECK(newest == last);
    for (int i = 0; i < 30; ++i) {
      m = next(c);
      CHECK(m["previous"] == last);
      CHECK(m["sequence"] == last + 1);
      CHECK(m["data"] == last + 1);
      last = m["sequence"];
    }
  }
}

TEST_CASE("stream: with keys only their changes arrive, and `previous` still proves that none is missing") {
  desk d;
  auto c = d.stream("/v1/stream");
  say(c, R"({"op":"subscribe","channels":["orders"],"keys":["b"]})");
  CHECK(next(c)["sequence"] == 0);
  for (const char* key : {"a", "b", "a", "a", "b"}) d.hub->publish("orders", key, "0");
  auto first = next(c), second = next(c);
  CHECK(first["sequence"] == 2);
  CHECK(first["previous"] == 0);
  CHECK(second["sequence"] == 5);
  CHECK(second["previous"] == 2);
}

TEST_CASE("stream: snapshots again and again are given a few times a second, the rest is told to wait, and what was subscribed stays") {
  desk d;
  auto c = d.stream("/v1/stream");
  int given = 0, refused = 0;
  for (int i = 0; i < 40; ++i) say(c, subscribe_orders);
  for (int i = 0; i < 40; ++i) {
    const auto m = next(c);
    if (m["type"] == "snapshot") ++given;
    else if (m["code"] == "overloaded") ++refused;
  }
  CHECK(given + refused == 40);
  CHECK(given >= 9);
  CHECK(refused > 0);
  d.hub->publish("orders", "a", "1");
  CHECK(next(c)["type"] == "delta");
}

TEST_CASE("stream: commands that make no sense are answered and change nothing") {
  desk d;
  auto c = d.stream("/v1/stream");
  const std::pair<const char*, const char*> rows[] = {
    {"not json", "malformed"}, {R"({"op":"dance"})", "invalid_argument"}, {R"({"op":1})", "invalid_argument"},
    {R"({"op":"subscribe"})", "invalid_argument"}, {R"({"op":"subscribe","channels":[]})", "invalid_argument"},
    {R"({"op":"unsubscribe"})", "invalid_argument"}, {R"({"op":"subscribe","channels":["nothing"]})", "not_found"}, {R"({"op":"subscribe","channels":"orders"})", "invalid_argument"},
    {R"({"op":"subscribe","chanels":["orders"]})", "unknown_field"}, {R"([[[[[[1]]]]]])", "too_deep"},
  };
  for (const auto& [text, code] : rows) {
    CAPTURE(text);
    say(c, text);
    auto m = next(c);
    CHECK(m["type"] == "error");
    CHECK(m["code"] == code);
  }
  d.hub->publish("orders", "a", "1");
  say(c, R"({"op":"ping"})");
  CHECK(next(c)["type"] == "pong"); // nothing was subscribed
}

TEST_CASE("stream: a command above the limit closes with 1009") {
  desk d;
  auto c = d.stream("/v1/stream");
  say(c, std::string(2000, ' '));
  CHECK_FALSE(c.receive(patience));
  CHECK(c.close_code() == 1009);
}

TEST_CASE("stream: a client that does not read is cut off, and the others miss nothing") {
  desk d;
  auto slow = d.stream("/v1/stream"), good = d.stream("/v1/stream");
  say(slow, subscribe_orders);
  say(good, subscribe_orders);
  CHECK(next(slow)["type"] == "snapshot");
  CHECK(next(good)["type"] == "snapshot");
  const std::string big = '"' + std::string(100'000, 'x') + '"';
  std::uint64_t last = 0;
  while (d.hub->metrics().cut_off == 0 && last < 5000) { // the kernel takes some megabytes before anything queues
    d.hub->publish("orders", "a", big);
    auto m = next(good);
    CHECK(m["previous"] == last);
    last = m["sequence"];
  }
  CHECK(d.hub->metrics().cut_off == 1);
  CHECK(eventually([&] { return d.hub->metrics().subscribers == 1; }));
  bool ended = false;
  for (std::uint64_t n = 0; n <= last && !ended; ++n) ended = !slow.receive(patience);
  CHECK(ended);
  d.hub->publish("orders", "b", "1");
  CHECK(next(good)["previous"] == last);
}

TEST_CASE("stream: where a channel conflates, a slow client gets the newest value of every key and stays") {
  desk d;
  auto slow = d.stream("/v1/stream");
  say(slow, R"({"op":"subscribe","channels":["tickers"]})");
  CHECK(next(slow)["type"] == "snapshot");
  const std::string padding(100'000, 'x');
  std::uint64_t published = 0;
  while (d.hub->metrics().conflated == 0 && published < 5000)
    published = d.hub->publish("tickers", published % 2 ? "a" : "b", "\"" + padding + std::to_string(published + 1) + "\"");
  REQUIRE(d.hub->metrics().conflated > 0);
  std::uint64_t last = 0;
  std::map<std::string, std::uint64_t> seen;
  while (last < published) {
    auto m = next(slow);
    CHECK(m["previous"] == last);
    last = m["sequence"];
    CHECK(m["data"].get<std::string>().substr(padding.size()) == std::to_string(last));
    seen[m["key"]] = last;
  }
  CHECK(seen["a"] + seen["b"] == 2 * published - 1);
  CHECK(d.hub->metrics().cut_off == 0);
}

TEST_CASE("stream: a path with a key is subscribed on arrival and may carry bare values") {
  desk d;
  d.hub->publish("tickers", "BTCUSDT", R"({"last":1})");
  d.hub->publish("tickers", "ETHUSDT", R"({"last":2})");
  auto c = d.stream("/ws/ticker/BTCUSDT");
  CHECK(next(c) == json::parse(R"([{"key":"BTCUSDT","data":{"last":1}}])"));
  d.hub->publish("tickers", "ETHUSDT", R"({"last":3})");
  d.hub->publish("tickers", "BTCUSDT", R"({"last":4})");
  CHECK(next(c) == json::parse(R"({"last":4})"));
}

TEST_CASE("stream: a path with a key that is none is closed with the reason, and nobody is subscribed") {
  desk d;
  auto c = d.stream("/ws/ticker/WHAT!" + std::string(200, 'X')); // a reason has room for 123 bytes
  CHECK_FALSE(c.receive(patience));
  CHECK(c.close_code() == 1008);
  CHECK(d.hub->metrics().subscribers == 0);
}

TEST_CASE("stream: the reason of a close is text, whatever the client wrote that it repeats") {
  desk d;
  for (const std::string key : {"%ff!%fe", "%0d!%0a"}) {
    CAPTURE(key);
    auto c = d.raw();
    REQUIRE(c.send("GET /ws/ticker/" + key + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", patience));
    const auto said = c.receive_until("?!?", patience);
    REQUIRE(said);
    CHECK(said->starts_with("HTTP/1.1 101"));
    CHECK(said->ends_with("there is no symbol ?!?"));
  }
}

TEST_CASE("stream: a handshake of another version, or without its key, is refused in our own words and counts as no stream") {
  desk d;
  const auto shake = [&](const std::string& fields) {
    return d.conversation("GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + fields + "\r\n" +
                          "GET /alive HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  };
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  for (const auto& fields : {key, key + "Sec-WebSocket-Version: 12\r\n"}) {
    const auto said = shake(fields);
    CAPTURE(said);
    CHECK(status_of(said) == 426);
    CHECK(said.find("\r\nSec-WebSocket-Version: 13\r\n") != std::string::npos);
    CHECK(said.find("\r\nX-Request-Id: ") != std::string::npos);
    CHECK(said.find("HTTP/1.1 200 OK") != std::string::npos); // the connection is good for the next request
  }
  for (const std::string fields : {"", "Sec-WebSocket-Key: short\r\n"}) CHECK(status_of(shake(fields + "Sec-WebSocket-Version: 13\r\n")) == 400);
  const auto hasty = shake(key + "Sec-WebSocket-Version: 13\r\n"); // a request behind it, before its answer: it was lost
  CHECK_MESSAGE(status_of(hasty) == 400, hasty);
  CHECK(hasty.find("HTTP/1.1 200 OK") != std::string::npos);
  CHECK(d.server->metrics().websockets == 0);
  const auto stream = std::ranges::find(d.table.routes(), "/v1/stream", &edge::route::path);
  REQUIRE(stream != d.table.routes().end());
  CHECK(stream->metrics.by_class[0] == 0);
  CHECK(stream->metrics.by_class[3] == 5);
}

TEST_CASE("stream: a plain GET on a stream is told to upgrade; stopping says 1001") {
  desk d;
  auto r = d.client().get("/v1/stream");
  CHECK(r->status == 426);
  CHECK(r->header("Upgrade") == "websocket");
  auto c = d.stream("/v1/stream");
  std::jthread stopping{[&] { CHECK(d.server->stop(std::chrono::milliseconds{patience})); }};
  CHECK_FALSE(c.receive(patience));
  CHECK(c.close_code() == 1001);
  stopping.join();
  CHECK(d.hub->publish("orders", "a", "1") == 1); // publishing goes on without a server
}

TEST_CASE("stream: a snapshot that lacks what holds says so, for as long as it does; one of the newest alone lacks nothing") {
  edge::route_table table;
  table.declare("v1", {});
  auto hub = std::make_shared<edge::stream_hub>();
  hub->declare("orders", {.keys_max = 2});
  hub->declare("fills", {.keys_max = 2, .newest_only = true});
  hub->serve(table, "v1", "/s", "Orders and fills.");
  edge::server server{table, {}};
  REQUIRE(server.start({{.surfaces = {"v1"}}}));
  auto c = edge::websocket_client::open("127.0.0.1", server.port("edge"), "/s", patience);
  REQUIRE(c);
  const auto is_incomplete = [&](const std::string& channel, const std::string& keys = "") {
    say(*c, R"({"op":"subscribe","channels":[")" + channel + R"("],"keys":[)" + keys + "]}");
    const auto m = next(*c);
    CHECK(m["type"] == "snapshot");
    return m.value("incomplete", false);
  };
  for (const char* key : {"a", "b", "c"}) hub->publish("fills", key, "1");
  CHECK_FALSE(is_incomplete("fills"));
  for (const char* key : {"a", "b"}) hub->publish("orders", key, "1");
  CHECK_FALSE(is_incomplete("orders"));
  hub->publish("orders", "c", "1"); // a holds still, and is forgotten
  (void)next(*c);
  CHECK(is_incomplete("orders"));
  CHECK_FALSE(is_incomplete("orders", R"("b","c")"));
  CHECK(is_incomplete("orders", R"("a")"));
  hub->publish_last("orders", "a", "2");
  (void)next(*c);
  CHECK_FALSE(is_incomplete("orders"));
}

TEST_CASE("stream: an owner's snapshot joins the changes that arrived while it was made") {
  edge::route_table table;
  table.declare("v1", {});
  auto hub = std::make_shared<edge::stream_hub>();
  std::mutex mutex;
  std::function<void(edge::snapshot)> answer;
  hub->declare("fills", {.provider = [&](const std::string&, std::function<void(edge::snapshot)> a) {
    std::lock_guard guard{mutex};
    answer = std::move(a);
  }});
  hub->serve(table, "v1", "/s", "Fills.");
  edge::server server{table, {}};
  REQUIRE(server.start({{.surfaces = {"v1"}}}));
  hub->publish("fills", "a", "1");
  auto c = edge::websocket_client::open("127.0.0.1", server.port("edge"), "/s", patience);
  REQUIRE(c);
  auto asked = [&] {
    std::lock_guard guard{mutex};
    return static_cast<bool>(answer);
  };
  say(*c, R"({"op":"subscribe","channels":["fills"]})");
  REQUIRE(eventually(asked));
  hub->publish("fills", "a", "2");
  hub->publish("fills", "a", "3");
  std::exchange(answer, {})({2, "[\"two\"]"});
  CHECK(next(*c) == json::parse(R"({"type":"snapshot","channel":"fills","sequence":2,"data":["two"]})"));
  auto m = next(*c);
  CHECK(m["sequence"] == 3);
  CHECK(m["previous"] == 2);
  say(*c, R"({"op":"subscribe","channels":["fills"]})");
  REQUIRE(eventually(asked));
  std::exchange(answer, {})({1, "[]"}); // older than the subscription: what lies between would be lost
  CHECK(next(*c)["code"] == "unavailable");
}

TEST_CASE("stream: snapshots larger than a client's queue all come, of several channels at once too") {
  desk d;
  const std::string large = '"' + std::string(5'000'000, 'x') + '"'; // a queue has 4 MiB
  d.hub->publish("orders", "a", large);
  d.hub->publish("tickers", "a", large);
  auto c = d.stream("/v1/stream");
  say(c, R"({"op":"subscribe","channels":["orders","tickers"]})");
  for (const char* channel : {"orders", "tickers"}) {
    const auto m = next(c);
    CHECK(m["type"] == "snapshot");
    CHECK(m["channel"] == channel);
    CHECK(m["data"][0]["data"].get<std::string>().size() == large.size() - 2);
  }
  CHECK(d.hub->metrics().cut_off == 0);
}

namespace {

/// A client of one channel of single keys; the provider answers a key with itself.
struct single_keys {
  edge::route_table table;
  std::shared_ptr<edge::stream_hub> hub = std::make_shared<edge::stream_hub>();
  std::atomic<int> asked{0};
  std::optional<edge::server> server;
  std::optional<edge::websocket_client> client;

  explicit single_keys(std::function<result<std::string>(std::string_view)> key_of) {
    table.declare("v1", {});
    hub->declare("values", {.provider = [this](const std::string& key, const edge::snapshot_answer& answer) {
      ++asked;
      answer({0, '"' + key + '"'});
    }, .one_key = true, .key_of = std::move(key_of)});
    hub->serve(table, "v1", "/s", "Values.");
    server.emplace(table, edge::server_options{});
    REQUIRE(server->start({{.surfaces = {"v1"}}}));
    auto opened = edge::websocket_client::open("127.0.0.1", server->port("edge"), "/s", patience);
    REQUIRE(opened);
    client.emplace(std::move(*opened));
  }
};

} // namespace

TEST_CASE("stream: a channel of single keys is subscribed to with exactly one, else the client is told so and nobody is asked") {
  single_keys s{{}};
  for (const char* keys : {"[]", R"(["a","b"])"}) {
    say(*s.client, R"({"op":"subscribe","channels":["values"],"keys":)" + std::string{keys} + "}");
    const auto m = next(*s.client);
    CHECK(m["code"] == "invalid_argument");
    CHECK(m["message"].get<std::string>().find("exactly one key") != std::string::npos);
  }
  CHECK(s.asked == 0);
  say(*s.client, R"({"op":"subscribe","channels":["values"],"keys":["a"]})");
  CHECK(next(*s.client)["data"] == "a");
}

TEST_CASE("stream: a key that a channel can never have is refused by name and nothing is subscribed; one that is spelt otherwise is understood") {
  single_keys s{[](std::string_view key) -> result<std::string> {
    if (key == "a" || key == "A") return std::string{"A"};
    return fail(errc::not_found, "there is no " + std::string{key});
  }};
  say(*s.client, R"({"op":"subscribe","channels":["values"],"keys":["b"]})");
  CHECK(next(*s.client) == json::parse(R"({"type":"error","code":"not_found","message":"\"values\" has no such key: there is no b"})"));
  CHECK(s.asked == 0);
  say(*s.client, R"({"op":"subscribe","channels":["values"],"keys":["b","a"]})"); // "b" may be meant for another channel
  CHECK(next(*s.client)["data"] == "A");
  s.hub->publish("values", "A", "1");
  CHECK(next(*s.client)["data"] == 1);
}

TEST_CASE("stream: members of a command that nobody declared are ignored and counted on a lenient surface") {
  edge::route_table table;
  table.declare("old", {.title = "Compatible", .unknown = wire::unknown_fields::count});
  auto hub = std::make_shared<edge::stream_hub>();
  hub->declare("values", {});
  hub->serve(table, "old", "/s", "Values.");
  edge::server server{table, {}};
  REQUIRE(server.start({{.surfaces = {"old"}}}));
  auto c = edge::websocket_client::open("127.0.0.1", server.port("edge"), "/s", patience);
  REQUIRE(c);
  say(*c, R"({"op":"subscribe","channels":["values"],"depth":5,"colour":"red"})");
  CHECK(next(*c)["type"] == "snapshot");
  CHECK(table.find_surface("old")->unknown_fields == 2);
}

TEST_CASE("stream: what is told of a channel comes once to who is there and behind the snapshot to who comes later, until its end, and costs no sequence") {
  desk d;
  auto early = d.stream("/v1/stream");
  say(early, R"({"op":"subscribe","channels":["orders"],"keys":["a"]})");
  CHECK(next(early)["type"] == "snapshot");
  d.hub->tell("orders", R"({"type":"old"})", true);
  d.hub->tell("orders", R"({"type":"old"})", true);
  d.hub->publish("orders", "a", "1");
  CHECK(next(early)["type"] == "old");
  CHECK(next(early)["sequence"] == 1);
  auto late = d.stream("/v1/stream");
  say(late, subscribe_orders);
  CHECK(next(late)["type"] == "snapshot");
  CHECK(next(late)["type"] == "old");
  for (int i = 0; i < 2; ++i) d.hub->tell("orders", R"({"type":"new"})", false);
  d.hub->publish("orders", "a", "2");
  for (auto* c : {&early, &late}) {
    CHECK(next(*c)["type"] == "new");
    CHECK(next(*c)["previous"] == 1);
  }
  auto last = d.stream("/v1/stream");
  say(last, subscribe_orders);
  CHECK(next(last)["type"] == "snapshot");
  say(last, R"({"op":"ping"})");
  CHECK(next(last)["type"] == "pong");
}
