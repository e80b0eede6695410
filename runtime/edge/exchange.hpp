#pragma once
// Internal: one request under way, and the queue that brings answers from any thread back to the edge's thread with
// one wake-up for a whole burst of them.

#include "runtime/core/hash.hpp"
#include "runtime/edge/metrics.hpp"
#include "runtime/edge/request.hpp"
#include "runtime/edge/response.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace troupe::edge {

class session;
class exchange;

class completions : public std::enable_shared_from_this<completions> {
public:
  using batch = std::vector<std::shared_ptr<exchange>>;
  completions(boost::asio::io_context& io, std::function<void(batch&)> deliver);
  /// Any thread.
  void push(std::shared_ptr<exchange> e);
  /// After this, answers go nowhere. The io_context may then be destroyed.
  void close() noexcept;
  /// Whether an answer can still reach a client. False once the server has stopped; its routes may be gone then.
  [[nodiscard]] bool is_open() noexcept;

private:
  void drain();

  std::mutex mutex_;
  boost::asio::io_context* io_; // null after close
  batch ready_;
  std::function<void(batch&)> deliver_; // the edge's thread only
  batch delivering_;
};

class exchange : public std::enable_shared_from_this<exchange> {
public:
  request_context request;
  std::weak_ptr<session> owner; // locked on the edge's thread only
  std::shared_ptr<completions> queue;
  std::shared_ptr<server_metrics> metrics;
  std::int64_t started_ns = 0;  // steady clock; 0 when this one is not sampled
  std::int64_t deadline_ns = 0; // steady clock
  bool counted = false;         // takes part in the in-flight gauge
  bool is_read = false;         // and in that of the data lane
  bool keep_alive = true;
  bool head_only = false;
  std::optional<sha256_digest> key; // of a WebSocket: the one that showed who asks
  std::string allowed_origin; // set: the answer carries CORS headers for it

  // The edge's thread only.
  response answer;
  bool done = false;

  /// Any thread: true for the first caller, which then owns `answer` until it is delivered.
  [[nodiscard]] bool claim() noexcept;
  /// Any thread.
  bool send(response r);
  [[nodiscard]] bool answered() const noexcept { return claimed_.load(std::memory_order_acquire); }

  void add_handle() noexcept { handles_.fetch_add(1, std::memory_order_relaxed); }
  /// Answers 500 when the last handle goes and nobody answered.
  void drop_handle();

private:
  std::atomic<bool> claimed_{false};
  std::atomic<std::uint32_t> handles_{0};
};

[[nodiscard]] std::int64_t steady_ns() noexcept;

} // namespace troupe::edge
