// Pages over the tables of finished orders and fills, against a journal in memory.

#include "nodes/desk/api/tables.hpp"

#include "actors/trading/oms/done.hpp"
#include "actors/trading/portfolio/core.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::desk;

namespace {

/// Writes rows beside one turn of a stream.
class store {
public:
  explicit store(std::shared_ptr<journal::journal> j) : journal{std::move(j)} {}

  void put(std::vector<actor::archive::row> rows) {
    auto head = journal->open_stream(stream_);
    REQUIRE(head);
    journal::append_request r;
    r.stream = stream_;
    r.epoch = head->epoch;
    r.first_sequence = head->sequence + 1;
    journal::record_header h;
    h.stream = stream_;
    h.sequence = r.first_sequence;
    h.epoch = r.epoch;
    h.previous = head->chain;
    r.records.emplace_back();
    journal::encode_record(h, "turn", r.records.back());
    for (auto& row : rows) r.side.push_back({row.table, row.key, row.value});
    bool written = false;
    journal->append(std::move(r), [&](result<std::uint64_t> done) { written = done.has_value(); });
    REQUIRE(written);
  }

  std::shared_ptr<journal::journal> journal;

private:
  journal::stream_name stream_{"oms/0"};
};

oms::order finished(std::uint32_t slot, std::uint64_t number, const char* account, std::int64_t updated) {
  oms::order o;
  o.id = trading::order_id::make(slot, number);
  o.request.tenant = {"main"};
  o.request.account = trading::account_id{account};
  o.request.client_id = {text<48>{"c" + std::to_string(slot) + "-" + std::to_string(number)}};
  o.status = trading::order_status::filled;
  o.updated_at = time_from_ns(updated);
  return o;
}

store orders(const std::vector<oms::order>& all) {
  store s{journal::make_memory_journal()};
  std::vector<actor::archive::row> rows;
  actor::archive open{rows};
  for (const auto& o : all) oms::archive_done({o, {}}, open);
  s.put(std::move(rows));
  return s;
}

std::string ids(const std::vector<oms::order>& all) {
  std::string out;
  for (const auto& o : all) out += to_text(o.id) + " ";
  return out;
}

} // namespace

TEST_SUITE_BEGIN("nodes/api/tables");

TEST_CASE("finished orders come ascending in pages, keys of clients never among them") {
  auto s = orders({finished(0, 1, "a", 1), finished(0, 2, "b", 2), finished(5, 1, "a", 3), finished(63, 7, "a", 4)});
  auto page = finished_orders(*s.journal, {}, 63, {}, 2);
  REQUIRE(page);
  CHECK(ids(page->orders) == "0-1 0-2 ");
  REQUIRE(page->stopped_at);
  page = finished_orders(*s.journal, *page->stopped_at, 63, {}, 10);
  REQUIRE(page);
  CHECK(ids(page->orders) == "5-1 63-7 ");
  CHECK_FALSE(page->stopped_at);
}

TEST_CASE("finished orders: the scope filters, and the last slot bounds") {
  auto s = orders({finished(0, 1, "a", 1), finished(0, 2, "b", 2), finished(5, 1, "a", 3)});
  order_scope of_a;
  of_a.account = trading::account_id{"a"};
  CHECK(ids(finished_orders(*s.journal, {}, 63, of_a, 10)->orders) == "0-1 5-1 ");
  CHECK(ids(finished_orders(*s.journal, {}, 0, of_a, 10)->orders) == "0-1 ");
}

TEST_CASE("one finished order is found by its id, and another id is nothing") {
  auto s = orders({finished(2, 9, "a", 1)});
  auto found = finished_order(*s.journal, trading::order_id::make(2, 9));
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->request.account == trading::account_id{"a"});
  auto missing = finished_order(*s.journal, trading::order_id::make(2, 10));
  REQUIRE(missing);
  CHECK_FALSE(*missing);
}

TEST_CASE("the newest finished orders are those that changed last, of whatever slot, not far behind the newest number") {
  const trading::account_id a{"a"};
  const auto slot = trading::slot_of({"main"}, a);
  const auto other = (slot + 1) % trading::slot_count;
  auto s = orders({finished(slot, 1, "a", 50), finished(slot, 70, "a", 10), finished(slot, 9000, "a", 30), finished(other, 3, "b", 40)});
  auto newest = newest_finished(*s.journal, {}, 3);
  REQUIRE(newest);
  REQUIRE(newest->size() == 2); // numbers 1 and 70 are further back than a slot is looked at
  CHECK((*newest)[0].updated_at == time_from_ns(40));
  CHECK((*newest)[1].updated_at == time_from_ns(30));

  order_scope of_a;
  of_a.account = a;
  newest = newest_finished(*s.journal, of_a, 1);
  REQUIRE(newest);
  CHECK(ids(*newest) == to_text(trading::order_id::make(slot, 9000)) + " ");
}

TEST_CASE("an empty table has no newest order") {
  auto s = store{journal::make_memory_journal()};
  auto newest = newest_finished(*s.journal, {}, 5);
  REQUIRE(newest);
  CHECK(newest->empty());
}

TEST_CASE("fills come ascending by time in pages whose cursor leads to exactly the rest") {
  store s{journal::make_memory_journal({"fills"})};
  std::vector<actor::archive::row> rows;
  for (int i = 0; i < 5; ++i) {
    portfolio::fill f;
    f.order = trading::order_id::make(1, static_cast<std::uint64_t>(i % 2 + 1));
    f.account = trading::account_id{i == 3 ? "b" : "a"};
    f.execution = {text<31>{"e" + std::to_string(i)}};
    f.decided_at = time_from_ns(1000 - i); // written newest first
    std::string value;
    wire::encode(f, value);
    rows.push_back({std::string{portfolio::fills_table}, portfolio::fill_key(f, 0), value});
  }
  s.put(std::move(rows));
  const auto names = [](const std::vector<portfolio::fill>& fills) {
    std::string out;
    for (const auto& f : fills) out += f.execution.value.str() + " ";
    return out;
  };
  auto page = read_fills(*s.journal, {}, {}, 2);
  REQUIRE(page);
  CHECK(names(page->fills) == "e4 e3 ");
  REQUIRE(page->next);
  const auto cursor = cursor_of(*page->next);
  auto key = key_of(cursor);
  REQUIRE(key);
  CHECK(*key == *page->next);
  page = read_fills(*s.journal, *key, {}, 10);
  REQUIRE(page);
  CHECK(names(page->fills) == "e2 e1 e0 ");
  CHECK_FALSE(page->next);

  fill_scope of_b;
  of_b.account = trading::account_id{"b"};
  CHECK(names(read_fills(*s.journal, {}, of_b, 10)->fills) == "e3 ");
}

TEST_CASE("cursors that nobody was given are refused") {
  for (const char* bad : {"0", "zz", "0G", "ABC"}) CHECK_FALSE(key_of(bad));
  CHECK(key_of("00ff") == std::string("\0\xff", 2));
}
