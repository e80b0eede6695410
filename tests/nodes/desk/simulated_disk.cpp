#include "tests/nodes/desk/simulated_disk.hpp"

#include <algorithm>
#include <utility>

namespace troupe::test {

nanoseconds simulated_disk::next_due() const { return std::min(write_due_, sync_due_); }

void simulated_disk::step() {
  if (sync_due_ <= host_.now) sync();
  else if (write_due_ <= host_.now) write();
}

void simulated_disk::lose_rest() {
  host_.losses.lost += queue_.size();
  auto kept = written_.empty() ? 0 : host_.random() % (written_.size() + 1);
  for (auto& g : written_) {
    (kept > 0 ? host_.losses.kept : host_.losses.lost) += g.size();
    if (kept == 0) continue;
    --kept;
    for (auto& j : g) durable_->append(std::move(j.request), [](const result<std::uint64_t>&) {});
  }
  queue_.clear();
  written_.clear();
  write_due_ = sync_due_ = nanoseconds::max();
}

/// Whoever died on the way raises it for nobody, as one more short life would.
result<journal::stream_head> simulated_disk::open_stream(const ::troupe::journal::stream_name& s) {
  (void)flush();
  return durable_->open_stream(s);
}

void simulated_disk::append(::troupe::journal::append_request r, ::troupe::journal::completion done) {
  if (!*host_.is_alive) return;
  queue_.push_back({std::move(r), std::move(done)});
  if (host_.slowest == nanoseconds{}) (void)flush();
  else if (write_due_ == nanoseconds::max()) write_due_ = drawn_due();
}

result<void> simulated_disk::flush() {
  if (*host_.is_alive && write()) sync();
  return {};
}

result<std::vector<journal::stream_head>> simulated_disk::heads() const {
  (void)const_cast<simulated_disk*>(this)->flush();
  return durable_->heads();
}

/// At once half the time: then several steps of a turn's way fall on one instant.
nanoseconds simulated_disk::drawn_due() {
  if (host_.slowest == nanoseconds{} || host_.random() % 2 == 0) return host_.now;
  return host_.now + std::chrono::microseconds{1 + host_.random() % static_cast<std::uint64_t>(host_.slowest / std::chrono::microseconds{1})};
}

bool simulated_disk::write() {
  write_due_ = nanoseconds::max();
  if (queue_.empty()) return true;
  if (!pass("journal.batch_built")) return false;
  written_.push_back(std::exchange(queue_, {}));
  if (sync_due_ == nanoseconds::max()) sync_due_ = drawn_due();
  return pass("journal.wal_written");
}

void simulated_disk::sync() {
  sync_due_ = nanoseconds::max();
  if (written_.empty()) return;
  std::vector<std::pair<::troupe::journal::completion, result<std::uint64_t>>> answers;
  for (auto& g : std::exchange(written_, {}))
    for (auto& j : g)
      durable_->append(std::move(j.request), [&](result<std::uint64_t> r) { answers.emplace_back(std::move(j.done), std::move(r)); });
  if (!pass("journal.wal_synced") || !pass("journal.committed") || !pass("journal.frontier_named")) return;
  for (auto& [done, outcome] : answers) done(std::move(outcome));
  (void)pass("journal.answered");
}

bool simulated_disk::pass(std::string_view point) {
  host_.point(point);
  return *host_.is_alive;
}

} // namespace troupe::test
