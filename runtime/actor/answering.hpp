#pragma once
// How actors answer that no shell hosts: feeds, relays, projections, workers. Call from a handler, on the actor's thread.

#include "runtime/actor/caf_inspect.hpp"
#include "runtime/actor/clock.hpp"
#include "runtime/actor/environment.hpp"
#include "runtime/actor/messages.hpp"
#include "runtime/actor/pulse.hpp"

#include <caf/all.hpp>

#include <exception>
#include <functional>
#include <string>
#include <utility>

namespace troupe::actor {

/// The answer to a numbered question; nothing when nobody waits.
template <class R>
void reply(caf::local_actor& self, const context& question, R answer) {
  if (const auto& to = self.current_sender()) to->enqueue(nullptr, caf::make_message_id(), caf::make_message(question.request, std::move(answer)), nullptr);
}

/// Nobody waits for the answer any more. Counted: the question is to be dropped.
[[nodiscard]] bool is_expired(const context& question, const clock& now, pulse& counts);

/// To the supervisor that wants to know whether a handler returns.
void answer_ping(caf::local_actor& self, const actor_name& name, const ping& p);

/// What an actor owes its supervisor and whoever looks at it: answers to pings, faults that are injected, and with `shown` its state as JSON.
/// Goes on behind the actor's own handlers: `own.or_else(...)`. `self` and `node` outlive it.
[[nodiscard]] caf::message_handler system_handlers(caf::event_based_actor& self, const environment& node, const actor_name& name,
                                                   std::function<std::string()> shown = {});

/// What a handler threw; exceptions that are not of std pass.
[[nodiscard]] std::string words_of(const std::exception_ptr& thrown);
/// The error with which an actor ends whose handler threw. What the handler was asked has an unknown outcome, which whoever asked is told.
[[nodiscard]] caf::error end_by(caf::local_actor& self, const std::exception_ptr& thrown);

} // namespace troupe::actor
