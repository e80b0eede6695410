#include "runtime/edge/exchange.hpp"

#include "runtime/core/assert.hpp"
#include "runtime/edge/responder.hpp"
#include "runtime/edge/route.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>

namespace troupe::edge {

std::int64_t steady_ns() noexcept { return std::chrono::steady_clock::now().time_since_epoch().count(); }

completions::completions(boost::asio::io_context& io, std::function<void(batch&)> deliver)
  : io_{&io}, deliver_{std::move(deliver)} {}

void completions::push(std::shared_ptr<exchange> e) {
  std::lock_guard guard{mutex_};
  if (!io_) return;
  ready_.push_back(std::move(e));
  if (ready_.size() == 1) boost::asio::post(*io_, [self = shared_from_this()] { self->drain(); });
}

void completions::drain() {
  {
    std::lock_guard guard{mutex_};
    if (!io_) return;
    delivering_.swap(ready_);
  }
  deliver_(delivering_);
  delivering_.clear();
}

void completions::close() noexcept {
  batch dropped; // its destruction may drop responders, which push: not under the lock
  std::lock_guard guard{mutex_};
  io_ = nullptr;
  dropped.swap(ready_);
}

bool completions::is_open() noexcept {
  std::lock_guard guard{mutex_};
  return io_ != nullptr;
}

bool exchange::claim() noexcept {
  if (claimed_.exchange(true, std::memory_order_acq_rel)) return false;
  if (counted) metrics->in_flight.fetch_sub(1, std::memory_order_relaxed);
  if (is_read) metrics->reads_in_flight.fetch_sub(1, std::memory_order_relaxed);
  if (started_ns != 0) metrics->latency.record(static_cast<std::uint64_t>(steady_ns() - started_ns) / 1000);
  return true;
}

bool exchange::send(response r) {
  if (!claim()) return false;
  answer = std::move(r);
  queue->push(shared_from_this());
  return true;
}

void exchange::drop_handle() {
  if (handles_.fetch_sub(1, std::memory_order_acq_rel) != 1 || answered()) return;
  if (!queue->is_open()) return; // the server stopped first
  raise(metrics->unanswered);
  send(request.matched->surface->rules.format(
    fail(errc::internal, "the handler of this request ended without an answer; the outcome is unknown"), 500,
    request.id.view()));
}

responder::responder(std::shared_ptr<exchange> e) : exchange_{std::move(e)} { exchange_->add_handle(); }
responder::responder(const responder& other) : exchange_{other.exchange_} {
  if (exchange_) exchange_->add_handle();
}
responder& responder::operator=(responder other) noexcept {
  std::swap(exchange_, other.exchange_);
  return *this;
}
responder::~responder() {
  if (exchange_) exchange_->drop_handle();
}

bool responder::send(response r) const {
  TROUPE_ASSERT(exchange_ != nullptr, "only a responder that was not moved from can answer");
  return exchange_->send(std::move(r));
}

bool responder::fail(const error& e) const { return fail(e, http_status(e.code)); }

bool responder::fail(const error& e, unsigned status) const {
  const auto& request = context();
  if (!exchange_->queue->is_open()) return exchange_->claim();
  return send(request.matched->surface->rules.format(e, status, request.id.view()));
}

bool responder::json(std::string text, unsigned status) const {
  response r;
  r.status = status;
  r.body = std::move(text);
  return send(std::move(r));
}

bool responder::text(std::string body, std::string content_type, unsigned status) const {
  response r;
  r.status = status;
  r.content_type = std::move(content_type);
  r.body = std::move(body);
  return send(std::move(r));
}

const request_context& responder::context() const noexcept {
  TROUPE_ASSERT(exchange_ != nullptr, "only a responder that was not moved from has a request");
  return exchange_->request;
}

} // namespace troupe::edge
