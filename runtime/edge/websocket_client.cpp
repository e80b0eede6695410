#include "runtime/edge/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <optional>

namespace troupe::edge {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp_stream = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

struct websocket_client::state {
  asio::io_context io{1};
  websocket::stream<tcp_stream, false> stream{io};
  boost::beast::flat_buffer input;

  /// Runs `start(handler)` to its end or for `limit`; nothing on time-out, and then the socket is closed.
  template <class Start>
  std::optional<error_code> run(milliseconds limit, Start&& start) {
    std::optional<error_code> done;
    start([&done](error_code ec, auto&&...) { done = ec; });
    io.restart();
    io.run_for(limit);
    if (done) return done;
    error_code ignored;
    stream.next_layer().close(ignored);
    io.restart();
    io.run();
    return std::nullopt;
  }
};

websocket_client::websocket_client(std::unique_ptr<state> s) : state_{std::move(s)} {}
websocket_client::~websocket_client() = default;
websocket_client::websocket_client(websocket_client&&) noexcept = default;
websocket_client& websocket_client::operator=(websocket_client&&) noexcept = default;

result<websocket_client> websocket_client::open(const std::string& host, std::uint16_t port, const std::string& target,
                                                milliseconds limit, const std::string& origin) {
  auto s = std::make_unique<state>();
  error_code ec;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, ec);
  if (ec) return fail(errc::invalid_argument, "\"" + host + "\" is not an IP address");
  const auto where = host + ":" + std::to_string(port);
  auto connected = s->run(limit, [&](auto done) { s->stream.next_layer().async_connect({address, port}, done); });
  if (!connected) return fail(errc::timeout, where + ": no connection in time");
  if (*connected) return fail(errc::unavailable, where + ": " + connected->message());
  if (!origin.empty())
    s->stream.set_option(websocket::stream_base::decorator(
      [origin](websocket::request_type& r) { r.set(boost::beast::http::field::origin, origin); }));
  websocket::response_type answer;
  auto upgraded = s->run(limit, [&](auto done) { s->stream.async_handshake(answer, where, target, done); });
  if (!upgraded) return fail(errc::timeout, where + ": no handshake in time");
  if (*upgraded)
    return fail(errc::unsupported, where + target + ": the upgrade was refused with status " +
                                     std::to_string(answer.result_int()));
  return websocket_client{std::move(s)};
}

result<void> websocket_client::send(std::string_view text, milliseconds limit) {
  auto& s = *state_;
  s.stream.text(true);
  auto done = s.run(limit, [&](auto handler) { s.stream.async_write(asio::buffer(text), handler); });
  if (!done) return fail(errc::timeout, "the peer takes nothing");
  if (*done) return fail(errc::unavailable, "the connection is closed: " + done->message());
  return {};
}

result<std::string> websocket_client::receive(milliseconds limit) {
  auto& s = *state_;
  s.input.clear();
  auto done = s.run(limit, [&](auto handler) { s.stream.async_read(s.input, handler); });
  if (!done) return fail(errc::timeout, "no message in time");
  if (*done) return fail(errc::unavailable, "the connection is closed: " + done->message());
  return std::string{static_cast<const char*>(s.input.data().data()), s.input.size()};
}

unsigned websocket_client::close_code() const noexcept { return state_->stream.reason().code; }

} // namespace troupe::edge
