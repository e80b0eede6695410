#include "tests/support/test.hpp"
#include "tools/load/load.hpp"
#include "tools/load/response.hpp"

#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::load;

TEST_SUITE_BEGIN("tools/load");

namespace {

/// Answers orders as a node would, one thread a connection: the same client id gets the same order. Every `drop`-th order
/// is taken and the connection closed without an answer.
class small_node {
public:
  explicit small_node(int drop) : drop_{drop}, listener_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&any), size) == 0);
    REQUIRE(::listen(listener_, 64) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&any), &size);
    port = ntohs(any.sin_port);
    accepting_ = std::thread{[this] {
      for (;;) {
        const int fd = ::accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        std::lock_guard guard{mutex_};
        serving_.emplace_back([this, fd] { serve(fd); });
      }
    }};
  }
  ~small_node() {
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    for (auto& t : serving_) t.join();
    ::close(listener_);
  }

  std::uint16_t port = 0;
  std::map<std::string, int> orders; // by client id
  int received = 0;
  std::atomic<int> looked_at{0};

private:
  void serve(int fd) {
    std::string in;
    char buffer[4096];
    for (;;) {
      const auto n = ::recv(fd, buffer, sizeof buffer, 0);
      if (n <= 0) break;
      in.append(buffer, static_cast<std::size_t>(n));
      if (in.starts_with("GET /alive ") && in.ends_with("\r\n\r\n")) {
        in.clear();
        ++looked_at;
        constexpr std::string_view up = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nup";
        if (::send(fd, up.data(), up.size(), MSG_NOSIGNAL) < 0) break;
        continue;
      }
      if (!in.ends_with('}')) continue; // one request at a time: its body ends it
      const std::string id{text_member(in, "client_order_id")};
      in.clear();
      std::string answer;
      {
        std::lock_guard guard{mutex_};
        const auto order = orders.try_emplace(id, static_cast<int>(orders.size()) + 1).first->second;
        if (++received % drop_ == 0) break;
        answer = "{\"order_id\":\"17-" + std::to_string(order) + "\",\"client_order_id\":\"" + id + "\",\"status\":\"PENDING_NEW\"}";
      }
      answer = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\ncontent-length: " + std::to_string(answer.size()) + "\r\n\r\n" + answer;
      if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
    ::close(fd);
  }

  int drop_;
  int listener_;
  std::mutex mutex_;
  std::thread accepting_;
  std::vector<std::thread> serving_;
};

std::map<std::string, std::string> read_record(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::map<std::string, std::string> all;
  std::string client, order;
  while (in >> client >> order) CHECK(all.emplace(client, order).second); // once each
  return all;
}

} // namespace

TEST_CASE("look: an answer is complete with its last byte and not before, and what is no HTTP is seen") {
  const std::string whole = "HTTP/1.1 200 OK\r\nServer: x\r\nCONTENT-LENGTH: 5\r\nConnection: close\r\n\r\nhello";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    CAPTURE(n);
    CHECK(look(std::string_view{whole}.substr(0, n)).what == seen_response::state::incomplete);
  }
  const auto r = look(whole + "HTTP/1.1 201");
  CHECK(r.what == seen_response::state::complete);
  CHECK(r.status == 200);
  CHECK(r.size == whole.size());
  CHECK(r.body == "hello");
  CHECK(r.closes);
  CHECK(look("SSH-2.0\r\n\r\n").what == seen_response::state::broken);
  CHECK(look("HTTP/1.1 200 OK\r\n\r\n").what == seen_response::state::broken); // no length
  CHECK(look("HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n").what == seen_response::state::broken);
}

TEST_CASE("text_member: the member, not a text that looks like it") {
  CHECK(text_member(R"({"my_order_id":"no","reason":"order_id","order_id":"17-1"})", "order_id") == "17-1");
  CHECK(text_member(R"({"order":"x"})", "order_id") == "");
}

TEST_CASE("run: every order is sent once under its own id and every acknowledgement is on record") {
  small_node node{1 << 30};
  troupe::test::temporary_directory folder;
  load_options o;
  o.port = node.port;
  o.connections = 4;
  o.orders = 200;
  o.acknowledged = folder.path() / "acked";
  const auto r = run(o);
  REQUIRE(r);
  CHECK(r->sent == 200);
  CHECK(r->acknowledged == 200);
  CHECK(r->unknown == 0);
  CHECK(r->unsent == 0);
  CHECK(r->latencies_ns.size() == 200);
  CHECK(r->percentile_us(0.5) <= r->percentile_us(1));
  const auto record = read_record(o.acknowledged);
  REQUIRE(record.size() == 200);
  for (const auto& [client, order] : record) CHECK(order == "17-" + std::to_string(node.orders.at(client)));
}

TEST_CASE("run: with a path it asks for that and sends no order; a path that is none is refused, and so is a record of it") {
  small_node node{1 << 30};
  load_options o;
  o.port = node.port;
  o.connections = 4;
  o.orders = 200;
  o.path = "/alive";
  const auto r = run(o);
  REQUIRE(r);
  CHECK(r->acknowledged == 200);
  CHECK(r->refused.empty());
  CHECK(r->latencies_ns.size() == 200);
  CHECK(node.looked_at == 200);
  CHECK(node.orders.empty());
  o.path = "alive";
  CHECK(run(o).error().code == errc::invalid_argument);
  o.path = "/alive";
  o.acknowledged = "acked";
  CHECK(run(o).error().code == errc::invalid_argument);
  CHECK(node.looked_at == 200);
}

TEST_CASE("run: what got no answer is unknown, and asking again with the same id resolves it without a second order") {
  troupe::test::temporary_directory folder;
  load_options o;
  o.connections = 4;
  o.orders = 40;
  {
    small_node node{5};
    o.port = node.port;
    const auto r = run(o);
    REQUIRE(r);
    CHECK(r->unknown == 4); // each connection ends with one
    CHECK(r->acknowledged + r->unknown == r->sent);
  }
  small_node node{5};
  o.port = node.port;
  o.resolve = true;
  o.acknowledged = folder.path() / "acked";
  const auto r = run(o);
  REQUIRE(r);
  CHECK(r->unknown == 0);
  CHECK(r->resolved == 4);
  CHECK(r->acknowledged == r->sent);
  CHECK(node.orders.size() == r->sent);
  CHECK(read_record(o.acknowledged).size() == r->sent);
}

TEST_CASE("run: orders that were not sent because every connection was lost are in the report, those that time ran out for are not") {
  load_options o;
  o.connections = 4;
  o.orders = 40;
  small_node node{5}; // takes every fifth order and closes its connection
  o.port = node.port;
  for (const bool asks_again : {false, true}) {
    CAPTURE(asks_again);
    o.resolve = asks_again;
    o.prefix = asks_again ? "again" : "once";
    const auto r = run(o);
    REQUIRE(r);
    CHECK(r->unsent > 0);
    CHECK(r->unsent == o.orders - r->sent);
    CHECK(r->json().find("\"unsent\":" + std::to_string(r->unsent)) != std::string::npos);
  }
  o.orders = 0;
  o.seconds = 60;
  o.prefix = "timed";
  const auto cut = run(o);
  REQUIRE(cut);
  CHECK(cut->cut_short);
  CHECK(cut->seconds < 60);
  o.orders = 40;
  small_node patient{1 << 30};
  o.port = patient.port;
  o.rate = 20;
  o.seconds = 0.3;
  const auto in_time = run(o);
  REQUIRE(in_time);
  CHECK(in_time->sent < o.orders);
  CHECK(in_time->unsent == 0); // as it was asked to
  CHECK_FALSE(in_time->cut_short);
}

TEST_CASE("run: stopped it sends no more, awaits what is under way and reports what there was") {
  small_node node{1 << 30};
  load_options o;
  o.port = node.port;
  o.connections = 2;
  o.orders = 100'000;
  int looks = 0;
  o.is_stopped = [&] { return ++looks > 50; };
  const auto r = run(o);
  REQUIRE(r);
  CHECK(r->stopped);
  CHECK(r->sent > 0);
  CHECK(r->sent < o.orders);
  CHECK(r->acknowledged == r->sent);
  CHECK(r->unknown == 0);
  CHECK(r->unsent == o.orders - r->sent);
  CHECK_FALSE(r->is_sound(true));
}

TEST_CASE("a report is sound when all were sent and answered and none was refused, or when those for now may be") {
  load_report r;
  r.sent = r.acknowledged = 10;
  CHECK(r.is_sound(false));
  CHECK(r.is_sound(true));
  const auto with = [&](auto change) {
    auto changed = r;
    change(changed);
    return changed;
  };
  const auto refused = with([](load_report& x) { x.refused = {{429, 2}, {503, 976}}; });
  CHECK(refused.refused_in_all() == 978);
  CHECK_FALSE(refused.is_sound(false));
  CHECK(refused.is_sound(true));
  for (const auto& lost : {with([](load_report& x) { x.unknown = 1; }), with([](load_report& x) { x.unsent = 1; }), with([](load_report& x) { x.cut_short = true; }),
                           with([](load_report& x) { x.first_wrong = "400: price"; })}) {
    CHECK_FALSE(lost.is_sound(false));
    CHECK_FALSE(lost.is_sound(true));
  }
}

TEST_CASE("run: nobody there, and options that make no sense, are told apart") {
  load_options o;
  o.port = 1;
  CHECK(run(o).error().code == errc::unavailable);
  o.connections = 0;
  CHECK(run(o).error().code == errc::invalid_argument);
}
