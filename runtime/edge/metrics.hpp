#pragma once
// Counters of one server as plain atomics, so that telemetry can read them from any thread without a lock. Only grow,
// except the gauges.

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

namespace troupe::edge {

using counter = std::atomic<std::uint64_t>;

inline void raise(counter& c, std::uint64_t by = 1) noexcept { c.fetch_add(by, std::memory_order_relaxed); }

/// Requests of one route by status class: index 0 is 1xx, 4 is 5xx.
struct route_metrics {
  std::array<counter, 5> by_class{};
};

/// Time from the parsed request to its answer, of one request in 64. Bucket i counts durations below 2^i microseconds,
/// the last everything longer.
struct latency_histogram {
  static constexpr std::size_t buckets = 26;
  std::array<counter, buckets> count{};
  counter total_us{0};

  void record(std::uint64_t us) noexcept {
    const auto bucket = static_cast<std::size_t>(std::bit_width(us));
    raise(count[bucket < buckets ? bucket : buckets - 1]);
    raise(total_us, us);
  }
};

/// Why the edge refused by itself, before any handler. refusal_names lists them all.
struct refusal_metrics {
  counter connections{0};         // 503: connections_max
  counter connections_dropped{0}; // closed without a word: the places for what is urgent were taken as well
  counter in_flight{0};          // 503: no place for its lane, see lane_limits
  counter per_connection{0};     // 429: requests_per_connection
  counter draining{0};           // 503
  counter header_timeout{0};     // 408
  counter body_timeout{0};       // 408
  counter handler_timeout{0};    // 504
  counter write_timeout{0};      // closed: the client does not read
  counter header_too_large{0};   // 431
  counter target_too_long{0};    // 414
  counter body_too_large{0};     // 413
  counter malformed{0};          // 400, 505: not HTTP
  counter route_not_found{0};    // 404
  counter method_not_allowed{0}; // 405
  counter foreign_origin{0};     // 403: a web page of somebody else
  counter no_key{0};             // 401: none came, or nobody's
  counter role{0};               // 403: the key is for less
  counter tls_handshake{0};      // closed without a word: the client speaks no TLS, or not ours, or not in time
  counter no_descriptors{0};     // accept failed for want of file descriptors; the listener pauses
};

/// The refusals by name, for whoever exports them.
inline constexpr std::pair<const char*, counter refusal_metrics::*> refusal_names[] = {
  {"connections", &refusal_metrics::connections},
  {"connections_dropped", &refusal_metrics::connections_dropped},
  {"in_flight", &refusal_metrics::in_flight},
  {"per_connection", &refusal_metrics::per_connection},
  {"draining", &refusal_metrics::draining},
  {"header_timeout", &refusal_metrics::header_timeout},
  {"body_timeout", &refusal_metrics::body_timeout},
  {"handler_timeout", &refusal_metrics::handler_timeout},
  {"write_timeout", &refusal_metrics::write_timeout},
  {"header_too_large", &refusal_metrics::header_too_large},
  {"target_too_long", &refusal_metrics::target_too_long},
  {"body_too_large", &refusal_metrics::body_too_large},
  {"malformed", &refusal_metrics::malformed},
  {"route_not_found", &refusal_metrics::route_not_found},
  {"method_not_allowed", &refusal_metrics::method_not_allowed},
  {"foreign_origin", &refusal_metrics::foreign_origin},
  {"no_key", &refusal_metrics::no_key},
  {"role", &refusal_metrics::role},
  {"tls_handshake", &refusal_metrics::tls_handshake},
  {"no_descriptors", &refusal_metrics::no_descriptors},
};
static_assert(sizeof(refusal_metrics) == std::size(refusal_names) * sizeof(counter), "every refusal has a name");

struct server_metrics {
  counter connections{0}; // gauge
  counter in_flight{0};   // gauge
  counter reads_in_flight{0}; // gauge: of them, those of the data lane
  counter connections_total{0};
  counter requests_total{0};
  counter bytes_in{0};
  counter bytes_out{0};
  counter unanswered{0}; // handlers that dropped their responder: a bug of ours each time
  counter websockets{0}; // gauge
  refusal_metrics refused;
  latency_histogram latency;
};

} // namespace troupe::edge
