#pragma once
// Where HTTP meets the actors: an actor whose mailbox is the edge's thread. `ask` numbers a message and keeps the
// continuation in a table of its own with one deadline for all, swept; so an ask costs no CAF timer and no linear search.
// Everything runs on the edge's thread except `enqueue`. No supervisor keeps it: it is a table of the HTTP server with no thread and no
// handler of its own that could end or be started again; it lives and ends with the server.

#include "nodes/desk/ask_window.hpp"
#include "runtime/actor/environment.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/core/result.hpp"
#include "runtime/edge/lane_limits.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/monitorable_actor.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::desk {

class edge_port final : public caf::monitorable_actor {
public:
  /// `why_away`: why nobody answers behind a name, when more is known than that.
  edge_port(caf::actor_config& config, boost::asio::io_context* io, actor::environment* node, std::chrono::milliseconds timeout,
            const edge::lane_limits& limits, std::function<std::optional<std::string>(const actor_name&)> why_away);

  /// Sends `command` to `to` and calls `then` once, on the edge's thread: with the answer, or unavailable (the actor was
  /// away), timeout (the outcome is unknown), overloaded (too many asks under way), internal (another type came back). What `then` throws is logged,
  /// and a responder that it drops answers 500. `is_read`: it changes nothing, though it does not go in the lane of data; without an answer its client
  /// just asks again.
  template <class R, class C>
  void ask(const actor_name& to, lane l, context ctx, C command, std::function<void(result<R>)> then, bool is_read = false) {
    if (!limits_.has_place(l, pending_.size(), reads_)) return then(fail(errc::overloaded, "too many requests are under way"));
    const bool is_counted = l == lane::data;
    if (is_counted) ++reads_;
    ctx.request = ++last_;
    ctx.deadline = node_->clock->boot() + timeout_;
    pending_.emplace(ctx.request, question{to, is_counted, is_counted || is_read, [then = std::move(then)](const caf::message* answer, const error* why) {
      if (why) return then(*why);
      if (!answer->match_element<R>(1)) return then(fail(errc::internal, "an answer of another type came back"));
      then(answer->get_as<R>(1));
    }});
    deadlines_.push_back({std::chrono::steady_clock::now() + timeout_, ctx.request});
    arm();
    const auto priority = l == lane::control ? caf::message_priority::high : caf::message_priority::normal;
    node_->names->ref(to)->enqueue(
      caf::make_mailbox_element(caf::strong_actor_ptr{ctrl()}, caf::make_message_id(priority), {}, ctx, std::move(command)), nullptr);
  }

  /// Where the asks of requests that ask many actors, or one of them much, wait for their turn: halts and single cancels find half of the reserved
  /// places whatever these do.
  [[nodiscard]] ask_window& fan_out() noexcept { return fan_out_; }

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override;
  void on_destroy() override;
  /// Answers everything pending with unavailable and takes no more messages.
  void close();

private:
  using continuation = std::function<void(const caf::message* answer, const error* why)>;
  struct question {
    actor_name to;
    bool is_counted; // among reads_
    bool is_read;    // without an answer nothing can have changed
    continuation then;
  };
  struct due {
    std::chrono::steady_clock::time_point at;
    std::uint64_t number;
  };

  void drain();
  void take(const caf::message& content);
  void bounce(std::uint64_t number);
  void finish(std::uint64_t number, const caf::message* answer, const error* why);
  void go_on(const continuation& then, const caf::message* answer, const error* why);
  void arm();
  void sweep();

  boost::asio::io_context* io_;
  actor::environment* node_;
  std::function<std::optional<std::string>(const actor_name&)> why_away_;
  std::chrono::milliseconds timeout_;
  const edge::lane_limits limits_; // of pending_
  ask_window fan_out_{limits_.reserved / 2};
  boost::asio::steady_timer timer_;
  bool armed_ = false;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, question> pending_;
  std::size_t reads_ = 0; // of them, in the data lane
  std::deque<due> deadlines_;
  std::mutex mutex_;
  std::vector<caf::message> inbox_; // under the mutex
  bool closed_ = false;             // under the mutex
};

} // namespace troupe::desk
