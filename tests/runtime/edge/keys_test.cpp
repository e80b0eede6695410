// Listeners where every request needs a key: who is let in, what a key is for, and under which names such a listener is called.

#include "tests/runtime/edge/example.hpp"
#include "tests/support/edge_certificates.hpp"

#include <mutex>
#include <optional>
#include <tuple>
#include <vector>

using namespace edge_example;

namespace {

const std::string read_key(64, 'a'), trade_key(64, 'b'), operator_key(64, 'c');

std::optional<edge::caller> known(std::string_view key) {
  if (key == read_key) return edge::caller{principal_id{"read:r"}, edge::access::read};
  if (key == trade_key) return edge::caller{principal_id{"trade:t"}, edge::access::trade};
  if (key == operator_key) return edge::caller{principal_id{"operator:o"}, edge::access::operate};
  return std::nullopt;
}

edge::listener locked(std::vector<std::string> hosts = {}) {
  edge::listener l;
  l.keys_required = true;
  l.hosts = std::move(hosts);
  return l;
}

edge::client_headers with_key(const std::string& key) { return {{"Authorization", "Bearer " + key}}; }

/// The example desk, whose native listener wants a key of every request.
struct locked_desk {
  explicit locked_desk(edge::server_options options = {}, edge::listener l = locked()) : d{[&] {
    options.caller_of = known;
    options.answered = [this](const edge::request_context& r, unsigned) {
      std::lock_guard guard{mutex};
      newest = r.caller;
    };
    return options;
  }(), 64, std::move(l)} {}

  std::mutex mutex;
  std::optional<edge::caller> newest; // under the mutex
  desk d;

  /// Who got the newest answer.
  [[nodiscard]] std::optional<edge::caller> last() {
    std::lock_guard guard{mutex};
    return newest;
  }

  [[nodiscard]] const edge::refusal_metrics& refused() const { return d.server->metrics().refused; }
  [[nodiscard]] edge::client_response ask(const std::string& method, const std::string& target, const std::string& body = {}, const edge::client_headers& headers = {}) const {
    const auto r = d.client().request(method, target, body, headers);
    REQUIRE(r);
    return *r;
  }
};

} // namespace

TEST_SUITE_BEGIN("edge/keys");

TEST_CASE_FIXTURE(locked_desk, "without a key every route answers 401 and does nothing, but those that say whether the node is well and the page that takes a key") {
  std::size_t closed = 0;
  for (const auto& r : d.table.routes()) {
    if (r.surface->name == "old") continue; // served elsewhere
    CAPTURE(r.path);
    for (const auto& headers : {edge::client_headers{}, with_key(std::string(64, 'x')), edge::client_headers{{"Authorization", "Basic " + read_key}}}) {
      const auto said = ask(std::string{edge::to_string(r.verb)}, r.path, r.reads_body ? good_order : "", headers);
      if (r.path == "/alive" || r.path == "/ready" || r.path == "/api/docs") {
        CHECK(said.status == 200);
        continue;
      }
      CHECK(said.status == 401);
      CHECK(said.header("WWW-Authenticate") == "Bearer");
      CHECK(said.body.starts_with(R"({"code":"not_authorised",)"));
      ++closed;
    }
  }
  CHECK(closed > 30);
  CHECK(refused().no_key == closed);
  CHECK(d.orders_seen() == 0);
  CHECK(d.server->metrics().in_flight == 0);
  for (const char* target : {"/nothing", "/v1/orders?key=", "/v1/hold?authorization="}) // nor is told what there is, and no key is read from a URL
    CHECK(ask("PUT", target + read_key).status == 401);
}

TEST_CASE_FIXTURE(locked_desk, "a key is shown with Bearer in any case, and with nothing else") {
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER "}) CHECK_MESSAGE(ask("GET", "/v1/orders/o1", "", {{"Authorization", scheme + read_key}}).status == 200, scheme);
  for (const char* scheme : {"", "Bearer", "Bearer  ", "Token "}) CHECK_MESSAGE(ask("GET", "/v1/orders/o1", "", {{"Authorization", scheme + read_key}}).status == 401, scheme);
}

TEST_CASE_FIXTURE(locked_desk, "a key for reading reads and does nothing else; one for trading does all but what is an operator's") {
  CHECK(ask("GET", "/v1/orders/o1", "", with_key(read_key)).status == 200);
  CHECK(last() == known(read_key));
  for (const auto& [method, target, body] : {std::tuple{"POST", "/v1/orders", good_order}, {"POST", "/v1/stop", ""}, {"DELETE", "/v1/orders/o1", ""}, {"POST", "/v1/note", ""}}) {
    CAPTURE(target);
    const auto said = ask(method, target, body, with_key(read_key));
    CHECK(said.status == 403);
    CHECK(said.body.starts_with(R"({"code":"forbidden","message":"this key is for reading only")"));
  }
  CHECK(d.orders_seen() == 0);
  CHECK(refused().role == 4);
  CHECK(ask("POST", "/v1/orders", good_order, with_key(trade_key)).status == 200);
  CHECK(last() == known(trade_key));
  CHECK(ask("DELETE", "/v1/orders/o1", "", with_key(trade_key)).status == 200);
  CHECK(ask("GET", "/v1/echo/a/b", "", with_key(trade_key)).status == 403); // declared `authorised`
  CHECK(ask("GET", "/v1/echo/a/b", "", with_key(operator_key)).status == 200);
  CHECK(ask("POST", "/v1/orders", good_order, with_key(operator_key)).status == 200);
  CHECK(ask("GET", "/nothing", "", with_key(read_key)).status == 404); // who has a key is told what there is
  CHECK(ask("PUT", "/v1/orders", "", with_key(read_key)).status == 405);
  CHECK(d.orders_seen() == 2);
}

TEST_CASE("where no key is needed one that is known counts all the same; under one that is nobody's nothing is changed, and one may read") {
  locked_desk l{{}, {}};
  CHECK(l.ask("POST", "/v1/orders", good_order).status == 200);
  CHECK_FALSE(l.last());
  for (const auto& [method, target, body] : {std::tuple{"POST", "/v1/orders", good_order}, {"POST", "/v1/stop", ""}, {"DELETE", "/v1/orders/o1", ""}, {"POST", "/v1/note", ""}}) {
    CAPTURE(target);
    const auto said = l.ask(method, target, body, with_key(std::string(64, 'x')));
    CHECK(said.status == 401);
    CHECK(said.body.starts_with(R"({"code":"not_authorised","message":"the key is none of this node's;)"));
  }
  CHECK(l.d.orders_seen() == 1);
  CHECK(l.refused().no_key == 4);
  CHECK(l.ask("GET", "/v1/orders/o1", "", with_key(std::string(64, 'x'))).status == 200);
  CHECK(l.ask("POST", "/v1/orders", good_order, {{"Authorization", "Basic " + read_key}}).status == 200); // no key of ours
  CHECK_FALSE(l.last());
  CHECK(l.ask("POST", "/v1/orders", good_order, with_key(trade_key)).status == 200);
  CHECK(l.last() == known(trade_key));
  CHECK(l.ask("POST", "/v1/orders", good_order, with_key(read_key)).status == 403);
  CHECK(l.d.orders_seen() == 3);
}

TEST_CASE_FIXTURE(locked_desk, "a WebSocket's key comes as a header, or among the subprotocols as a browser has to send it, and goes no further") {
  const auto open = [&](const std::string& key, bool as_subprotocol) {
    return edge::websocket_client::open("127.0.0.1", d.port(), "/v1/stream", patience, {}, {.key = key, .key_as_subprotocol = as_subprotocol});
  };
  for (const bool as_subprotocol : {false, true}) {
    CAPTURE(as_subprotocol);
    auto c = open(read_key, as_subprotocol);
    REQUIRE_MESSAGE(c.has_value(), to_string(c.error()));
    CHECK(c->protocol() == (as_subprotocol ? "troupe" : ""));
    CHECK(last() == known(read_key));
    REQUIRE(c->send(R"({"op":"ping"})", patience));
    CHECK(c->receive(patience)->find("pong") != std::string::npos);
    const auto stranger = open(std::string(64, 'x'), as_subprotocol);
    CHECK_FALSE(stranger);
    CHECK(stranger.error().message.find("status 401") != std::string::npos);
  }
  CHECK_FALSE(open("", false));
  // An offer is a WebSocket's: of another request it is no key.
  CHECK(ask("GET", "/v1/orders/o1", "", {{"Sec-WebSocket-Protocol", "troupe, troupe.key." + read_key}}).status == 401);
}

TEST_CASE_FIXTURE(locked_desk, "the page of the documentation opens without a key, is the same for everybody, and what it shows comes with one alone") {
  const auto page = ask("GET", "/api/docs");
  CHECK(page.status == 200);
  CHECK(page.body == edge::docs_page());
  CHECK(page.body.find("fetch(\"/openapi.json\", {headers})") != std::string::npos);
  CHECK(page.body.find("/v1/orders") == std::string::npos); // not one path of the node
  for (const char* storage : {"localStorage", "sessionStorage", "document.cookie", "indexedDB"}) CHECK(page.body.find(storage) == std::string::npos);
  CHECK(ask("HEAD", "/api/docs").status == 200);
  for (const auto& [method, target] : {std::pair{"POST", "/api/docs"}, {"GET", "/api/docs/"}, {"GET", "/api"}, {"GET", "/openapi.json"}, {"GET", "/metrics"}, {"GET", "/api/docs/../../metrics"}})
    CHECK_MESSAGE(ask(method, target).status == 401, target);
  CHECK(ask("GET", "/openapi.json", "", with_key(read_key)).status == 200);
}

TEST_CASE_FIXTURE(locked_desk, "a WebSocket is closed when the key that let it in counts no more; others stay, and so do those that needed none") {
  const auto open = [&](const std::string& key, bool as_subprotocol) {
    auto c = edge::websocket_client::open("127.0.0.1", d.port(), "/v1/stream", patience, {}, {.key = key, .key_as_subprotocol = as_subprotocol});
    REQUIRE_MESSAGE(c.has_value(), to_string(c.error()));
    REQUIRE(c->send(R"({"op":"subscribe","channels":["orders"]})", patience));
    REQUIRE(c->receive(patience));
    return std::move(*c);
  };
  auto header = open(read_key, false), subprotocol = open(read_key, true), other = open(trade_key, false);
  d.server->post([&] { d.hub->close_without_key([](const sha256_digest& key) { return key == sha256(trade_key); }); });
  for (auto* gone : {&header, &subprotocol}) {
    CHECK_FALSE(gone->receive(patience));
    CHECK(gone->close_code() == 1008);
  }
  d.hub->publish("orders", "k", "1");
  CHECK(other.receive(patience)->find("\"k\"") != std::string::npos);

  locked_desk loose{{}, {}};
  const auto open_loose = [&](const std::string& key) {
    auto c = edge::websocket_client::open("127.0.0.1", loose.d.port(), "/v1/stream", patience, {}, {.key = key});
    REQUIRE_MESSAGE(c.has_value(), to_string(c.error()));
    return std::move(*c);
  };
  const auto answers = [](edge::websocket_client& c) {
    REQUIRE(c.send(R"({"op":"ping"})", patience));
    return c.receive(patience)->find("pong") != std::string::npos;
  };
  auto keyless = open_loose(""), unknown = open_loose(std::string(64, 'x')), known_one = open_loose(read_key);
  CHECK(answers(known_one)); // shaken hands on both sides
  loose.d.server->post([&] { loose.d.hub->close_without_key([](const sha256_digest&) { return false; }); });
  CHECK_FALSE(known_one.receive(patience));
  CHECK(known_one.close_code() == 1008);
  CHECK(answers(keyless));
  CHECK(answers(unknown));
}

TEST_CASE("a page of an allowed origin may ask beforehand without a key, no other may, and its refusals can be read by it") {
  locked_desk l{{.allowed_origins = {"https://desk.example"}}};
  const edge::client_headers before{{"Origin", "https://desk.example"}, {"Access-Control-Request-Method", "POST"}};
  const auto preflight = l.ask("OPTIONS", "/v1/orders", "", before);
  CHECK(preflight.status == 204);
  CHECK(preflight.header("Access-Control-Allow-Origin") == "https://desk.example");
  CHECK(l.ask("OPTIONS", "/v1/orders").status == 401);
  CHECK(l.ask("OPTIONS", "/v1/orders", "", {{"Access-Control-Request-Method", "POST"}}).status == 401);
  CHECK(l.ask("OPTIONS", "/v1/orders", "", {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "POST"}}).status == 403);
  const auto refused = l.ask("POST", "/v1/orders", good_order, {{"Origin", "https://desk.example"}});
  CHECK(refused.status == 401);
  CHECK(refused.header("Access-Control-Allow-Origin") == "https://desk.example");
  auto page = with_key(trade_key);
  page.emplace_back("Origin", "https://evil.example"); // a key does not make a page of somebody else one of ours
  CHECK(l.ask("POST", "/v1/orders", good_order, page).status == 403);
  CHECK(l.d.orders_seen() == 0);
}

TEST_CASE("where keys are required a listener is called by any name, or by those alone that are configured") {
  const auto under = [](const locked_desk& l, const std::string& host, const std::string& more = {}) {
    return status_of(l.d.conversation("GET /v1/orders/o1 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nAuthorization: Bearer " + read_key + "\r\n" + more + "\r\n"));
  };
  const locked_desk any, named{{}, locked({"desk.example", "10.0.0.5"})};
  for (const char* host : {"localhost", "desk.example", "DESK.example:8443", "10.0.0.5:8443", "127.0.0.1"}) {
    CHECK_MESSAGE(under(any, host) == 200, host);
    CHECK_MESSAGE(under(named, host) == 200, host);
  }
  for (const char* host : {"evil.example", "desk.example.evil.example", "10.0.0.6"}) {
    CHECK_MESSAGE(under(any, host) == 200, host);
    CHECK_MESSAGE(under(named, host) == 403, host);
  }
  CHECK(under(named, "desk.example:8443", "Origin: http://desk.example:8443\r\n") == 200); // its own page
  CHECK(under(named, "desk.example:8443", "Origin: https://desk.example:8443\r\n") == 403); // there is no TLS here
  CHECK(under(named, "desk.example:8443", "Origin: http://desk.example\r\n") == 403);
}

TEST_CASE("over TLS a page of its own is one of https, and a key comes with every request all the same") {
  const test::temporary_directory dir;
  const test::edge_certificates certificates{dir.path()};
  auto listener = locked();
  listener.tls = certificates.shown;
  const locked_desk l{{}, listener};
  edge::http_client c{"localhost", l.d.port(), patience, {.tls = certificates.trust(), .key = read_key}};
  const auto own = "localhost:" + std::to_string(l.d.port());
  CHECK(c.get("/v1/orders/o1")->status == 200);
  CHECK(c.request("GET", "/v1/orders/o1", "", {{"Origin", "https://" + own}})->status == 200);
  CHECK(c.request("GET", "/v1/orders/o1", "", {{"Origin", "http://" + own}})->status == 403);
  CHECK(c.post("/v1/orders", good_order)->status == 403);
  edge::http_client stranger{"localhost", l.d.port(), patience, {.tls = certificates.trust()}};
  CHECK(stranger.get("/v1/orders/o1")->status == 401);
  CHECK(stranger.get("/alive")->status == 200);
  auto stream = edge::websocket_client::open("localhost", l.d.port(), "/v1/stream", patience, "https://" + own,
                                             {.tls = certificates.trust(), .key = read_key, .key_as_subprotocol = true});
  REQUIRE_MESSAGE(stream.has_value(), to_string(stream.error()));
  CHECK(stream->protocol() == "troupe");
  REQUIRE(stream->send(R"({"op":"ping"})", patience));
  CHECK(stream->receive(patience)->find("pong") != std::string::npos);
  CHECK(l.d.orders_seen() == 0);
}

TEST_CASE("beyond loopback a listener is refused without TLS, and with it unless somebody knows keys; it wants them whether it says so or not") {
  const test::temporary_directory dir;
  const test::edge_certificates certificates{dir.path()};
  edge::route_table table;
  table.declare("ops2", {});
  table.get<edge::none, edge::none>("ops2", "/here", "Says so.", {}, [](const edge::request_context&, edge::none, const edge::responder& reply) { reply.json("1"); });
  edge::listener beyond{.address = "0.0.0.0", .surfaces = {"ops2"}};
  edge::server_options options;
  options.caller_of = known;
  {
    edge::server s{table, options};
    CHECK(s.bind({beyond}).error().code == errc::unsupported);
    beyond.keys_required = true;
    CHECK(s.bind({beyond}).error().code == errc::unsupported);
    beyond.keys_required = false;
  }
  beyond.tls = certificates.shown;
  {
    edge::server nobody_known{table, {}};
    CHECK(nobody_known.bind({beyond}).error().code == errc::invalid_argument);
    edge::listener here{.surfaces = {"ops2"}, .keys_required = true};
    CHECK(nobody_known.bind({here}).error().code == errc::invalid_argument);
    edge::server s{table, options};
    auto unfit = beyond;
    unfit.tls->key = dir.path() / "none.key";
    const auto refused = s.bind({unfit});
    CHECK(refused.error().code == errc::not_found);
    CHECK(refused.error().message.find("none.key") != std::string::npos);
  }
  edge::server s{table, options};
  const auto started = s.start({beyond});
  REQUIRE_MESSAGE(started.has_value(), to_string(started.error()));
  edge::http_client c{"localhost", s.port("edge"), patience, {.tls = certificates.trust()}};
  CHECK(c.get("/here")->status == 401);
  CHECK(c.request("GET", "/here", "", with_key(read_key))->status == 200);
}

TEST_SUITE_END();
