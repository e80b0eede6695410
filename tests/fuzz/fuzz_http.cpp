// Any bytes as what one connection sends, through the session, router and validation that the server uses: every answer is well-formed and
// none is an accident (500); each request is answered once, in order; what a handler is given keeps the bounds of its fields and does not
// depend on how the bytes came in; behind its client's end a connection ends. The first byte says how many bytes come at once. The session's
// socket is one of a pair, so that there are neither a port nor a thread.

#include "actors/platform/trade2026/messages.hpp"
#include "actors/trading/oms/messages.hpp"
#include "runtime/edge/core.hpp"
#include "runtime/edge/session.hpp"
#include "runtime/wire/wire.ipp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <sys/socket.h>
#include <unistd.h>

namespace troupe::fuzz_http {

/// What a path and a query may say, beside the bodies of orders.
struct listing {
  trading::account_id account;
  std::optional<trading::side> side;
  std::optional<bounded<int, 1, 500>> limit;
  with_default<bool, false> active_only;
};
BOOST_DESCRIBE_STRUCT(listing, (), (account, side, limit, active_only))

} // namespace troupe::fuzz_http

TROUPE_WIRE(troupe::fuzz_http::listing)

using namespace troupe;
using fuzz_http::listing;

namespace {

/// One request as a handler was given it.
std::vector<std::string> given;

/// Keeps what came, which has to read as equal once it is written.
template <class T>
void take(const edge::request_context& request, const T& value, const edge::responder& reply) {
  auto text = wire::to_json(value);
  const auto again = wire::parse_json(text);
  FUZZ_CHECK(again.has_value());
  const auto back = wire::from_json<T>(*again);
  FUZZ_CHECK(back.has_value() && wire::to_json(*back) == text);
  given.push_back(request.matched->path + ' ' + request.target + ' ' + request.idempotency_key + ' ' + text);
  reply.json(std::move(text), 201);
}

void take_nothing(const edge::request_context& request, edge::none, const edge::responder& reply) {
  given.push_back(request.matched->path + ' ' + request.target);
  reply.json("{}");
}

/// A strict and a lenient surface with one of each kind of route.
void add_routes(edge::route_table& table) {
  table.declare("v1", {.title = "Native"});
  table.declare("old", {.title = "Compatible", .unknown = wire::unknown_fields::count, .format = edge::fastapi_error,
                        .error_schema = edge::fastapi_error_schema()});
  table.post<oms::new_order, edge::none>("v1", "/v1/orders", "", {}, &take<oms::new_order>).idempotent();
  table.put<oms::replace_order, edge::none>("v1", "/v1/orders/{order_id}", "", {}, &take<oms::replace_order>);
  table.get<listing, edge::none>("v1", "/v1/accounts/{account}/orders", "", {}, &take<listing>);
  table.del<listing, edge::none>("v1", "/v1/accounts/{account}/orders", "", {}, &take<listing>).urgent();
  table.post<edge::none, edge::none>("v1", "/v1/halt", "", {}, &take_nothing).urgent();
  table.post<trade2026::order_request, edge::none>("old", "/orders", "", {}, &take<trade2026::order_request>);
  table.get<listing, edge::none>("old", "/orders", "", {}, &take<listing>);
}

/// Small enough for short inputs to reach them.
edge::server_options limits() {
  edge::server_options o;
  o.header_bytes = 512;
  o.target_bytes = 128;
  o.body_bytes = 512;
  o.boot_id = text<16>{"fuzz"};
  o.allowed_origins = {"http://desk.example:5173"};
  return o;
}

struct answered {
  std::uint64_t request = 0;
  unsigned status = 0;
};

/// One connection and both its ends, on this thread.
class connection {
public:
  connection(const edge::route_table& table, edge::listening& where) : core_{table, told_to(this)} {
    core_.boot_id = core_.options.boot_id;
    core_.date = "Sun, 06 Nov 1994 08:49:37 GMT";
    core_.answers = std::make_shared<edge::completions>(core_.io, [](edge::completions::batch& ready) {
      for (auto& e : ready) e->done = true;
      for (auto& e : ready)
        if (const auto s = e->owner.lock()) s->resume();
    });
    int ends[2] = {-1, -1};
    FUZZ_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    client_ = ends[1];
    edge::tcp_socket socket{core_.io};
    socket.assign(boost::asio::ip::tcp::v4(), ends[0]);
    auto s = std::make_shared<edge::session>(core_, where, edge::edge_stream{std::move(socket)}, false);
    core_.add(s);
    s->start();
  }
  ~connection() {
    core_.answers->close();
    ::close(client_);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Sends all of it, so many bytes at once, then says that nothing more comes, and hears everything.
  void talk(std::string_view bytes, std::size_t at_once) {
    while (!bytes.empty()) {
      const auto n = ::send(client_, bytes.data(), std::min(at_once, bytes.size()), MSG_NOSIGNAL);
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
      else if (errno != EAGAIN) break; // the server has closed: it reads no more
      step();
    }
    ::shutdown(client_, SHUT_WR);
    for (int quiet = 0; quiet < 3;) quiet = step() ? 0 : quiet + 1;
    FUZZ_CHECK(core_.sessions.empty());
  }
  [[nodiscard]] const std::string& said() const noexcept { return said_; }
  [[nodiscard]] const std::vector<answered>& told() const noexcept { return told_; }

private:
  static edge::server_options told_to(connection* c) {
    auto o = limits();
    o.answered = [c](const edge::request_context& request, unsigned status) { c->told_.push_back({request.number, status}); };
    return o;
  }
  /// Whether anything happened. A connection that is busy for ever would never be done with an input of a few thousand bytes.
  bool step() {
    FUZZ_CHECK(++steps_ < 100'000);
    core_.io.restart();
    bool moved = core_.io.poll() > 0;
    char bytes[16384];
    for (;;) {
      const auto n = ::recv(client_, bytes, sizeof bytes, 0);
      if (n <= 0) return moved;
      said_.append(bytes, static_cast<std::size_t>(n));
      moved = true;
    }
  }

  edge::shared_core core_;
  std::vector<answered> told_;
  std::string said_;
  int client_ = -1;
  std::size_t steps_ = 0;
};

/// The value of a header; an answer has it once.
std::string_view header(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  FUZZ_CHECK(at != std::string_view::npos && head.find(name, at + 1) == std::string_view::npos);
  const auto value = head.substr(at + name.size());
  return value.substr(0, value.find("\r\n"));
}

/// Takes one answer from the front of `said` and returns its status. The body of an answer to HEAD is left out.
unsigned take_answer(std::string_view& said) {
  constexpr std::string_view begin = "HTTP/1.1 ";
  FUZZ_CHECK(said.starts_with(begin));
  unsigned status = 0;
  std::from_chars(said.data() + begin.size(), said.data() + std::min(begin.size() + 3, said.size()), status);
  FUZZ_CHECK(status == 100 || (status >= 200 && status < 600));
  const auto end = said.find("\r\n\r\n");
  FUZZ_CHECK(end != std::string_view::npos);
  const auto head = said.substr(0, end + 2);
  said.remove_prefix(end + 4);
  if (status == 100 || status == 204) return status;
  std::size_t length = 0;
  const auto digits = header(head, "\r\nContent-Length: ");
  FUZZ_CHECK(std::from_chars(digits.data(), digits.data() + digits.size(), length).ec == std::errc{});
  FUZZ_CHECK(!header(head, "\r\nX-Request-Id: ").empty());
  if (said.empty() || said.starts_with(begin)) return status;
  FUZZ_CHECK(length <= said.size());
  FUZZ_CHECK(wire::parse_json(said.substr(0, length)).has_value());
  said.remove_prefix(length);
  return status;
}

/// What the client heard is what the server says that it answered: each request once, in their order.
void check_answers(const connection& c) {
  std::string_view said = c.said();
  std::uint64_t last = 0;
  for (const auto& a : c.told()) {
    FUZZ_CHECK(a.request > last);
    last = a.request;
    FUZZ_CHECK(a.status != 500);
    auto status = take_answer(said);
    if (status == 100) status = take_answer(said); // told to go on first
    FUZZ_CHECK(status == a.status);
  }
  if (!said.empty()) FUZZ_CHECK(take_answer(said) == 100 && said.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static edge::route_table table;
  static boost::asio::io_context nobody;
  static edge::listening where = [] {
    add_routes(table);
    const std::vector<std::string> surfaces{"v1", "old"};
    auto routes = edge::router::make(table, surfaces);
    FUZZ_CHECK(routes.has_value());
    return edge::listening{{.surfaces = surfaces}, std::move(*routes), table.find_surface("v1"), "see the source",
                           edge::tcp_acceptor{nobody}, boost::asio::steady_timer{nobody}};
  }();
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  given.clear();
  connection whole{table, where};
  whole.talk(bytes, bytes.size());
  check_answers(whole);
  const auto at_first = std::exchange(given, {});
  connection parted{table, where};
  parted.talk(bytes, std::max<std::size_t>(1 + data[0], bytes.size() / 64));
  check_answers(parted);
  // More than that at once on one connection is refused, and how many are depends on when they come.
  const auto few = limits().requests_per_connection;
  if (whole.told().size() <= few && parted.told().size() <= few) FUZZ_CHECK(given == at_first);
  return 0;
}
