#include "runtime/actor/answering.hpp"

namespace troupe::actor {

bool is_expired(const context& question, const clock& now, pulse& counts) {
  if (question.deadline == boot_ns{} || now.boot() <= question.deadline) return false;
  count(counts.expired);
  return true;
}

void answer_ping(caf::local_actor& self, const actor_name& name, const ping& p) {
  if (const auto& to = self.current_sender())
    to->enqueue(nullptr, caf::make_message_id(caf::message_priority::high), caf::make_message(pong{name, p.number}), nullptr);
}

std::string words_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  }
}

caf::error error_of(const std::exception_ptr& thrown) { return caf::make_error(caf::sec::runtime_error, words_of(thrown)); }

} // namespace troupe::actor
