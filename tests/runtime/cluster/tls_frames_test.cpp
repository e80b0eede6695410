// What a peer with a right certificate sends that is no frame of ours: it loses its connection, and nobody else notices.

#include "runtime/cluster/messages.hpp"
#include "runtime/cluster/tls_connection.hpp"
#include "runtime/telemetry/process_metrics.hpp"
#include "tests/runtime/cluster/two_hosts.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstring>

using namespace troupe;
using namespace troupe::cluster;
using test::two_hosts;
using namespace std::chrono_literals;

namespace {

struct raw_frame {
  std::uint32_t length = 0; // as its header says
  std::uint8_t type = 0;
  std::string bytes;
};

raw_frame framed(frame_type type, std::string bytes) {
  return {static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint8_t>(type), std::move(bytes)};
}
raw_frame hello_of(const greeting& who, lane l, std::uint64_t session) {
  std::string bytes;
  wire::encode(hello{who, l, session, {}}, bytes);
  return framed(frame_type::hello, std::move(bytes));
}
raw_frame answer_of(const greeting& who) {
  std::string bytes;
  wire::encode(welcome{who, "", {}}, bytes);
  return framed(frame_type::welcome, std::move(bytes));
}

/// Behind its handshake it sends what it likes.
class raw_peer {
public:
  raw_peer(const two_hosts& hosts, std::uint16_t port) : tls_{test::tls_of(hosts.folder.path() / "a", "a")}, stream_{io_, tls_} {
    stream_.next_layer().connect({boost::asio::ip::address_v4::loopback(), port});
    stream_.handshake(boost::asio::ssl::stream_base::client);
  }
  void sends(const raw_frame& f) {
    std::string out(5, '\0');
    std::memcpy(out.data(), &f.length, sizeof f.length);
    out[4] = static_cast<char>(f.type);
    boost::system::error_code ignored; // it may have been hung up on
    boost::asio::write(stream_, boost::asio::buffer(out + f.bytes), ignored);
  }
  /// Within five seconds, whatever it is told before.
  [[nodiscard]] bool is_hung_up_on() {
    bool is_over = false;
    read(is_over);
    io_.restart();
    io_.run_for(5s);
    boost::system::error_code ignored;
    const bool was_over = is_over;
    stream_.next_layer().close(ignored);
    io_.restart();
    io_.run();
    return was_over;
  }

private:
  void read(bool& is_over) {
    stream_.async_read_some(boost::asio::buffer(told_), [this, &is_over](const boost::system::error_code& failed, std::size_t) {
      if (failed) is_over = true;
      else read(is_over);
    });
  }
  boost::asio::io_context io_;
  boost::asio::ssl::context tls_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  std::array<char, 4096> told_{};
};

/// No time-out hides that a frame was taken.
tls_link_options patient(const two_hosts& hosts) {
  auto o = hosts.options("b", 2);
  o.greet_within = 60s;
  return o;
}

constexpr auto code_of = [](frame_type t) { return static_cast<std::uint8_t>(t); };

} // namespace

TEST_SUITE_BEGIN("cluster/tls_frames");

TEST_CASE_FIXTURE(two_hosts, "whoever greets with anything but a greeting is hung up on at the frame's header, costs no memory, and keeps nobody out") {
  const auto b = open(patient(*this), at_b);
  const auto who = options("a", 1).self;
  const auto greets = hello_of(who, lane::control, 1);
  const std::vector<std::pair<const char*, std::vector<raw_frame>>> wrong{
    {"a greeting that is too long, by its header", {{4097, code_of(frame_type::hello), ""}}},
    {"the largest length there is", {{0xffffffff, code_of(frame_type::hello), ""}}},
    {"a message before the greeting", {framed(frame_type::payload, "a message")}},
    {"a beat before the greeting", {framed(frame_type::beat, "")}},
    {"an answer before the greeting", {answer_of(who)}},
    {"a type that does not exist", {{4, 200, "what"}}},
    {"a greeting that cannot be read", {framed(frame_type::hello, "garbage")}},
    {"a greeting for a lane that does not exist", {hello_of(who, static_cast<lane>(7), 1)}},
    {"a second greeting", {greets, greets}},
    {"a message in place of the answer to its welcome", {greets, framed(frame_type::payload, "a message")}},
    {"an answer that is too long, by its header", {greets, {4097, code_of(frame_type::welcome), ""}}},
  };
  const auto before = telemetry::read_process_facts().resident_bytes;
  for (int round = 0; round < 5; ++round)
    for (const auto& [what, frames] : wrong) {
      CAPTURE(what);
      raw_peer peer{*this, port_b};
      for (const auto& f : frames) peer.sends(f);
      CHECK(peer.is_hung_up_on());
    }
  CHECK(telemetry::read_process_facts().resident_bytes < before + (64 << 20)); // the largest length alone would be 64 times that
  CHECK(at_b.told().empty());
  const auto a = open(options("a", 3), at_a);
  CHECK(at_b.hears("up a"));
  CHECK(at_a.hears("up b"));
}

TEST_CASE_FIXTURE(two_hosts, "a peer that is up and sends what is no frame is down with all its lanes, and comes in again") {
  const auto b = open(patient(*this), at_b);
  const auto who = options("a", 1).self;
  const std::vector<std::pair<const char*, raw_frame>> wrong{
    {"a message that is too long, by its header", {frame_bytes_max + 1, code_of(frame_type::payload), ""}},
    {"the largest length there is", {0xffffffff, code_of(frame_type::payload), ""}},
    {"a type that does not exist", {4, 200, "what"}},
    {"a second greeting", hello_of(who, lane::data, 1)},
    {"a beat that cannot be read", framed(frame_type::beat, "")},
  };
  std::size_t times = 0;
  for (const auto& [what, frame] : wrong) {
    CAPTURE(what);
    ++times;
    raw_peer control{*this, port_b}, order{*this, port_b}, data{*this, port_b};
    lane next = lane::control;
    for (auto* lane_of_it : {&control, &order, &data}) {
      lane_of_it->sends(hello_of(who, next, times));
      lane_of_it->sends(answer_of(who));
      next = static_cast<lane>(static_cast<int>(next) + 1);
    }
    REQUIRE(at_b.hears("up a", times));
    data.sends(frame);
    CHECK(at_b.hears("down a", times));
    CHECK(control.is_hung_up_on()); // all lanes end together
    CHECK(data.is_hung_up_on());
  }
  const auto a = open(options("a", 3), at_a);
  CHECK(at_b.hears("up a", times + 1));
}

TEST_SUITE_END();
