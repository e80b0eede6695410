#include "runtime/edge/session.hpp"

#include "runtime/edge/chunks.hpp"
#include "runtime/edge/no_answer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <limits>
#include <utility>

namespace troupe::edge {

namespace http = boost::beast::http;
namespace asio = boost::asio;

namespace {

constexpr std::size_t read_bytes = 4096;
constexpr std::size_t out_bytes_max = 256 * 1024; // above it a connection is not read and nothing of it parsed: the client must take answers first
constexpr std::size_t linger_bytes_max = 1024 * 1024;
constexpr std::chrono::milliseconds reserved_time{1000};     // for an urgent request to have come, where others wait for the place
constexpr std::chrono::milliseconds crossing_time{250}; // a request sent before its client could know of the stop has come by then

void append_number(std::string& out, std::uint64_t n) {
  char digits[24];
  auto [end, ec] = std::to_chars(digits, digits + sizeof digits, n);
  out.append(digits, end);
}

std::size_t fields_of(const http::fields& message) { return static_cast<std::size_t>(std::distance(message.begin(), message.end())); }

} // namespace

session::session(shared_core& core, listening& where, edge_stream socket, bool reserved)
  : core_{core}, where_{where}, socket_{std::move(socket)},
    buffer_{core.options.header_bytes + read_bytes}, read_by_ns_{reserved ? from_now(reserved_time) : std::numeric_limits<std::int64_t>::max()},
    reserved_{reserved} {
  boost::system::error_code ec;
  socket_.next_layer().set_option(asio::ip::tcp::no_delay{true}, ec);
  const auto peer = socket_.next_layer().remote_endpoint(ec);
  if (!ec) {
    auto written = text<63>::make(peer.address().to_string() + ":" + std::to_string(peer.port()));
    if (written) peer_ = *written;
  }
}

std::int64_t session::from_now(std::chrono::milliseconds t) const noexcept {
  return steady_ns() + std::chrono::nanoseconds{t}.count();
}

void session::read_within(std::chrono::milliseconds t) noexcept {
  read_deadline_ns_ = std::min({from_now(t), core_.answer_by_ns, read_by_ns_});
}

void session::start() {
  if (socket_.is_secure()) return shake_hands();
  read_within(core_.options.idle_time);
  read();
}

/// Who cannot or does not, in time, is closed without a word: it has said nothing that could be answered.
void session::shake_hands() {
  securing_ = true;
  read_within(core_.options.header_time);
  socket_.async_handshake(edge_stream::side::server, [self = shared_from_this()](boost::system::error_code ec) {
    if (self->closed_) return;
    self->securing_ = false;
    if (ec) {
      raise(self->core_.metrics->refused.tls_handshake);
      return self->close();
    }
    self->read_within(self->core_.draining ? crossing_time : self->core_.options.idle_time);
    self->read();
  });
}

// -- in --------------------------------------------------------------------------------------------------------------

bool session::is_full() const noexcept {
  // Twice the limit, because refusals wait in line behind answers too.
  if (pending_.size() >= 2 * core_.options.requests_per_connection) return true;
  auto bytes = out_.size() + writing_.size() - written_;
  for (const auto& e : pending_)
    if (e->done) bytes += e->answer.body.size(); // waits for one before it
  return bytes > out_bytes_max;
}

void session::read() {
  if (closed_ || reading_ || (input_ended_ && !lingering_) || (!lingering_ && is_full())) return;
  if (lingering_) buffer_.clear();
  const auto room = buffer_.max_size() - buffer_.size();
  if (room == 0) return;
  reading_ = true;
  socket_.async_read_some(buffer_.prepare(std::min(room, read_bytes)),
                          [self = shared_from_this()](boost::system::error_code ec, std::size_t n) {
                            self->on_read(ec, n);
                          });
}

void session::on_read(boost::system::error_code ec, std::size_t n) {
  reading_ = false;
  if (closed_) return;
  if (std::exchange(read_is_void_, false)) return read();
  if (ec) {
    // A client that only closed its sending side still waits for the answers.
    input_ended_ = true;
    if (lingering_ || !is_end(ec)) return close();
    if (pending_.empty() && out_.empty() && writing_.empty()) return socket_.is_secure() ? linger() : close(); // over TLS a goodbye is answered
    close_behind_ = pending_.empty();
    return;
  }
  raise(core_.metrics->bytes_in, n);
  if (lingering_) {
    linger_bytes_ += n;
    if (linger_bytes_ > linger_bytes_max) return close();
    return read();
  }
  buffer_.commit(n);
  resume();
}

void session::resume() {
  if (closed_) return;
  flush();
  for (auto left = buffer_.size() + 1; !parsing_ && !closed_ && buffer_.size() > 0 && buffer_.size() < left;) {
    left = buffer_.size();
    parse();
    flush(); // may make room for requests that parse had to leave
  }
  read();
}

void session::parse() {
  parsing_ = true;
  while (!closed_ && !input_ended_ && buffer_.size() > 0 && !is_full()) {
    if (!parser_) {
      const auto* first = static_cast<const char*>(buffer_.data().data());
      if (*first == '\r' || *first == '\n') { // RFC 9112 2.2: an empty line before a request is passed over
        buffer_.consume(1);
        continue;
      }
      parser_.emplace(); // not eager: the header is looked at before anything behind it is taken
      parser_->header_limit(static_cast<std::uint32_t>(core_.options.header_bytes));
      parser_->body_limit(core_.options.body_bytes);
      header_done_ = false;
      read_within(core_.options.header_time);
    }
    if (awaits_chunk(*parser_, {static_cast<const char*>(buffer_.data().data()), buffer_.size()})) break;
    boost::system::error_code ec;
    const auto used = parser_->put(buffer_.data(), ec);
    if (ec && ec != http::error::need_more) {
      refuse_bytes(ec);
      break;
    }
    buffer_.consume(used);
    if (parser_->is_header_done() && !header_done_ && !accept_header()) break;
    if (parser_->is_done()) {
      if (!accept_end()) break;
      dispatch();
    } else if (ec || used == 0) {
      if (buffer_.size() == buffer_.max_size()) refuse_bytes(http::make_error_code(http::error::buffer_overflow));
      break;
    }
  }
  if (!closed_ && !reading_ && buffer_.size() == 0 && buffer_.capacity() > 2 * read_bytes) buffer_.shrink_to_fit();
  parsing_ = false;
}

bool session::accept_header() {
  header_done_ = true;
  const auto& message = parser_->get();
  if (message.target().size() > core_.options.target_bytes) {
    raise(core_.metrics->refused.target_too_long);
    refuse_and_close(fail(errc::too_large, "the request target is longer than " +
                                             std::to_string(core_.options.target_bytes) + " bytes"), 414);
    return false;
  }
  if (message.version() == 11 && message.count(http::field::host) != 1) {
    raise(core_.metrics->refused.malformed);
    refuse_and_close(fail(errc::malformed, "an HTTP/1.1 request has exactly one Host header"), 400);
    return false;
  }
  // Who reads another end of the body than a proxy in front of us would take the rest for the next request.
  const auto codings = message.count(http::field::transfer_encoding);
  if (codings > 1 || (codings == 1 && (message.version() != 11 || !boost::beast::iequals(message[http::field::transfer_encoding], "chunked")))) {
    raise(core_.metrics->refused.malformed);
    refuse_and_close(fail(errc::malformed, "the only Transfer-Encoding is chunked, in HTTP/1.1"), 501);
    return false;
  }
  parser_->eager(true);
  chunked_fields_ = codings == 0 ? 0 : fields_of(message);
  if (parser_->is_done()) return true;
  read_within(core_.options.body_time);
  const bool waits = message.version() == 11 && buffer_.size() == 0 && http::token_list{message[http::field::expect]}.exists("100-continue");
  if (waits && pending_.empty()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  return true;
}

/// Fields behind the chunks of a body would count as if they had stood in the header, where whoever is in front of us did not see them.
bool session::accept_end() {
  if (chunked_fields_ == 0 || fields_of(parser_->get()) == chunked_fields_) return true;
  raise(core_.metrics->refused.malformed);
  refuse_and_close(fail(errc::malformed, "fields behind the body are not taken; send them in the header"), 400);
  return false;
}

void session::refuse_bytes(boost::system::error_code ec) {
  auto& refused = core_.metrics->refused;
  const auto& limits = core_.options;
  if (ec == http::error::header_limit) {
    // The parser takes the request line as soon as it is whole; what is left is too long a line or too many fields.
    const std::string_view seen{static_cast<const char*>(buffer_.data().data()), buffer_.size()};
    if (parser_->get().target().empty() && seen.find(' ') != std::string_view::npos) {
      raise(refused.target_too_long);
      return refuse_and_close(
        fail(errc::too_large, "the request target is longer than " + std::to_string(limits.target_bytes) + " bytes"), 414);
    }
    raise(refused.header_too_large);
    return refuse_and_close(
      fail(errc::too_large, "the header is longer than " + std::to_string(limits.header_bytes) + " bytes"), 431);
  }
  if (ec == http::error::body_limit) {
    raise(refused.body_too_large);
    return refuse_and_close(
      fail(errc::too_large, "the body is longer than " + std::to_string(limits.body_bytes) + " bytes"), 413);
  }
  raise(refused.malformed);
  if (ec == http::error::bad_version)
    return refuse_and_close(fail(errc::malformed, "only HTTP/1.0 and HTTP/1.1 are spoken here"), 505);
  refuse_and_close(fail(errc::malformed, "not an HTTP request: " + ec.message()), 400);
}

// -- out -------------------------------------------------------------------------------------------------------------

void session::flush() {
  while (!pending_.empty() && pending_.front()->done && !close_behind_) {
    append(*pending_.front());
    close_behind_ = !pending_.front()->keep_alive;
    pending_.pop_front();
  }
  if (input_ended_ && pending_.empty()) close_behind_ = true;
  if (!writing_.empty() || closed_) return;
  if (!out_.empty()) write();
  else if (close_behind_ && !lingering_) linger();
}

void session::append(exchange& e) {
  const auto& a = e.answer;
  if (core_.options.answered) core_.options.answered(e.request, a.status);
  if (e.request.matched && a.status >= 100 && a.status < 600) raise(e.request.matched->metrics.by_class[a.status / 100 - 1]);
  out_ += "HTTP/1.1 ";
  append_number(out_, a.status);
  out_ += ' ';
  out_ += reason_phrase(a.status);
  out_ += "\r\nDate: ";
  out_ += core_.date;
  if (a.status != 204) {
    out_ += "\r\nContent-Type: ";
    out_ += a.content_type;
    out_ += "\r\nContent-Length: ";
    append_number(out_, a.body.size());
  }
  out_ += "\r\nX-Request-Id: ";
  out_ += e.request.id.view();
  out_ += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  out_ += a.headers;
  if (!e.allowed_origin.empty()) {
    out_ += "Access-Control-Allow-Origin: ";
    out_ += e.allowed_origin;
    out_ += "\r\nAccess-Control-Expose-Headers: X-Request-Id, Retry-After, Allow, WWW-Authenticate\r\nVary: Origin\r\n";
  }
  out_ += e.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  if (!e.head_only && a.status != 204) out_ += a.body;
}

void session::write() {
  if (written_ == writing_.size()) {
    writing_.clear();
    written_ = 0;
    if (writing_.capacity() > out_bytes_max) std::string{}.swap(writing_);
    writing_.swap(out_);
  }
  write_deadline_ns_ = from_now(core_.options.write_time); // anew with every bit that goes out
  socket_.async_write_some(asio::buffer(writing_) + written_,
                           [self = shared_from_this()](boost::system::error_code ec, std::size_t n) {
                             self->on_write(ec, n);
                           });
}

void session::on_write(boost::system::error_code ec, std::size_t n) {
  raise(core_.metrics->bytes_out, n);
  write_deadline_ns_ = 0;
  if (closed_) return;
  if (ec) return close();
  written_ += n;
  if (written_ < writing_.size()) return write();
  if (parser_ && writing_.size() > out_bytes_max) // what is half here was not read meanwhile
    read_within(header_done_ ? core_.options.body_time : core_.options.header_time);
  writing_.clear();
  written_ = 0;
  if (pending_.empty() && !parser_) read_within(core_.draining ? crossing_time : core_.options.idle_time); // it is idle from here on
  resume();
}

void session::linger() {
  lingering_ = true;
  read_is_void_ = reading_ && socket_.is_secure(); // however it ends: from here on what comes is thrown away unread
  read_deadline_ns_ = from_now(std::chrono::seconds{1}); // a drain leaves this second behind the last answer
  socket_.async_end_sending([self = shared_from_this()](boost::system::error_code ec) {
    if (self->closed_) return;
    if (ec) return self->close();
    self->read();
  });
}

void session::drain() {
  const bool is_idle = pending_.empty() && !parser_;
  const auto latest = is_idle ? std::min(from_now(crossing_time), core_.answer_by_ns) : core_.answer_by_ns;
  read_deadline_ns_ = std::min(read_deadline_ns_, latest);
  for (auto& e : pending_) e->deadline_ns = std::min(e->deadline_ns, core_.answer_by_ns);
  if (is_idle || parser_) return; // a request that comes now, or is half read, is still answered: with 503
  pending_.back()->keep_alive = false;
  input_ended_ = true;
}

void session::tick(std::int64_t now_ns) {
  if (closed_) return;
  auto& refused = core_.metrics->refused;
  if (write_deadline_ns_ != 0 && now_ns > write_deadline_ns_) {
    raise(refused.write_timeout);
    return close();
  }
  bool answered = false;
  for (auto& e : pending_)
    if (e->counted && !e->done && now_ns > e->deadline_ns && e->claim()) {
      raise(refused.handler_timeout);
      const auto why = no_answer_in_time(e->is_read);
      e->answer = e->request.matched->surface->rules.format(why, 504, e->request.id.view());
      e->done = answered = true;
    }
  if (answered) return resume();
  if (now_ns <= read_deadline_ns_) return;
  if (lingering_) return close();
  if (securing_) {
    raise(refused.tls_handshake);
    return close();
  }
  if (parser_ && (core_.draining || !is_full())) {
    raise(header_done_ ? refused.body_timeout : refused.header_timeout);
    return refuse_and_close(fail(errc::timeout, header_done_ ? "the body did not arrive in time"
                                                             : "the header did not arrive in time"), 408);
  }
  if (pending_.empty() && out_.empty() && writing_.empty()) close();
}

std::int64_t session::idle_ns(std::int64_t now_ns) const noexcept {
  const bool is_idle = !closed_ && !input_ended_ && !lingering_ && !parser_ && pending_.empty() && out_.empty() && writing_.empty();
  const auto waits = securing_ ? core_.options.header_time : core_.options.idle_time;
  return is_idle ? now_ns - (read_deadline_ns_ - std::chrono::nanoseconds{waits}.count()) : -1;
}

void session::close() {
  if (closed_) return;
  closed_ = true;
  boost::system::error_code ec;
  socket_.close(ec);
  for (auto& e : pending_)
    if (!e->answered()) core_.orphans.push_back(std::move(e));
  pending_.clear();
  core_.remove(*this);
}

} // namespace troupe::edge
