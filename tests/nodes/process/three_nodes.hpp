#pragma once
// The three nodes of config/cluster as processes of this machine, each on its own data folder, linked over loopback.

#include "tests/nodes/process/load.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace troupe::test {

class three_nodes {
public:
  /// `sets` on all of them; `sets_of_c` makes the last one differ.
  explicit three_nodes(std::vector<std::string> sets = {}, std::vector<std::string> arguments = {}, std::vector<std::string> sets_of_c = {});

  [[nodiscard]] node_process& operator[](std::size_t i) { return *nodes_[i]; }
  [[nodiscard]] std::vector<node_process*> all();
  /// Starts all and waits until each is ready and reaches the others.
  void start();
  /// All are up, reach each other and lack nothing.
  [[nodiscard]] bool is_whole();
  /// What node `at` says about node `of`: "UP", "CONNECTING", ...; empty when it did not answer.
  [[nodiscard]] std::string state_of(std::size_t at, std::size_t of) const;
  /// Ready within `limit`, as /ready says.
  [[nodiscard]] bool is_ready(std::size_t i, std::chrono::milliseconds limit = std::chrono::seconds{10});
  /// True for an order id or an account's slot that the placement gives to node i.
  [[nodiscard]] static bool has_slot(std::size_t i, std::uint32_t slot);
  /// An account whose slot is on node i.
  [[nodiscard]] static std::string account_on(std::size_t i);
  /// Where the link of node i is found, by the configuration of all.
  [[nodiscard]] std::uint16_t link_port(std::size_t i) const { return link_ports_[i]; }
  [[nodiscard]] const std::filesystem::path& folder() const { return dir_.path(); }

private:
  temporary_directory dir_;
  std::array<std::uint16_t, 3> link_ports_{};
  std::array<std::unique_ptr<node_process>, 3> nodes_;
};

/// Body of an order that is taken at once or rests far away.
[[nodiscard]] std::string order_of(const std::string& account, const std::string& client_id, bool rests = false);

} // namespace troupe::test
