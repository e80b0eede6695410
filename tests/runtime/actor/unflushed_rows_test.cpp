#include "runtime/actor/unflushed_rows.hpp"
#include "tests/support/test.hpp"

#include <cstdint>
#include <map>
#include <string>

using namespace troupe;

TEST_SUITE_BEGIN("actor/unflushed_rows");

namespace {

std::string found(const actor::unflushed_rows& rows, const std::string& key, const std::string& table = "done") {
  const auto* value = rows.find(table, key);
  return value ? *value : "-";
}

} // namespace

TEST_CASE("a row is found until its turn is durable, under its own table only") {
  actor::unflushed_rows rows;
  rows.put(1, "done", "a", "first");
  rows.put(2, "done", "b", "second");
  CHECK(found(rows, "a") == "first");
  CHECK(found(rows, "a", "other") == "-");
  rows.forget(1);
  CHECK(found(rows, "a") == "-");
  CHECK(found(rows, "b") == "second");
}

TEST_CASE("a later row of a key replaces the earlier one and stays until its own turn is durable, also within a turn") {
  actor::unflushed_rows rows;
  rows.put(1, "done", "a", "old");
  rows.put(2, "done", "a", "new");
  rows.put(2, "done", "a", "newest");
  rows.put(2, "done", "b", "other");
  rows.forget(1);
  CHECK(found(rows, "a") == "newest");
  rows.forget(2);
  CHECK(found(rows, "a") == "-");
  CHECK(found(rows, "b") == "-");
  rows.put(3, "done", "a", "again");
  CHECK(found(rows, "a") == "again");
  rows.forget(3);
  CHECK(found(rows, "a") == "-");
}

TEST_CASE("of many rows under way each is found, and none that has gone, whatever shares its place") {
  actor::unflushed_rows rows;
  const auto key = [](std::uint64_t n) { return "key " + std::to_string(n % 700); }; // some come again
  std::map<std::string, std::uint64_t> newest; // turn by key
  std::uint64_t durable = 0;
  for (std::uint64_t turn = 1; turn <= 3000; ++turn) {
    rows.put(turn, "done", key(turn * turn), std::to_string(turn));
    newest[key(turn * turn)] = turn;
    if (turn % 97 == 0) rows.forget(durable = turn - turn % 500);
    if (turn % 151 != 0) continue;
    for (std::uint64_t n = 0; n < 700; ++n) {
      CAPTURE(turn);
      CAPTURE(n);
      const auto at = newest.find(key(n));
      const bool is_under_way = at != newest.end() && at->second > durable;
      CHECK(found(rows, key(n)) == (is_under_way ? std::to_string(at->second) : "-"));
    }
  }
}
