#include "runtime/actor/caf_inspect.hpp"
#include "runtime/cluster/remote_actors.hpp"

#include "runtime/actor/messages.hpp"
#include "runtime/wire/wire.hpp"

#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

namespace troupe::cluster {
namespace {

/// The number that the answer to this message brings back; 0 when none is expected.
std::uint64_t number_of_question(const caf::type_erased_tuple& content) {
  return !content.empty() && content.match_element<context>(0) ? content.get_as<context>(0).request : 0;
}
/// The number that an answer brings.
std::uint64_t number_of_answer(const caf::type_erased_tuple& content) {
  if (content.empty()) return 0;
  if (content.match_element<std::uint64_t>(0)) return content.get_as<std::uint64_t>(0);
  return content.match_element<actor::unanswered>(0) ? content.get_as<actor::unanswered>(0).number : 0;
}

caf::strong_actor_ptr behind(const caf::strong_actor_ptr& ref) {
  return static_cast<actor::stable_ref*>(caf::actor_cast<caf::abstract_actor*>(ref))->target();
}

void say_unanswered(const caf::strong_actor_ptr& to, std::uint64_t number) {
  if (to && number != 0)
    to->enqueue(nullptr, caf::make_message_id(caf::message_priority::high), caf::make_message(actor::unanswered{number}), nullptr);
}

} // namespace

/// Takes messages for somebody else, in the sender's thread.
class remote_actors::stand_in : public caf::monitorable_actor {
public:
  stand_in(caf::actor_config& config, remote_actors& all, const node_name& node) : caf::monitorable_actor(config), all_{&all}, node_{node} {
    register_at_system();
  }

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) override {
    if (what->content().match_elements<caf::exit_msg>()) {
      is_retired_ = true;
      if (auto why = what->content().get_as<caf::exit_msg>(0).reason; cleanup(std::move(why), unit)) unregister_from_system();
      return;
    }
    if (is_retired_) return say_unanswered(what->sender, number_of_question(what->content()));
    pass(*what);
  }
  void on_destroy() override {
    if (getf(is_cleaned_up_flag)) return;
    cleanup(caf::exit_reason::unreachable, nullptr);
    caf::monitorable_actor::on_destroy();
    unregister_from_system();
  }

protected:
  virtual void pass(caf::mailbox_element& what) = 0;
  remote_actors* all_; // outlives us: clear() retires us first
  const node_name node_;

private:
  std::atomic<bool> is_retired_{false};
};

/// For an actor over there.
class remote_actors::called final : public stand_in {
public:
  called(caf::actor_config& config, remote_actors& all, const node_name& node, const actor_name& name) : stand_in(config, all, node), name_{name} {}

private:
  void pass(caf::mailbox_element& what) override { all_->call(node_, name_, what); }
  const actor_name name_;
};

/// For whoever asks from over there.
class remote_actors::asker final : public stand_in {
public:
  asker(caf::actor_config& config, remote_actors& all, const node_name& node, std::uint64_t number)
      : stand_in(config, all, node), address_{number} {}

private:
  void pass(caf::mailbox_element& what) override { all_->answer(node_, address_, what); }
  const std::uint64_t address_;
};

template <class Kind, class... Args>
caf::strong_actor_ptr remote_actors::make(Args&&... args) {
  caf::actor_config config;
  return caf::make_actor<Kind, caf::strong_actor_ptr>(system_.next_actor_id(), system_.node(), &system_, config, *this, std::forward<Args>(args)...);
}

caf::strong_actor_ptr remote_actors::proxy(const node_name& node, const actor_name& name) {
  std::lock_guard guard{mutex_};
  auto& known = proxies_[node][name];
  if (!known) known = make<called>(node, name);
  return known;
}

remote_statistics remote_actors::stats() const {
  remote_statistics s{sent_, received_, bounced_, unreadable_, 0};
  std::lock_guard guard{mutex_};
  for (const auto& [name, peer] : peers_) s.pending += peer.open.size();
  return s;
}

void remote_actors::clear() {
  std::lock_guard guard{mutex_};
  const auto retire = [](const caf::strong_actor_ptr& a) { caf::anon_send_exit(a, caf::exit_reason::user_shutdown); };
  for (auto& [node, all] : proxies_)
    for (auto& [name, handle] : all) retire(handle);
  for (auto& [node, peer] : peers_)
    for (auto& [number, handle] : peer.askers) retire(handle);
  proxies_.clear();
  peers_.clear();
}

// -- out --------------------------------------------------------------------------------------------------------------

void remote_actors::call(const node_name& node, const actor_name& name, caf::mailbox_element& what) {
  envelope e;
  e.to = name;
  e.request = number_of_question(what.content());
  if (what.sender) e.address = address_of(what.sender);
  const bool expects = e.request != 0 && e.address != 0;
  const question asked{e.address, e.request};
  if (expects) { // before it is sent: the answer may be here before send() is back
    std::lock_guard guard{mutex_};
    peers_[node].open.insert(asked);
  }
  if (send(node, what, std::move(e)) || !expects) return;
  {
    std::lock_guard guard{mutex_};
    if (peers_[node].open.erase(asked) == 0) return; // down() was faster and has told
  }
  say_unanswered(what.sender, asked.request);
}

void remote_actors::answer(const node_name& node, std::uint64_t number, caf::mailbox_element& what) {
  envelope e;
  e.address = number;
  e.request = number_of_answer(what.content());
  (void)send(node, what, std::move(e)); // a peer that went down has told whoever asked
}

bool remote_actors::send(const node_name& node, const caf::mailbox_element& what, envelope e) {
  std::vector<char> content;
  caf::binary_serializer sink{system_, content};
  auto message = what.copy_content_to_message();
  if (sink(message)) {
    unreadable_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  e.content.assign(content.data(), content.size());
  std::string frame;
  frame.reserve(content.size() + 96);
  wire::encode(e, frame);
  const bool is_taken = link_ && link_->send(node, what.mid.is_urgent_message() ? lane::control : lane::order, frame);
  (is_taken ? sent_ : bounced_).fetch_add(1, std::memory_order_relaxed);
  return is_taken;
}

std::uint64_t remote_actors::address_of(const caf::strong_actor_ptr& sender) {
  std::lock_guard guard{mutex_};
  auto& known = addresses_[sender->id()];
  if (known.number == 0) {
    known = {++last_address_, caf::actor_cast<caf::weak_actor_ptr>(sender)};
    by_number_[known.number] = known.who;
    const auto number = known.number;
    if (addresses_.size() >= addresses_checked_at_) forget_addresses();
    return number;
  }
  return known.number;
}

/// Under `mutex_`. Actors that are gone ask no more.
void remote_actors::forget_addresses() {
  std::erase_if(addresses_, [&](const auto& item) {
    if (item.second.who.lock()) return false;
    by_number_.erase(item.second.number);
    return true;
  });
  addresses_checked_at_ = std::max<std::size_t>(1024, 2 * addresses_.size());
}

caf::strong_actor_ptr remote_actors::at_address(std::uint64_t number) const {
  std::lock_guard guard{mutex_};
  const auto at = by_number_.find(number);
  return at == by_number_.end() ? nullptr : at->second.lock();
}

// -- in ---------------------------------------------------------------------------------------------------------------

void remote_actors::received(const node_name& from, lane l, std::string_view frame) {
  auto e = wire::decode<envelope>(frame);
  caf::message content;
  if (e) {
    caf::binary_deserializer source{system_, e->content.data(), e->content.size()};
    if (source(content) || content.empty()) e = fail(errc::malformed, "no message we know");
  }
  if (!e) {
    unreadable_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  received_.fetch_add(1, std::memory_order_relaxed);
  if (e->to.value.empty()) deliver_answer(from, l, *e, std::move(content));
  else deliver_call(from, l, *e, std::move(content));
}

void remote_actors::deliver_call(const node_name& from, lane l, const envelope& e, caf::message content) {
  auto sender = e.address != 0 ? asker_at(from, e.address) : nullptr;
  const auto target = behind(names_.ref(e.to));
  // Nobody of that name is here; whoever stands in for it here would send it round in circles.
  if (!target || dynamic_cast<stand_in*>(caf::actor_cast<caf::abstract_actor*>(target))) return say_unanswered(sender, e.request);
  const auto priority = l == lane::control ? caf::message_priority::high : caf::message_priority::normal;
  target->enqueue(std::move(sender), caf::make_message_id(priority), std::move(content), nullptr);
}

void remote_actors::deliver_answer(const node_name& from, lane l, const envelope& e, caf::message content) {
  auto to = at_address(e.address);
  if (e.request != 0) {
    std::lock_guard guard{mutex_};
    peers_[from].open.erase({e.address, e.request});
  }
  if (!to) return;
  const auto priority = l == lane::control ? caf::message_priority::high : caf::message_priority::normal;
  to->enqueue(nullptr, caf::make_message_id(priority), std::move(content), nullptr);
}

caf::strong_actor_ptr remote_actors::asker_at(const node_name& from, std::uint64_t number) {
  std::lock_guard guard{mutex_};
  auto& known = peers_[from].askers[number];
  if (!known) known = make<asker>(from, number);
  return known;
}

// -- sessions ---------------------------------------------------------------------------------------------------------

void remote_actors::up(const greeting& peer) {
  if (on_up) on_up(peer);
}

void remote_actors::down(const node_name& peer, const std::string& why) {
  known_peer lost;
  {
    std::lock_guard guard{mutex_};
    std::swap(lost, peers_[peer]);
  }
  for (auto& [number, handle] : lost.askers) caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  for (const auto& q : lost.open) say_unanswered(at_address(q.address), q.request);
  if (on_down) on_down(peer, why);
}

} // namespace troupe::cluster
