#include "runtime/edge/client.hpp"

#include "runtime/edge/edge_stream.hpp"
#include "runtime/edge/resolve.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <optional>

namespace troupe::edge {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

struct websocket_client::state {
  explicit state(tls_context trust)
    : tls{std::move(trust)}, stream{tls ? edge_stream{tcp_socket{io.get_executor()}, *tls} : edge_stream{tcp_socket{io.get_executor()}}} {}

  const tls_context tls;
  asio::io_context io{1};
  websocket::stream<edge_stream, false> stream;
  std::string protocol;
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
                                                milliseconds limit, const std::string& origin, const client_security& security) {
  const auto places = resolve(host, port, security.tls ? hosts::names_too : hosts::addresses, limit);
  if (!places) return places.error();
  const auto where = authority_of(host, port);
  auto s = std::make_unique<state>(security.tls);
  auto connected = s->run(limit, [&](auto done) { s->stream.next_layer().next_layer().async_connect(places->front(), done); });
  if (!connected) return fail(errc::timeout, where + ": no connection in time");
  if (*connected) return fail(errc::unavailable, where + ": " + connected->message());
  if (security.tls) {
    auto& secure = s->stream.next_layer();
    if (!expect_host(secure.native_tls(), host)) return fail(errc::invalid_argument, "\"" + host + "\" is no host's name");
    auto secured = s->run(limit, [&](auto done) { secure.async_handshake(edge_stream::side::client, done); });
    if (!secured) return fail(errc::timeout, where + ": no TLS handshake in time");
    if (*secured) return fail(errc::unavailable, where + ": " + why_not_trusted(secure.native_tls(), secured->message()));
  }
  s->stream.set_option(websocket::stream_base::decorator([&origin, &security](websocket::request_type& r) { // used below, within this call
    using boost::beast::http::field;
    if (!origin.empty()) r.set(field::origin, origin);
    if (security.key.empty()) return;
    if (security.key_as_subprotocol) r.set(field::sec_websocket_protocol, "troupe, troupe.key." + security.key);
    else r.set(field::authorization, "Bearer " + security.key);
  }));
  websocket::response_type answer;
  auto upgraded = s->run(limit, [&](auto done) { s->stream.async_handshake(answer, where, target, done); });
  if (!upgraded) return fail(errc::timeout, where + ": no handshake in time");
  if (*upgraded)
    return fail(errc::unsupported, where + target + ": the upgrade was refused with status " +
                                     std::to_string(answer.result_int()));
  const auto chosen = answer[boost::beast::http::field::sec_websocket_protocol];
  s->protocol.assign(chosen.data(), chosen.size());
  s->stream.set_option(websocket::stream_base::decorator([](websocket::request_type&) {})); // with the key
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
const std::string& websocket_client::protocol() const noexcept { return state_->protocol; }

} // namespace troupe::edge
