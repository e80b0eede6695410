#pragma once
// One TLS connection that carries frames of one lane: [u32 length][u8 type][bytes], little-endian, length counts the bytes only.
// TLS 1.3, both ends show a certificate of the cluster's authority. Private to this folder (it includes Asio). `offer` may be
// called from any thread, the rest on the link's thread only.

#include "runtime/core/ids.hpp"
#include "runtime/core/time.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cluster {

enum class frame_type : std::uint8_t { hello, welcome, beat, payload };

class tls_connection : public std::enable_shared_from_this<tls_connection> {
public:
  using tcp = boost::asio::ip::tcp;
  using steady = std::chrono::steady_clock;
  enum class role { dials, accepts };

  /// Dropped by close(), so whoever set them may go away behind it.
  struct handlers {
    std::function<void()> secured;                             // the handshake is done, `peer` is known
    std::function<void(frame_type, std::string_view)> received;
    std::function<void(const std::string& why)> closed;        // once, unless close() came first
    std::function<void()> written{};                           // less waits than before; may be empty
  };

  tls_connection(tcp::socket socket, boost::asio::ssl::context& context, role r);

  void start(handlers h);
  /// Others handle the greetings that come from now on.
  void hand_to(handlers h);
  /// No frame is handed over behind the one of now, until take_over().
  void hold() noexcept { is_held_ = true; }
  /// Others handle what comes from now on, of any type and size, and at most `queue_bytes_max` wait to be sent while as much is being
  /// sent. Before that only greetings pass. False: it is closed.
  [[nodiscard]] bool take_over(handlers h, std::size_t queue_bytes_max);
  /// Queues a frame. False: closed, or the queue is full; the frame will not be sent.
  [[nodiscard]] bool offer(frame_type type, std::string_view bytes);
  /// Bytes that were taken and are not written yet.
  [[nodiscard]] std::size_t waiting() const;
  /// What is queued may be lost. Calls nobody.
  void close();

  /// From the peer's certificate; empty before `secured`.
  [[nodiscard]] const std::string& peer() const noexcept { return peer_; }
  [[nodiscard]] steady::time_point opened_at() const noexcept { return opened_at_; }

private:
  void read();
  void take_frames();
  void write();
  void fail(const std::string& why);
  [[nodiscard]] bool is_closed() const noexcept { return handlers_ == nullptr; }

  boost::asio::io_context::executor_type executor_;
  boost::asio::ssl::stream<tcp::socket> stream_;
  const role role_;
  const steady::time_point opened_at_ = steady::now();
  std::shared_ptr<const handlers> handlers_; // shared: one of them may replace them while it runs
  std::string peer_;
  std::vector<char> in_;
  std::size_t in_size_ = 0;
  std::string writing_;
  bool is_greeted_ = false;
  bool is_held_ = false;
  bool is_reading_ = false;

  mutable std::mutex mutex_;
  std::string queue_; // whole frames
  std::size_t writing_bytes_ = 0;
  std::size_t queue_bytes_max_;
  bool is_open_ = true;
  bool is_writing_ = false;
};

} // namespace troupe::cluster
