#pragma once
// The certificates that a node shows, to clients of its edge and to the other nodes: what is wrong with them, how long they last, and the taking over of
// one that was renewed while the node runs.

#include "nodes/desk/config.hpp"
#include "nodes/desk/key_watch.hpp"
#include "runtime/cluster/link_tls.hpp"
#include "runtime/core/result.hpp"
#include "runtime/core/time.hpp"
#include "runtime/edge/tls.hpp"
#include "runtime/telemetry/metrics.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe::desk {

/// What is wrong with the certificate, or the key of it, of the listener `listener`.
struct certificate_fault {
  std::string listener;
  error why; // as of edge::make_server_tls
};
/// Of every listener with TLS; empty: all can be used.
[[nodiscard]] std::vector<certificate_fault> certificate_faults(const configuration& c);

/// One that lasts no longer is told of.
inline constexpr std::chrono::days certificate_warning{14};
/// A sentence for each certificate that is here and lasts no longer than that from `now` on.
[[nodiscard]] std::vector<std::string> expiring_certificates(const configuration& c, time_ns now);

/// Keeps the edge's listeners and the link between nodes at what their files hold, and the numbers of troupe_certificate_not_after_timestamp_seconds. Whoever owns it looks every second
/// or so, on a thread that may wait for a disk. One thread.
class certificate_watch {
public:
  /// Gets what a listener is to show from now on.
  using taker = std::function<void(const std::string& listener, edge::tls_context)>;
  /// Gets what the link is to show and trust from now on.
  using link_taker = std::function<void(cluster::link_tls)>;

  /// Before listeners and link read their files, so that no change is missed. `r` outlives it.
  certificate_watch(const configuration& c, telemetry::metrics_registry& r, taker take, link_taker take_link, edge_log tell);

  /// Takes what has not changed since the look before, so that a pair has been written whole. What does not fit together, cannot be read, has run out or would be
  /// refused by peers is told once, with the next look tried again, and until then what was there is shown. A certificate that lasts 14 days or less is told of once a day.
  void look(time_ns now);

private:
  struct watched {
    std::string listener; // empty: the link between nodes
    edge::tls_files files;
    std::filesystem::path authority; // of the link; empty for a listener
    telemetry::gauge not_after{};
    time_ns runs_out_at{};
    std::string taken, seen; // stamps of the files: as they are in use, and in the newest look
    std::string fault;       // told, and still there
    std::optional<time_ns> warned_at;
  };
  void take_renewed(watched& w);
  [[nodiscard]] result<void> show_at_listener(watched& w);
  [[nodiscard]] result<void> show_at_link(watched& w);
  void last_until(watched& w, time_ns at);

  const node_name node_;
  const taker take_;
  const link_taker take_link_;
  const edge_log tell_;
  std::vector<watched> all_;
};

} // namespace troupe::desk
