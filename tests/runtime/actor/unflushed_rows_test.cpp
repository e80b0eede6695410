#include "runtime/actor/unflushed_rows.hpp"
#include "tests/support/test.hpp"

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
