#include "runtime/actor/thread_pool.hpp"

#include <caf/logger.hpp>
// CAF is built without its log, and yet its worker tells the logger at every job whose it is: a dynamic_cast, a hash and a shared lock each time, here and
// once more in the actor. A thread that has no logger is spared both.
#undef CAF_SET_LOGGER_SYS
#define CAF_SET_LOGGER_SYS(system) static_cast<void>(0)
#undef CAF_PUSH_AID_FROM_PTR
#define CAF_PUSH_AID_FROM_PTR(job) static_cast<void>(0)
#include <caf/policy/unprofiled.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace troupe::actor {
namespace {

/// A policy of CAF's scheduler: its members are those that caf::scheduler::coordinator and worker call.
///
/// Nobody is woken for the only job in the queue when a thread of the pool has put it there: that thread takes it itself when its handler returns, sooner than
/// another would be awake. Should the handler go on for long, a thread that looks once in a while takes it. While work goes on one idle thread does so.
class frugal_sharing : public caf::policy::unprofiled {
public:
  class coordinator_data {
  public:
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}

    void put(caf::resumable* job, bool by_worker) {
      bool wakes = false;
      {
        std::lock_guard guard{mutex_};
        queue_.push_back(job);
        const bool is_taken_soon = by_worker && queue_.size() == 1 && someone_looks_;
        wakes = !is_taken_soon && wants_to_wake();
      }
      if (wakes) wake_.notify_one();
    }

    caf::resumable* take() {
      caf::resumable* job = nullptr;
      bool wakes = false;
      {
        std::unique_lock guard{mutex_};
        while (queue_.empty()) sleep(guard);
        job = queue_.front();
        queue_.pop_front();
        ++taken_;
        wakes = !queue_.empty() && wants_to_wake(); // who was woken wakes the next: one at a time is on its way
      }
      if (wakes) wake_.notify_one();
      return job;
    }

    template <class Visit>
    void drain(Visit visit) {
      std::lock_guard guard{mutex_};
      for (; !queue_.empty(); queue_.pop_front()) visit(queue_.front());
    }

  private:
    static constexpr auto look_again = std::chrono::milliseconds{1};
    static constexpr int looks_max = 3; // in vain, then nothing is going on

    bool wants_to_wake() {
      if (asleep_ == 0 || one_wakes_) return false;
      one_wakes_ = true;
      return true;
    }

    void sleep(std::unique_lock<std::mutex>& guard) {
      ++asleep_;
      if (someone_looks_) wake_.wait(guard);
      else look(guard);
      --asleep_;
      one_wakes_ = false;
    }

    void look(std::unique_lock<std::mutex>& guard) {
      someone_looks_ = true;
      auto seen = taken_;
      for (int in_vain = 0; in_vain < looks_max && queue_.empty() && !one_wakes_; ++in_vain) {
        wake_.wait_for(guard, look_again);
        if (std::exchange(seen, taken_) != taken_) in_vain = 0;
      }
      someone_looks_ = false;
      if (queue_.empty() && !one_wakes_) wake_.wait(guard);
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<caf::resumable*> queue_;
    std::size_t asleep_ = 0;
    std::uint64_t taken_ = 0;
    bool one_wakes_ = false;     // notified, and not awake yet
    bool someone_looks_ = false; // one of the sleeping
  };
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) { d(self).put(job, false); }
  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) { d(self->parent()).put(job, false); }
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) { d(self->parent()).put(job, true); }
  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) { d(self->parent()).put(job, true); }
  template <class Worker>
  caf::resumable* dequeue(Worker* self) { return d(self->parent()).take(); }
  template <class Worker, class Visit>
  void foreach_resumable(Worker*, Visit) {} // threads keep no jobs of their own
  template <class Coordinator, class Visit>
  void foreach_central_resumable(Coordinator* self, Visit visit) { d(self).drain(visit); }
};

} // namespace

void use_thread_pool(caf::actor_system_config& config, std::size_t threads) {
  config.set("scheduler.max-threads", threads);
  config.set("scheduler.max-throughput", std::size_t{50});
  config.module_factories.push_back([](caf::actor_system& system) -> caf::actor_system::module* {
    return caf::scheduler::coordinator<frugal_sharing>::make(system, {});
  });
}

} // namespace troupe::actor
