// What happens to the link between three nodes, and to the clock of one of them, while orders go over it.

#include "tests/nodes/process/outage.hpp"
#include "tests/nodes/process/proof.hpp"
#include "tests/support/wire_between.hpp"

#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <optional>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using tcp = boost::asio::ip::tcp;

namespace {

/// Nodes a and b reach c through a wire of the test: c's link listens at another address of loopback, under the port all know.
struct wired_nodes : three_nodes {
  std::optional<wire_between> wire;

  explicit wired_nodes(const std::string& dead_after_ms = "750")
    : three_nodes{{"journal.write_buffer_mib=4", "cluster.dead_after_ms=" + dead_after_ms}, {}, {"cluster.listen=127.0.0.2"}} {
    const auto port = link_port(2);
    wire.emplace(tcp::endpoint{boost::asio::ip::make_address("127.0.0.1"), port}, link_of_c());
    start();
  }
  [[nodiscard]] tcp::endpoint link_of_c() const { return {boost::asio::ip::make_address("127.0.0.2"), link_port(2)}; }
  [[nodiscard]] bool c_is(const std::string& state, milliseconds limit = 10s) const {
    return eventually([&] { return state_of(0, 2) == state && state_of(1, 2) == state; }, limit);
  }
};

std::size_t entries(const node_process& node, const char* what) {
  const std::filesystem::path all = "/proc/" + std::to_string(node.pid()) + "/" + what;
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{all}, std::filesystem::directory_iterator{}));
}

#if defined(__SANITIZE_ADDRESS__) // it keeps freed memory back on purpose
constexpr std::size_t growth_max_kib = 1024 * 1024;
#else
constexpr std::size_t growth_max_kib = 16 * 1024;
#endif

std::size_t actors_of(const node_process& node) {
  const auto answer = node.client().get("/v1/actors?limit=500");
  REQUIRE(answer);
  return json::parse(answer->body)["actors"].size();
}

/// An order at `at` for an account of node `owner` is taken.
bool takes(const node_process& at, std::size_t owner) {
  static int n = 0;
  const auto answer = at.client().post("/v1/orders", order_of(three_nodes::account_on(owner), "take-" + std::to_string(++n)));
  return answer && answer->status == 201;
}

/// By how many seconds the clock of `one` is ahead of `other`'s, as they say themselves.
std::int64_t ahead(const node_process& one, const node_process& other) {
  const auto says = [](const node_process& n) {
    const auto alive = n.client().get("/alive");
    REQUIRE(alive);
    std::tm at{};
    REQUIRE(::strptime(std::string{alive->header("Date")}.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &at));
    return static_cast<std::int64_t>(::timegm(&at));
  };
  return says(one) - says(other);
}

/// A file that a process's wall clock follows, when tests/support/moved_clock.cpp is preloaded into it.
class moved_clock {
public:
  explicit moved_clock(std::filesystem::path file) : file_{std::move(file)} { move(0); }
  void move(std::int64_t seconds) const {
    std::fstream out{file_, std::ios::binary | std::ios::in | std::ios::out};
    if (!out) out.open(file_, std::ios::binary | std::ios::out);
    out.write(reinterpret_cast<const char*>(&seconds), sizeof seconds);
    REQUIRE(out.flush());
  }
  void follow(node_options& o) const {
    const auto library = binary_dir() / "libmoved_clock.so";
    REQUIRE_MESSAGE(std::filesystem::exists(library), "not built: " << library.string()); // the loader would only warn
    o.environment["LD_PRELOAD"] = library.string();
    o.environment["TROUPE_TEST_CLOCK"] = file_.string();
    o.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0"; // a sanitizer wants to be the first library
  }

private:
  std::filesystem::path file_;
};

} // namespace

TEST_SUITE_BEGIN("process/link_faults");

TEST_CASE("a link whose bytes vanish while nothing is closed is away at both ends, and serves again when they pass") {
  wired_nodes desk;
  order_load load{2};
  load.start(desk[0]);
  for (int round = 0; round < 3; ++round) {
    check_outage({
      .node = "c",
      .account = three_nodes::account_on(2),
      .orders = orders_at(desk[0]),
      .breaks = [&] { desk.wire->freeze(true); },
      .meanwhile = [&] {
        CHECK(desk.c_is("CONNECTING", 4s));
        CHECK(takes(desk[0], 1));
        CHECK_FALSE(takes(desk[0], 2));
      },
      .mends = [&] { desk.wire->freeze(false); },
    });
    CHECK(desk.c_is("UP"));
  }
  load.stop();
  (void)load.resolve(desk[1]);
  CHECK(load.unknown().empty());
  CHECK(load.strange().empty());
  stop_settled(desk.all());
  check_invariants({&desk[0], &desk[1], &desk[2]}, load.acknowledged(), true);
}

TEST_CASE("forty reconnects leave no thread, file, actor or memory behind") {
  wired_nodes desk{"400"};
  const auto reconnect = [&] {
    std::this_thread::sleep_for(450ms); // who was up for longer than `dead_after_ms` is dialed again without a long pause
    desk.wire->cut();
    REQUIRE(eventually([&] { return desk.state_of(0, 2) != "UP"; }, 2s));
    REQUIRE(desk.c_is("UP"));
  };
  for (int i = 0; i < 10; ++i) reconnect(); // whatever is made once is made by now
  REQUIRE(eventually([&] { return takes(desk[0], 2); }));
  std::array<std::size_t, 3> threads{}, files{}, actors{}, memory{};
  for (std::size_t i = 0; i < 3; ++i) {
    threads[i] = entries(desk[i], "task");
    files[i] = entries(desk[i], "fd");
    actors[i] = actors_of(desk[i]);
    memory[i] = desk[i].resident_kib();
  }
  for (int i = 0; i < 40; ++i) reconnect();
  CHECK(eventually([&] { return takes(desk[0], 2) && takes(desk[2], 0) && takes(desk[1], 2); }));
  for (std::size_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    CHECK(eventually([&] { return entries(desk[i], "task") <= threads[i]; }));
    CHECK(eventually([&] { return entries(desk[i], "fd") <= files[i] + 8; })); // logs of the store come and go
    CHECK(actors_of(desk[i]) == actors[i]);
    MESSAGE("node " << i << " grew by " << (static_cast<long>(desk[i].resident_kib()) - static_cast<long>(memory[i])) << " KiB");
    CHECK(desk[i].resident_kib() < memory[i] + growth_max_kib);
  }
}

TEST_CASE("garbage, killer sizes and a flood of connections on a node's link port: no growth, nobody who is in notices, who comes next gets in") {
  wired_nodes desk;
  const auto memory = desk[2].resident_kib();
  boost::asio::io_context io;
  std::vector<tcp::socket> flood;
  const auto connect = [&](const std::string& says) {
    flood.emplace_back(io);
    boost::system::error_code ignored;
    flood.back().connect(desk.link_of_c(), ignored);
    if (!says.empty()) boost::asio::write(flood.back(), boost::asio::buffer(says), ignored);
  };
  const std::string killer_record{"\x16\x03\x03\xff\xff\x01\xff\xff\xff", 9}; // a greeting of TLS that promises 16 MiB
  for (int i = 0; i < 150; ++i) {
    connect("");
    connect("GET / HTTP/1.1\r\n\r\n");
    connect(std::string(65'536, '\xff'));
    connect(killer_record + std::string(30'000, '\x01'));
  }
  CHECK(desk.state_of(0, 2) == "UP");
  CHECK(takes(desk[0], 2));
  CHECK(takes(desk[2], 0));
  desk.wire->cut(); // the flood stays where it is
  CHECK(eventually([&] { return desk.state_of(0, 2) != "UP"; }, 2s));
  const auto began = steady_clock::now();
  CHECK(desk.c_is("UP"));
  CHECK(eventually([&] { return takes(desk[0], 2); }));
  MESSAGE("served again " << std::chrono::duration_cast<milliseconds>(steady_clock::now() - began).count() << " ms after a cut in the flood");
  CHECK(desk[2].resident_kib() < memory + growth_max_kib);
}

TEST_CASE("a node that only crawls does not hold up the orders of the others") {
  three_nodes desk;
  desk.start();
  order_load all{1}; // for accounts of every node: what the crawling one is owed is there
  all.start(desk[0]);
  std::atomic<bool> crawls{true};
  std::thread brake{[&] { // below what makes it count as dead
    while (crawls) {
      desk[2].signal(SIGSTOP);
      std::this_thread::sleep_for(300ms);
      desk[2].signal(SIGCONT);
      std::this_thread::sleep_for(50ms);
    }
  }};
  auto own = desk[0].client(1s); // longer than that is held up
  constexpr int orders = 300;
  int taken = 0;
  for (int n = 0; n < orders; ++n)
    if (const auto answer = own.post("/v1/orders", order_of(three_nodes::account_on(0), "own-" + std::to_string(n))); answer && answer->status == 201) ++taken;
  const auto state = desk.state_of(0, 2);
  crawls = false;
  brake.join();
  all.stop();
  CHECK_MESSAGE((state == "UP" || state == "SUSPECT"), state);
  CHECK(taken == orders);
  CHECK(all.strange().empty());
}

TEST_CASE("the wall clock of a node jumps by an hour, forward and back: nothing that was acknowledged is lost or doubled, and all trade on") {
  three_nodes desk;
  const moved_clock clock{desk.folder() / "clock"};
  clock.follow(desk[1].options()); // the venue's node
  desk.start();
  order_load load{2};
  load.start(desk[0]);
  for (const std::int64_t seconds : {3600, -3600, 0}) {
    CAPTURE(seconds);
    clock.move(seconds);
    CHECK(eventually([&] { return std::abs(ahead(desk[1], desk[0]) - seconds) < 60; }));
    for (std::size_t at = 0; at < 3; ++at)
      for (std::size_t owner = 0; owner < 3; ++owner) CHECK_MESSAGE(eventually([&] { return takes(desk[at], owner); }), at << " for " << owner);
    for (std::size_t at = 0; at < 3; ++at)
      for (std::size_t owner = 0; owner < 3; ++owner) CHECK_MESSAGE(takes(desk[at], owner), at << " for " << owner); // and stays so
    CHECK(desk.is_whole());
  }
  clock.move(3600);
  desk[1].kill(); // and starts an hour before its own records
  clock.move(0);
  REQUIRE_MESSAGE(desk[1].start(), desk[1].log());
  CHECK(eventually([&] { return desk.is_whole() && takes(desk[0], 1) && takes(desk[1], 2); }));
  load.stop();
  (void)load.resolve(desk[0]);
  CHECK(load.unknown().empty());
  CHECK(load.strange().empty());
  stop_settled(desk.all());
  check_invariants({&desk[0], &desk[1], &desk[2]}, load.acknowledged(), true);
}

TEST_SUITE_END();
