#include "runtime/actor/caf_inspect.hpp"

#include "nodes/sweep/worker_actor.hpp"

#include "actors/research/sweep/identity.hpp"
#include "actors/research/sweep/interface.hpp"
#include "nodes/sweep/feed_contents.hpp"
#include "runtime/actor/answering.hpp"
#include "runtime/actor/last_answers.hpp"
#include "runtime/actor/send.hpp"

#include <caf/all.hpp>

namespace troupe::sweep_node {
namespace {

struct link_changed {
  bool is_up = false;
};
struct outcomes_wait {};
struct feed_changed {
  std::string file;
};
struct look_due {};

} // namespace
} // namespace troupe::sweep_node
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::sweep_node::link_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::sweep_node::outcomes_wait)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::sweep_node::feed_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::sweep_node::look_due)

namespace troupe::sweep_node {
namespace {

constexpr nanoseconds worker_look_interval = std::chrono::milliseconds{20};
constexpr nanoseconds plan_interval = std::chrono::milliseconds{250};  // between questions what the sweep is
constexpr nanoseconds idle_interval = std::chrono::milliseconds{50};   // between questions for work when there was none
constexpr nanoseconds beat_interval = std::chrono::seconds{1};         // a question at least so often, whatever is under way
constexpr nanoseconds supply = std::chrono::milliseconds{250};         // how much work to have here
constexpr nanoseconds results_wait_max = std::chrono::milliseconds{20};
constexpr std::size_t results_at_once = 256;                           // more do not wait
constexpr std::uint64_t chunks_under_way_max = 4;                      // credit of the feed's server
constexpr int feed_changes_max = 5;                                    // of a feed that is not left alone; then a person must look

class worker final : public actor::last_answers<caf::event_based_actor> {
  /// A handler that the watchdog and the counters see.
  template <class T, class F>
  auto guarded(F f) {
    return [this, f](const T& x) {
      actor::handling scope{*pulse_, *this};
      f(x);
    };
  }

public:
  worker(caf::actor_config& config, actor::environment& env, worker_options options, caf::strong_actor_ptr orchestrator, caf::strong_actor_ptr feeds)
    : last_answers(config), env_{env}, options_{std::move(options)}, orchestrator_{std::move(orchestrator)}, feeds_{std::move(feeds)},
      pulse_{env.pulses->of(worker_name)}, cache_{options_.cache, options_.cache_bytes_max} {
    set_exception_handler([this](std::exception_ptr& thrown) -> caf::error {
      log("error", "a handler threw: " + actor::words_of(thrown));
      return actor::end_by(*this, thrown);
    });
  }
  const char* name() const override { return "worker"; }

  caf::behavior make_behavior() override {
    delayed_send(this, worker_look_interval, look_due{});
    return caf::message_handler{
      guarded<link_changed>([this](const link_changed& l) { on_link(l.is_up); }),
      guarded<outcomes_wait>([this](const outcomes_wait&) { on_outcomes(); }),
      guarded<feed_changed>([this](const feed_changed& f) { on_feed_changed(f.file); }),
      guarded<look_due>([this](const look_due&) {
        delayed_send(this, worker_look_interval, look_due{});
        look();
      }),
      guarded<actor::unanswered>([this](const actor::unanswered& u) { on_unanswered(u.number); }),
      [this](std::uint64_t number, const sweep::plan& p) {
        actor::handling scope{*pulse_, *this};
        if (number == std::exchange(question_, 0)) on_plan(p);
      },
      [this](std::uint64_t number, const sweep::work& w) {
        actor::handling scope{*pulse_, *this};
        if (number == question_) on_work(w);
      },
      [this](std::uint64_t, const sweep::chunk& c) {
        actor::handling scope{*pulse_, *this};
        on_chunk(c);
      },
    }.or_else(actor::system_handlers(*this, env_, worker_name));
  }

  void on_exit() override {
    pool_.reset();
    orchestrator_ = feeds_ = nullptr;
  }

private:
  [[nodiscard]] boot_ns now() const { return env_.clock->boot(); }
  void log(const char* level, const std::string& what) { env_.log(worker_name, {}, level, what); }

  /// Does what waits for the disk or for the runners to end: that takes as long as it takes.
  template <class F>
  auto patiently(F f) {
    actor::patience_scope patient{*pulse_, slow_work_max};
    return f();
  }

  template <class Q>
  std::uint64_t ask(const caf::strong_actor_ptr& whom, Q q) {
    troupe::context c;
    c.request = ++last_question_;
    actor::send_to(*this, whom, lane::order, c, std::move(q));
    return c.request;
  }

  // -- the link ---------------------------------------------------------------------------------------------------------

  void on_link(bool is_up) {
    is_up_ = is_up;
    question_ = 0;
    is_planned_ = false; // it may be another sweep's, or another life of the same
    sent_.clear();
    ask_after_ = {};
    if (fetch_) fetch_.reset();
    if (is_up) ask_plan();
  }

  void on_unanswered(std::uint64_t number) {
    if (fetch_ && number >= fetch_first_question_) {
      fetch_.reset(); // begun again when it is looked for next
      next_fetch_at_ = now() + plan_interval;
    }
    if (number != question_) return;
    question_ = 0;
    sent_.clear();
    ask_after_ = now() + idle_interval;
  }

  void look() {
    if (!is_up_) return;
    if (question_ != 0 && now() - asked_at_ > options_.answer_timeout) on_unanswered(question_);
    if (question_ != 0) return;
    if (!is_planned_) {
      if (now() >= ask_after_) ask_plan();
    } else if (!pool_) {
      prepare();
      if (!pool_ && !refused_.empty() && question_ == 0 && now() - asked_at_ >= beat_interval) tell_problem();
    } else {
      ask_work();
    }
  }

  // -- what to do -------------------------------------------------------------------------------------------------------

  void ask_plan() {
    question_ = ask(orchestrator_, sweep::plan_query{});
    asked_at_ = now();
  }

  void on_plan(const sweep::plan& p) {
    ask_after_ = now() + plan_interval;
    if (!p.has_begun) return;
    is_planned_ = true;
    if (p.sweep == sweep_ && pool_) return ask_work(); // the same sweep: what is under way goes on
    patiently([this] { pool_.reset(); });
    feed_.reset();
    fetch_.reset();
    results_.clear();
    crashes_.clear();
    sweep_ = p.sweep;
    plan_ = p;
    next_fetch_at_ = next_look_at_ = {};
    feed_changes_ = 0;
    typical_ = std::chrono::milliseconds{4};
    prepare();
  }

  void refuse(const std::string& why) {
    const auto told = why.substr(0, sweep::reason_bytes_max);
    if (told != refused_) log("error", why);
    refused_ = told;
  }

  /// Whoever waits for the sweep must hear of it: it may be all there is to hear.
  void tell_problem() {
    sweep::work_request q;
    q.worker = options_.name;
    q.sweep = sweep_;
    for (const auto& r : results_) q.holds.push_back(r.index);
    q.problem = refused_;
    sent_.clear();
    question_ = ask(orchestrator_, std::move(q));
    asked_at_ = now();
  }

  /// Makes the runners once the feed is here.
  void prepare() {
    if (plan_.what.kind == sweep::trial_kind::idle && !options_.idle_allowed)
      return refuse("idle trials are for tests: this worker was not started with --allow-idle");
    if (feed_changes_ >= feed_changes_max) return refuse(feed_is_never_left_alone());
    if (plan_.what.feed && !feed_) {
      if (fetch_) return fetch_more();
      if (now() < next_fetch_at_) return;
      next_fetch_at_ = now() + idle_interval;
      auto found = patiently([this] { return cache_.find(*plan_.what.feed); });
      if (!found) return refuse(found.error().message);
      if (*found) feed_ = std::move(**found);
      else return fetch();
    }
    if (now() < next_look_at_) return;
    auto files = patiently([this] { return check_feed_files(plan_.what, hashes_); });
    if (!files) {
      next_look_at_ = now() + std::chrono::seconds{1};
      return refuse(files.error().message);
    }
    pool_options o;
    o.what = plan_.what;
    o.feed = feed_ ? feed_->file : std::filesystem::path{};
    o.files = std::move(*files);
    if (feed_) o.files.emplace(feed_->file, feed_->stamp);
    o.runner = options_.runner;
    o.runners = options_.runners;
    o.timeout = std::chrono::milliseconds{plan_.how.timeout_ms};
    o.ready = [me = caf::actor_cast<caf::strong_actor_ptr>(this)] { me->enqueue(nullptr, caf::make_message_id(), caf::make_message(outcomes_wait{}), nullptr); };
    o.feed_lost = [me = caf::actor_cast<caf::strong_actor_ptr>(this)](const std::filesystem::path& which) {
      me->enqueue(nullptr, caf::make_message_id(), caf::make_message(feed_changed{which.string()}), nullptr);
    };
    o.broken = options_.broken;
    pool_ = std::make_unique<trial_pool>(std::move(o));
    refused_.clear();
    ask_work();
  }

  // -- the feed ---------------------------------------------------------------------------------------------------------

  void fetch() {
    auto begun = patiently([this] { return cache_.begin(*plan_.what.feed); });
    if (!begun) {
      next_fetch_at_ = now() + std::chrono::seconds{1};
      return refuse(begun.error().message);
    }
    if (!*begun) return; // somebody else on this host fetches it
    fetch_ = std::move(**begun);
    fetch_first_question_ = last_question_ + 1;
    chunk_asked_ = 0;
    pieces_.clear();
    fetched_at_ = now();
    fetch_more();
  }

  void fetch_more() {
    if (now() - fetched_at_ > options_.answer_timeout) {
      fetch_.reset();
      return;
    }
    const auto size = fetch_->feed().size;
    while (chunk_asked_ < size && chunk_asked_ < fetch_->received() + chunks_under_way_max * sweep::chunk_bytes) {
      (void)ask(feeds_, sweep::chunk_request{fetch_->feed().hash, chunk_asked_});
      chunk_asked_ += sweep::chunk_bytes;
    }
    if (size == 0) finish_fetch();
  }

  void on_chunk(const sweep::chunk& c) {
    if (!fetch_ || c.offset < fetch_->received()) return;
    if (!c.refused.empty()) {
      fetch_.reset();
      next_fetch_at_ = now() + std::chrono::seconds{1};
      return refuse("the feed cannot be fetched: " + c.refused);
    }
    fetched_at_ = now();
    if (pieces_.size() < chunks_under_way_max) pieces_[c.offset] = c.bytes;
    for (auto at = pieces_.find(fetch_->received()); at != pieces_.end(); at = pieces_.find(fetch_->received())) {
      auto added = at->second.empty() ? result<void>{fail(errc::malformed, "an empty piece of the feed")}
                                      : patiently([&] { return fetch_->add(at->second); });
      pieces_.erase(at);
      if (added) continue;
      fetch_.reset();
      next_fetch_at_ = now() + std::chrono::seconds{1};
      return refuse(added.error().message);
    }
    if (fetch_->received() == fetch_->feed().size) finish_fetch();
    else fetch_more();
  }

  void finish_fetch() {
    auto whole = patiently([this] { return fetch_->finish(); });
    fetch_.reset();
    pieces_.clear();
    if (!whole) {
      next_fetch_at_ = now() + std::chrono::seconds{1};
      return refuse(whole.error().message);
    }
    log("info", "fetched the feed " + plan_.what.feed->path + ", " + std::to_string(plan_.what.feed->size) + " bytes");
    feed_ = std::move(*whole);
    prepare();
  }

  /// Somebody removed or changed it under the trials: those that are not finished begin again behind a feed that is whole.
  void on_feed_changed(const std::string& file) {
    if (!pool_) return;
    (void)take_outcomes();
    patiently([this] { pool_.reset(); });
    ++feed_changes_;
    changed_feed_ = file;
    const bool is_copy = feed_ && feed_->file == file;
    if (feed_changes_ < feed_changes_max)
      log("error", "the feed " + file + " was removed or changed by another program; " + (is_copy ? "it is fetched again" : "it is looked at again"));
    if (is_copy) feed_.reset();
  }

  [[nodiscard]] std::string feed_is_never_left_alone() const {
    return "the feed " + changed_feed_ + " was removed or changed by another program " + std::to_string(feed_changes_) +
           " times, and no trial ended in between: this worker runs none until the sweep is resumed; find that program first";
  }

  // -- work -------------------------------------------------------------------------------------------------------------

  /// Returns what is unfinished, so that no trial is in neither.
  std::vector<std::uint64_t> take_outcomes() {
    auto taken = pool_->take();
    for (auto& o : taken.outcomes) {
      if (results_.empty() && crashes_.empty()) oldest_result_at_ = now();
      if (auto* r = std::get_if<sweep::trial_result>(&o)) {
        feed_changes_ = 0;
        typical_ = (15 * typical_ + std::chrono::microseconds{r->took_us}) / 16;
        results_.push_back(std::move(*r));
      } else {
        const auto& x = std::get<sweep::crash>(o);
        log("warning", "trial " + std::to_string(x.index) + " ended its runner: " + x.reason);
        crashes_.push_back(x);
      }
    }
    return std::move(taken.unfinished);
  }

  void on_outcomes() {
    if (!pool_) return;
    (void)take_outcomes();
    if (is_up_ && is_planned_ && question_ == 0) ask_work();
  }

  /// Enough for a while; for long trials one that runs and one that waits.
  [[nodiscard]] std::size_t wanted() const {
    const auto n = static_cast<std::size_t>(supply / std::max(typical_, nanoseconds{1000})) * options_.runners;
    return std::clamp<std::size_t>(n, 2 * options_.runners, sweep::window_max);
  }

  [[nodiscard]] bool has_reason_to_ask(std::size_t here) const {
    if (now() < ask_after_) return false;
    if (results_.size() >= results_at_once || !crashes_.empty()) return true;
    if (!results_.empty() && now() - oldest_result_at_ >= results_wait_max) return true;
    return 2 * here <= wanted() || now() - asked_at_ >= beat_interval;
  }

  void ask_work() {
    auto unfinished = take_outcomes();
    if (!has_reason_to_ask(unfinished.size())) return;
    sweep::work_request q;
    q.worker = options_.name;
    q.sweep = sweep_;
    const auto most = results_that_fit();
    q.results.assign(results_.begin(), results_.begin() + static_cast<std::ptrdiff_t>(most));
    q.crashes = crashes_;
    sent_ = {most, crashes_.size()};
    q.wants = static_cast<std::uint32_t>(wanted() - std::min(unfinished.size(), wanted()));
    q.holds = std::move(unfinished);
    for (std::size_t i = most; i < results_.size(); ++i) q.holds.push_back(results_[i].index);
    question_ = ask(orchestrator_, std::move(q));
    asked_at_ = now();
  }

  /// A frame is bounded; what does not fit goes with the next question.
  [[nodiscard]] std::size_t results_that_fit() const {
    constexpr std::size_t bytes_max = 512 << 10;
    std::size_t n = 0;
    for (std::size_t bytes = 0; n < results_.size() && n < sweep::window_max; ++n) {
      const auto& r = results_[n];
      bytes += 128 + r.reason.size() + r.realized_pnl.size() + r.unrealized_pnl.size() + r.fees.size() + r.journal_hash.size();
      if (bytes > bytes_max && n > 0) break;
    }
    return n;
  }

  void on_work(const sweep::work& w) {
    question_ = 0;
    if (!w.is_known) {
      is_planned_ = false;
      ask_after_ = {};
      return;
    }
    results_.erase(results_.begin(), results_.begin() + static_cast<std::ptrdiff_t>(sent_.results));
    crashes_.erase(crashes_.begin(), crashes_.begin() + static_cast<std::ptrdiff_t>(sent_.crashes));
    sent_.clear();
    oldest_result_at_ = now();
    if (!pool_) return; // it was told why
    if (!w.trials.empty()) pool_->add(w.trials);
    ask_after_ = w.trials.empty() ? now() + idle_interval : boot_ns{};
    ask_work();
  }

  actor::environment& env_;
  const worker_options options_;
  caf::strong_actor_ptr orchestrator_, feeds_;
  std::shared_ptr<actor::pulse> pulse_;
  feed_cache cache_;

  bool is_up_ = false;
  bool is_planned_ = false;
  std::uint64_t last_question_ = 0;
  std::uint64_t question_ = 0; // the one under way, about the plan or for work
  boot_ns asked_at_{}, ask_after_{};
  std::string refused_; // as logged last

  sweep::content_hash sweep_;
  sweep::plan plan_;
  std::optional<cached_feed> feed_;
  std::optional<feed_download> fetch_;
  std::uint64_t fetch_first_question_ = 0, chunk_asked_ = 0;
  std::map<std::uint64_t, std::string> pieces_; // that came before the one in front of them
  boot_ns fetched_at_{}, next_fetch_at_{}, next_look_at_{};
  file_hashes hashes_;
  int feed_changes_ = 0; // with no trial between them that ended
  std::string changed_feed_;

  std::unique_ptr<trial_pool> pool_;
  nanoseconds typical_ = std::chrono::milliseconds{4};
  std::vector<sweep::trial_result> results_; // not known to be durable
  std::vector<sweep::crash> crashes_;
  struct sent {
    std::size_t results = 0, crashes = 0;
    void clear() { *this = {}; }
  } sent_; // with the question under way, from the front
  boot_ns oldest_result_at_{};
};

} // namespace

result<caf::strong_actor_ptr> start_worker(caf::actor_system& system, actor::environment& env, const worker_options& options,
                                           caf::strong_actor_ptr orchestrator, caf::strong_actor_ptr feeds) {
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<worker>(env, options, std::move(orchestrator), std::move(feeds)));
}

void tell_link(const caf::strong_actor_ptr& worker, bool is_up) {
  worker->enqueue(nullptr, caf::make_message_id(caf::message_priority::high), caf::make_message(link_changed{is_up}), nullptr);
}

} // namespace troupe::sweep_node
