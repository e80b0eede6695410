#include "runtime/telemetry/metrics.hpp"

#include "runtime/core/assert.hpp"
#include "runtime/core/tally.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <list>
#include <map>
#include <mutex>
#include <sstream>

namespace troupe::telemetry {
namespace {

bool is_name(std::string_view name) noexcept {
  const bool has_prefix = name.starts_with("troupe_") || name.starts_with("process_");
  return has_prefix && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

constexpr double nanoseconds_in_one = 1e9; // seconds, which Prometheus wants all time in

using label_set = std::vector<std::pair<std::string, std::string>>;

} // namespace

void histogram::observe(std::int64_t units) const noexcept {
  if (!cells_) return;
  const auto x = std::max<std::int64_t>(units, 0);
  const auto bucket = std::lower_bound(cells_->bounds.begin(), cells_->bounds.end(), x) - cells_->bounds.begin();
  cells_->counts[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  cells_->sum.fetch_add(static_cast<std::uint64_t>(x), std::memory_order_relaxed);
}

void histogram::add(std::size_t bucket, std::uint64_t n) const noexcept {
  if (cells_) cells_->counts[std::min(bucket, cells_->bounds.size())].fetch_add(n, std::memory_order_relaxed);
}

void histogram::add_sum(std::uint64_t units) const noexcept {
  if (cells_) cells_->sum.fetch_add(units, std::memory_order_relaxed);
}

std::uint64_t histogram::count() const noexcept {
  std::uint64_t n = 0;
  if (cells_)
    for (std::size_t i = 0; i <= cells_->bounds.size(); ++i) n += cells_->counts[i].load(std::memory_order_relaxed);
  return n;
}

const std::vector<std::int64_t>& duration_buckets() {
  static const std::vector<std::int64_t> ns{duration_bounds.begin(), duration_bounds.end()};
  return ns;
}

const std::vector<std::int64_t>& size_buckets() {
  static const std::vector<std::int64_t> sizes{size_bounds.begin(), size_bounds.end()};
  return sizes;
}

struct metrics_registry::impl final : prometheus::Collectable {
  struct family {
    prometheus::MetricType type;
    std::string help;
    double units_in_one = 1; // of the exposition. Divided by, so that bounds of buckets come out as they are written: 4e-06 and not 4.000000000000001e-06
    // Maps keep their elements in place, which is what handles point to.
    std::map<label_set, std::atomic<std::uint64_t>> counters;
    std::map<label_set, std::atomic<std::int64_t>> gauges;
    std::map<label_set, histogram::cells> histograms;
  };

  explicit impl(std::size_t max) : series_max{max} {}

  family& of(std::string_view name, std::string_view help, prometheus::MetricType type, double units_in_one) {
    TROUPE_ASSERT(is_name(name), "a metric is named troupe_<actor>_<noun>_<unit>");
    const bool is_total = name.ends_with("_total");
    TROUPE_ASSERT(is_total == (type == prometheus::MetricType::Counter), "counters, and only they, end in _total");
    auto& f = families.try_emplace(std::string{name}, family{type, std::string{help}, units_in_one, {}, {}, {}}).first->second;
    TROUPE_ASSERT(f.type == type, "one name is one kind of metric");
    return f;
  }

  /// The cell of `l`, made when there is room; null when the family is full.
  template <class Cell>
  Cell* cell(std::map<label_set, Cell>& cells, labels l) {
    label_set key;
    for (const auto& [name, value] : l) key.emplace_back(name, value);
    std::sort(key.begin(), key.end());
    if (auto found = cells.find(key); found != cells.end()) return &found->second;
    if (cells.size() >= series_max) {
      refused.fetch_add(1, std::memory_order_relaxed);
      return nullptr;
    }
    return &cells.try_emplace(std::move(key)).first->second;
  }

  histogram::cells* histogram_cells(std::string_view name, std::string_view help, const std::vector<std::int64_t>& bounds,
                                    double units_in_one, labels l) {
    std::lock_guard guard{mutex};
    auto* found = cell(of(name, help, prometheus::MetricType::Histogram, units_in_one).histograms, l);
    if (found && !found->counts) {
      found->bounds = bounds;
      found->counts = std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1);
    }
    return found;
  }

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

  std::size_t series_max;
  mutable std::mutex mutex;
  std::map<std::string, family> families;
  std::atomic<std::uint64_t> refused{0};
  std::mutex scrape_mutex; // one scrape at a time, so that a hook never runs twice at once
  std::mutex hooks_mutex;
  std::list<std::weak_ptr<std::function<void()>>> hooks;
};

namespace {

prometheus::ClientMetric labelled(const label_set& key) {
  prometheus::ClientMetric m;
  for (const auto& [name, value] : key) m.label.push_back({name, value});
  return m;
}

} // namespace

std::vector<prometheus::MetricFamily> metrics_registry::impl::Collect() const {
  std::lock_guard guard{mutex};
  std::vector<prometheus::MetricFamily> all;
  for (const auto& [name, f] : families) {
    prometheus::MetricFamily out{name, f.help, f.type, {}};
    for (const auto& [key, cell] : f.counters) {
      out.metric.push_back(labelled(key));
      out.metric.back().counter.value = static_cast<double>(cell.load(std::memory_order_relaxed)) / f.units_in_one;
    }
    for (const auto& [key, cell] : f.gauges) {
      out.metric.push_back(labelled(key));
      out.metric.back().gauge.value = static_cast<double>(cell.load(std::memory_order_relaxed)) / f.units_in_one;
    }
    for (const auto& [key, cells] : f.histograms) {
      out.metric.push_back(labelled(key));
      auto& h = out.metric.back().histogram;
      for (std::size_t i = 0; i <= cells.bounds.size(); ++i) {
        h.sample_count += cells.counts[i].load(std::memory_order_relaxed);
        const bool is_last = i == cells.bounds.size();
        h.bucket.push_back({h.sample_count, is_last ? std::numeric_limits<double>::infinity()
                                                    : static_cast<double>(cells.bounds[i]) / f.units_in_one});
      }
      h.sample_sum = static_cast<double>(cells.sum.load(std::memory_order_relaxed)) / f.units_in_one;
    }
    all.push_back(std::move(out));
  }
  prometheus::MetricFamily refusals{"troupe_metrics_series_refused_total",
                                    "Series that were not made because their family was full.",
                                    prometheus::MetricType::Counter, {{}}};
  refusals.metric[0].counter.value = static_cast<double>(refused.load(std::memory_order_relaxed));
  all.push_back(std::move(refusals));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

metrics_registry::metrics_registry(std::size_t series_max) : impl_{std::make_unique<impl>(series_max)} {}
metrics_registry::~metrics_registry() = default;

counter metrics_registry::make_counter(std::string_view name, std::string_view help, labels l) {
  std::lock_guard guard{impl_->mutex};
  return counter{impl_->cell(impl_->of(name, help, prometheus::MetricType::Counter, 1).counters, l)};
}

gauge metrics_registry::make_gauge(std::string_view name, std::string_view help, labels l) {
  std::lock_guard guard{impl_->mutex};
  return gauge{impl_->cell(impl_->of(name, help, prometheus::MetricType::Gauge, 1).gauges, l)};
}

counter metrics_registry::make_duration_counter(std::string_view name, std::string_view help, labels l) {
  TROUPE_ASSERT(name.ends_with("_seconds_total"), "a counter of time ends in _seconds_total");
  std::lock_guard guard{impl_->mutex};
  return counter{impl_->cell(impl_->of(name, help, prometheus::MetricType::Counter, nanoseconds_in_one).counters, l)};
}

gauge metrics_registry::make_duration_gauge(std::string_view name, std::string_view help, labels l) {
  TROUPE_ASSERT(name.ends_with("_seconds"), "a duration's metric ends in _seconds");
  std::lock_guard guard{impl_->mutex};
  return gauge{impl_->cell(impl_->of(name, help, prometheus::MetricType::Gauge, nanoseconds_in_one).gauges, l)};
}

histogram metrics_registry::make_duration_histogram(std::string_view name, std::string_view help, labels l,
                                                    const std::vector<std::int64_t>& bounds) {
  TROUPE_ASSERT(name.ends_with("_seconds"), "a duration's metric ends in _seconds");
  return histogram{impl_->histogram_cells(name, help, bounds, nanoseconds_in_one, l)};
}

histogram metrics_registry::make_histogram(std::string_view name, std::string_view help,
                                           const std::vector<std::int64_t>& bounds, labels l) {
  TROUPE_ASSERT(!bounds.empty() && std::is_sorted(bounds.begin(), bounds.end()), "histogram bounds ascend");
  return histogram{impl_->histogram_cells(name, help, bounds, 1, l)};
}

std::shared_ptr<void> metrics_registry::before_scrape(std::function<void()> f) {
  auto hook = std::make_shared<std::function<void()>>(std::move(f));
  std::lock_guard guard{impl_->hooks_mutex};
  impl_->hooks.push_back(hook);
  return hook;
}

std::string metrics_registry::exposition() const {
  std::lock_guard scrape{impl_->scrape_mutex};
  std::vector<std::shared_ptr<std::function<void()>>> hooks;
  {
    std::lock_guard guard{impl_->hooks_mutex};
    impl_->hooks.remove_if([](const auto& hook) { return hook.expired(); });
    for (const auto& hook : impl_->hooks)
      if (auto alive = hook.lock()) hooks.push_back(std::move(alive));
  }
  for (const auto& hook : hooks) (*hook)();
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, impl_->Collect());
  return std::move(out).str();
}

} // namespace troupe::telemetry
