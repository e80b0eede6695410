// Connections, order, time-outs, limits and stopping.

#include "runtime/edge/lane_limits.hpp"
#include "tests/runtime/edge/example.hpp"
#include "tests/support/count_of.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <stdexcept>
#include <vector>

using namespace edge_example;

namespace {

std::string status_line(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

} // namespace

TEST_SUITE_BEGIN("edge/server");

TEST_CASE("start: a bind that cannot work says where and what to do, and nothing is bound") {
  edge::route_table table;
  table.declare("v1", {});
  edge::server s{table, {}};
  auto open = s.start({{.address = "0.0.0.0", .surfaces = {"v1"}}});
  CHECK(open.error().code == errc::unsupported);
  CHECK(open.error().message.find("0.0.0.0:0: beyond loopback the edge listens with TLS and keys only") != std::string::npos);
  CHECK(s.start({{.address = "here", .surfaces = {"v1"}}}).error().code == errc::invalid_argument);
  CHECK(s.start({{.surfaces = {"v9"}}}).error().code == errc::not_found);
  CHECK(s.start({{.surfaces = {}}}).error().code == errc::invalid_argument);
  REQUIRE(s.start({{.surfaces = {"v1"}}}));
  edge::server second{table, {}};
  auto taken = second.start({{.name = "b", .surfaces = {"v1"}}, {.port = s.port("edge"), .surfaces = {"v1"}}});
  CHECK(taken.error().code == errc::unavailable);
  CHECK(taken.error().message.find(std::to_string(s.port("edge"))) != std::string::npos);
  CHECK(second.port("b") == 0);
}

TEST_CASE("pipelined requests are answered in their order, however the handlers finish") {
  desk d;
  auto c = d.raw();
  REQUIRE(c.send(post_text("/v1/hold", "") + post_text("/v1/hold", "") + get_text("/v1/orders/third"), patience));
  auto first = d.held(), second = d.held();
  second.json("\"second\"");
  first.json("\"first\"");
  auto said = c.receive_until("third", patience);
  REQUIRE(said);
  CHECK(said->find("\"first\"") < said->find("\"second\""));
  CHECK(said->find("\"second\"") < said->find("third"));
}

TEST_CASE("a thousand pipelined requests in one write all get their answer") {
  desk d;
  auto c = d.raw();
  std::string all;
  for (int i = 0; i < 1000; ++i) all += get_text("/v1/orders/o" + std::to_string(i));
  REQUIRE(c.send(all, patience));
  c.shut_down_sending();
  auto said = c.receive_all(patience);
  REQUIRE(said);
  std::size_t at = 0;
  for (int i = 0; i < 1000; ++i) {
    at = said->find("\"o" + std::to_string(i) + "\"", at);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("bytes may arrive one by one") {
  desk d;
  auto c = d.raw();
  for (char byte : post_text("/v1/orders", good_order)) REQUIRE(c.send({&byte, 1}, patience));
  CHECK(status_line(*c.receive_until("o-1", patience)) == "HTTP/1.1 200 OK");
}

TEST_CASE("a body may come in chunks") {
  desk d;
  const std::string body = good_order;
  std::string chunks;
  for (std::size_t at = 0; at < body.size(); at += 10) { // 0xa bytes each, the last one shorter
    const auto part = body.substr(at, 10);
    chunks += (part.size() == 10 ? "A;note=x" : std::to_string(part.size())) + "\r\n" + part + "\r\n";
  }
  const auto said = d.conversation("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                   "Transfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n");
  CHECK(status_line(said) == "HTTP/1.1 200 OK");
}

TEST_CASE("a hundred clients with kept connections all get their own answers") {
  desk d;
  std::atomic<int> wrong{0};
  std::vector<std::thread> clients;
  for (int n = 0; n < 100; ++n)
    clients.emplace_back([&, n] {
      auto c = d.client();
      for (int i = 0; i < 20; ++i) {
        const auto name = std::to_string(n) + "-" + std::to_string(i);
        auto r = c.get("/v1/orders/" + name);
        if (!r || r->status != 200 || r->body.find('"' + name + '"') == std::string::npos) ++wrong;
      }
    });
  for (auto& c : clients) c.join();
  CHECK(wrong == 0);
  CHECK(d.server->metrics().connections_total == 100);
  CHECK(d.server->metrics().requests_total == 2000);
}

TEST_CASE("an answer may come from any thread, and only the first counts") {
  desk d;
  std::jthread waiting{[&] {
    auto r = d.client().post("/v1/hold", "");
    CHECK(r->body == "1");
  }};
  auto reply = d.held();
  auto copy = reply;
  CHECK(copy.json("1"));
  CHECK_FALSE(reply.json("2"));
  waiting.join();
  CHECK(d.server->metrics().in_flight == 0);
}

TEST_CASE("a handler that forgets its request answers 500, one that throws too") {
  desk d;
  auto c = d.client();
  auto r = c.post("/v1/forget", "");
  CHECK(r->status == 500);
  CHECK(d.server->metrics().unanswered == 1);
  r = c.post("/v1/throw", "");
  CHECK(r->status == 500);
  CHECK(r->body.find("no good") != std::string::npos);
  CHECK(c.get("/alive")->status == 200);
  CHECK(d.server->metrics().in_flight == 0);
}

TEST_CASE("what throws behind a handler costs the request that it was about, and the server goes on") {
  std::promise<std::string> told;
  desk d{{.failed = [&](std::string_view what) { told.set_value(std::string{what}); }}};
  auto c = d.raw();
  REQUIRE(c.send(post_text("/v1/hold", ""), patience));
  d.server->post([reply = d.held()] { throw std::runtime_error("no good"); });
  CHECK(status_line(*c.receive_until("without an answer", patience)) == "HTTP/1.1 500 Internal Server Error");
  CHECK(told.get_future().get() == "no good");
  CHECK(d.client().get("/alive")->status == 200);
}

TEST_CASE("an answer for a client that left goes nowhere and is not an error") {
  desk d;
  auto c = d.raw();
  REQUIRE(c.send(get_text("/alive") + post_text("/v1/hold", ""), patience));
  auto reply = d.held();
  REQUIRE(eventually([&] { return d.server->metrics().bytes_out > 0; }));
  REQUIRE(eventually([&] { return c.is_stale(); })); // the first answer lies unread, so that closing resets
  c.close();
  CHECK(eventually([&] { return d.server->metrics().connections == 0; }));
  CHECK(d.server->metrics().in_flight == 1); // the handler still works on it
  CHECK(reply.json("1"));
  CHECK(d.server->metrics().in_flight == 0);
  CHECK(d.client().get("/alive")->status == 200);
}

TEST_CASE("an answer after the server ended goes nowhere and is not an error") {
  edge::responder reply;
  {
    desk d;
    auto c = d.raw();
    REQUIRE(c.send(post_text("/v1/hold", ""), patience));
    reply = d.held();
  }
  CHECK(reply.context().target == "/v1/hold");
  reply.json("1");
}

TEST_CASE("a client that ended its sending side still gets its answer") {
  desk d;
  auto c = d.raw();
  REQUIRE(c.send(post_text("/v1/hold", ""), patience));
  c.shut_down_sending();
  d.held().json("\"late\"");
  auto said = c.receive_all(patience);
  CHECK(said->ends_with("\"late\""));
}

TEST_CASE("time: a header that does not come is 408, a body too, and the connection closes") {
  desk d{{.header_time = 60ms, .body_time = 60ms}};
  CHECK(status_line(d.conversation("GET /alive HTTP/1.1\r\nHos")) == "HTTP/1.1 408 Request Timeout");
  const auto body = d.conversation("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"acc");
  CHECK(status_line(body) == "HTTP/1.1 408 Request Timeout");
  CHECK(body.find("the body did not arrive in time") != std::string::npos);
  CHECK(body.find("\r\nRetry-After: 1\r\n") != std::string::npos);
  CHECK(d.server->metrics().refused.header_timeout == 1);
  CHECK(d.server->metrics().refused.body_timeout == 1);
  CHECK(d.orders_seen() == 0);
}

TEST_CASE("time: drops of a header do not buy more time") {
  desk d{{.header_time = 100ms}};
  auto c = d.raw();
  const auto until = std::chrono::steady_clock::now() + patience;
  REQUIRE(c.send("GET /alive HTTP/1.1\r\nX: ", patience));
  while (std::chrono::steady_clock::now() < until && c.send("x", patience) && !c.is_stale()) std::this_thread::sleep_for(10ms);
  CHECK(std::chrono::steady_clock::now() < until);
  CHECK(d.server->metrics().refused.header_timeout == 1);
}

TEST_CASE("time: an idle connection closes without a word; a handler that never answers is 504") {
  desk d{{.idle_time = 60ms, .handler_time = 60ms}};
  CHECK(d.conversation("").empty());
  auto r = d.client().post("/v1/hold", "");
  CHECK(r->status == 504);
  CHECK(r->body.find("\"retriable\":true") != std::string::npos);
  CHECK_FALSE(d.held().json("too late"));
}

TEST_CASE("time: a client that reads nothing is cut, and costs at most its buffers") {
  desk d{{.write_time = 150ms}};
  auto c = d.raw();
  std::string all;
  for (int i = 0; i < 200; ++i) all += get_text("/api/docs") + get_text("/openapi.json");
  std::jthread writer{[&] {
    for (int i = 0; i < 200; ++i)
      if (!c.send(all, patience)) return;
  }};
  CHECK(eventually([&] { return d.server->metrics().refused.write_timeout == 1; }));
  writer.join();
}

TEST_CASE("limits: while a client does not take its large answers nothing more of it is parsed, and then all of it is") {
  desk d{{.requests_per_connection = 4}}; // parsed before anything is answered: eight, of which four are refused
  auto c = d.raw();
  std::string all;
  for (int i = 0; i < 16; ++i) all += post_text("/v1/hold", "");
  REQUIRE(c.send(all, patience));
  std::vector<edge::responder> first;
  for (int i = 0; i < 4; ++i) first.push_back(d.held());
  constexpr std::size_t large = 8'000'000; // more than the kernel takes of all together
  d.server->post([first] {
    for (const auto& reply : first) reply.json(std::string(large, '1'));
  });
  first.clear();
  REQUIRE(eventually([&] { return d.server->metrics().bytes_out > 0; }));
  for (int i = 0; i < 100; ++i) { // the thread has done what it could
    std::promise<void> passed;
    d.server->post([&] { passed.set_value(); });
    passed.get_future().wait();
  }
  CHECK(d.server->metrics().requests_total == 8);
  for (std::size_t taken = 0; taken < 4 * large;) {
    const auto some = c.receive(patience);
    REQUIRE(some);
    taken += some->size();
  }
  for (int i = 0; i < 4; ++i) d.held().json("2");
  CHECK(eventually([&] { return d.server->metrics().requests_total == 16; }));
}

TEST_CASE("limits: an over-long body, target and header are 413, 414 and 431") {
  desk d;
  CHECK(status_line(d.conversation("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n")) ==
        "HTTP/1.1 413 Content Too Large");
  CHECK(status_line(d.conversation(post_text("/v1/orders", std::string(300'000, ' ')))) == "HTTP/1.1 413 Content Too Large");
  std::string chunks = "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 70; ++i) chunks += "400\r\n" + std::string(1024, ' ') + "\r\n";
  CHECK(status_line(d.conversation(chunks)) == "HTTP/1.1 413 Content Too Large");
  CHECK(status_line(d.conversation(get_text("/" + std::string(5000, 'a')))) == "HTTP/1.1 414 URI Too Long");
  CHECK(status_line(d.conversation("GET /" + std::string(20'000, 'a'))) == "HTTP/1.1 414 URI Too Long");
  CHECK(status_line(d.conversation("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(9000, 'a') + "\r\n\r\n")) ==
        "HTTP/1.1 431 Request Header Fields Too Large");
  std::string many = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 2000; ++i) many += "X" + std::to_string(i) + ": y\r\n";
  CHECK(status_line(d.conversation(many + "\r\n")) == "HTTP/1.1 431 Request Header Fields Too Large");
  CHECK(d.orders_seen() == 0);
  auto r = d.client().post("/v1/orders", std::string{good_order} + std::string(60'000, ' '));
  CHECK(r->status == 200); // below the limit
}

TEST_CASE("limits: a client that asks first is told to go on, or not to send at all") {
  desk d;
  auto c = d.raw();
  const std::string body = good_order;
  REQUIRE(c.send("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: " +
                 std::to_string(body.size()) + "\r\n\r\n", patience));
  CHECK(*c.receive_until("\r\n\r\n", patience) == "HTTP/1.1 100 Continue\r\n\r\n");
  REQUIRE(c.send(body, patience));
  CHECK(status_line(*c.receive_until("o-1", patience)) == "HTTP/1.1 200 OK");
  CHECK(status_line(d.conversation("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                                   "Content-Length: 1000000\r\n\r\n")) == "HTTP/1.1 413 Content Too Large");
}

TEST_CASE("limits: requests under way are bounded, on one connection with 429 and over all with 503") {
  desk d{{.requests_max = 3, .requests_per_connection = 2}};
  auto one = d.raw();
  REQUIRE(one.send(post_text("/v1/hold", "") + post_text("/v1/hold", "") + post_text("/v1/hold", ""), patience));
  auto first = d.held(), second = d.held();
  auto two = d.raw();
  REQUIRE(two.send(post_text("/v1/hold", ""), patience));
  auto third = d.held();
  auto r = d.client().post("/v1/hold", "");
  CHECK(r->status == 503);
  CHECK(r->header("Retry-After") == "1");
  CHECK(r->body.find("\"overloaded\"") != std::string::npos);
  for (auto* each : {&first, &second, &third}) each->json("1");
  auto said = one.receive_until("request_id", patience);
  CHECK(test::count_of("HTTP/1.1 200 OK", *said) == 2);
  CHECK(said->find("HTTP/1.1 429 Too Many Requests") != std::string::npos);
  CHECK(test::count_of("Retry-After: 1", *said) == 1);
  CHECK(eventually([&] { return d.server->metrics().in_flight == 0; }));
  auto again = d.client();
  std::jthread answer{[&] { d.held().json("1"); }};
  CHECK(again.post("/v1/hold", "")->status == 200);
  answer.join();
}

TEST_CASE("limits: reads find three quarters of the places, orders all of them, what is urgent the reserve as well") {
  struct row {
    std::size_t places, of_reads;
  };
  for (const auto& r : {row{1, 1}, row{2, 1}, row{3, 2}, row{4, 3}, row{5, 3}, row{8192, 6144}}) {
    const auto places = r.places, of_reads = r.of_reads;
    CAPTURE(places);
    const edge::lane_limits limits{places, 2};
    CHECK(limits.places_of_reads() == of_reads);
    CHECK(limits.has_place(lane::data, of_reads - 1, of_reads - 1));
    CHECK_FALSE(limits.has_place(lane::data, of_reads, of_reads));
    CHECK(limits.has_place(lane::data, places - 1, 0)); // whoever else is there, while there is a place
    CHECK_FALSE(limits.has_place(lane::data, places, 0));
    CHECK(limits.has_place(lane::order, places - 1, of_reads - 1));
    CHECK_FALSE(limits.has_place(lane::order, places, of_reads));
    CHECK(limits.has_place(lane::control, places + 1, of_reads));
    CHECK_FALSE(limits.has_place(lane::control, places + 2, of_reads));
  }
}

TEST_CASE("limits: reads that wait leave a quarter of the places to orders, and each that is answered gives its place back") {
  desk d{{.requests_max = 4}};
  std::vector<edge::raw_connection> connections;
  std::vector<edge::responder> waiting;
  const auto hold = [&](const std::string& request) {
    connections.push_back(d.raw());
    REQUIRE(connections.back().send(request, patience));
    waiting.push_back(d.held());
  };
  for (int i = 0; i < 3; ++i) hold(get_text("/v1/hold"));
  auto client = d.client();
  const auto refused = client.get("/v1/orders/o-1");
  CHECK(refused->status == 503);
  CHECK(refused->header("Retry-After") == "1");
  CHECK(d.server->metrics().refused.in_flight == 1);
  hold(post_text("/v1/hold", ""));
  CHECK(waiting.back().context().verb == edge::method::post);
  CHECK(client.post("/v1/orders", good_order)->status == 503); // four are under way now
  CHECK(d.orders_seen() == 0);
  waiting.front().json("1");
  CHECK(client.get("/v1/orders/o-1")->status == 200);
  CHECK(client.post("/v1/orders", good_order)->status == 200);
  for (auto& each : waiting) each.json("1");
  CHECK(d.server->metrics().reads_in_flight == 0);
  CHECK(d.server->metrics().in_flight == 0);
}

TEST_CASE("limits: what is urgent gets in while others are refused, up to a reserve of its own") {
  desk d{{.requests_max = 1, .requests_reserved = 1}};
  auto order = d.raw(), stop = d.raw();
  REQUIRE(order.send(post_text("/v1/hold", ""), patience));
  auto held = d.held();
  CHECK(d.client().post("/v1/hold", "")->status == 503);
  REQUIRE(stop.send(post_text("/v1/stop", ""), patience));
  auto stopping = d.held();
  CHECK(stopping.context().target == "/v1/stop");
  CHECK(d.client().post("/v1/stop", "")->status == 503); // even stopping is bounded
  stopping.json("\"stopped\"");
  CHECK(stop.receive_until("stopped", patience));
  held.json("1");
}

TEST_CASE("limits: on one connection too an urgent request is handed over behind too many others") {
  desk d{{.requests_per_connection = 1}};
  auto c = d.raw();
  REQUIRE(c.send(post_text("/v1/hold", "") + post_text("/v1/stop", ""), patience));
  auto first = d.held(), stop = d.held();
  CHECK(stop.context().target == "/v1/stop");
  first.json("1");
  stop.json("\"stopped\"");
  CHECK(c.receive_until("stopped", patience));
}

TEST_CASE("limits: connections are bounded with 503, and a place that becomes free is used") {
  desk d{{.connections_max = 2}};
  auto a = d.client(), b = d.client();
  CHECK(a.get("/v1/orders/x")->status == 200);
  CHECK(b.get("/v1/orders/x")->status == 200);
  auto r = d.client().get("/v1/orders/x");
  REQUIRE(r);
  CHECK(r->status == 503);
  CHECK(r->header("Retry-After") == "1");
  b = d.client(); // closes
  CHECK(eventually([&] { return d.client().get("/v1/orders/x")->status == 200; }));
  CHECK(a.get("/v1/orders/x")->status == 200);
}

TEST_CASE("limits: when every connection is busy, a new one still brings a halt, and nothing else") {
  desk d{{.connections_max = 2}};
  std::vector<edge::raw_connection> busy;
  std::vector<edge::responder> held;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(d.raw());
    REQUIRE(busy.back().send(post_text("/v1/hold", ""), patience));
    held.push_back(d.held());
  }
  auto order = d.raw();
  REQUIRE(order.send(post_text("/v1/orders", "{}") + post_text("/v1/stop", ""), patience));
  const auto refused = order.receive_until("repeat after a pause", patience);
  REQUIRE(refused);
  CHECK(status_line(*refused) == "HTTP/1.1 503 Service Unavailable");
  CHECK(refused->find("Connection: close") != std::string::npos);
  auto halt = d.raw();
  REQUIRE(halt.send(post_text("/v1/stop", "") + get_text("/v1/orders/x"), patience));
  d.held().json("\"stopped\"");
  const auto answered = halt.receive_until("stopped", patience);
  REQUIRE(answered);
  CHECK(status_line(*answered) == "HTTP/1.1 200 OK");
  CHECK(answered->find("Connection: close") != std::string::npos); // one request: the next place is for somebody else's
  CHECK(d.server->metrics().refused.connections == 1);
  CHECK(d.client().get("/alive")->status == 200); // a full node is no dead one
  for (auto& h : held) h.json("1");
  for (auto& b : busy) CHECK(b.receive_until("1", patience));
}

TEST_CASE("limits: what is kept for halts stays so: connections beyond the limit that say nothing, or not enough, are closed within two seconds and become no others") {
  desk d{{.connections_max = 2}};
  std::vector<edge::raw_connection> busy, silent;
  std::vector<edge::responder> held;
  const auto take = [&](std::vector<edge::raw_connection>& where, const std::string& says) {
    where.push_back(d.raw());
    REQUIRE(where.back().send(says, patience));
  };
  for (int i = 0; i < 2; ++i) {
    take(busy, post_text("/v1/hold", ""));
    held.push_back(d.held());
  }
  for (std::size_t i = 0; i < edge::connections_reserved; ++i) take(silent, i % 2 == 0 ? "" : "POST /v1/stop HTTP/1.1\r\nHost: localhost\r\n");
  REQUIRE(eventually([&] { return d.server->metrics().connections == 2 + edge::connections_reserved; }));
  auto dropped = d.raw();
  CHECK(dropped.receive_all(patience)->empty());
  CHECK(d.server->metrics().refused.connections_dropped == 1);
  CHECK(eventually([&] { return d.server->metrics().connections == 2; }));
  CHECK(d.server->metrics().refused.header_timeout == edge::connections_reserved / 2);
  auto reads = d.raw();
  REQUIRE(reads.send(get_text("/v1/orders/x"), patience));
  CHECK(status_line(*reads.receive_until("pause", patience)) == "HTTP/1.1 503 Service Unavailable"); // the two are still busy
  auto halt = d.raw();
  REQUIRE(halt.send(post_text("/v1/stop", ""), patience));
  d.held().json("\"stopped\"");
  CHECK(halt.receive_until("stopped", patience));
  for (auto& h : held) h.json("1");
}

TEST_CASE("limits: connections that ask for nothing make place for one that does, those under way do not") {
  desk d{{.connections_max = 2}};
  auto busy = d.raw();
  REQUIRE(busy.send(post_text("/v1/hold", ""), patience));
  auto held = d.held();
  auto idle = d.client();
  CHECK(idle.get("/v1/orders/x")->status == 200);
  CHECK(d.client().get("/v1/orders/x")->status == 503); // idle, but not for long
  std::this_thread::sleep_for(std::chrono::milliseconds{1100});
  auto late = d.client();
  CHECK(late.get("/v1/orders/x")->status == 200);
  held.json("1");
  CHECK(busy.receive_until("1", patience));
  CHECK(idle.get("/v1/orders/x")->status == 503); // on a connection of its own again, and there is no place
}

TEST_CASE("limits: without file descriptors accept waits instead of spinning, and goes on afterwards") {
  desk d;
  // Plain descriptors: a sanitizer that looks at an object through a pipe finds none here either.
  const auto open_one = [] { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); };
  const int probe = open_one(); // to give back
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  auto held = d.raw();
  int highest = 0;
  for (int fd = 0; fd < 4096; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) highest = fd;
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(highest + 2);
  std::vector<int> fill;
  fill.reserve(4096);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &tight) == 0);
  for (int fd = open_one(); fd >= 0 && fill.size() < 4096; fd = open_one()) fill.push_back(fd);
  ::close(probe); // for the client's own socket; the server finds none
  auto c = edge::raw_connection::open("127.0.0.1", d.port(), patience);
  const bool seen = eventually([&] { return d.server->metrics().refused.no_descriptors >= 2; });
  const auto tries = d.server->metrics().refused.no_descriptors.load();
  for (const int fd : fill) ::close(fd);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(seen);
  CHECK(tries < 100);
  REQUIRE(c);
  REQUIRE(c->send(get_text("/alive"), patience));
  CHECK(status_line(*c->receive_until("alive", patience)) == "HTTP/1.1 200 OK");
}

TEST_CASE("stop: what is under way finishes, new requests are told to come back, idle connections close") {
  desk d;
  auto idle = d.raw(), busy = d.raw(), half = d.raw();
  REQUIRE(busy.send(post_text("/v1/hold", ""), patience));
  REQUIRE(half.send("GET /alive HT", patience));
  auto reply = d.held();
  REQUIRE(eventually([&] { return d.server->metrics().connections == 3 && d.server->metrics().bytes_in > 60; }));
  std::atomic<bool> clean{false};
  std::jthread stopping{[&] { clean = d.server->stop(std::chrono::milliseconds{patience}); }};
  CHECK(idle.receive_all(patience)->empty());
  REQUIRE(half.send("TP/1.1\r\nHost: localhost\r\n\r\n", patience));
  const auto told = half.receive_all(patience);
  CHECK(status_line(*told) == "HTTP/1.1 503 Service Unavailable");
  CHECK(told->find("Connection: close") != std::string::npos);
  CHECK_FALSE(edge::raw_connection::open("127.0.0.1", d.port(), patience));
  reply.json("\"done\"");
  CHECK(busy.receive_all(patience)->ends_with("\"done\""));
  stopping.join();
  CHECK(clean);
}

TEST_CASE("stop: a request that crosses with it on a kept connection is answered, not cut") {
  desk d;
  auto c = d.raw();
  REQUIRE(c.send(get_text("/alive"), patience));
  REQUIRE(c.receive_until("alive", patience));
  std::promise<void> sent, begun;
  d.server->post([go_on = sent.get_future().share()] { go_on.wait(); }); // what comes now waits in the socket
  std::atomic<bool> clean{false};
  std::jthread stopping{[&] {
    begun.set_value();
    clean = d.server->stop(std::chrono::milliseconds{patience});
  }};
  begun.get_future().wait();
  REQUIRE(c.send(get_text("/alive"), patience));
  sent.set_value();
  const auto told = c.receive_all(patience);
  c.close();
  CHECK_MESSAGE(told->starts_with("HTTP/1.1 "), *told); // 503, or 200 when it came first after all
  stopping.join();
  CHECK(clean);
}

TEST_CASE("stop: a connection whose answer is on its way closes when the client has taken it, and is not waited for until the end") {
  desk d;
  auto c = d.raw();
  REQUIRE(c.send(post_text("/v1/hold", ""), patience));
  constexpr std::size_t large = 32'000'000; // more than the kernel takes
  d.held().json(std::string(large, '1'));
  REQUIRE(eventually([&] { return d.server->metrics().bytes_out > 0; }));
  const auto port = d.port();
  std::atomic<bool> clean{false};
  std::jthread stopping{[&] { clean = d.server->stop(60s); }};
  REQUIRE(eventually([&] { return !edge::raw_connection::open("127.0.0.1", port, patience); }));
  const auto said = c.receive_all(patience);
  REQUIRE(said);
  CHECK(said->size() > large);
  stopping.join();
  CHECK(clean);
}

TEST_CASE("stop: a request that nobody answers is told so before the end") {
  desk d;
  auto busy = d.raw();
  REQUIRE(busy.send(post_text("/v1/hold", ""), patience));
  const auto reply = d.held();
  std::atomic<bool> clean{false};
  std::jthread stopping{[&] { clean = d.server->stop(2500ms); }};
  CHECK(status_line(*busy.receive_all(patience)) == "HTTP/1.1 504 Gateway Timeout");
  busy.close();
  stopping.join();
  CHECK(clean);
}

TEST_CASE("stop: a header or a body that begins to come only now has no longer than the stop, and is told so") {
  desk d; // their own time is longer than the stop
  auto header = d.raw(), body = d.raw();
  REQUIRE(header.send(get_text("/alive"), patience));
  REQUIRE(header.receive_until("alive", patience));
  const auto seen = d.server->metrics().bytes_in.load();
  REQUIRE(body.send("POST /v1/orders HT", patience));
  REQUIRE(eventually([&] { return d.server->metrics().bytes_in > seen; }));
  std::promise<void> sent, begun;
  d.server->post([go_on = sent.get_future().share()] { go_on.wait(); }); // what comes now waits in the socket
  std::atomic<bool> clean{false};
  std::jthread stopping{[&] {
    begun.set_value();
    clean = d.server->stop(2500ms);
  }};
  begun.get_future().wait();
  std::this_thread::sleep_for(50ms); // so that the drain is the next in line
  REQUIRE(header.send("GET /alive HT", patience));
  REQUIRE(body.send("TP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{", patience));
  sent.set_value();
  for (auto* c : {&header, &body}) {
    CHECK(status_line(*c->receive_all(patience)) == "HTTP/1.1 408 Request Timeout");
    c->close();
  }
  stopping.join();
  CHECK(clean);
}

TEST_CASE("stop: what does not finish in time is cut, and that is told") {
  desk d;
  auto busy = d.raw();
  REQUIRE(busy.send(post_text("/v1/hold", ""), patience));
  auto reply = d.held();
  CHECK_FALSE(d.server->stop(20ms));
  CHECK(busy.receive_all(patience)->empty());
  reply.json("1");
}

TEST_CASE("a page of another origin is refused; an allowed one gets its CORS headers") {
  desk d{{.allowed_origins = {"http://localhost:5173"}}};
  auto c = d.client();
  auto with = [&](const std::string& method, const std::string& origin) {
    return *c.request(method, "/v1/orders", method == "POST" ? good_order : "", {{"Origin", origin}});
  };
  CHECK(with("POST", "http://evil.example").status == 403);
  CHECK(with("POST", "null").status == 403);
  CHECK(d.orders_seen() == 0);
  CHECK(with("POST", "http://127.0.0.1:" + std::to_string(d.port())).status == 200); // our own page
  CHECK(with("POST", "http://localhost:5173").header("Access-Control-Allow-Origin") == "http://localhost:5173");
  auto preflight = with("OPTIONS", "http://localhost:5173");
  CHECK(preflight.status == 204);
  CHECK(preflight.header("Access-Control-Allow-Methods") == "POST");
  CHECK_FALSE(edge::websocket_client::open("127.0.0.1", d.port(), "/v1/stream", patience, "http://evil.example"));
}

TEST_CASE("what a page of another origin loads without naming it is refused, too; a link may be followed from anywhere") {
  desk d{{.allowed_origins = {"http://localhost:5173"}}};
  auto c = d.client();
  const auto with = [&](const std::string& method, const edge::client_headers& headers) { return c.request(method, "/v1/orders/o1", "", headers)->status; };
  for (const char* site : {"cross-site", "same-site"}) {
    CAPTURE(site);
    CHECK(with("GET", {{"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", "no-cors"}, {"Sec-Fetch-Dest", "image"}}) == 403);
    CHECK(with("GET", {{"Sec-Fetch-Site", site}}) == 403);
    CHECK(with("GET", {{"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "iframe"}}) == 403);
    CHECK(with("DELETE", {{"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "document"}}) == 403);
    CHECK(with("GET", {{"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "document"}}) == 200);
    CHECK(with("GET", {{"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", "cors"}, {"Origin", "http://localhost:5173"}}) == 200);
  }
  for (const char* site : {"same-origin", "none"}) CHECK(with("GET", {{"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", "no-cors"}}) == 200);
  CHECK(d.server->metrics().refused.foreign_origin == 8);
}

TEST_CASE("a request under another name than loopback's is refused, page or not: a name that somebody pointed here is not this server") {
  desk d{{.allowed_origins = {"https://desk.example"}}};
  const auto under = [&](const std::string& host) {
    return status_line(d.conversation("GET /v1/orders/o1 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"));
  };
  for (const char* host : {"localhost", "localhost:8080", "LocalHost", "127.0.0.1:1", "127.3.2.1", "[::1]:8080", "desk.example", ""}) CHECK_MESSAGE(under(host) == "HTTP/1.1 200 OK", host);
  for (const char* host : {"localhost.evil.example", "127.evil.example", "evil.example:8080", "10.0.0.1", "[::2]"}) CHECK_MESSAGE(under(host) == "HTTP/1.1 403 Forbidden", host);
}

TEST_CASE("a body whose coding is not plainly chunked is refused, and nothing behind it is taken for a request") {
  desk d;
  for (const char* coding : {"xchunked", "gzip", "identity", "gzip, chunked", "chunked\r\nTransfer-Encoding: chunked"}) {
    CAPTURE(coding);
    const auto said = d.conversation("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: " + std::string{coding} + "\r\n\r\n" + get_text("/v1/orders/o1"));
    CHECK_FALSE(said.starts_with("HTTP/1.1 2"));
    CHECK(said.find("HTTP/1.1 ", 1) == std::string::npos);
  }
  CHECK(d.orders_seen() == 0);
}

TEST_CASE("metrics: requests are counted by route and status class, bytes and refusals too") {
  desk d;
  auto c = d.client();
  for (int i = 0; i < 64; ++i) CHECK(c.post("/v1/orders", good_order)->status == 200);
  CHECK(c.post("/v1/orders", "{}")->status == 400);
  CHECK(c.get("/nothing")->status == 404);
  const auto& routes = d.table.routes();
  auto it = std::find_if(routes.begin(), routes.end(), [](const auto& r) { return r.path == "/v1/orders"; });
  CHECK(it->metrics.by_class[1] == 64);
  CHECK(it->metrics.by_class[3] == 1);
  const auto& m = d.server->metrics();
  CHECK(m.requests_total == 66);
  CHECK(m.refused.route_not_found == 1);
  CHECK(m.bytes_in > 64 * 100);
  CHECK(m.bytes_out > 64 * 100);
  std::uint64_t sampled = 0;
  for (const auto& b : m.latency.count) sampled += b;
  CHECK(sampled == 1); // one request in 64
}
