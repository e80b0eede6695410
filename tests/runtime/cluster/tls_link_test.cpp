#include "tests/support/test.hpp"

#include "runtime/cluster/bulk_queue.hpp"
#include "runtime/cluster/messages.hpp"
#include "runtime/cluster/tls_connection.hpp"
#include "tests/runtime/cluster/two_hosts.hpp"
#include "tests/support/wire_between.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <atomic>

using namespace troupe;
using namespace troupe::cluster;
using test::link_witness;
using test::two_hosts;
using test::wire_between;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using tcp = boost::asio::ip::tcp;

namespace {

const auto loopback = boost::asio::ip::address_v4::loopback();

/// Dials with a certificate, says who it is and returns what it is told; empty: welcome.
/// Without a certificate when its name is empty; stays for `stay` when it is welcome.
std::string greets(std::uint16_t port, const fs::path& where, const std::string& certificate, const greeting& who, std::chrono::milliseconds stay = 0ms) {
  boost::asio::io_context io;
  auto tls = test::tls_of(where, certificate);
  tcp::socket socket{io};
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  const auto c = std::make_shared<tls_connection>(std::move(socket), tls, tls_connection::role::dials);
  std::string told = "nothing";
  c->start({[&] {
              std::string bytes;
              wire::encode(hello{who, lane::control, 1}, bytes);
              CHECK(c->offer(frame_type::hello, bytes));
            },
            [&](frame_type, std::string_view bytes) {
              told = wire::decode<welcome>(bytes).value().refused;
              if (stay == 0ms) c->close();
            },
            [&](const std::string& why) { told = why; }});
  io.run_for(stay == 0ms ? 5000ms : stay);
  c->close();
  io.run_for(100ms);
  return told;
}

} // namespace

TEST_SUITE_BEGIN("cluster/tls_link");

TEST_CASE_FIXTURE(two_hosts, "frames of every lane arrive whole and in order, both ways, the largest too") {
  const auto a = open(options("a", 1), at_a), b = open(options("b", 2), at_b);
  REQUIRE(at_a.hears("up b"));
  REQUIRE(at_b.hears("up a"));
  for (int i = 0; i < 100; ++i) {
    CHECK(a->send({"b"}, lane::order, std::to_string(i)));
    CHECK(b->send({"a"}, lane::control, std::to_string(i)));
  }
  CHECK(a->send({"b"}, lane::data, std::string(frame_bytes_max, 'x')));
  CHECK_FALSE(a->send({"b"}, lane::data, std::string(frame_bytes_max + 1, 'x')));
  CHECK_FALSE(a->send({"c"}, lane::data, "nobody"));
  REQUIRE(at_b.hears("a/order: 99"));
  REQUIRE(at_a.hears("b/control: 99"));
  REQUIRE(at_b.hears("a/data: " + std::string(40, 'x') + " +" + std::to_string(frame_bytes_max - 40)));
  std::vector<std::string> in_order;
  for (const auto& line : at_b.told())
    if (line.starts_with("a/order")) in_order.push_back(line);
  REQUIRE(in_order.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) CHECK(in_order[i] == "a/order: " + std::to_string(i));
}

namespace {

/// Hands on what is long whenever there is room.
class bulk_witness final : public link_witness {
public:
  void opened(cluster::link& l) override { carrier_ = &l; }
  void written(const node_name& to, lane) override { push(to); }
  void push(const node_name& to) {
    CHECK(queue.push(*carrier_, to).empty());
    most = std::max(most.load(), carrier_->waiting(to, lane::data));
  }
  bulk_queue queue;
  std::atomic<std::size_t> most{0}; // that waited at once

private:
  cluster::link* carrier_ = nullptr;
};

} // namespace

TEST_CASE_FIXTURE(two_hosts, "what is longer than a frame passes whole while a few pieces wait in the lane at once") {
  bulk_witness from_a;
  const auto a = open(options("a", 1), from_a), b = open(options("b", 2), at_b);
  REQUIRE(from_a.hears("up b"));
  REQUIRE(at_b.hears("up a"));
  REQUIRE(from_a.queue.put({"b"}, {{"x"}, 0, 0, 0, 0, std::string(content_bytes_max, 'x')}));
  from_a.push({"b"});
  CHECK(a->send({"b"}, lane::order, "an order"));
  CHECK(at_b.hears("a/order: an order"));
  const auto pieces = [&] {
    const auto told = at_b.told();
    return static_cast<std::size_t>(std::ranges::count_if(told, [](const auto& line) { return line.starts_with("a/data: "); }));
  };
  for (int i = 0; i < 1000 && pieces() < content_bytes_max / piece_bytes; ++i) std::this_thread::sleep_for(10ms);
  CHECK(pieces() == content_bytes_max / piece_bytes);
  CHECK(from_a.most > 0);
  CHECK(from_a.most < bulk_waiting_max + piece_bytes + 4096);
}

TEST_CASE_FIXTURE(two_hosts, "a peer that ends is down; its next life comes up by itself, whichever of them dials") {
  auto a = open(options("a", 1), at_a), b = open(options("b", 2), at_b);
  REQUIRE(at_a.hears("up b"));
  REQUIRE(at_b.hears("up a"));
  b.reset();
  CHECK(at_a.hears("down b"));
  CHECK_FALSE(a->send({"b"}, lane::order, "nobody"));
  b = open(options("b", 3), at_b);
  CHECK(at_a.hears("up b", 2));
  CHECK(at_b.hears("up a", 2));
  a.reset();
  CHECK(at_b.hears("down a", 2)); // once by its own end
  a = open(options("a", 4), at_a);
  CHECK(at_b.hears("up a", 3));
  CHECK(b->peers().at(0).boot == 4);
}

TEST_CASE_FIXTURE(two_hosts, "another configuration is refused, and both ends say what differs") {
  const auto a = open(options("a", 1), at_a), b = open(options("b", 2, "d"), at_b);
  CHECK(problem_of(*a, peer_state::refused) == "the cluster-wide configuration differs; its hash differs: c here, d there");
  CHECK(problem_of(*b, peer_state::refused) == "the cluster-wide configuration differs; its hash differs: d here, c there");
  CHECK(at_a.told().empty());
  CHECK(at_b.told().empty());
}

TEST_CASE_FIXTURE(two_hosts, "when one end alone refuses, both name what differs, and neither takes the other for up") {
  for (const bool dialer_refuses : {true, false}) {
    CAPTURE(dialer_refuses);
    auto of_a = options("a", 1), of_b = options("b", 2);
    of_b.self.build = "new";
    (dialer_refuses ? of_b : of_a).rule.builds = {"build", "new"};
    const auto a = open(of_a, at_a), b = open(of_b, at_b);
    const std::string why = dialer_refuses ? "the build differs: build here, new there" : "the build differs: new here, build there";
    CHECK(problem_of(*a, peer_state::refused) == (dialer_refuses ? why : "it refuses: " + why));
    CHECK(problem_of(*b, peer_state::refused) == (dialer_refuses ? "it refuses: " + why : why));
  }
  CHECK(at_a.told().empty());
  CHECK(at_b.told().empty());
}

TEST_CASE_FIXTURE(two_hosts, "who has no certificate of this authority does not get in") {
  REQUIRE(create_authority(folder.path() / "foreign", "desk"));
  REQUIRE(issue_certificate(folder.path() / "foreign", {"a"}, folder.path() / "stranger"));
  // The stranger trusts b, so it is b that has to refuse.
  fs::copy_file(folder.path() / "ca" / "ca.crt", folder.path() / "stranger" / "ca.crt", fs::copy_options::overwrite_existing);
  const auto b = open(options("b", 2), at_b);
  const auto& who = options("a", 1).self;
  CHECK(greets(port_b, folder.path() / "stranger", "a", who).starts_with("reading: "));
  CHECK(greets(port_b, folder.path() / "stranger", "", who).starts_with("reading: "));
  CHECK(at_b.told().empty());
  CHECK(greets(port_b, folder.path() / "a", "a", who).empty()); // else this could not fail
}

TEST_CASE_FIXTURE(two_hosts, "a peer that greets one lane and stops is given up, and comes in when it does all of it") {
  auto impatient = options("b", 2);
  impatient.greet_within = 300ms;
  const auto b = open(impatient, at_b);
  CHECK(greets(port_b, folder.path() / "a", "a", options("a", 1).self, 1s).starts_with("reading: ")); // it was hung up on
  CHECK(problem_of(*b, peer_state::connecting) == "no greeting within the time-out");
  const auto a = open(options("a", 3), at_a);
  CHECK(at_b.hears("up a"));
}

TEST_CASE_FIXTURE(two_hosts, "a port that takes connections and says nothing is given up and tried again") {
  boost::asio::io_context io;
  tcp::acceptor silent{io, tcp::endpoint{boost::asio::ip::address_v4::loopback(), port_b}};
  auto impatient = options("a", 1);
  impatient.greet_within = 300ms;
  const auto a = open(impatient, at_a);
  CHECK(problem_of(*a, peer_state::connecting) == "no greeting within the time-out");
  silent.close();
  const auto b = open(options("b", 2), at_b);
  CHECK(at_a.hears("up b"));
}

TEST_CASE_FIXTURE(two_hosts, "while a node is up another process of its name is refused") {
  const auto a = open(options("a", 1), at_a), b = open(options("b", 2), at_b);
  REQUIRE(at_b.hears("up a"));
  CHECK(greets(port_b, folder.path() / "a", "a", options("a", 7).self) == "another process of this name is up");
  CHECK(a->send({"b"}, lane::order, "still here"));
  CHECK(at_b.hears("a/order: still here"));
}

TEST_CASE_FIXTURE(two_hosts, "a right certificate under another node's name does not get in") {
  REQUIRE(issue_certificate(folder.path() / "ca", {"c"}, folder.path() / "c"));
  auto named_c = options("b", 2);
  named_c.files = link_files_in(folder.path() / "c", {"c"});
  CHECK(open_tls_link(named_c, at_b).error().message.find("is for node c, and this one is b") != std::string::npos);
  const auto b = open(options("b", 2), at_b);
  CHECK(greets(port_b, folder.path() / "c", "c", options("a", 1).self) == "the certificate is for c, not for a");
  CHECK(greets(port_b, folder.path() / "c", "c", {{"c"}, 1, "build", "schema", "c"}) == "node c is not in this cluster's configuration");
  CHECK(at_b.told().empty());
  // The end that dials looks as closely: b answers where d was expected.
  auto misled = options("a", 1);
  misled.peers.clear();
  misled.peers[{"d"}] = {"127.0.0.1", port_b};
  const auto a = open(misled, at_a);
  CHECK(problem_of(*a, peer_state::connecting) == "its certificate is for b");
}

TEST_CASE_FIXTURE(two_hosts, "certificates and addresses that cannot work are refused before anything runs") {
  auto o = options("a", 1);
  o.files.key = folder.path() / "b" / "b.key";
  CHECK(open_tls_link(o, at_a).error().code == errc::invalid_argument);
  o = options("a", 1);
  o.files.authority = folder.path() / "none.crt";
  CHECK(open_tls_link(o, at_a).error().message.find("none.crt") != std::string::npos);
  o = options("a", 1);
  std::filesystem::copy_file(o.files.key, folder.path() / "open.key");
  o.files.key = folder.path() / "open.key";
  std::filesystem::permissions(o.files.key, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const auto readable = open_tls_link(o, at_a);
  REQUIRE(readable.has_error());
  CHECK(readable.error().code == errc::forbidden);
  CHECK_MESSAGE(readable.error().message.find("chmod 600") != std::string::npos, readable.error().message);
  o = options("a", 1);
  o.listen.host = "elsewhere";
  CHECK(open_tls_link(o, at_a).error().code == errc::invalid_argument);
  const auto a = open(options("a", 1), at_a);
  CHECK(open_tls_link(options("a", 1), at_b).error().code == errc::unavailable);
}

TEST_CASE_FIXTURE(two_hosts, "garbage and a flood of silent connections keep nobody out") {
  const auto b = open(options("b", 2), at_b);
  boost::asio::io_context io;
  const tcp::endpoint port{boost::asio::ip::address_v4::loopback(), port_b};
  std::vector<tcp::socket> silent;
  const auto connect = [&] {
    silent.emplace_back(io);
    boost::system::error_code ignored;
    silent.back().connect(port, ignored);
  };
  for (int i = 0; i < 300; ++i) connect();
  for (const auto& garbage : {std::string{"GET / HTTP/1.1\r\n\r\n"}, std::string(32, '\0'), std::string(100'000, '\xff'), std::string{"\x16\x03\x01\xff\xff"}}) {
    connect();
    boost::system::error_code ignored;
    boost::asio::write(silent.back(), boost::asio::buffer(garbage), ignored);
  }
  const auto a = open(options("a", 1), at_a);
  CHECK(at_b.hears("up a"));
  CHECK(at_a.hears("up b"));
  char byte = 0;
  boost::system::error_code ended;
  silent.front().read_some(boost::asio::buffer(&byte, 1), ended); // the oldest had to make room
  CHECK(ended);
}

TEST_CASE_FIXTURE(two_hosts, "who floods the port from one address pushes out nobody of another, however long that one takes to greet") {
  auto patient = options("b", 2);
  patient.greet_within = 60s;
  const auto b = open(patient, at_b);
  boost::asio::io_context io;
  const tcp::endpoint port{loopback, port_b};
  tcp::socket slow{io};
  slow.connect(port);
  std::vector<tcp::socket> flood;
  for (std::size_t i = 0; i < 4 * patient.strangers_max; ++i) {
    flood.emplace_back(io, tcp::v4());
    flood.back().bind({boost::asio::ip::make_address_v4("127.0.0.2"), 0});
    flood.back().connect(port);
  }
  char byte = 0;
  boost::system::error_code ended;
  flood[2 * patient.strangers_max].read_some(boost::asio::buffer(&byte, 1), ended); // three times as many have come by then as are kept
  CHECK(ended);
  slow.non_blocking(true);
  slow.read_some(boost::asio::buffer(&byte, 1), ended);
  CHECK(ended == boost::asio::error::would_block);
}

TEST_CASE_FIXTURE(two_hosts, "when nothing comes any more without any connection being closed, both notice and find each other again") {
  wire_between between{{loopback, 0}, {loopback, port_b}};
  auto through = options("a", 1);
  through.peers[{"b"}] = {"127.0.0.1", between.port()};
  const auto a = open(through, at_a), b = open(options("b", 2), at_b);
  REQUIRE(at_a.hears("up b"));
  REQUIRE(at_b.hears("up a"));
  between.freeze(true);
  CHECK(at_a.hears("down b"));
  CHECK(at_b.hears("down a"));
  between.freeze(false);
  CHECK(at_a.hears("up b", 2));
  CHECK(at_b.hears("up a", 2));
}

TEST_SUITE_END();
