#include "runtime/actor/answering.hpp"

#include "runtime/actor/send.hpp"
#include "runtime/actor/unanswered.hpp"

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

caf::message_handler system_handlers(caf::event_based_actor& self, const environment& node, const actor_name& name, std::function<std::string()> shown) {
  const auto pulse = node.pulses->of(name);
  caf::message_handler supervised{
    [&self, name, pulse](const ping& p) {
      handling scope{*pulse, self};
      answer_ping(self, name, p);
    },
    [&self, &node, pulse](const fault_command& f) {
      handling scope{*pulse, self};
      if (node.faults_allowed) suffer(f.what, self);
    },
  };
  if (!shown) return supervised;
  return supervised.or_else([&self, &node, name, pulse, shown = std::move(shown)](const context& c, const inspect_request&) {
    handling scope{*pulse, self};
    if (!is_expired(c, *node.clock, *pulse)) reply(self, c, inspected{name, 0, 0, 0, shown()});
  });
}

std::string words_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  }
}

caf::error end_by(caf::local_actor& self, const std::exception_ptr& thrown) {
  if (const auto* handled = self.current_mailbox_element()) say_unanswered(*handled);
  return caf::make_error(caf::sec::runtime_error, words_of(thrown));
}

} // namespace troupe::actor
