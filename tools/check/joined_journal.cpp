#include "tools/check/joined_journal.hpp"

#include "actors/trading/ids.hpp"

#include <map>
#include <utility>

namespace troupe::check {
namespace {

class joined_journal final : public journal::journal {
public:
  explicit joined_journal(std::vector<const journal*> parts) : parts_{std::move(parts)} {}

  result<::troupe::journal::stream_head> open_stream(const ::troupe::journal::stream_name&) override { return read_only(); }
  void append(::troupe::journal::append_request, ::troupe::journal::completion done) override { done(read_only()); }
  result<void> flush() override { return {}; }

  result<void> read(const ::troupe::journal::stream_name& stream, std::uint64_t from,
                    const std::function<bool(const ::troupe::journal::record_view&)>& visit) const override {
    auto at = home_of(stream);
    if (!at) return at.error();
    return *at ? (*at)->read(stream, from, visit) : result<void>{};
  }

  result<std::optional<::troupe::journal::snapshot>> load_snapshot(const ::troupe::journal::stream_name& stream, std::uint64_t at_most) const override {
    auto at = home_of(stream);
    if (!at) return at.error();
    return *at ? (*at)->load_snapshot(stream, at_most) : result<std::optional<::troupe::journal::snapshot>>{std::nullopt};
  }

  result<std::optional<std::string>> get(std::string_view table, std::string_view key) const override {
    for (const auto* p : parts_) {
      auto row = p->get(table, key);
      if (!row || *row) return row;
    }
    return std::optional<std::string>{};
  }

  result<void> scan(std::string_view table, std::string_view from,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    std::vector<page> pages;
    for (const auto* p : parts_) pages.push_back({p, std::string{from}, {}, 0, false});
    for (;;) {
      page* least = nullptr;
      for (auto& p : pages) {
        if (auto filled = p.fill(table); !filled) return filled;
        if (!p.is_over() && (!least || p.row().first < least->row().first)) least = &p;
      }
      if (!least) return {};
      const auto key = least->row().first;
      if (!visit(key, least->row().second)) return {};
      for (auto& p : pages) // a row that several have, because its slot has moved, is one row
        if (!p.is_over() && p.row().first == key) ++p.at;
    }
  }

  result<std::vector<::troupe::journal::stream_head>> heads() const override {
    std::map<::troupe::journal::stream_name, ::troupe::journal::stream_head> longest;
    for (const auto* p : parts_) {
      auto some = p->heads();
      if (!some) return some.error();
      for (const auto& h : *some)
        if (const auto [at, is_new] = longest.emplace(h.stream, h); !is_new && h.sequence > at->second.sequence) at->second = h;
    }
    std::vector<::troupe::journal::stream_head> all;
    for (auto& [name, h] : longest) all.push_back(std::move(h));
    return all;
  }
  ::troupe::journal::statistics stats() const override { return {}; }
  bool has_space() const noexcept override { return false; }

private:
  /// The next rows of one part.
  struct page {
    const journal* of;
    std::string from;
    std::vector<std::pair<std::string, std::string>> rows;
    std::size_t at = 0;
    bool was_last = false;
    [[nodiscard]] bool is_over() const { return at == rows.size(); }
    [[nodiscard]] const std::pair<std::string, std::string>& row() const { return rows[at]; }
    [[nodiscard]] result<void> fill(std::string_view table) {
      constexpr std::size_t rows_at_once = 1000;
      if (at < rows.size() || was_last) return {};
      rows.clear();
      at = 0;
      auto read = of->scan(table, from, [&](std::string_view key, std::string_view value) {
        rows.emplace_back(key, value);
        return rows.size() < rows_at_once;
      });
      if (!read) return read;
      was_last = rows.size() < rows_at_once;
      if (!rows.empty()) from = rows.back().first + '\0';
      return {};
    }
  };

  using stream_homes = std::map<::troupe::journal::stream_name, const journal*>;

  /// What one part has of a slot is how the longest copy begins: nobody else ever wrote to the slot's stream.
  result<void> check_copies_of(const journal& part, const stream_homes& homes) const {
    auto some = part.heads();
    if (!some) return some.error();
    for (const auto& h : *some) {
      const auto* home = homes.at(h.stream);
      if (home == &part || h.sequence == 0 || !trading::slot_called(h.stream)) continue;
      sha256_digest there;
      auto read = home->read(h.stream, h.sequence, [&](const ::troupe::journal::record_view& r) {
        there = sha256(r.bytes);
        return false;
      });
      if (!read) torn_.insert_or_assign(h.stream, read.error());
      else if (there != h.chain)
        torn_.insert_or_assign(h.stream, fail(errc::corrupt, "two nodes have written " + h.stream.value.str() + ": their turns up to " +
                                                               std::to_string(h.sequence) + " differ"));
    }
    return {};
  }

  static error read_only() { return fail(errc::unsupported, "several nodes' journals together can only be read"); }

  result<void> find_homes() const {
    stream_homes homes;
    std::map<::troupe::journal::stream_name, std::uint64_t> longest;
    for (const auto* p : parts_) {
      auto some = p->heads();
      if (!some) return some.error();
      for (const auto& h : *some)
        if (const auto at = longest.find(h.stream); at == longest.end() || h.sequence > at->second) {
          longest[h.stream] = h.sequence;
          homes[h.stream] = p;
        }
    }
    for (const auto* p : parts_)
      if (auto looked = check_copies_of(*p, homes); !looked) return looked.error();
    homes_ = std::move(homes);
    return {};
  }

  /// Null when nobody has it; an error at every look when its copies differ, because a caller may pass over one.
  result<const journal*> home_of(const ::troupe::journal::stream_name& stream) const {
    if (homes_.empty())
      if (auto found = find_homes(); !found) return found.error();
    if (const auto torn = torn_.find(stream); torn != torn_.end()) return torn->second;
    const auto at = homes_.find(stream);
    return at == homes_.end() ? nullptr : at->second;
  }

  const std::vector<const journal*> parts_;
  mutable stream_homes homes_;
  mutable std::map<::troupe::journal::stream_name, error> torn_; // streams that cannot be read as one
};

} // namespace

std::unique_ptr<journal::journal> join(std::vector<const journal::journal*> parts) { return std::make_unique<joined_journal>(std::move(parts)); }

} // namespace troupe::check
