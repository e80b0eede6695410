#include "nodes/desk/edge_port.hpp"

#include "runtime/actor/messages.hpp"
#include "runtime/edge/no_answer.hpp"

#include <boost/asio/post.hpp>
#include <caf/all.hpp>

#include <exception>

namespace troupe::desk {

edge_port::edge_port(caf::actor_config& config, boost::asio::io_context* io, actor::environment* node,
                     std::chrono::milliseconds timeout, const edge::lane_limits& limits,
                     std::function<std::optional<std::string>(const actor_name&)> why_away)
  : caf::monitorable_actor(config), io_{io}, node_{node}, why_away_{std::move(why_away)}, timeout_{timeout}, limits_{limits}, timer_{*io} {
  register_at_system();
}

void edge_port::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  auto content = what->move_content_to_message();
  std::lock_guard guard{mutex_};
  if (closed_) return;
  inbox_.push_back(std::move(content));
  if (inbox_.size() > 1) return; // a drain is posted already
  boost::asio::post(*io_, [keep = caf::strong_actor_ptr{ctrl()}, this] { drain(); });
}

void edge_port::on_destroy() {
  if (getf(is_cleaned_up_flag)) return;
  cleanup(caf::exit_reason::unreachable, nullptr);
  caf::monitorable_actor::on_destroy();
  unregister_from_system();
}

void edge_port::close() {
  {
    std::lock_guard guard{mutex_};
    closed_ = true;
    inbox_.clear();
  }
  timer_.cancel();
  fan_out_.close();
  const auto why = fail(errc::unavailable, "the node stops");
  auto all = std::exchange(pending_, {});
  reads_ = 0;
  for (const auto& [number, q] : all) go_on(q.then, nullptr, &why);
  if (cleanup(caf::exit_reason::user_shutdown, nullptr)) unregister_from_system();
}

void edge_port::drain() {
  std::vector<caf::message> taken;
  {
    std::lock_guard guard{mutex_};
    taken.swap(inbox_);
  }
  for (const auto& content : taken) take(content);
}

void edge_port::take(const caf::message& content) {
  if (content.match_elements<actor::unanswered>()) return bounce(content.get_as<actor::unanswered>(0).number);
  if (content.size() == 2 && content.match_element<std::uint64_t>(0)) finish(content.get_as<std::uint64_t>(0), &content, nullptr);
}

void edge_port::bounce(std::uint64_t number) {
  const auto it = pending_.find(number);
  if (it == pending_.end()) return;
  const auto where = why_away_(it->second.to);
  const auto why = fail(errc::unavailable, edge::outcome_unknown(where.value_or("the actor restarts"), it->second.is_read).message);
  finish(number, nullptr, &why);
}

void edge_port::finish(std::uint64_t number, const caf::message* answer, const error* why) {
  auto it = pending_.find(number);
  if (it == pending_.end()) return; // answered late: the client was told "unknown" already
  auto then = std::move(it->second.then);
  if (it->second.is_counted) --reads_;
  pending_.erase(it);
  go_on(then, answer, why);
}

/// A continuation's bug costs its request, not the node.
void edge_port::go_on(const continuation& then, const caf::message* answer, const error* why) {
  try {
    then(answer, why);
  } catch (const std::exception& x) {
    node_->log(actor_name{"edge"}, {}, "error", std::string{"what follows an answer failed: "} + x.what());
  }
}

void edge_port::arm() {
  if (armed_) return;
  armed_ = true;
  timer_.expires_after(std::chrono::milliseconds{50});
  timer_.async_wait([keep = caf::strong_actor_ptr{ctrl()}, this](const boost::system::error_code& e) {
    armed_ = false;
    if (!e) sweep();
  });
}

void edge_port::sweep() {
  const auto now = std::chrono::steady_clock::now();
  while (!deadlines_.empty() && deadlines_.front().at <= now) {
    const auto asked = pending_.find(deadlines_.front().number);
    const bool is_read = asked != pending_.end() && asked->second.is_read;
    const auto why = edge::no_answer_in_time(is_read);
    finish(deadlines_.front().number, nullptr, &why);
    deadlines_.pop_front();
  }
  if (!deadlines_.empty()) arm();
}

} // namespace troupe::desk
