#pragma once
// The runners of one worker: processes that are fed, watched, ended when a trial does not end, and started again when they
// died. A thread each looks after them, so a trial that hangs holds up nobody else. Thread-safe.

#include "actors/research/sweep/messages.hpp"
#include "nodes/sweep/feed_contents.hpp"
#include "runtime/core/time.hpp"

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace troupe::sweep_node {

using outcome = std::variant<sweep::trial_result, sweep::crash>;

struct pool_options {
  sweep::description what;
  std::filesystem::path feed;             // of all trials; empty: none
  file_stamps files;                      // that trials read, the feed too, as they were when it was known what is in them
  std::vector<std::string> runner;        // program and arguments; it serves descriptor 3
  std::size_t runners = 1;
  nanoseconds timeout = std::chrono::minutes{10}; // of one trial
  /// Called when outcomes wait, from any of the pool's threads; once until they are taken.
  std::function<void()> ready = [] {};
  /// The feed or one of the files is not there any more, or was changed: called once. No answer that came since is an outcome, and no trial is begun.
  std::function<void(const std::filesystem::path& which)> feed_lost = [](const std::filesystem::path&) {};
  /// No runner comes up, however often it is started: called once, with the reason.
  std::function<void(const std::string& why)> broken = [](const std::string&) {};
};

class trial_pool {
public:
  explicit trial_pool(pool_options options);
  /// Ends every runner at once; what they had is not finished.
  ~trial_pool();
  trial_pool(const trial_pool&) = delete;
  trial_pool& operator=(const trial_pool&) = delete;

  void add(const std::vector<std::uint64_t>& trials);
  struct taken {
    std::vector<outcome> outcomes;         // that came since the last call
    std::vector<std::uint64_t> unfinished; // at the same moment: trials that wait for a runner or are in one
  };
  [[nodiscard]] taken take();
  [[nodiscard]] std::size_t unfinished_count() const;
  /// Of a runner, since the pool was made; they were started again.
  [[nodiscard]] std::uint64_t deaths() const noexcept { return deaths_; }

private:
  class slot;
  void finish(std::uint64_t index, outcome o);
  [[nodiscard]] std::vector<std::uint64_t> next(std::size_t most);
  void give_back(const std::vector<std::uint64_t>& trials);
  /// What trials read is as it was: it is what the sweep is about.
  [[nodiscard]] bool has_feeds();

  const pool_options options_;
  mutable std::mutex mutex_;
  std::deque<std::uint64_t> waiting_;
  std::vector<std::uint64_t> running_;
  std::vector<outcome> outcomes_;
  bool is_told_ = false;
  std::atomic<std::uint64_t> deaths_{0};
  std::atomic<bool> is_broken_{false};
  std::atomic<bool> is_feed_lost_{false};
  std::vector<std::unique_ptr<slot>> slots_;
};

} // namespace troupe::sweep_node
