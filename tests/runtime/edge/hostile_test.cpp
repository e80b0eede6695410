// Garbage, half requests and floods: the right status, no growth, and the next client is served at once.

#include "tests/runtime/edge/example.hpp"

#include <fstream>
#include <random>

using namespace edge_example;

namespace {

/// Resident memory of this process in KiB.
std::int64_t resident_kib() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      std::int64_t kib = 0;
      status >> kib;
      return kib;
    }
  return 0;
}

} // namespace

TEST_SUITE_BEGIN("edge/hostile");

TEST_CASE("hostile: each kind of nonsense has its status, and the next valid request is served") {
  desk d;
  auto bystander = d.client();
  for (const auto& r : hostile_requests()) {
    CAPTURE(r.what);
    const auto said = d.conversation(r.bytes);
    CAPTURE(said);
    CHECK(status_of(said) == r.status);
    auto next = bystander.post("/v1/orders", good_order);
    REQUIRE(next);
    CHECK(next->status == 200);
  }
  CHECK(d.orders_seen() == hostile_requests().size());
  CHECK(d.server->metrics().connections_total == hostile_requests().size() + 1); // the bystander never lost its connection
}

TEST_CASE("hostile: requests cut off at any byte leave nothing behind") {
  desk d;
  const auto whole = post_text("/v1/orders", good_order);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    auto c = d.raw();
    REQUIRE(c.send(std::string_view{whole}.substr(0, n), patience));
    c.shut_down_sending();
    CAPTURE(n);
    CHECK(c.receive_all(patience)->empty());
  }
  CHECK(d.orders_seen() == 0);
  CHECK(eventually([&] { return d.server->metrics().connections == 0; }));
}

TEST_CASE("hostile: a body in chunks may come byte by byte, each read by itself, and end wherever it likes") {
  desk d;
  std::uint64_t sent = 0;
  for (const std::string chunks : {"0\r\n\r\n", "2\r\n{}\r\n0\r\n\r\n", "1\r\n{\r\n1;a=b\r\n}\r\n00\r\n\r\n", "2\r\n{}\r\n0;last\r\n\r\n"}) {
    CAPTURE(chunks);
    auto c = d.raw();
    const auto pass = [&](std::string_view bytes) {
      REQUIRE(c.send(bytes, patience));
      sent += bytes.size();
      REQUIRE(eventually([&] { return d.server->metrics().bytes_in == sent; }));
    };
    pass("POST /v1/note HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char byte : chunks) pass(std::string_view{&byte, 1});
    const auto said = c.receive_all(patience);
    REQUIRE(said);
    CHECK_MESSAGE(status_of(*said) == 200, *said);
  }
}

TEST_CASE("hostile: a flood of nonsense and half-sent requests does not grow the process by 16 MiB") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  desk d;
  const auto rows = hostile_requests();
  for (const auto& r : rows) (void)d.conversation(r.bytes); // allocators have their first pages now
  const auto before = resident_kib();
  REQUIRE(before > 0);
  std::vector<edge::raw_connection> half;
  for (int i = 0; i < 400; ++i) { // these stay open, each with a header and part of the largest body
    half.push_back(d.raw());
    REQUIRE(half.back().send("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65000\r\n\r\n{\"account\":", patience));
  }
  for (int round = 0; round < 10; ++round)
    for (auto r : rows) {
      for (int flips = 0; flips < round; ++flips) r.bytes[random() % r.bytes.size()] = static_cast<char>(random());
      auto c = d.raw();
      (void)c.send(r.bytes, patience);
      c.shut_down_sending();
      REQUIRE(c.receive_all(patience)); // refused or answered; never stuck
    }
  const auto grown = resident_kib() - before;
  CAPTURE(grown);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // they keep memory of their own; the flood itself still runs
  CHECK(grown < 16 * 1024);
#endif
  CHECK(d.client().post("/v1/orders", good_order)->status == 200);
}
