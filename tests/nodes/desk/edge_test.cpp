// What becomes of a live desk when something that is to run beside the trading does not start, or throws.

#include "runtime/actor/caf_inspect.hpp"

#include "actors/trading/oms/messages.hpp"
#include "nodes/desk/edge_port.hpp"
#include "nodes/desk/edge_server.hpp"
#include "tests/nodes/desk/small_desk.hpp"
#include "tests/support/still_system.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <stdexcept>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::test;

namespace {

/// One node in memory and on real time, with nothing to do.
struct live_desk {
  temporary_directory dir;
  std::unique_ptr<desk::configuration> config;
  std::atomic<bool> is_asked_to_stop{false};
  std::unique_ptr<desk::desk> node;

  live_desk() {
    const std::vector<std::string> sets{"feeds=[]", "strategies=[]", "edge.listeners.0.port=0", "node.data_dir=" + dir.path().string()};
    auto loaded = config::load_file<desk::configuration>(source_dir() / "config/desk.json", sets, desk::cross_checks());
    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    config = std::make_unique<desk::configuration>(std::move(*loaded));
    desk::desk_options o;
    o.config = config.get();
    o.is_asked_to_stop = [this] { return is_asked_to_stop.load(); };
    auto opened = desk::desk::open(std::move(o));
    REQUIRE_MESSAGE(opened.has_value(), to_string(opened.error()));
    node = std::move(*opened);
  }
  [[nodiscard]] bool has(const actor_name& name) const {
    return std::ranges::count(node->tree().all(), name, &supervise::tree_entry::name) > 0;
  }
};

/// A port of the edge with nobody behind any name.
struct lonely_port : test::still_system {
  actor::environment env;
  boost::asio::io_context io;
  caf::strong_actor_ptr handle;
  desk::edge_port* port = nullptr;
  std::string logged;

  lonely_port() {
    env.clock = &clock;
    env.names = &names;
    env.log = [this](const actor_name&, const cause_id&, std::string_view, std::string_view line) { logged += line; };
    caf::actor_config config;
    handle = caf::make_actor<desk::edge_port, caf::strong_actor_ptr>(system.next_actor_id(), system.node(), &system, config, &io, &env, std::chrono::milliseconds{5000},
                                                                     edge::lane_limits{}, [](const actor_name&) { return std::optional<std::string>{}; });
    port = static_cast<desk::edge_port*>(caf::actor_cast<caf::abstract_actor*>(handle));
  }
  ~lonely_port() {
    port->close();
    io.poll(); // its timer keeps it
    handle = nullptr;
    names.clear();
    dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler()).run();
  }
  void ask(std::function<void(result<oms::order_ack>)> then) { port->ask<oms::order_ack>(actor_name{"nobody"}, lane::control, {}, oms::cancel_order{}, std::move(then)); }
};

/// A socket that listens where another is bound and does not listen yet.
class port_thief {
public:
  explicit port_thief(std::uint16_t port) {
    const int yes = 1;
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::listen(fd_, 1) == 0);
  }
  ~port_thief() { ::close(fd_); }
  port_thief(const port_thief&) = delete;
  port_thief& operator=(const port_thief&) = delete;

private:
  const int fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

} // namespace

TEST_SUITE_BEGIN("desk/edge");

TEST_CASE_FIXTURE(lonely_port, "what follows an answer and throws is logged, and whoever else asked is told all the same") {
  int told = 0;
  ask([](const result<oms::order_ack>&) { throw std::runtime_error{"no good"}; });
  ask([&](const result<oms::order_ack>& ack) {
    CHECK(ack.error().code == errc::unavailable);
    ++told;
  });
  io.poll();
  CHECK(told == 1);
  CHECK(logged.find("no good") != std::string::npos);
}

TEST_CASE_FIXTURE(lonely_port, "what changes nothing has no outcome that could be unknown, in whatever lane it is asked") {
  const auto told = [&](lane l, bool is_read) {
    std::string why;
    port->ask<oms::order_ack>(actor_name{"nobody"}, l, {}, oms::cancel_order{}, [&](const result<oms::order_ack>& ack) { why = ack.error().message; }, is_read);
    io.poll();
    io.restart();
    return why;
  };
  CHECK(told(lane::control, true) == "the actor restarts; ask again");
  CHECK(told(lane::data, false) == "the actor restarts; ask again");
  CHECK(told(lane::control, false).starts_with("the actor restarts; the outcome is unknown: "));
}

TEST_CASE_FIXTURE(live_desk, "an edge that cannot listen takes the actors along that it has started, and the desk trades on") {
  auto edge = desk::edge_server::make(*node);
  REQUIRE(edge);
  REQUIRE((*edge)->bind());
  const auto line = (*edge)->ready_line(); // ..."edge":"http://127.0.0.1:8080",...
  const port_thief thief{static_cast<std::uint16_t>(std::stoi(line.substr(line.find("127.0.0.1:") + 10)))};
  REQUIRE(node->start());
  const auto actors = node->tree().all().size();
  const auto started = (*edge)->start();
  REQUIRE_FALSE(started);
  CHECK(started.error().code == errc::unavailable);
  CHECK(started.error().message.find("the port is in use") != std::string::npos);
  CHECK(node->tree().all().size() == actors);
  CHECK_FALSE(has(actor_name{"edge"}));
  CHECK_FALSE(has(desk::history_name));
  CHECK_FALSE(node->not_ready());
}

TEST_CASE_FIXTURE(live_desk, "whoever is kept and does not start is waited for no longer than until the node is asked to stop, and is let go") {
  REQUIRE(node->start());
  supervise::child_spec never;
  never.name = actor_name{"never"};
  never.verdict = supervise::verdict::halt;
  never.start = [this](caf::actor_system&) -> desk::started {
    is_asked_to_stop = true;
    return fail(errc::unavailable, "not today");
  };
  const auto kept = node->keep("extra", [never] { return std::vector{never}; });
  REQUIRE_FALSE(kept);
  CHECK_MESSAGE(kept.error().message.starts_with("asked to stop before it was ready: "), kept.error().message);
  CHECK_FALSE(has(actor_name{"extra"}));
  CHECK_FALSE(has(never.name));
  CHECK_FALSE(node->not_ready());
}
