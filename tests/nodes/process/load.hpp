#pragma once
// Clients that post orders over HTTP from several threads and remember what they were told: acknowledged ids, and ids whose
// outcome they do not know because the node died.

#include "tests/support/node_process.hpp"

#include <atomic>
#include <functional>
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

  /// Posts to `node` until stopped, or until a connection ends without an answer. Ids go on from run to run.
  void start(const node_process& node) { start(node.port()); }
  /// The same at a port of this host, or of the one that `enter` makes the threads' own.
  void start(std::uint16_t port, const std::function<void()>& enter = [] {});
  void stop();

  /// client id -> order id, as answered.
  [[nodiscard]] std::map<std::string, std::string> acknowledged() const;
  /// Sent, and never answered with an outcome.
  [[nodiscard]] std::set<std::string> unknown() const;
  /// Of them those that were sent whole and got no answer of any kind: the connection ended, or nothing came for 8 s.
  [[nodiscard]] std::set<std::string> cut() const;
  /// How many were answered with this status.
  [[nodiscard]] std::uint64_t answered_with(unsigned status) const;
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
  std::set<std::string> unknown_, cut_;
  std::map<unsigned, std::uint64_t> statuses_;
  std::vector<std::string> strange_;
};

} // namespace troupe::test
