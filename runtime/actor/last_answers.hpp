#pragma once
// An actor that leaves nobody waiting when it ends, by itself, by what a handler threw, or because it was told to: whoever
// has a question in its mailbox, or sends one before its name leads elsewhere, is told `unanswered` at once. CAF tells only
// those who used its own request(), which nobody here does (decision 0001).

#include "runtime/actor/unanswered.hpp"

#include <caf/detail/sync_request_bouncer.hpp>

#include <cstdint>
#include <tuple>
#include <utility>

namespace troupe::actor {

/// `Base`: one of CAF's actors that have a mailbox.
template <class Base>
class last_answers : public Base {
public:
  using Base::Base;
  using Base::enqueue;

  /// In the sender's thread.
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) override {
    const auto number = number_of_question(what->content());
    if (number == 0) return Base::enqueue(std::move(what), unit);
    const auto asker = what->sender; // a closed mailbox deletes the message
    Base::enqueue(std::move(what), unit);
    if (this->mailbox().closed()) say_unanswered(asker, number); // who was told by `cleanup` in between is told twice, which means no more than once
  }

  /// As CAF's, which leaves a mailbox alone that is closed.
  bool cleanup(caf::error&& why, caf::execution_unit* unit) override {
    if (auto& box = this->mailbox(); !box.closed()) {
      box.close(); // first: from here on senders see that nobody will read what they send
      box.flush_cache();
      bouncer bounce{caf::detail::sync_request_bouncer{why}};
      while (box.queue().new_round(1000, bounce).consumed_items) {}
    }
    return Base::cleanup(std::move(why), unit);
  }

private:
  /// Given each message behind the queues that it lies in.
  struct bouncer {
    caf::detail::sync_request_bouncer requests;
    template <class... Ts>
    caf::intrusive::task_result operator()(const Ts&... xs) const {
      const caf::mailbox_element& what = std::get<sizeof...(Ts) - 1>(std::tie(xs...));
      requests(what);
      say_unanswered(what);
      return caf::intrusive::task_result::resume;
    }
  };
};

} // namespace troupe::actor
