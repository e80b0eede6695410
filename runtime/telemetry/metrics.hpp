#pragma once
// Counters, gauges and histograms as plain atomics that prometheus-cpp collects when somebody scrapes. A handle is one
// pointer and an increment one relaxed atomic add. Handles are used from any thread and must not outlive their
// registry; a default-made handle counts nothing, so that code under test needs no registry.
//
// Names: troupe_<actor>_<noun>_<unit>, counters end in _total; process_* for what Prometheus itself standardises.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::telemetry {

class metrics_registry;

/// Only grows.
class counter {
public:
  counter() = default;
  void add(std::uint64_t n = 1) const noexcept {
    if (cell_) cell_->fetch_add(n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return cell_ ? cell_->load(std::memory_order_relaxed) : 0; }

private:
  friend metrics_registry;
  explicit counter(std::atomic<std::uint64_t>* cell) : cell_{cell} {}
  std::atomic<std::uint64_t>* cell_ = nullptr;
};

/// Goes up and down, in whole units.
class gauge {
public:
  gauge() = default;
  void set(std::int64_t x) const noexcept {
    if (cell_) cell_->store(x, std::memory_order_relaxed);
  }
  void add(std::int64_t n) const noexcept {
    if (cell_) cell_->fetch_add(n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t value() const noexcept { return cell_ ? cell_->load(std::memory_order_relaxed) : 0; }

private:
  friend metrics_registry;
  explicit gauge(std::atomic<std::int64_t>* cell) : cell_{cell} {}
  std::atomic<std::int64_t>* cell_ = nullptr;
};

/// Counts whole units (nanoseconds, orders, bytes) into buckets with inclusive upper bounds.
class histogram {
public:
  histogram() = default;
  /// Negative values count as zero.
  void observe(std::int64_t units) const noexcept;
  void observe(std::chrono::nanoseconds d) const noexcept { observe(d.count()); }
  /// Takes over what somebody else counted by the same bounds: `n` more in bucket `i`, the last being beyond all bounds.
  void add(std::size_t bucket, std::uint64_t n) const noexcept;
  void add_sum(std::uint64_t units) const noexcept;
  /// Takes over what somebody else counted in the same buckets since the last call with the same `seen`.
  template <class Counts>
  void follow(const Counts& now, Counts& seen) const noexcept {
    for (std::size_t i = 0; i < now.in.size(); ++i) add(i, now.in[i] - seen.in[i]);
    add_sum(now.sum - seen.sum);
    seen = now;
  }
  [[nodiscard]] std::uint64_t count() const noexcept;

private:
  friend metrics_registry;
  struct cells {
    std::vector<std::int64_t> bounds;                     // ascending
    std::unique_ptr<std::atomic<std::uint64_t>[]> counts; // one more than bounds: the last is beyond all
    std::atomic<std::uint64_t> sum{0};
  };
  explicit histogram(cells* c) : cells_{c} {}
  cells* cells_ = nullptr;
};

/// Bucket bounds for durations: 1 us to 10 s, three a decade. Shown in seconds.
[[nodiscard]] const std::vector<std::int64_t>& duration_buckets();
/// Bucket bounds for sizes of batches and queues: powers of two from 1 to 65,536.
[[nodiscard]] const std::vector<std::int64_t>& size_buckets();

/// Label pairs of one series: {{"actor", "oms/17"}}.
using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// All series of a node. Asking again for the same name and labels gives the same series, so a restarted actor
/// continues its own. A family holds at most `series_max` series; the next handle counts nothing, and the refusal is
/// counted in troupe_metrics_series_refused_total. Asserts on a malformed name and on one name used as two kinds.
class metrics_registry {
public:
  explicit metrics_registry(std::size_t series_max = 1024);
  ~metrics_registry();
  metrics_registry(const metrics_registry&) = delete;
  metrics_registry& operator=(const metrics_registry&) = delete;

  [[nodiscard]] counter make_counter(std::string_view name, std::string_view help, labels l = {});
  [[nodiscard]] gauge make_gauge(std::string_view name, std::string_view help, labels l = {});
  /// Counts nanoseconds; `name` ends in _seconds_total.
  [[nodiscard]] counter make_duration_counter(std::string_view name, std::string_view help, labels l = {});
  /// Holds nanoseconds; `name` ends in _seconds.
  [[nodiscard]] gauge make_duration_gauge(std::string_view name, std::string_view help, labels l = {});
  /// `name` ends in _seconds; bounds are nanoseconds.
  [[nodiscard]] histogram make_duration_histogram(std::string_view name, std::string_view help, labels l = {},
                                                  const std::vector<std::int64_t>& bounds = duration_buckets());
  [[nodiscard]] histogram make_histogram(std::string_view name, std::string_view help,
                                         const std::vector<std::int64_t>& bounds, labels l = {});

  /// Calls `f` at the start of every scrape, in the scraping thread, while the returned token lives. `f` sets gauges;
  /// it must not block and must not make series.
  [[nodiscard]] std::shared_ptr<void> before_scrape(std::function<void()> f);

  /// Everything in the Prometheus text format 0.0.4, families in the order of their names.
  [[nodiscard]] std::string exposition() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// The Content-Type of `exposition`.
inline constexpr std::string_view exposition_type = "text/plain; version=0.0.4; charset=utf-8";

} // namespace troupe::telemetry
