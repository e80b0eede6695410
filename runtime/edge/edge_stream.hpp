#pragma once
// Internal: the bytes of one connection, plain or over TLS, so that sessions and WebSockets are written once. Has what Asio and Beast want of a stream.
// Lives on one thread. A plain one costs a branch an operation.

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <memory>
#include <utility>
#include <variant>

namespace troupe::edge {

// The executor by its type: the erased any_io_executor costs an allocation here and there.
using executor = boost::asio::io_context::executor_type;
using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;

class edge_stream {
public:
  using executor_type = executor;
  using next_layer_type = tcp_socket;
  using side = boost::asio::ssl::stream_base::handshake_type;

  /// Plain.
  explicit edge_stream(tcp_socket socket) : held_{std::move(socket)} {}
  /// Over TLS, once async_handshake is done. Throws what OpenSSL throws when it has no memory.
  edge_stream(tcp_socket socket, boost::asio::ssl::context& tls) : held_{std::make_unique<tls_stream>(std::move(socket), tls)} {}

  [[nodiscard]] bool is_secure() const noexcept { return held_.index() == 1; }
  [[nodiscard]] executor_type get_executor() noexcept { return next_layer().get_executor(); }
  /// The TCP connection below.
  [[nodiscard]] tcp_socket& next_layer() noexcept { return is_secure() ? tls().next_layer() : std::get<tcp_socket>(held_); }
  /// OpenSSL's part. Requires: is_secure().
  [[nodiscard]] SSL* native_tls() noexcept { return tls().native_handle(); }

  /// Requires: is_secure().
  template <class Handler>
  void async_handshake(side as, Handler&& then) { tls().async_handshake(as, std::forward<Handler>(then)); }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& into, Handler&& then) {
    if (auto* plain = std::get_if<tcp_socket>(&held_)) plain->async_read_some(into, std::forward<Handler>(then));
    else if (ended_) next_layer().async_read_some(into, std::forward<Handler>(then));
    else tls().async_read_some(into, std::forward<Handler>(then));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& from, Handler&& then) {
    if (auto* plain = std::get_if<tcp_socket>(&held_)) plain->async_write_some(from, std::forward<Handler>(then));
    else tls().async_write_some(from, std::forward<Handler>(then));
  }

  /// Tells the peer that nothing more comes; `then(error_code)` may be called at once. Over TLS a read that is under way ends, with anything, and what is
  /// read from here on is what TLS made of it, fit to be thrown away only. Requires: no write is under way; kept until `then`.
  template <class Handler>
  void async_end_sending(Handler&& then) {
    if (!is_secure()) {
      boost::system::error_code failed;
      next_layer().shutdown(tcp_socket::shutdown_send, failed);
      return std::forward<Handler>(then)(failed);
    }
    boost::system::error_code ignored;
    next_layer().cancel(ignored);
    ended_ = true;
    // As if the peer had said goodbye already: else OpenSSL waits for that, and a peer need not say it.
    SSL_set_shutdown(native_tls(), SSL_get_shutdown(native_tls()) | SSL_RECEIVED_SHUTDOWN);
    tls().async_shutdown([this, told = std::forward<Handler>(then)](boost::system::error_code failed) mutable {
      if (!failed) next_layer().shutdown(tcp_socket::shutdown_send, failed);
      std::move(told)(failed);
    });
  }

  /// At once, without a goodbye.
  void close(boost::system::error_code& failed) { next_layer().close(failed); }

private:
  using tls_stream = boost::asio::ssl::stream<tcp_socket>;
  [[nodiscard]] tls_stream& tls() noexcept { return *std::get<std::unique_ptr<tls_stream>>(held_); }

  std::variant<tcp_socket, std::unique_ptr<tls_stream>> held_;
  bool ended_ = false;
};

/// The peer ended its side: cleanly, or over TLS by ending TCP alone. Whatever came until then is whole by HTTP's own lengths, or is no request.
[[nodiscard]] inline bool is_end(const boost::system::error_code& ec) noexcept {
  return ec == boost::asio::error::eof || ec == boost::asio::ssl::error::stream_truncated;
}

/// How Beast ends a WebSocket's connection.
template <class Handler>
void async_teardown(boost::beast::role_type role, edge_stream& stream, Handler&& then) {
  if (!stream.is_secure()) return boost::beast::websocket::async_teardown(role, stream.next_layer(), std::forward<Handler>(then));
  stream.async_end_sending([role, &stream, told = std::forward<Handler>(then)](boost::system::error_code) mutable {
    boost::beast::websocket::async_teardown(role, stream.next_layer(), std::move(told));
  });
}

} // namespace troupe::edge
