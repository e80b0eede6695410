#include "nodes/sweep/trial_pool.hpp"

#include "nodes/desk/file_stamp.hpp"
#include "nodes/sweep/runner.hpp"
#include "nodes/sweep/runner_process.hpp"
#include "runtime/supervise/policy.hpp"
#include "runtime/wire/wire.hpp"

#include <algorithm>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace troupe::sweep_node {
namespace {

using steady = std::chrono::steady_clock;

/// Orders a runner has at once: one it works on and enough behind it that it need not wait, on a busy machine either, for trials that
/// take `typical`. A long trial has one behind it only, which another runner could do.
std::size_t depth_for(nanoseconds typical) {
  constexpr nanoseconds ahead = std::chrono::milliseconds{30};
  return std::clamp<std::size_t>(static_cast<std::size_t>(ahead / std::max(typical, nanoseconds{1000})), 2, 128);
}

constexpr int failed_starts_max = 10;
constexpr nanoseconds ready_within = std::chrono::seconds{10}; // a runner that does not come up by then is started again

} // namespace

/// One runner and the thread that looks after it.
class trial_pool::slot {
public:
  explicit slot(trial_pool& pool) : pool_{pool}, wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}, thread_{[this] { run(); }} {}
  ~slot() {
    end();
    ::close(wake_);
  }
  slot(const slot&) = delete;
  slot& operator=(const slot&) = delete;

  void wake() {
    const std::uint64_t one = 1;
    (void)!::write(wake_, &one, sizeof one);
  }
  void leave() {
    is_leaving_ = true;
    wake();
  }
  void end() {
    leave();
    if (thread_.joinable()) thread_.join();
  }

private:
  void run() {
    while (!is_leaving_) {
      feed();
      wait(patience());
      if (process_.is_running() && !is_leaving_) look();
    }
    (void)process_.end();
  }

  /// Takes trials and hands them to the runner, which is started when there is none.
  void feed() {
    if (steady::now() < start_after_ || pool_.is_feed_lost_) return;
    if (const auto depth = depth_for(typical_); in_flight_.size() < depth) {
      const auto more = pool_.next(depth - in_flight_.size());
      if (more.empty()) return;
      in_flight_.insert(in_flight_.end(), more.begin(), more.end());
    }
    if (!process_.is_running()) return start();
    if (is_ready_) send();
  }

  void start() {
    is_ready_ = false;
    sent_ = 0;
    runner_setup setup{pool_.options_.what, pool_.options_.feed.string()};
    std::string bytes, frame;
    wire::encode(setup, bytes);
    append_frame(bytes, frame);
    if (auto started = process_.start(pool_.options_.runner); !started) return could_not_start(started.error().message);
    waits_since_ = steady::now();
    if (!process_.write(frame)) could_not_start(process_.end());
  }

  void send() {
    std::string bytes, out;
    if (sent_ == 0) waits_since_ = steady::now();
    for (; sent_ < in_flight_.size(); ++sent_) {
      bytes.clear();
      wire::encode(runner_order{in_flight_[sent_]}, bytes);
      append_frame(bytes, out);
    }
    if (!out.empty()) (void)process_.write(out); // that it is gone is noticed when its answers are read
  }

  [[nodiscard]] nanoseconds limit() const { return is_ready_ ? pool_.options_.timeout : ready_within; }
  /// Until something is due by the clock.
  [[nodiscard]] nanoseconds patience() const {
    const auto now = steady::now();
    if (start_after_ > now) return start_after_ - now;
    if (process_.is_running() && (!is_ready_ || sent_ > 0)) return waits_since_ + limit() - now;
    return std::chrono::seconds{1};
  }
  void wait(nanoseconds most) {
    pollfd both[] = {{wake_, POLLIN, 0}, {process_.descriptor(), POLLIN, 0}}; // a negative one is ignored
    const auto ms = std::clamp<std::int64_t>(most / std::chrono::milliseconds{1} + 1, 0, 1000);
    if (::poll(both, 2, static_cast<int>(ms)) <= 0) return;
    std::uint64_t woken = 0;
    if (both[0].revents != 0) (void)!::read(wake_, &woken, sizeof woken);
    is_readable_ = both[1].revents != 0;
  }

  void look() {
    if (std::exchange(is_readable_, false)) {
      const bool is_alive = process_.read();
      if (!take_answers()) return died("it sent something that is no result; " + process_.end());
      if (!is_alive) return died(process_.end());
    }
    if ((!is_ready_ || sent_ > 0) && steady::now() - waits_since_ > limit()) {
      (void)process_.end();
      if (!is_ready_) return could_not_start("it is not ready after 10 s");
      died("not done after " + std::to_string(pool_.options_.timeout / std::chrono::milliseconds{1}) + " ms");
    }
  }

  [[nodiscard]] bool take_answers() {
    for (;;) {
      if (!pool_.has_feeds()) return true; // what it says may be about anything
      const auto frame = process_.frames().next();
      if (!frame) return false;
      if (!*frame) return true;
      if (!is_ready_) {
        is_ready_ = true;
        failed_starts_ = 0;
        send();
        continue;
      }
      auto r = wire::decode<sweep::trial_result>(**frame);
      if (!r || sent_ == 0 || r->index != in_flight_.front()) return false;
      const auto took = std::chrono::microseconds{r->took_us};
      typical_ = (7 * typical_ + took) / 8;
      deaths_in_row_ = 0;
      --sent_;
      in_flight_.pop_front();
      waits_since_ = steady::now();
      pool_.finish(r->index, std::move(*r));
    }
  }

  /// It ended with orders: the first of them did it, the others are as they were.
  void died(const std::string& how) {
    if (!is_ready_) return could_not_start(how);
    ++pool_.deaths_;
    if (sent_ > 0 && pool_.has_feeds()) {
      const auto index = in_flight_.front();
      in_flight_.pop_front();
      pool_.finish(index, sweep::crash{index, how});
    }
    begin_again(++deaths_in_row_);
  }
  void could_not_start(const std::string& how) {
    if (++failed_starts_ >= failed_starts_max && !pool_.is_broken_.exchange(true)) pool_.options_.broken("no runner comes up: " + how);
    begin_again(static_cast<std::uint32_t>(failed_starts_));
  }
  void begin_again(std::uint32_t attempt) {
    pool_.give_back({in_flight_.begin(), in_flight_.end()});
    in_flight_.clear();
    sent_ = 0;
    is_ready_ = false;
    start_after_ = steady::now() + supervise::delay_before({}, attempt, attempt);
  }

  trial_pool& pool_;
  const int wake_;
  runner_process process_;
  std::deque<std::uint64_t> in_flight_;
  std::size_t sent_ = 0; // of them, from the front
  bool is_ready_ = false;
  bool is_readable_ = false;
  int failed_starts_ = 0;
  std::uint32_t deaths_in_row_ = 0;
  nanoseconds typical_ = std::chrono::milliseconds{4};
  steady::time_point waits_since_{};
  steady::time_point start_after_{};
  std::atomic<bool> is_leaving_{false};
  std::thread thread_;
};

trial_pool::trial_pool(pool_options options) : options_{std::move(options)} {
  for (std::size_t i = 0; i < options_.runners; ++i) slots_.push_back(std::make_unique<slot>(*this));
}

/// All threads end before any slot is gone: one that gives its trials back wakes the others.
trial_pool::~trial_pool() {
  for (auto& s : slots_) s->leave();
  for (auto& s : slots_) s->end();
}

void trial_pool::add(const std::vector<std::uint64_t>& trials) {
  {
    std::lock_guard guard{mutex_};
    waiting_.insert(waiting_.end(), trials.begin(), trials.end());
  }
  for (auto& s : slots_) s->wake();
}

trial_pool::taken trial_pool::take() {
  std::lock_guard guard{mutex_};
  is_told_ = false;
  taken t{std::exchange(outcomes_, {}), {waiting_.begin(), waiting_.end()}};
  t.unfinished.insert(t.unfinished.end(), running_.begin(), running_.end());
  return t;
}

std::size_t trial_pool::unfinished_count() const {
  std::lock_guard guard{mutex_};
  return waiting_.size() + running_.size();
}

std::vector<std::uint64_t> trial_pool::next(std::size_t most) {
  std::lock_guard guard{mutex_};
  std::vector<std::uint64_t> some;
  for (; some.size() < most && !waiting_.empty(); waiting_.pop_front()) some.push_back(waiting_.front());
  running_.insert(running_.end(), some.begin(), some.end());
  return some;
}

void trial_pool::give_back(const std::vector<std::uint64_t>& trials) {
  if (trials.empty()) return;
  {
    std::lock_guard guard{mutex_};
    for (const auto index : trials) std::erase(running_, index);
    waiting_.insert(waiting_.begin(), trials.begin(), trials.end());
  }
  for (auto& s : slots_) s->wake();
}

bool trial_pool::has_feeds() {
  if (is_feed_lost_) return false;
  const auto lost = std::ranges::find_if(options_.files, [](const auto& f) {
    std::error_code failed;
    return desk::stamp_of(f.first) != f.second || !std::filesystem::exists(f.first, failed);
  });
  if (lost == options_.files.end()) return true;
  if (!is_feed_lost_.exchange(true)) options_.feed_lost(lost->first);
  return false;
}

void trial_pool::finish(std::uint64_t index, outcome o) {
  bool tell = false;
  {
    std::lock_guard guard{mutex_};
    std::erase(running_, index);
    outcomes_.push_back(std::move(o));
    tell = !std::exchange(is_told_, true);
  }
  if (tell) options_.ready();
}

} // namespace troupe::sweep_node
