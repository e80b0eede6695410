#pragma once
// The shell: one CAF actor that hosts any core. It decides, evolves at once, appends to the journal, and releases what
// leaves the turn (answers, effects, acknowledgements, events for projections) only when the turn is durable. Built from
// a recovered state, never from nothing: the loader runs before the actor is born.

#include "runtime/actor/answering.hpp"
#include "runtime/actor/deposed_writers.hpp"
#include "runtime/actor/handle.hpp"
#include "runtime/actor/held.hpp"
#include "runtime/actor/last_answers.hpp"
#include "runtime/actor/looked_up_rows.hpp"
#include "runtime/actor/outgoing.hpp"
#include "runtime/actor/recover.hpp"
#include "runtime/actor/retire.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/actor/shell_options.hpp"
#include "runtime/actor/turn_line.hpp"
#include "runtime/actor/unflushed_rows.hpp"

#include <boost/mp11.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace troupe::actor {

template <class Core>
using shell_handle = typename handle_of<typename Core::protocol>::template extend<
  caf::reacts_to<delivered>, caf::reacts_to<journaled>, caf::reacts_to<resend_due>, caf::reacts_to<tick_due>,
  caf::reacts_to<unanswered>, caf::reacts_to<retire>, caf::reacts_to<ping>, caf::reacts_to<fault_command>, caf::reacts_to<context, inspect_request>>;

template <class Core, class Wiring = plain_wiring>
class shell : public last_answers<typename shell_handle<Core>::base> {
public:
  using base = typename shell_handle<Core>::base;
  using behavior_type = typename base::behavior_type;
  using output = turn_output<typename Core::event, typename Core::inputs>;

  shell(caf::actor_config& config, Core core, recovered<Core> from, shell_options options, Wiring wiring = {})
    : last_answers<base>(config), core_{std::move(core)}, options_{std::move(options)}, wiring_{std::move(wiring)},
      head_{from.head}, name_{from.head.stream}, state_{std::move(from.state)}, durable_{from.head.sequence}, began_{from.head.sequence},
      published_{from.head.sequence}, next_snapshot_{from.snapshot + options_.snapshot_interval},
      text_name_{name_.value.str()}, pulse_{options_.node->pulses->of(name_)} {
    pulse_->sequence = head_.sequence;
    pulse_->durable = durable_;
    hybrid().saw(from.hybrid_time);
    this->set_exception_handler([this](std::exception_ptr& thrown) {
      options_.node->log(name_, cause_, "error", "a handler threw: " + words_of(thrown));
      return end_by(*this, thrown);
    });
  }

  const char* name() const override { return text_name_.c_str(); }

  behavior_type make_behavior() override {
    send_effects();
    if constexpr (requires { wiring_.started(*this); }) wiring_.started(*this);
    return build(typename Core::protocol{});
  }

  void on_exit() override {
    for (const auto& h : held_) say_unanswered(h.to, h.number); // the outcome may be durable: unknown, never rejected
    held_.clear();
    if constexpr (requires { wiring_.stopped(*this); }) wiring_.stopped(*this);
    acks_.clear();
  }

  // -- for the wiring -------------------------------------------------------------------------------------------------

  [[nodiscard]] const Core& core() const noexcept { return core_; }
  [[nodiscard]] const typename Core::state& state() const noexcept { return state_.core; }
  [[nodiscard]] typename Core::view& view() noexcept { return view_; }
  [[nodiscard]] environment& node() noexcept { return *options_.node; }
  [[nodiscard]] journal::journal& store() noexcept { return *options_.journal; }
  [[nodiscard]] const actor_name& stream() const noexcept { return name_; }
  [[nodiscard]] std::uint64_t epoch() const noexcept { return head_.epoch; }
  /// True when the state holds nothing that a crash could take back.
  [[nodiscard]] bool is_durable() const noexcept { return durable_ >= head_.sequence; }
  /// Effects that `receiver` has not acknowledged.
  [[nodiscard]] std::size_t unacknowledged(const actor_name& receiver) const {
    auto it = state_.outboxes.find(receiver);
    return it == state_.outboxes.end() ? 0 : static_cast<std::size_t>(it->second.pending.end() - outgoing<Core>::first_open(it->second));
  }
  /// Up to where `receiver` has acknowledged effects.
  [[nodiscard]] std::uint64_t acknowledged(const actor_name& receiver) const {
    auto it = state_.outboxes.find(receiver);
    return it == state_.outboxes.end() ? 0 : it->second.acknowledged;
  }
  /// How far the effects of `from` are folded.
  [[nodiscard]] inbox_position folded(const actor_name& from) const {
    auto it = state_.inboxes.find(from);
    return it == state_.inboxes.end() ? inbox_position{} : it->second;
  }
  /// Calls wiring.tick(shell, id) once, after `d`.
  void tick_after(std::uint32_t id, nanoseconds d) { this->delayed_send(this, d, tick_due{id}); }
  template <class... Ts>
  void send_named(const actor_name& to, lane l, Ts&&... xs) {
    send_to(*this, peer(to), l, std::forward<Ts>(xs)...);
  }
  /// What speaks of the state as it is now: sent when all of that is durable, behind the answers before it.
  template <class... Ts>
  void send_named_when_durable(const actor_name& to, lane l, Ts&&... xs) {
    if (is_durable()) return send_named(to, l, std::forward<Ts>(xs)...);
    held_.push_back({head_.sequence, 0, peer(to), caf::make_message(std::forward<Ts>(xs)...), {}, l});
    urgent_ = true;
  }
  /// Decides an ask that was postponed. With `may_wait` the core may postpone it again.
  template <class R, class C>
  void take_up(const postponed<C>& p, bool may_wait) {
    decide_ask<R>(p.asked, p.command, p.from, may_wait ? std::optional{p.until} : std::nullopt);
  }

private:
  // -- the protocol's handlers ----------------------------------------------------------------------------------------

  template <class... Ops>
  behavior_type build(protocol<Ops...>) {
    return {on(Ops{})...,
            [this](const delivered& d) {
              handling scope{*pulse_, *this};
              on_delivered(d.receiver, d.sequence);
            },
            [this](journaled& j) { on_journaled(j); },
            [this](const resend_due&) { on_resend(); },
            [this](const tick_due& t) {
              handling scope{*pulse_, *this};
              if constexpr (requires { wiring_.tick(*this, t.id); }) wiring_.tick(*this, t.id);
            },
            [](const unanswered&) {}, // a wiring that asks does so again by its own clock
            [this](retire) {
              handling scope{*pulse_, *this};
              retires_ = true;
              leave_when_done();
            },
            [this](const ping& p) { on_ping(p); },
            [this](const fault_command& f) {
              handling scope{*pulse_, *this};
              if (options_.node->faults_allowed) suffer(f.what, *this);
            },
            [this](const context& c, const inspect_request& r) { on_inspect(c, r); }};
  }

  template <class C, class R>
  auto on(ask<C, R>) {
    return [this](const context& ctx, const C& command) {
      handling scope{*pulse_, *this};
      std::optional<boot_ns> wait_until;
      if constexpr (requires { wiring_.may_wait(ctx, command); })
        if (wiring_.may_wait(ctx, command)) wait_until = boot_ns{};
      decide_ask<R>(ctx, command, this->current_sender(), wait_until, scope.began());
    };
  }

  /// Without `wait_until` it is decided now, whatever comes.
  template <class R, class C>
  void decide_ask(const context& ctx, const C& command, const caf::strong_actor_ptr& from, std::optional<boot_ns> wait_until,
                  std::chrono::steady_clock::time_point began = {}) {
    if (is_expired(ctx)) return;
    before(command, ctx.cause);
    auto turn_ctx = turn_now(ctx);
    turn_ctx.may_wait = wait_until.has_value();
    look_up(command, turn_ctx);
    out_.events.clear();
    out_.inputs = {};
    out_.record = out_.waits = false;
    R reply = core_.decide(state_.core, view_, command, turn_ctx, out_);
    if constexpr (requires { wiring_.postpone(*this, postponed<C>{}); })
      if (out_.waits) return wiring_.postpone(*this, postponed<C>{ctx, command, from, *wait_until});
    const bool recorded = !out_.events.empty() || (out_.record && turn_ctx.has_space); // the last of the disk is for what changes something
    evolve_from(0, ctx.cause);
    if (recorded) record(turn_ctx, {}, command, out_.events.empty() ? wire::to_json(reply) : std::string{});
    answer(ctx, std::move(reply), from, began);
    ship();
  }

  template <class C>
  auto on(tell<C>) {
    return [this](const context& ctx, const C& command) {
      handling scope{*pulse_, *this};
      if (is_expired(ctx)) return;
      before(command, ctx.cause);
      decide_silently(ctx, {}, command, command);
    };
  }

  template <class I>
  auto on(watches<I>) {
    return [this](const I& input) {
      handling scope{*pulse_, *this};
      context ctx;
      if constexpr (requires { cause_of(input); }) ctx.cause = cause_of(input);
      trace(input, ctx.cause);
      decide_silently(ctx, {}, input, cited{});
      if (auto from = this->current_sender())
        from->enqueue(nullptr, caf::make_message_id(), caf::make_message(credit{name_}), this->context());
    };
  }

  template <class V>
  auto on(answers<V>) {
    return [this](std::uint64_t number, const V& answered) {
      handling scope{*pulse_, *this};
      if constexpr (requires { wiring_.accept(*this, answered); })
        if (!wiring_.accept(*this, answered)) return;
      context ctx;
      ctx.cause = {text<23>::make(name_.value.view().substr(0, 23)).value_or(text<23>{}), number}; // we asked
      trace(answered, ctx.cause);
      if constexpr (requires { wiring_.covered(*this, answered); }) decide_silently(ctx, wiring_.covered(*this, answered), answered, answered);
      else decide_silently(ctx, {}, answered, answered);
    };
  }

  template <class I>
  auto on(observes<I>) {
    return [this](std::uint64_t, const I& input) {
      handling scope{*pulse_, *this};
      before(input, {});
      core_.observe(view_, input);
    };
  }

  template <class E>
  auto on(receives<E>) {
    return [this](const inbox<E>& in) {
      handling scope{*pulse_, *this};
      on_inbox(in);
    };
  }

  template <class Q, class V>
  auto on(query<Q, V>) {
    return [this](const context& ctx, const Q& q) {
      handling scope{*pulse_, *this};
      if (is_expired(ctx)) return;
      before(q, ctx.cause);
      if constexpr (requires { core_.answer(state_.core, view_, q, turn_now(ctx)); }) {
        auto asked = turn_now(ctx);
        look_up(q, asked);
        answer(ctx, V{core_.answer(state_.core, view_, q, asked)});
      } else
        answer(ctx, V{core_.answer(state_.core, view_, q)});
    };
  }

  // -- turns ----------------------------------------------------------------------------------------------------------

  template <class C>
  void trace(const C& message, const cause_id& cause) {
    if (options_.node->is_logged(name_, "trace")) options_.node->log(name_, cause, "trace", "takes " + message_line(wire::type_of<C>(), &message));
  }

  template <class C>
  void before(const C& command, const cause_id& cause) {
    trace(command, cause);
    if constexpr (requires { wiring_.before(*this, command); }) wiring_.before(*this, command);
  }

  turn_context turn_now(const context& ctx) {
    turn_context t;
    t.message = ctx;
    cause_ = ctx.cause;
    t.decided_at = options_.node->clock->now();
    t.decided_boot = options_.node->clock->boot();
    t.sequence = head_.sequence + 1;
    t.epoch = head_.epoch;
    t.has_space = options_.journal->has_space();
    decided_boot_ = t.decided_boot;
    return t;
  }

  bool is_expired(const context& ctx) {
    if (ctx.deadline == boot_ns{} || options_.node->clock->boot() <= ctx.deadline) return false;
    count(pulse_->expired);
    return true;
  }

  /// What a command may be about and is finished: by this turn or another that is still on its way to the disk, or in a table.
  template <class C>
  void look_up(const C& command, turn_context& at) {
    looked_up_.put(core_, state_.core, command, at, [this](const lookup& l) { return read_row(l.table, l.key); });
  }

  std::optional<std::string> read_row(const std::string& table, const std::string& key) {
    if (const auto* value = unflushed_.find(table, key)) return *value;
    patience_scope patient{*pulse_, disk_patience};
    auto row = options_.journal->get(table, key);
    if (!row) { // deciding without it could open the same order twice
      this->quit(caf::make_error(caf::sec::runtime_error, to_string(row.error())));
      throw std::runtime_error("look-up failed: " + to_string(row.error()));
    }
    return *std::move(row);
  }

  /// Folds events `from`.. of the current output into the state and collects what they cause.
  void evolve_from(std::size_t from, const cause_id& cause) {
    archive open{rows_};
    const auto sequence = head_.sequence + 1;
    const auto rows_before = rows_.size();
    for (std::size_t i = from; i < out_.events.size(); ++i) {
      core_.evolve(state_.core, out_.events[i], open);
      core_.react(state_.core, out_.events[i], [&](const actor_name& receiver, auto&& effect) {
        state_.outboxes[receiver].pending.push_back(
          {sequence, typename Core::effect{std::forward<decltype(effect)>(effect)}, cause, decided_boot_});
        count(pulse_->effects);
        urgent_ = true;
      });
    }
    for (auto i = rows_before; i < rows_.size(); ++i) unflushed_.put(sequence, rows_[i].table, rows_[i].key, rows_[i].value);
  }

  template <class C, class Recorded>
  void decide_silently(const context& ctx, std::optional<inbox_mark> mark, const C& command, Recorded recorded) {
    auto turn_ctx = turn_now(ctx);
    look_up(command, turn_ctx);
    out_.events.clear();
    out_.inputs = {};
    out_.record = false;
    core_.decide(state_.core, view_, command, turn_ctx, out_);
    if (out_.events.empty() && !out_.record) return;
    evolve_from(0, ctx.cause);
    record(turn_ctx, std::move(mark), std::move(recorded), {});
    ship();
  }

  template <class E>
  void on_inbox(const inbox<E>& in) {
    if (in.delivered != 0) on_delivered(in.from, in.delivered);
    if constexpr (requires { wiring_.holds_off(in.from); })
      if (wiring_.holds_off(in.from)) return;
    auto& position = state_.inboxes[in.from];
    if (in.epoch < position.epoch) return deposed_.tell(*options_.node, name_, in.from, in.epoch, position.epoch);
    const auto folded = folded_of(in, position);
    if (in.items.empty() || in.previous > folded) return; // a hole: the sender repeats what is missing
    if (in.items.back().sequence <= folded) { // all seen: the acknowledgement was lost
      count(pulse_->duplicates, in.items.size());
      return acknowledge(in.from, folded);
    }
    if (folded != position.sequence)
      options_.node->log(name_, first_new(in, folded).cause, "warn", "effects of " + in.from.value.str() + " are taken behind its turn " + std::to_string(folded) + " again: heard were " +
                                              std::to_string(position.sequence) + ", and one of the two journals is older than that");
    options_.node->crash_point("inbox.before_decide");
    context ctx; // the turn's cause is that of the first effect it folds; the mark names the sender's turns
    ctx.cause = first_new(in, folded).cause;
    ctx.principal.value = text<32>::make(in.from.value.view().substr(0, 32)).value_or(text<32>{});
    auto turn_ctx = turn_now(ctx);
    out_.events.clear();
    out_.inputs = {};
    out_.record = false;
    batch<E> taken;
    taken.items.reserve(in.items.size());
    out_.events.reserve(in.items.size());
    for (const auto& item : in.items) {
      if (item.sequence <= folded) continue;
      before(item.effect, item.cause);
      look_up(item.effect, turn_ctx);
      turn_ctx.asked_boot = item.asked_boot;
      const auto already = out_.events.size();
      core_.decide(state_.core, view_, item.effect, turn_ctx, out_);
      evolve_from(already, item.cause);
      taken.items.push_back(item.effect);
    }
    const auto folded_upto = in.items.back().sequence;
    record(turn_ctx, inbox_mark{in.from, in.epoch, folded_upto}, std::move(taken), {});
    acknowledge(in.from, folded_upto);
    ship();
  }

  /// Up to where effects of the sender are folded. What was heard above the place where its epoch began is of a life that was lost with its journal; what
  /// we have acknowledged and do not hold was lost with ours, and nobody can send it again.
  template <class E>
  std::uint64_t folded_of(const inbox<E>& in, const inbox_position& heard) {
    if constexpr (requires { wiring_.catches_up_with(in.from); })
      if (wiring_.catches_up_with(in.from)) return heard.sequence;
    const auto ours = in.epoch > heard.epoch ? std::min(heard.sequence, in.began) : heard.sequence;
    return std::max(ours, in.acknowledged);
  }

  template <class E>
  static const typename inbox<E>::item& first_new(const inbox<E>& in, std::uint64_t folded) {
    return *std::find_if(in.items.begin(), in.items.end(), [&](const auto& item) { return item.sequence > folded; });
  }

  /// Puts the turn into the open batch. The chain hash is computed here, in the owner's thread.
  template <class C>
  void record(const turn_context& at, std::optional<inbox_mark> mark, C command, std::string refusal) {
    ++head_.sequence;
    turn_.principal = at.message.principal;
    turn_.request = at.message.request;
    turn_.decided_at = at.decided_at;
    turn_.decided_boot = at.decided_boot;
    turn_.inbox = std::move(mark);
    if (turn_.inbox) state_.inboxes[turn_.inbox->from] = {turn_.inbox->epoch, turn_.inbox->sequence};
    turn_.command.template emplace<C>(std::move(command));
    turn_.inputs = std::move(out_.inputs);
    turn_.events.swap(out_.events);
    turn_.refusal = std::move(refusal);
    if (!turn_.refusal.empty()) count(pulse_->refused);
    payload_.clear();
    wire::encode(turn_, payload_);
    if (options_.node->is_logged(name_, "debug"))
      options_.node->log(name_, cause_, "debug", "turn " + std::to_string(head_.sequence) + ": " + turn_line(wire::type_of<turn<Core>>(), &turn_));
    journal::record_header header;
    header.stream = name_;
    header.sequence = head_.sequence;
    header.epoch = head_.epoch;
    header.schema = turn_schema<Core>();
    header.hybrid_time = hybrid().next(at.decided_at);
    header.cause = at.message.cause;
    header.previous = head_.chain;
    for (const auto& receiver : moved_) header.acknowledged.push_back({receiver, state_.outboxes[receiver].acknowledged});
    moved_.clear();
    if (batch_.records.empty()) {
      batch_.stream = name_;
      batch_.epoch = head_.epoch;
      batch_.first_sequence = head_.sequence;
    }
    auto& bytes = batch_.records.emplace_back();
    bytes.reserve(payload_.size() + 192);
    journal::encode_record(header, payload_, bytes);
    head_.chain = sha256(bytes);
    if (batch_.side.empty()) batch_.side.reserve(rows_.size());
    for (auto& row : rows_) batch_.side.push_back({std::move(row.table), std::move(row.key), std::move(row.value)});
    rows_.clear();
    if (keeps_events()) unpublished_.push_back({head_.sequence, at.message.cause, std::move(turn_.events)});
    turn_.events.clear();
    count(pulse_->turns);
    pulse_->sequence.store(head_.sequence, std::memory_order_relaxed);
    if (options_.snapshot_interval != 0 && head_.sequence >= next_snapshot_) take_snapshot();
  }

  void take_snapshot() {
    next_snapshot_ = head_.sequence + options_.snapshot_interval;
    journal::snapshot s;
    s.sequence = head_.sequence;
    s.chain = head_.chain;
    s.schema = state_schema<Core>();
    drop_acknowledged();
    wire::encode(state_, s.state);
    batch_.state = std::move(s);
  }

  // -- to the journal and back ----------------------------------------------------------------------------------------

  void ship() {
    static constexpr int batches_open_max = 2; // one at the disk, one behind it; more gains nothing (measured)
    if (batch_.records.empty()) return;
    if (in_flight_ >= (urgent_ ? batches_open_max : 1)) return; // never two that linger: what is urgent finds a place
    ++in_flight_;
    auto self = caf::actor_cast<caf::strong_actor_ptr>(this);
    options_.node->crash_point("shell.before_append");
    batch_.urgent = std::exchange(urgent_, false) && !options_.is_patient;
    options_.journal->append(std::exchange(batch_, {}), [self](result<std::uint64_t> r) {
      journaled j;
      if (r) j.upto = *r;
      else j.failure = r.error();
      self->enqueue(nullptr, caf::make_message_id(caf::message_priority::high), caf::make_message(std::move(j)), nullptr);
    });
  }

  void on_journaled(journaled& j) {
    handling scope{*pulse_, *this};
    --in_flight_;
    if (j.failure) {
      options_.node->log(name_, cause_, "error", "the journal refused: " + to_string(*j.failure));
      return this->quit(caf::make_error(caf::sec::runtime_error, to_string(*j.failure)));
    }
    durable_ = std::max(durable_, j.upto);
    pulse_->durable.store(durable_, std::memory_order_relaxed);
    options_.node->crash_point("shell.durable");
    release();
    ship();
    leave_when_done();
  }

  /// What was sent before `retire` has been handled; what it brought about is awaited.
  void leave_when_done() {
    if (retires_ && in_flight_ == 0 && is_durable()) this->quit(caf::exit_reason::normal);
  }

  void release() {
    while (!held_.empty() && held_.front().needs <= durable_) {
      auto& h = held_.front();
      if (h.asked_at != std::chrono::steady_clock::time_point{}) pulse_->answering.add(std::chrono::steady_clock::now() - h.asked_at);
      h.to->enqueue(caf::actor_cast<caf::strong_actor_ptr>(this), caf::make_message_id(priority_of(h.in)), std::move(h.content), this->context());
      held_.pop_front();
    }
    options_.node->crash_point("shell.answered");
    for (; !acks_.empty() && acks_.front().needs <= durable_; acks_.pop_front())
      due_acks_[acks_.front().to] = acks_.front().sequence;
    send_effects();
    options_.node->crash_point("shell.effects_sent");
    for (const auto& [to, sequence] : due_acks_) send_to(*this, peer(to), lane::control, delivered{name_, sequence});
    due_acks_.clear();
    unflushed_.forget(durable_);
    publish();
  }

  template <class R>
  void answer(const context& ctx, R reply) { answer(ctx, std::move(reply), this->current_sender()); }

  template <class R>
  void answer(const context& ctx, R reply, caf::strong_actor_ptr to, std::chrono::steady_clock::time_point asked_at = {}) {
    if (!to || ctx.request == 0) return;
    auto content = caf::make_message(ctx.request, std::move(reply));
    if (durable_ >= head_.sequence)
      to->enqueue(caf::actor_cast<caf::strong_actor_ptr>(this), caf::make_message_id(), std::move(content), this->context());
    else {
      held_.push_back({head_.sequence, ctx.request, std::move(to), std::move(content), asked_at});
      urgent_ = true;
    }
  }

  void acknowledge(const actor_name& to, std::uint64_t sequence) {
    if (durable_ >= head_.sequence) send_to(*this, peer(to), lane::control, delivered{name_, sequence});
    else acks_.push_back({head_.sequence, to, sequence});
  }

  // -- effects --------------------------------------------------------------------------------------------------------

  void send_effects() {
    bool waiting = false;
    for (auto at = sending_.begin(); auto& [receiver, box] : state_.outboxes) { // both are in the order of the names
      at = sending_.try_emplace(at, receiver);
      waiting |= (at++)->second.next(box, durable_, send_to_receiver(receiver, box));
    }
    if (waiting && !resend_armed_) {
      resend_armed_ = true;
      this->delayed_send(this, options_.resend_after, resend_due{});
    }
  }

  auto send_to_receiver(const actor_name& receiver, const outbox<Core>& box) {
    return [this, &receiver, &box](auto first, auto last) { send_group(receiver, box, first, last, typename mp_list_of<typename Core::effect>::type{}); };
  }

  template <class V> struct mp_list_of;
  template <class... Es> struct mp_list_of<std::variant<Es...>> { using type = boost::mp11::mp_list<Es...>; };

  /// A receiver takes one kind of effect; the first entry says which.
  template <class Iterator, class... Es>
  void send_group(const actor_name& receiver, const outbox<Core>& box, Iterator first, Iterator last,
                  boost::mp11::mp_list<Es...>) {
    const std::uint64_t previous = first == box.pending.begin() ? box.acknowledged : std::prev(first)->sequence;
    (
      [&] {
        if (!std::holds_alternative<Es>(first->effect)) return;
        inbox<Es> message{name_, head_.epoch, previous, {}, take_due_ack(receiver), began_, box.acknowledged};
        message.items.reserve(static_cast<std::size_t>(last - first));
        for (auto it = first; it != last; ++it) message.items.push_back({it->sequence, std::get<Es>(it->effect), it->cause, it->asked_boot});
        send_to(*this, peer(receiver), lane::order, std::move(message));
      }(),
      ...);
  }

  void on_delivered(const actor_name& receiver, std::uint64_t sequence) {
    if (sequence > durable_) return; // of a life that was lost
    auto it = state_.outboxes.find(receiver);
    if (it == state_.outboxes.end() || sequence <= it->second.acknowledged) return;
    auto& sending = sending_[receiver];
    count(pulse_->acknowledged, sending.acknowledge(it->second, sequence));
    moved_.insert(receiver); // written with the next turn
    sending.next(it->second, durable_, send_to_receiver(receiver, it->second));
  }

  /// Before anybody sees the state.
  void drop_acknowledged() {
    for (auto& [receiver, box] : state_.outboxes) box.pending.erase(box.pending.cbegin(), outgoing<Core>::first_open(box));
  }

  /// What is to be acknowledged to `to` anyway: effects for it carry the number.
  std::uint64_t take_due_ack(const actor_name& to) {
    const auto at = due_acks_.find(to);
    if (at == due_acks_.end()) return 0;
    const auto sequence = at->second;
    due_acks_.erase(at);
    return sequence;
  }

  void on_resend() {
    handling scope{*pulse_, *this};
    resend_armed_ = false;
    for (auto& [receiver, box] : state_.outboxes) sending_[receiver].look(box, send_to_receiver(receiver, box));
    send_effects();
  }

  // -- events for projections -----------------------------------------------------------------------------------------

  [[nodiscard]] bool keeps_events() const {
    if constexpr (requires(Wiring& w, shell& s, const typename Core::event& e) { w.released(s, std::uint64_t{}, e); }) return true;
    else return !options_.subscribers.empty();
  }

  void publish() {
    published<typename Core::event> message{name_, published_, durable_, {}};
    while (!unpublished_.empty() && unpublished_.front().sequence <= durable_) {
      auto& t = unpublished_.front();
      if constexpr (requires { wiring_.released(*this, t.sequence, t.events.front()); })
        for (const auto& e : t.events) wiring_.released(*this, t.sequence, e);
      if (!t.events.empty()) message.turns.push_back(std::move(t));
      unpublished_.pop_front();
    }
    if (message.turns.empty() || options_.subscribers.empty()) return;
    published_ = durable_;
    const auto shared = caf::make_message(std::move(message)); // one copy, however many fold it
    const auto self = caf::actor_cast<caf::strong_actor_ptr>(this);
    for (const auto& to : options_.subscribers) peer(to)->enqueue(self, caf::make_message_id(), shared, this->context());
  }

  // -- system messages ------------------------------------------------------------------------------------------------

  void on_ping(const ping& p) {
    handling scope{*pulse_, *this};
    if (auto to = this->current_sender())
      to->enqueue(nullptr, caf::make_message_id(caf::message_priority::high), caf::make_message(pong{name_, p.number}), nullptr);
  }

  void on_inspect(const context& ctx, const inspect_request& r) {
    handling scope{*pulse_, *this};
    if (is_expired(ctx)) return;
    drop_acknowledged();
    inspected view{name_, head_.sequence, durable_, head_.epoch, wire::to_json(state_)};
    if (!r.ahead) return answer(ctx, std::move(view));
    if (auto to = this->current_sender())
      to->enqueue(nullptr, caf::make_message_id(), caf::make_message(ctx.request, std::move(view)), nullptr);
  }

  hybrid_clock& hybrid() noexcept { return options_.node->hybrid ? *options_.node->hybrid : own_hybrid_; }

  const caf::strong_actor_ptr& peer(const actor_name& name) {
    auto& known = peers_[name];
    if (!known) known = options_.node->names->ref(name);
    return known;
  }

  Core core_;
  shell_options options_;
  [[no_unique_address]] Wiring wiring_;
  journal::stream_head head_; // of the last turn decided, durable or not
  actor_name name_;
  shell_state<Core> state_;
  typename Core::view view_{};
  std::uint64_t durable_ = 0;
  std::uint64_t began_ = 0; // the last turn of the epochs before ours
  std::uint64_t published_ = 0;
  std::uint64_t next_snapshot_ = 0;
  hybrid_clock own_hybrid_; // of a stream that counts for itself
  std::string text_name_;
  std::shared_ptr<pulse> pulse_;
  cause_id cause_; // of the newest turn, for the log
  boot_ns decided_boot_{}; // of the newest turn, for what it sends

  output out_;
  turn<Core> turn_; // reused: no allocation per turn once warm
  std::string payload_;
  std::vector<archive::row> rows_;
  journal::append_request batch_;
  int in_flight_ = 0;
  bool urgent_ = false; // somebody waits for what the open batch holds: an answer or an effect
  bool resend_armed_ = false;
  bool retires_ = false;

  std::deque<held_answer> held_;
  std::deque<held_ack> acks_;
  std::map<actor_name, std::uint64_t> due_acks_; // during release only
  std::map<actor_name, outgoing<Core>> sending_; // by receiver
  std::set<actor_name> moved_;
  std::map<actor_name, caf::strong_actor_ptr> peers_;
  deposed_writers deposed_;
  unflushed_rows unflushed_;
  looked_up_rows looked_up_;
  std::deque<typename published<typename Core::event>::turn> unpublished_;
};

} // namespace troupe::actor
