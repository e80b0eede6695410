#pragma once
// Benchmarks: each measures one thing on this machine now and returns its figures. The machine's own limits come first, so
// that ours can be read as a share of them. Nothing here asserts a time.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::bench {

/// Name, value, unit; in the order they are shown.
struct figure {
  std::string name;
  double value = 0;
  std::string unit;
};
using figures = std::vector<figure>;

/// Folder for files; on the disk that is to be measured.
struct settings {
  std::string directory;
  double seconds = 3; // of each measurement
  std::uint32_t accounts = 64; // that orders go round, at least 1: a slot each as far as their hashes allow
  std::vector<int> in_flight{1, 64, 256, 1024}; // orders under way at once, a row each
};

/// fdatasync of an appended 256 B record; loopback TCP round trip between two threads.
[[nodiscard]] figures machine_limits(const settings& s);
/// Durable orders in process, the whole path: ack after the flush, venue and reports included; 1 .. 1024 in flight.
[[nodiscard]] figures durable_orders(const settings& s);
/// Recovery of a slot with a million turns.
[[nodiscard]] figures recovery(const settings& s);
/// Our actor base against a bare CAF actor: messages a second.
[[nodiscard]] figures messaging(const settings& s);

/// A cancel and a halt behind a million orders for one slot.
[[nodiscard]] figures lanes(const settings& s);

/// Asks and market data between two nodes over TLS: our link beside CAF's BASP.
[[nodiscard]] figures link(const settings& s);
/// Trials that do nothing or wait: how many a second, and how much of the workers' time is spent inside them.
[[nodiscard]] figures sweep(const settings& s);

/// p in [0, 1] of `values`, which it sorts.
[[nodiscard]] double percentile(std::vector<double>& values, double p);

} // namespace troupe::bench
