#include "runtime/actor/unanswered.hpp"

namespace troupe::actor {

std::uint64_t number_of_question(const caf::type_erased_tuple& content) {
  return !content.empty() && content.match_element<context>(0) ? content.get_as<context>(0).request : 0;
}

void say_unanswered(const caf::strong_actor_ptr& to, std::uint64_t number) {
  if (to && number != 0)
    to->enqueue(nullptr, caf::make_message_id(caf::message_priority::high), caf::make_message(unanswered{number}), nullptr);
}

void say_unanswered(const caf::mailbox_element& question) { say_unanswered(question.sender, number_of_question(question.content())); }

} // namespace troupe::actor
