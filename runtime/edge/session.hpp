#pragma once
// Internal: one HTTP/1.1 connection. Reads and parses as far as limits allow, hands requests to their routes in order
// and writes the answers in that same order, several to a write. Lives on the edge's thread.

#include "runtime/edge/core.hpp"

#include <boost/beast/http/parser.hpp>

#include <deque>
#include <memory>
#include <optional>

namespace troupe::edge {

class session : public std::enable_shared_from_this<session> {
public:
  /// `reserved`: there are as many connections as there may be, and this one beyond them is for one request that is urgent (`lane::control`).
  session(shared_core& core, listening& where, edge_stream socket, bool reserved);

  void start();
  /// Takes over the answers that have arrived and writes.
  void resume();
  /// Enforces the phases' deadlines.
  void tick(std::int64_t now_ns);
  /// Closes behind the last answer; what has none by the core's `answer_by_ns` is told so. A connection without a request stays a
  /// moment: for its client one may be on its way.
  void drain();
  void close();
  /// For how long nothing has been under way and nothing has come, or a handshake has not ended; less than zero: something is under way.
  [[nodiscard]] std::int64_t idle_ns(std::int64_t now_ns) const noexcept;
  [[nodiscard]] bool is_reserved() const noexcept { return reserved_; }

  std::size_t place = 0; // in shared_core::sessions

private:
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void shake_hands();
  /// So much is under way, or has not been taken by the client, that nothing more is read or parsed.
  [[nodiscard]] bool is_full() const noexcept;
  void read();
  void on_read(boost::system::error_code ec, std::size_t n);
  void parse();
  [[nodiscard]] bool accept_header();
  [[nodiscard]] bool accept_end();
  void dispatch();
  void route_request(const std::shared_ptr<exchange>& e, http_request&& message);
  void call(const route& r, const std::shared_ptr<exchange>& e);
  void upgrade(const route& r, const std::shared_ptr<exchange>& e, http_request&& message);
  [[nodiscard]] std::shared_ptr<exchange> new_exchange();
  /// Learns who asks. False: he may not, and it is answered.
  [[nodiscard]] bool admit(const std::shared_ptr<exchange>& e, http_request& message, const route* to);
  [[nodiscard]] bool is_own_name(std::string_view name) const;
  [[nodiscard]] bool origin_allowed(std::string_view origin, std::string_view host) const;
  [[nodiscard]] bool host_allowed(std::string_view host) const;

  /// Queues an answer of the edge's own behind those before it.
  void answer(const std::shared_ptr<exchange>& e, response r);
  void refuse(const std::shared_ptr<exchange>& e, const error& why, unsigned status);
  /// The same for what never became a request; the connection closes behind it. A page that may call here may read why, if its origin was told.
  void refuse_and_close(const error& why, unsigned status);
  void refuse_bytes(boost::system::error_code ec);

  void flush();
  void append(exchange& e);
  void write();
  void on_write(boost::system::error_code ec, std::size_t n);
  /// Says goodbye so that the last answer survives: closing over unread input would reset the connection.
  void linger();
  [[nodiscard]] std::int64_t from_now(std::chrono::milliseconds t) const noexcept;
  /// Begins a phase in which a request is waited for or comes in. While draining none is longer than the drain, and on a reserved connection all of
  /// them together than a second.
  void read_within(std::chrono::milliseconds t) noexcept;

  shared_core& core_;
  listening& where_;
  edge_stream socket_;
  text<63> peer_;
  boost::beast::flat_buffer buffer_;
  std::optional<parser> parser_;
  bool header_done_ = false;
  std::size_t chunked_fields_ = 0; // in the header of a request whose body comes in chunks
  std::deque<std::shared_ptr<exchange>> pending_; // in the order of the requests
  std::string out_;                               // answers not yet given to the socket
  std::string writing_;
  std::size_t written_ = 0; // of writing_
  std::int64_t read_deadline_ns_ = 0;
  std::int64_t read_by_ns_; // whatever the phase: for a reserved connection the places of others wait
  std::int64_t write_deadline_ns_ = 0;
  std::size_t linger_bytes_ = 0;
  const bool reserved_;
  bool securing_ = false; // the TLS handshake is under way
  bool reading_ = false;
  bool read_is_void_ = false; // the read that is under way was begun before linger() ended what it reads from
  bool parsing_ = false;
  bool input_ended_ = false;    // nothing more is parsed
  bool close_behind_ = false;   // close when out_ and writing_ are empty
  bool lingering_ = false;
  bool closed_ = false;
};

} // namespace troupe::edge
