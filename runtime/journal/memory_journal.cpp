#include "runtime/journal/memory_journal.hpp"

#include "runtime/journal/chain.hpp"
#include "runtime/journal/stream_table.hpp"

#include <map>
#include <mutex>

namespace troupe::journal {

namespace {

struct history {
  std::vector<std::string> records; // index 0 is sequence 1
  std::map<std::uint64_t, snapshot> snapshots;
};

class memory_journal final : public journal {
public:
  explicit memory_journal(std::vector<std::string> tables) : streams_{std::move(tables)} {}

  result<stream_head> open_stream(const stream_name& stream) override {
    std::lock_guard guard{mutex_};
    auto& state = streams_.at(stream);
    ++state.epoch;
    return head_of(stream, state);
  }

  void append(append_request request, completion done) override { done(store(std::move(request))); }

  result<void> flush() override { return {}; }

  result<void> read(const stream_name& stream, std::uint64_t from,
                    const std::function<bool(const record_view&)>& visit) const override {
    std::vector<std::string> records; // a copy: `visit` runs without the lock and may append
    std::optional<std::string> anchor;
    if (from == 0) from = 1;
    {
      std::lock_guard guard{mutex_};
      const auto found = histories_.find(stream);
      if (found == histories_.end()) return {};
      const auto& all = found->second.records;
      if (from > all.size()) return {};
      if (from > 1) anchor = all[from - 2];
      records.assign(all.begin() + static_cast<std::ptrdiff_t>(from - 1), all.end());
    }
    chain_walk walk{stream, from, anchor};
    for (const auto& bytes : records) {
      auto view = walk.step(walk.next(), bytes);
      if (!view) return view.error();
      if (!visit(*view)) break;
    }
    return {};
  }

  result<std::optional<snapshot>> load_snapshot(const stream_name& stream, std::uint64_t at_most) const override {
    std::lock_guard guard{mutex_};
    const auto found = histories_.find(stream);
    if (found == histories_.end()) return std::optional<snapshot>{};
    const auto& kept = found->second.snapshots;
    auto above = kept.upper_bound(at_most);
    return above == kept.begin() ? std::optional<snapshot>{} : std::optional{std::prev(above)->second};
  }

  result<std::optional<std::string>> get(std::string_view table, std::string_view key) const override {
    std::lock_guard guard{mutex_};
    if (!streams_.has_table(table)) return unknown_table(table);
    const auto rows = sides_.find(table);
    if (rows == sides_.end()) return std::optional<std::string>{};
    const auto row = rows->second.find(key);
    return row == rows->second.end() ? std::optional<std::string>{} : std::optional{row->second};
  }

  result<void> scan(std::string_view table, std::string_view from,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    std::vector<std::pair<std::string, std::string>> copy;
    {
      std::lock_guard guard{mutex_};
      if (!streams_.has_table(table)) return unknown_table(table);
      const auto rows = sides_.find(table);
      if (rows == sides_.end()) return {};
      copy.assign(rows->second.lower_bound(from), rows->second.end());
    }
    for (const auto& [key, value] : copy)
      if (!visit(key, value)) break;
    return {};
  }

  result<std::vector<stream_head>> heads() const override {
    std::lock_guard guard{mutex_};
    return streams_.heads();
  }

  statistics stats() const override {
    std::lock_guard guard{mutex_};
    return stats_;
  }

  bool has_space() const noexcept override { return true; }

private:
  static error unknown_table(std::string_view table) {
    return fail(errc::invalid_argument, "there is no table \"" + std::string{table} + "\"");
  }

  result<std::uint64_t> store(append_request request) {
    std::lock_guard guard{mutex_};
    auto admitted = streams_.admit(request);
    if (!admitted) return admitted.error();
    auto& state = **admitted;
    auto& past = histories_[request.stream];
    for (auto& record : request.records) {
      stats_.bytes += record.size();
      past.records.push_back(std::move(record));
    }
    stats_.turns += request.records.size();
    ++stats_.flushes;
    state.sequence += request.records.size();
    if (!request.records.empty()) state.last_record = past.records.back();
    for (auto& put : request.side) sides_[put.table][put.key] = std::move(put.value);
    if (request.state) {
      const auto sequence = request.state->sequence;
      past.snapshots.insert_or_assign(sequence, std::move(*request.state));
      while (past.snapshots.size() > snapshots_kept) past.snapshots.erase(past.snapshots.begin());
    }
    return state.sequence;
  }

  mutable std::mutex mutex_;
  stream_table streams_;
  std::map<stream_name, history> histories_;
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> sides_;
  statistics stats_;
};

} // namespace

std::unique_ptr<journal> make_memory_journal(std::vector<std::string> tables) {
  return std::make_unique<memory_journal>(std::move(tables));
}

} // namespace troupe::journal
