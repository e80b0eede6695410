#pragma once
// What clients of a desk see while one of its nodes is away, and once it is back. The times are what the desk promises.

#include "tests/nodes/process/three_nodes.hpp"

#include <functional>

namespace troupe::test {

/// Posts the body of an order somewhere.
using order_entry = std::function<result<edge::client_response>(const std::string& body)>;
[[nodiscard]] order_entry orders_at(const node_process& node);

struct outage {
  std::string node;    // who goes away
  std::string account; // has its slot there
  order_entry orders;  // at another node
  std::function<void()> breaks;
  std::function<void()> meanwhile; // while it is away
  std::function<void()> mends;     // returns behind its ready line, or with the network back
};

/// The first order behind `breaks` is answered 503 with the reason and a time to come back, within a second; behind `mends` one is taken
/// within two. When only a time is missed, all of it happens once more: the machine may have been busy with something else.
void check_outage(const outage& o);

/// How long until an order of this account is taken; a failed check when none is within ten seconds.
std::chrono::milliseconds until_taken(const order_entry& orders, const std::string& account);

/// Where `orders` enters nothing was heard of risk since `cut`. An order that begins when the lease of then has run out is refused by
/// that name, and so are all behind it.
void check_lease_runs_out(const order_entry& orders, const std::string& account, std::chrono::steady_clock::time_point cut);

} // namespace troupe::test
