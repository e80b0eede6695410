#pragma once
// What must hold after any fault, asked of the node over HTTP and of the journals through the independent checker.

#include "tests/nodes/process/load.hpp"

namespace troupe::test {

/// The checker says that every invariant holds, given what the clients were told and the node's own configuration. With
/// `drained` nothing may be under way: the node was stopped after it had settled.
void check_invariants(const node_process& node, const std::map<std::string, std::string>& acknowledged, bool drained = false);
/// The same over all nodes of one desk.
void check_invariants(const std::vector<const node_process*>& nodes, const std::map<std::string, std::string>& acknowledged, bool drained = false);
/// The same over the data folders of nodes that ran with these arguments of troupe-node.
void check_folders(const std::vector<std::filesystem::path>& folders, const std::vector<std::string>& configuration,
                   const std::map<std::string, std::string>& acknowledged, bool drained = false);

/// About `sample` of the acknowledged orders answer a GET as that client's, and a repeat of their POST gets the same id.
void check_acknowledged(const node_process& node, const std::map<std::string, std::string>& acknowledged, std::size_t sample);

/// Waits until nothing is under way any more; `metrics` gets the text of each node's.
void await_settled(const std::function<std::vector<std::string>()>& metrics);
/// SIGTERM once nothing is under way any more; the node ends with 0.
void stop_settled(node_process& node);
/// The same for all nodes of a desk, one after the other.
void stop_settled(const std::vector<node_process*>& nodes);

} // namespace troupe::test
