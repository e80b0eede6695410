#pragma once
// Clients that post orders over HTTP from several threads and remember what they were told: acknowledged ids, and ids whose
// outcome they do not know because the node died.

#include "tests/support/node_process.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace troupe::test {

class order_load {
public:
  explicit order_load(int connections = 8) : connections_{connections} {}
  ~order_load() { stop(); }

  /// Posts to `node` until stopped or the node dies. Ids go on from run to run.
  void start(const node_process& node);
  void stop();

  /// client id -> order id, as answered.
  [[nodiscard]] std::map<std::string, std::string> acknowledged() const;
  /// Sent, and never answered.
  [[nodiscard]] std::set<std::string> unknown() const;
  /// Asks for every unknown id again with the same body; returns how many were answered.
  std::size_t resolve(const node_process& node);
  [[nodiscard]] std::uint64_t answered() const noexcept { return answered_; }
  /// Answers that were neither 200 nor 201 nor retriable, as "status body".
  [[nodiscard]] std::vector<std::string> strange() const;

  /// The body of the order with this client id: a function of the id alone.
  [[nodiscard]] static std::string body_of(const std::string& client_id);

private:
  void run(std::uint16_t port);

  int connections_;
  std::atomic<bool> leaving_{false};
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> answered_{0};
  std::vector<std::thread> threads_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> acknowledged_;
  std::set<std::string> unknown_;
  std::vector<std::string> strange_;
};

} // namespace troupe::test
