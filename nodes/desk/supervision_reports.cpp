#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/supervision_reports.hpp"

#include "runtime/actor/messages.hpp"
#include "runtime/actor/send.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe::desk {
namespace {
struct report_waits {};
struct report_again {
  std::uint64_t timer = 0;
};
} // namespace
} // namespace troupe::desk
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::report_waits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::report_again)

namespace troupe::desk {
namespace {

/// To one that is away.
constexpr nanoseconds report_again_after = std::chrono::milliseconds{200};
/// To one that says nothing: its mailbox may be gone with it, or the disk is slow.
constexpr nanoseconds report_patience = std::chrono::seconds{5};

supervision::status status_of(supervise::child_status s) {
  switch (s) {
  case supervise::child_status::halted: return supervision::status::halted;
  case supervise::child_status::hung: return supervision::status::hung;
  case supervise::child_status::stopped: return supervision::status::stopped;
  default: return supervision::status::restarting;
  }
}

/// Has one report under way at a time, and says it again until it is on record.
class teller {
public:
  using listener = std::function<void(const supervision::report&)>;
  teller(caf::event_based_actor* self, std::shared_ptr<supervision_reports> reports, actor::environment* node, const actor_name& to, listener on_record)
    : self_{self}, reports_{std::move(reports)}, node_{node}, to_{to}, on_record_{std::move(on_record)} {}

  void next() {
    if (under_way_ || !(under_way_ = reports_->take())) return;
    ++number_;
    say();
  }
  void again(std::uint64_t timer) {
    if (under_way_ && timer == timer_) say();
  }
  void nobody_there(std::uint64_t number) {
    if (under_way_ && number == number_) say_after(report_again_after);
  }
  void on_record(std::uint64_t number) {
    if (number != number_ || !under_way_) return;
    if (on_record_) on_record_(under_way_->report);
    under_way_.reset();
    next();
  }

private:
  void say() {
    context c;
    c.cause = under_way_->cause;
    c.principal = principal_id{"supervisor"};
    c.request = number_;
    say_after(report_patience);
    actor::send_to(*self_, node_->names->ref(to_), lane::control, c, under_way_->report);
  }
  void say_after(nanoseconds delay) { self_->delayed_send(self_, delay, report_again{++timer_}); }

  caf::event_based_actor* self_;
  std::shared_ptr<supervision_reports> reports_;
  actor::environment* node_;
  actor_name to_;
  listener on_record_;
  std::optional<supervision_reports::waiting_report> under_way_;
  std::uint64_t number_ = 0; // of what is under way
  std::uint64_t timer_ = 0;  // the newest; older ones are void
};

caf::behavior tell_supervision(caf::event_based_actor* self, std::shared_ptr<supervision_reports> reports, actor::environment* node, const actor_name& to,
                               const teller::listener& on_record) {
  const auto t = std::make_shared<teller>(self, std::move(reports), node, to, on_record);
  return {[t](report_waits) { t->next(); }, [t](report_again a) { t->again(a.timer); },
          [t](const actor::unanswered& u) { t->nobody_there(u.number); },
          [t](std::uint64_t number, const supervision::recorded_reply&) { t->on_record(number); }};
}

} // namespace

void supervision_reports::open(caf::actor_system& system, actor::environment& node, const actor_name& to,
                               std::function<void(const supervision::report&)> on_record) {
  auto made = caf::actor_cast<caf::strong_actor_ptr>(system.spawn(tell_supervision, shared_from_this(), &node, to, std::move(on_record)));
  std::lock_guard guard{mutex_};
  teller_ = std::move(made);
}

void supervision_reports::close() {
  std::lock_guard guard{mutex_};
  if (teller_) caf::anon_send_exit(teller_, caf::exit_reason::user_shutdown);
  teller_ = nullptr;
  waiting_.clear();
}

void supervision_reports::put(const supervise::child_report& r) {
  waiting_report w{r.cause, {r.child, r.supervisor, status_of(r.status), r.status == supervise::child_status::restarting ? 1u : 0u,
                             supervision::shortened(r.reason), r.at}};
  std::lock_guard guard{mutex_};
  if (!teller_) return;
  const auto before = std::find_if(waiting_.rbegin(), waiting_.rend(), [&](const waiting_report& x) { return x.report.child == r.child; });
  const auto restarts = [](const waiting_report& x) { return x.report.status == supervision::status::restarting; };
  if (before != waiting_.rend() && restarts(*before) && restarts(w)) { // a halt or a hang keeps its reason and the cause of what it halted
    w.report.restarts += before->report.restarts;
    *before = std::move(w);
    return;
  }
  if (waiting_.size() >= waiting_max) return;
  waiting_.push_back(std::move(w));
  teller_->enqueue(nullptr, caf::make_message_id(), caf::make_message(report_waits{}), nullptr);
}

std::optional<supervision_reports::waiting_report> supervision_reports::take() {
  std::lock_guard guard{mutex_};
  if (waiting_.empty()) return std::nullopt;
  auto oldest = std::move(waiting_.front());
  waiting_.pop_front();
  return oldest;
}

std::size_t supervision_reports::waiting() const {
  std::lock_guard guard{mutex_};
  return waiting_.size();
}

} // namespace troupe::desk
