// The edge over TLS: what holds of plain connections holds of these, and who cannot shake hands costs nobody anything.

#include "tests/runtime/edge/example.hpp"
#include "tests/support/edge_certificates.hpp"

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <functional>
#include <future>
#include <vector>

using namespace edge_example;

namespace {

edge::listener over_tls(const test::edge_certificates& c) {
  edge::listener l;
  l.tls = c.shown;
  return l;
}

/// The example desk, whose native listener speaks TLS.
struct secure_desk {
  explicit secure_desk(edge::server_options options = {}) : d{std::move(options), 64, over_tls(certificates)} {}

  test::temporary_directory dir;
  test::edge_certificates certificates{dir.path()};
  edge::tls_context trust = certificates.trust();
  desk d;

  [[nodiscard]] edge::http_client client(edge::tls_context trusted, const std::string& host = "localhost") const { return {host, d.port(), patience, {.tls = std::move(trusted)}}; }
  [[nodiscard]] edge::http_client client() const { return client(trust); }
  [[nodiscard]] edge::raw_connection raw() const {
    auto c = edge::raw_connection::open("localhost", d.port(), patience, trust);
    REQUIRE_MESSAGE(c.has_value(), to_string(c.error()));
    return std::move(*c);
  }
  [[nodiscard]] const edge::server_metrics& metrics() const { return d.server->metrics(); }
  [[nodiscard]] std::uint64_t failed_handshakes() const { return metrics().refused.tls_handshake; }
};

/// Everything until the peer says goodbye, which over TLS it has to: an answer that was cut is no answer.
std::string until_goodbye(edge::raw_connection& c) {
  std::string all;
  for (;;) {
    const auto part = c.receive(patience);
    REQUIRE_MESSAGE(part.has_value(), to_string(part.error()), " behind ", all);
    if (part->empty()) return all;
    all += *part;
  }
}

} // namespace

TEST_SUITE_BEGIN("edge/tls");

TEST_CASE_FIXTURE(secure_desk, "requests over TLS are answered on one kept connection, pipelined ones in their order") {
  auto c = client();
  for (int i = 0; i < 50; ++i) {
    const auto placed = c.post("/v1/orders", good_order);
    REQUIRE(placed);
    CHECK(placed->status == 200);
  }
  CHECK(d.orders_seen() == 50);
  CHECK(metrics().connections_total == 1);
  auto many = raw();
  std::string all;
  for (int i = 0; i < 500; ++i) all += get_text("/v1/orders/o" + std::to_string(i));
  REQUIRE(many.send(all, patience));
  many.shut_down_sending();
  const auto said = until_goodbye(many);
  std::size_t at = 0;
  for (int i = 0; i < 500; ++i) {
    at = said.find("\"o" + std::to_string(i) + '"', at);
    REQUIRE(at != std::string::npos);
  }
  CHECK(failed_handshakes() == 0);
}

TEST_CASE_FIXTURE(secure_desk, "bytes may come one by one, and an answer of megabytes comes whole") {
  auto c = raw();
  for (const char byte : post_text("/v1/orders", good_order)) REQUIRE(c.send({&byte, 1}, patience));
  CHECK(c.receive_until("o-1", patience)->starts_with("HTTP/1.1 200 OK"));
  auto large = raw();
  REQUIRE(large.send(post_text("/v1/hold", ""), patience));
  large.shut_down_sending();
  d.held().text(std::string(5'000'000, 'x'), "text/plain");
  CHECK(until_goodbye(large).ends_with(std::string(5'000'000, 'x')));
}

TEST_CASE_FIXTURE(secure_desk, "a client asks nothing of a server whose certificate is another authority's, or for another host") {
  const test::edge_certificates others{dir.path() / "others"}, names_only{dir.path() / "names", {}};
  desk elsewhere{{}, 64, over_tls(names_only)};
  const auto refused = [](const result<edge::client_response>& r) {
    CHECK_FALSE(r);
    CHECK_MESSAGE(r.error().message.find("certificate is not trusted") != std::string::npos, to_string(r.error()));
    return r.error().code == errc::unavailable; // nothing was sent
  };
  CHECK(refused(client(others.trust()).post("/v1/orders", good_order)));
  CHECK(refused(client(*edge::make_client_tls({})).post("/v1/orders", good_order))); // the system knows nothing of our authority
  edge::http_client by_address{"127.0.0.1", elsewhere.port(), patience, {.tls = names_only.trust()}};
  CHECK(refused(by_address.post("/v1/orders", good_order)));
  const auto stream = edge::websocket_client::open("localhost", d.port(), "/v1/stream", patience, {}, {.tls = others.trust()});
  CHECK(stream.error().code == errc::unavailable);
  CHECK(metrics().requests_total == 0);
  CHECK(elsewhere.server->metrics().requests_total == 0);
  CHECK(client(trust, "127.0.0.1").post("/v1/orders", good_order)->status == 200); // which its certificate names
}

TEST_CASE_FIXTURE(secure_desk, "what is no TLS on a TLS port is closed and counted, gets no answer, and the next client is served") {
  const std::string killer{"\x16\x03\x03\xff\xff\x01\xff\xff\xff", 9};
  std::uint64_t failed = 0;
  for (const auto& bytes : {get_text("/alive"), std::string(100'000, 'x'), killer, std::string{"\x80\x2e\x01", 3} + std::string(40, '\0')}) {
    CAPTURE(bytes.substr(0, 20));
    auto c = d.raw();
    (void)c.send(bytes, patience);
    c.shut_down_sending();
    const auto said = c.receive_all(patience);
    REQUIRE(said);
    CHECK(said->find("HTTP") == std::string::npos); // an alert of TLS at most
    CHECK(eventually([&] { return failed_handshakes() == failed + 1; }));
    ++failed;
    CHECK(client().get("/alive")->status == 200);
  }
  CHECK(metrics().refused.malformed == 0);
  CHECK(eventually([&] { return metrics().connections == 0; }));
}

TEST_CASE("a handshake that does not come, or stops half way, is closed in the time of a header") {
  secure_desk s{{.header_time = 200ms}};
  auto silent = s.d.raw(), half = s.d.raw();
  REQUIRE(half.send(std::string{"\x16\x03\x01\x02\x00\x01\x00", 7}, patience)); // a greeting of which the rest does not come
  const auto began = std::chrono::steady_clock::now();
  CHECK(silent.receive_all(patience)->empty());
  CHECK(half.receive_all(patience)->empty());
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(took < 5s);
  CHECK(s.failed_handshakes() == 2);
  CHECK(eventually([&] { return s.metrics().connections == 0; }));
  auto kept = s.raw(); // whose handshake is done may be idle for longer
  std::this_thread::sleep_for(500ms);
  REQUIRE(kept.send(get_text("/alive"), patience));
  CHECK(kept.receive_until("alive", patience)->starts_with("HTTP/1.1 200 OK"));
}

TEST_CASE("handshakes under way count as connections, and those that stand still make place for who asks") {
  secure_desk s{{.connections_max = 3}};
  std::vector<edge::raw_connection> silent;
  for (int i = 0; i < 3; ++i) silent.push_back(s.d.raw());
  CHECK(eventually([&] { return s.metrics().connections == 3; }));
  auto early = s.raw(); // beyond the limit, for one urgent request
  REQUIRE(early.send(get_text("/v1/orders/o1"), patience));
  CHECK(until_goodbye(early).starts_with("HTTP/1.1 503 "));
  std::this_thread::sleep_for(1100ms); // they have been idle for a second
  const auto placed = s.client().post("/v1/orders", good_order);
  REQUIRE(placed);
  CHECK(placed->status == 200);
}

TEST_CASE_FIXTURE(secure_desk, "of a flood of connections only so many handshakes begin in a tenth of a second; other listeners answer meanwhile, and all get their turn") {
  constexpr int count = 200;
  const auto began = std::chrono::steady_clock::now();
  std::vector<edge::raw_connection> flood;
  for (int i = 0; i < count; ++i) flood.push_back(d.raw());
  CHECK(d.client("old").get("/nothing")->status == 404);
  const auto taken = metrics().connections_total.load(); // before the clock is read: more of both may come
  const auto tenths = static_cast<std::uint64_t>((std::chrono::steady_clock::now() - began) / 100ms);
  CHECK(taken <= (tenths + 2) * edge::handshakes_per_tenth + 1); // two that it only touches, and the other listener's client
  CHECK(eventually([&] { return metrics().connections_total == count + 1; }));
  CHECK(client().get("/alive")->status == 200);
}

TEST_CASE_FIXTURE(secure_desk, "who ends only its own side gets its answers; the last answer of a connection outlives what comes behind its request") {
  auto half = raw();
  REQUIRE(half.send(post_text("/v1/hold", ""), patience));
  half.shut_down_sending();
  auto reply = d.held();
  std::this_thread::sleep_for(50ms); // the goodbye has arrived
  reply.json("\"late\"");
  CHECK(until_goodbye(half).ends_with("\"late\""));
  auto flooding = raw();
  REQUIRE(flooding.send("GET /v1/orders/last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", patience));
  for (int i = 0; i < 20; ++i) // unread input would reset the connection, and the answer be lost
    if (!flooding.send(std::string(20'000, 'x'), patience)) break;
  CHECK(until_goodbye(flooding).find("\"last\"") != std::string::npos);
}

TEST_CASE_FIXTURE(secure_desk, "nonsense over TLS has the status that it has without") {
  for (const auto& r : hostile_requests()) {
    CAPTURE(r.what);
    auto c = raw();
    (void)c.send(r.bytes, patience);
    const auto said = c.receive_all(patience);
    REQUIRE(said);
    CHECK(status_of(*said) == r.status);
  }
  CHECK(client().post("/v1/orders", good_order)->status == 200);
  CHECK(d.orders_seen() == 1);
}

TEST_CASE_FIXTURE(secure_desk, "a WebSocket over TLS gets snapshots and changes, and its subprotocol when it offers one") {
  const auto publish = [&](int n) { d.hub->publish("orders", "k" + std::to_string(n), std::to_string(n)); };
  publish(1);
  auto c = edge::websocket_client::open("localhost", d.port(), "/v1/stream", patience, {}, {.tls = trust});
  REQUIRE_MESSAGE(c.has_value(), to_string(c.error()));
  CHECK(c->protocol().empty());
  REQUIRE(c->send(R"({"op":"subscribe","channels":["orders"]})", patience));
  CHECK(c->receive(patience)->find("\"snapshot\"") != std::string::npos);
  for (int n = 2; n < 50; ++n) publish(n);
  for (int n = 2; n < 50; ++n) {
    const auto change = c->receive(patience);
    REQUIRE(change);
    CHECK(change->find("\"key\":\"k" + std::to_string(n) + '"') != std::string::npos);
  }
}

TEST_CASE_FIXTURE(secure_desk, "a renewed certificate is shown from the next connection on; those that are there go on, and a plain listener stays plain") {
  const test::edge_certificates renewed{dir.path() / "renewed"};
  auto kept = client();
  REQUIRE(kept.get("/alive")->status == 200);
  auto stream = edge::websocket_client::open("localhost", d.port(), "/v1/stream", patience, {}, {.tls = trust});
  REQUIRE(stream);
  auto shown = edge::make_server_tls(renewed.shown);
  REQUIRE(shown);
  d.server->show("old", *shown);
  d.server->show("nobody", *shown);
  d.server->show("native", std::move(*shown));
  CHECK(eventually([&] { return client(renewed.trust()).get("/alive").has_value(); }));
  const auto late = client().get("/alive"); // who trusts the earlier authority alone
  CHECK_FALSE(late);
  CHECK_MESSAGE(late.error().message.find("certificate is not trusted") != std::string::npos, to_string(late.error()));
  CHECK(kept.post("/v1/orders", good_order)->status == 200);
  REQUIRE(stream->send(R"({"op":"ping"})", patience));
  CHECK(stream->receive(patience)->find("pong") != std::string::npos);
  CHECK(d.client("old").get("/nothing")->status == 404);
}

TEST_CASE_FIXTURE(secure_desk, "stop: what is under way is answered, streams are told, and neither idle connections nor handshakes hold it up") {
  auto idle = raw(), busy = raw();
  REQUIRE(idle.send(get_text("/alive"), patience));
  REQUIRE(idle.receive_until("alive", patience));
  auto silent = d.raw(); // no handshake comes
  auto stream = edge::websocket_client::open("localhost", d.port(), "/v1/stream", patience, {}, {.tls = trust});
  REQUIRE(stream);
  REQUIRE(busy.send(post_text("/v1/hold", ""), patience));
  auto reply = d.held();
  CHECK(eventually([&] { return metrics().connections_total == 4; }));
  auto stopping = std::async(std::launch::async, [&] { return d.server->stop(5s); });
  CHECK_FALSE(stream->receive(patience));
  CHECK(stream->close_code() == 1001);
  reply.json("\"done\"");
  CHECK(until_goodbye(busy).ends_with("\"done\""));
  busy.close();
  (void)idle.receive_all(patience);
  idle.close();
  CHECK(silent.receive_all(patience)->empty());
  CHECK(stopping.get());
}

TEST_CASE_FIXTURE(secure_desk, "TLS is 1.2 at least and 1.3 with who can; HTTP/1.1 is the one protocol") {
  const auto asks_with = [&](const std::function<void(SSL_CTX*)>& change) {
    auto limited = certificates.trust();
    change(limited->native_handle());
    const auto got = client(limited).get("/alive");
    return got && got->status == 200;
  };
  CHECK(asks_with([](SSL_CTX* c) { SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION); }));
  CHECK(asks_with([](SSL_CTX* c) { SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION); }));
  CHECK_FALSE(asks_with([](SSL_CTX* c) {
    SSL_CTX_set_security_level(c, 0);
    SSL_CTX_set_min_proto_version(c, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(c, TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(c, "ALL");
  }));
  CHECK_FALSE(asks_with([](SSL_CTX* c) { // no forward secrecy
    SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(c, "AES128-SHA");
  }));
  CHECK_FALSE(asks_with([](SSL_CTX* c) { SSL_CTX_set_alpn_protos(c, reinterpret_cast<const unsigned char*>("\x02h2"), 3); }));
  CHECK(asks_with([](SSL_CTX* c) { SSL_CTX_set_alpn_protos(c, reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12); }));
  CHECK(eventually([&] { return failed_handshakes() == 3; }));
}

TEST_SUITE_END();
