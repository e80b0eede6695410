#include "runtime/cluster/tls_connection.hpp"

#include "runtime/cluster/common_name.hpp"
#include "runtime/cluster/link.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

#include <cstring>

namespace troupe::cluster {
namespace asio = boost::asio;

namespace {

constexpr std::size_t header_bytes = 5;
constexpr std::size_t read_bytes = 32 << 10;
constexpr std::size_t greeting_bytes_max = 4096; // whoever is not known yet gets no more of our memory than this
constexpr std::size_t buffer_bytes_kept = 1 << 20;

/// Of the peer's certificate, which the handshake has verified.
std::string name_of_peer(SSL* ssl) {
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  return certificate ? common_name(X509_get_subject_name(certificate)) : std::string{};
}

} // namespace

tls_connection::tls_connection(tcp::socket socket, asio::ssl::context& context, role r)
    : executor_{static_cast<asio::io_context&>(socket.get_executor().context()).get_executor()}, stream_{std::move(socket), context}, role_{r},
      queue_bytes_max_{2 * greeting_bytes_max} {
  boost::system::error_code ignored;
  stream_.next_layer().set_option(tcp::no_delay{true}, ignored);
}

void tls_connection::start(handlers h) {
  handlers_ = std::make_shared<const handlers>(std::move(h));
  const auto side = role_ == role::dials ? asio::ssl::stream_base::client : asio::ssl::stream_base::server;
  stream_.async_handshake(side, [self = shared_from_this()](const boost::system::error_code& failed) {
    if (self->is_closed()) return;
    if (failed) return self->fail("TLS handshake: " + failed.message());
    self->peer_ = name_of_peer(self->stream_.native_handle());
    const auto then = self->handlers_;
    then->secured();
    if (!self->is_closed()) self->read();
  });
}

void tls_connection::hand_to(handlers h) {
  if (!is_closed()) handlers_ = std::make_shared<const handlers>(std::move(h));
}

bool tls_connection::take_over(handlers h, std::size_t queue_bytes_max) {
  if (is_closed()) return false;
  is_greeted_ = true;
  handlers_ = std::make_shared<const handlers>(std::move(h));
  {
    std::lock_guard guard{mutex_};
    queue_bytes_max_ = queue_bytes_max;
  }
  if (!std::exchange(is_held_, false)) return true;
  asio::post(executor_, [self = shared_from_this()] {
    if (self->is_closed() || self->is_reading_) return;
    self->take_frames();
    if (!self->is_closed()) self->read();
  });
  return true;
}

bool tls_connection::offer(frame_type type, std::string_view bytes) {
  std::lock_guard guard{mutex_};
  if (!is_open_ || bytes.size() > frame_bytes_max || queue_.size() + bytes.size() > queue_bytes_max_) return false;
  char header[header_bytes];
  const auto length = static_cast<std::uint32_t>(bytes.size());
  std::memcpy(header, &length, sizeof length);
  header[4] = static_cast<char>(type);
  queue_.append(header, sizeof header);
  queue_ += bytes;
  if (!is_writing_) {
    is_writing_ = true;
    asio::post(executor_, [self = shared_from_this()] { self->write(); });
  }
  return true;
}

std::size_t tls_connection::waiting() const {
  std::lock_guard guard{mutex_};
  return is_open_ ? queue_.size() + writing_bytes_ : 0;
}

void tls_connection::write() {
  {
    std::lock_guard guard{mutex_};
    if (!is_open_) return;
    writing_.clear();
    if (writing_.capacity() > buffer_bytes_kept) writing_ = {};
    std::swap(writing_, queue_);
    writing_bytes_ = writing_.size();
    if (writing_.empty()) {
      is_writing_ = false;
      return;
    }
  }
  asio::async_write(stream_, asio::buffer(writing_), [self = shared_from_this()](const boost::system::error_code& failed, std::size_t) {
    if (failed) return self->fail("writing: " + failed.message());
    {
      std::lock_guard guard{self->mutex_};
      self->writing_bytes_ = 0;
    }
    if (const auto told = self->handlers_; told && told->written) told->written();
    self->write();
  });
}

void tls_connection::read() {
  if (is_held_ || is_reading_) return;
  is_reading_ = true;
  if (in_.size() - in_size_ < read_bytes) in_.resize(in_size_ + read_bytes);
  stream_.async_read_some(asio::buffer(in_.data() + in_size_, in_.size() - in_size_),
                          [self = shared_from_this()](const boost::system::error_code& failed, std::size_t n) {
                            self->is_reading_ = false;
                            if (self->is_closed()) return;
                            if (failed) return self->fail("reading: " + failed.message());
                            self->in_size_ += n;
                            self->take_frames();
                            if (!self->is_closed()) self->read();
                          });
}

void tls_connection::take_frames() {
  std::size_t at = 0;
  while (!is_held_ && in_size_ - at >= header_bytes) {
    std::uint32_t length = 0;
    std::memcpy(&length, in_.data() + at, sizeof length);
    const auto type = static_cast<std::uint8_t>(in_[at + 4]);
    const auto last_type = is_greeted_ ? frame_type::payload : frame_type::welcome;
    if (type > static_cast<std::uint8_t>(last_type) || length > (is_greeted_ ? frame_bytes_max : greeting_bytes_max))
      return fail("a frame is malformed");
    if (in_size_ - at - header_bytes < length) break;
    const auto to = handlers_;
    to->received(static_cast<frame_type>(type), {in_.data() + at + header_bytes, length});
    if (is_closed()) return;
    at += header_bytes + length;
  }
  std::memmove(in_.data(), in_.data() + at, in_size_ - at);
  in_size_ -= at;
  if (in_size_ < read_bytes && in_.size() > 4 * read_bytes) {
    in_.resize(2 * read_bytes);
    in_.shrink_to_fit();
  }
}

void tls_connection::fail(const std::string& why) {
  const auto told = handlers_;
  close();
  if (told) told->closed(why);
}

/// Without TLS' own goodbye: the peer's session ends with the TCP connection, and whoever does not answer must not hold us up.
void tls_connection::close() {
  {
    std::lock_guard guard{mutex_};
    is_open_ = false;
  }
  handlers_ = nullptr;
  boost::system::error_code ignored;
  stream_.next_layer().close(ignored);
}

} // namespace troupe::cluster
