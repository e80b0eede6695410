#pragma once
// From a peer's host to its addresses. The system's resolver may take minutes to say that no server answers, and cannot be interrupted: each
// peer is looked up in a thread of its own, so that it holds up neither the others nor the end of the link. What is an address already needs
// no resolver. Used on one thread, the one that runs `io`.

#include "runtime/core/ids.hpp"
#include "runtime/core/result.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace troupe::cluster {

/// Addresses of a host as text, in the resolver's order. Blocks for as long as the system's resolver does. Errors: not_found.
[[nodiscard]] result<std::vector<std::string>> system_addresses(const std::string& host);

class host_lookup {
public:
  using addresses = result<std::vector<std::string>>;
  using resolver = std::function<addresses(const std::string& host)>;
  using told = std::function<void(const addresses&)>;

  /// `how` is called in threads of its own, also when this is gone. `io` outlives this.
  host_lookup(boost::asio::io_context& io, resolver how);
  /// Waits for nobody: what is under way is told to nobody.
  ~host_lookup();
  host_lookup(const host_lookup&) = delete;
  host_lookup& operator=(const host_lookup&) = delete;

  /// Tells `when_known` on the thread of `io`: at once of an address, else when the resolver has answered. Of each peer one lookup is under
  /// way at most; who asks again meanwhile gets its answer in the place of whoever asked before, who has given up.
  void find(const node_name& peer, const std::string& host, told when_known);

private:
  struct shared;
  void answer(const node_name& peer, const addresses& found);

  std::shared_ptr<shared> shared_; // with the threads
  std::map<node_name, told> waiting_;
};

} // namespace troupe::cluster
