#include "runtime/actor/caf_inspect.hpp"
#include "runtime/cluster/remote_actors.hpp"

#include "runtime/actor/unanswered.hpp"
#include "runtime/wire/foreign_clock.hpp"
#include "runtime/wire/wire.hpp"

#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <algorithm>
#include <thread>

namespace troupe::cluster {
namespace {

/// Longer than anybody waits for an answer: no deadline is later than a minute.
constexpr nanoseconds answer_age_max = std::chrono::seconds{90};
constexpr nanoseconds questions_look_interval = std::chrono::seconds{10};

/// The number that an answer brings.
std::uint64_t number_of_answer(const caf::type_erased_tuple& content) {
  if (content.empty()) return 0;
  if (content.match_element<std::uint64_t>(0)) return content.get_as<std::uint64_t>(0);
  return content.match_element<actor::unanswered>(0) ? content.get_as<actor::unanswered>(0).number : 0;
}

/// The names of the types in a serialised message, which begins with them: [u16 0][size]"@<>+first+second"; nothing when it does not.
std::vector<std::string_view> types_in(std::string_view content) {
  content.remove_prefix(std::min<std::size_t>(2, content.size()));
  std::size_t size = 0;
  for (int shift = 0;; shift += 7) {
    if (content.empty() || shift > 28) return {};
    const auto b = static_cast<unsigned char>(content.front());
    content.remove_prefix(1);
    size |= static_cast<std::size_t>(b & 0x7f) << shift;
    if (!(b & 0x80)) break;
  }
  if (size > content.size() || !content.starts_with("@<>+")) return {};
  auto names = content.substr(4, size - 4);
  std::vector<std::string_view> all;
  for (;;) {
    const auto plus = names.find('+');
    all.push_back(names.substr(0, plus));
    if (plus == std::string_view::npos) return all;
    names.remove_prefix(plus + 1);
  }
}

/// Of CAF's own types only the number of an answer travels.
bool is_ours(std::string_view type) { return type == "@u64" || !type.starts_with('@'); }

/// Market data and what projections read anyway: everything else is somebody's order or answer.
bool is_data(const std::vector<std::string_view>& types) {
  return types.size() == 1 && (!types[0].starts_with("actor.") || types[0].starts_with("actor.published"));
}

caf::strong_actor_ptr behind(const caf::strong_actor_ptr& ref) {
  return static_cast<actor::stable_ref*>(caf::actor_cast<caf::abstract_actor*>(ref))->target();
}

/// Control overtakes in the mailbox as it does on the way.
caf::message_id message_id_of(lane l) {
  return caf::make_message_id(l == lane::control ? caf::message_priority::high : caf::message_priority::normal);
}

} // namespace

/// Takes messages for somebody else, in the sender's thread.
class remote_actors::stand_in : public caf::monitorable_actor {
public:
  stand_in(caf::actor_config& config, remote_actors& all, const node_name& node)
      : caf::monitorable_actor(config), all_{&all}, node_{node}, gate_{all.gate_} {
    register_at_system();
  }

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    if (what->content().match_elements<caf::exit_msg>()) return; // an exit of ours is no exit of theirs
    ++gate_->passing;
    if (gate_->is_closed || is_retired_) actor::say_unanswered(what->sender, actor::number_of_question(what->content()));
    else pass(*what);
    --gate_->passing;
  }
  /// `handle` is of one of ours, or null.
  static void retire(const caf::strong_actor_ptr& handle) {
    if (handle) static_cast<stand_in*>(caf::actor_cast<caf::abstract_actor*>(handle))->retire();
  }
  void retire() {
    if (!is_retired_.exchange(true) && cleanup(caf::exit_reason::user_shutdown, nullptr)) unregister_from_system();
  }
  void on_destroy() override {
    if (getf(is_cleaned_up_flag)) return;
    cleanup(caf::exit_reason::unreachable, nullptr);
    caf::monitorable_actor::on_destroy();
    unregister_from_system();
  }

protected:
  virtual void pass(caf::mailbox_element& what) = 0;
  remote_actors* all_; // only while the gate is open
  const node_name node_;

private:
  const std::shared_ptr<gate> gate_;
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

/// Under `mutex_`. Whoever still runs asks for stand-ins behind clear(): nobody would retire those, and the system would wait for them.
template <class Kind, class... Args>
caf::strong_actor_ptr remote_actors::make(Args&&... args) {
  caf::actor_config config;
  auto made = caf::make_actor<Kind, caf::strong_actor_ptr>(system_.next_actor_id(), system_.node(), &system_, config, *this, std::forward<Args>(args)...);
  if (gate_->is_closed) stand_in::retire(made);
  return made;
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

remote_actors::remote_actors(caf::actor_system& system, actor::directory& names, std::uint64_t boot, actor::hybrid_clock* clock)
    : system_{system}, names_{names}, clock_{clock}, last_address_{boot << 24} {}

void remote_actors::clear() {
  gate_->is_closed = true;
  while (gate_->passing != 0) std::this_thread::yield();
  std::vector<caf::strong_actor_ptr> all;
  std::map<node_name, known_peer> peers;
  {
    std::lock_guard guard{mutex_};
    for (auto& [node, proxies] : std::exchange(proxies_, {}))
      for (auto& [name, handle] : proxies) all.push_back(std::move(handle));
    std::swap(peers, peers_);
  }
  for (auto& [node, peer] : peers) {
    for (auto& [number, handle] : peer.askers) all.push_back(handle.lock());
    for (const auto& [q, at] : peer.open) actor::say_unanswered(at_address(q.address), q.request);
  }
  for (const auto& handle : all) stand_in::retire(handle);
}

// -- out --------------------------------------------------------------------------------------------------------------

void remote_actors::call(const node_name& node, const actor_name& name, caf::mailbox_element& what) {
  give_up_old_questions();
  envelope e;
  e.to = name;
  e.request = actor::number_of_question(what.content());
  if (what.sender) e.address = address_of(what.sender);
  const bool expects = e.request != 0 && e.address != 0;
  const question asked{e.address, e.request};
  if (expects) { // before it is sent: the answer may be here before send() is back
    std::lock_guard guard{mutex_};
    peers_[node].open[asked] = system_.clock().now();
  }
  if (send(node, what, std::move(e)) || !expects) return;
  {
    std::lock_guard guard{mutex_};
    if (peers_[node].open.erase(asked) == 0) return; // down() was faster and has told
  }
  actor::say_unanswered(what.sender, asked.request);
}

/// A question that expired over there, or lies with an actor that hangs, gets no answer. Whoever asked it is told as of a down; an answer that comes
/// after all finds nobody.
void remote_actors::give_up_old_questions() {
  const auto now = system_.clock().now();
  auto due = look_at_questions_at_.load(std::memory_order_relaxed);
  if (now < due || !look_at_questions_at_.compare_exchange_strong(due, now + questions_look_interval)) return;
  std::vector<question> old;
  {
    std::lock_guard guard{mutex_};
    for (auto& [node, peer] : peers_)
      std::erase_if(peer.open, [&](const auto& item) {
        if (now - item.second < answer_age_max) return false;
        old.push_back(item.first);
        return true;
      });
  }
  for (const auto& q : old) actor::say_unanswered(at_address(q.address), q.request);
}

/// What cannot leave (too large, a full queue) is told. A peer that is down has told whoever asked.
void remote_actors::answer(const node_name& node, std::uint64_t number, caf::mailbox_element& what) {
  envelope e;
  e.address = number;
  e.request = number_of_answer(what.content());
  if (!send(node, what, e) && e.request != 0) tell_unanswered(node, std::move(e));
}

/// Over there, in the lane that has room.
void remote_actors::tell_unanswered(const node_name& node, envelope e) {
  const caf::mailbox_element_vals<actor::unanswered> told{nullptr, caf::make_message_id(caf::message_priority::high), {},
                                                         actor::unanswered{e.request}};
  (void)send(node, told, std::move(e));
}

bool remote_actors::send(const node_name& node, const caf::mailbox_element& what, envelope e) {
  std::vector<char> content;
  caf::binary_serializer sink{system_, content};
  auto message = what.copy_content_to_message();
  if (message.empty() || sink(message)) {
    unreadable_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  e.content.assign(content.data(), content.size());
  if (clock_) e.hybrid_time = clock_->last();
  const auto l = what.mid.is_urgent_message() ? lane::control : is_data(types_in(e.content)) ? lane::data : lane::order;
  auto* const carrier = link_.load();
  const bool is_taken = carrier && post(*carrier, node, l, std::move(e));
  (is_taken ? sent_ : bounced_).fetch_add(1, std::memory_order_relaxed);
  return is_taken;
}

/// Between two actors nothing overtakes what goes in pieces but control. Behind its last piece another lane may be quicker: whoever must
/// not miss anything (effects, relays) numbers what it sends.
bool remote_actors::post(link& carrier, const node_name& node, lane l, envelope e) {
  const bool fits = e.content.size() <= piece_bytes;
  if (fits && (l == lane::control || !bulk_.must_wait(node, e))) return carrier.send(node, l, frame_of(e));
  if (!bulk_.put(node, std::move(e))) return false;
  push_bulk(carrier, node);
  return true;
}

/// Whoever waits for what the link does not take is told.
void remote_actors::push_bulk(link& carrier, const node_name& node) {
  for (auto& e : bulk_.push(carrier, node)) {
    bounced_.fetch_add(1, std::memory_order_relaxed);
    if (e.request == 0) continue;
    if (e.to.value.empty()) tell_unanswered(node, std::move(e));
    else if (close_question(node, e)) actor::say_unanswered(at_address(e.address), e.request);
  }
}

void remote_actors::written(const node_name& to, lane l) {
  if (auto* const carrier = link_.load(); carrier && l == lane::data) push_bulk(*carrier, to);
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

void remote_actors::received(const node_name& from, lane l, std::string_view frame, nanoseconds ours_ahead) {
  const wire::foreign_clock theirs{ours_ahead};
  auto read = wire::decode<envelope>(frame);
  if (!read) {
    unreadable_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (clock_) clock_->saw(read->hybrid_time);
  const auto e = whole(from, l, std::move(*read));
  if (!e) return;
  caf::message content;
  const auto types = types_in(e->content);
  bool is_readable = !types.empty() && std::ranges::all_of(types, is_ours);
  if (is_readable) {
    caf::binary_deserializer source{system_, e->content.data(), e->content.size()};
    is_readable = !source(content) && !content.empty();
  }
  if (!is_readable) return refuse(from, *e);
  received_.fetch_add(1, std::memory_order_relaxed);
  if (e->to.value.empty()) deliver_answer(from, l, *e, std::move(content));
  else deliver_call(from, l, *e, std::move(content));
}

/// The content with all its pieces; nothing while some are to come. One that is not completed is given up when another begins.
std::optional<envelope> remote_actors::whole(const node_name& from, lane l, envelope e) {
  if (!e.is_rest() && e.more == 0) return e;
  std::optional<envelope> given_up, done;
  {
    std::lock_guard guard{mutex_};
    auto& begun = peers_[from].begun[static_cast<std::size_t>(l)];
    if (!e.is_rest()) {
      given_up = std::exchange(begun, std::move(e));
    } else if (begun && begun->more == e.more + 1 && begun->content.size() + e.content.size() <= content_bytes_max) {
      begun->content += e.content;
      begun->more = e.more;
      if (e.more == 0) done = std::exchange(begun, std::nullopt);
    } else {
      given_up = std::exchange(begun, std::nullopt);
    }
  }
  if (given_up) refuse(from, *given_up);
  return done;
}

/// Whoever waits for it is told that it will not come.
void remote_actors::refuse(const node_name& from, const envelope& e) {
  unreadable_.fetch_add(1, std::memory_order_relaxed);
  if (e.request == 0) return;
  if (!e.to.value.empty()) {
    if (e.address != 0) actor::say_unanswered(asker_at(from, e.address), e.request);
  } else if (close_question(from, e)) {
    actor::say_unanswered(at_address(e.address), e.request);
  }
}

/// False: we did not ask that, or have been told already.
bool remote_actors::close_question(const node_name& from, const envelope& e) {
  std::lock_guard guard{mutex_};
  return peers_[from].open.erase({e.address, e.request}) == 1;
}

void remote_actors::deliver_call(const node_name& from, lane l, const envelope& e, caf::message content) {
  auto sender = e.address != 0 ? asker_at(from, e.address) : nullptr;
  const auto target = behind(names_.ref(e.to));
  // Nobody of that name is here; whoever stands in for it here would send it round in circles.
  if (!target || dynamic_cast<stand_in*>(caf::actor_cast<caf::abstract_actor*>(target))) return actor::say_unanswered(sender, e.request);
  target->enqueue(std::move(sender), message_id_of(l), std::move(content), nullptr);
}

void remote_actors::deliver_answer(const node_name& from, lane l, const envelope& e, caf::message content) {
  if (e.request != 0 && !close_question(from, e)) return;
  if (const auto to = at_address(e.address)) to->enqueue(nullptr, message_id_of(l), std::move(content), nullptr);
}

caf::strong_actor_ptr remote_actors::asker_at(const node_name& from, std::uint64_t number) {
  std::lock_guard guard{mutex_};
  auto& peer = peers_[from];
  if (const auto known = peer.askers.find(number); known != peer.askers.end())
    if (auto alive = known->second.lock()) return alive;
  if (peer.askers.size() >= peer.askers_checked_at) {
    std::erase_if(peer.askers, [](const auto& item) { return item.second.lock() == nullptr; });
    peer.askers_checked_at = std::max<std::size_t>(1024, 2 * peer.askers.size());
  }
  auto made = make<asker>(from, number);
  peer.askers[number] = caf::actor_cast<caf::weak_actor_ptr>(made);
  return made;
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
  if (on_down) on_down(peer, why); // before anybody learns that there is no answer, and asks why
  bulk_.forget(peer);
  for (auto& [number, handle] : lost.askers) stand_in::retire(handle.lock());
  for (const auto& [q, at] : lost.open) actor::say_unanswered(at_address(q.address), q.request);
}

} // namespace troupe::cluster
