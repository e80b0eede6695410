// What `troupe top` makes of two scrapes.

#include "tests/support/test.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/top_view.hpp"

using namespace troupe;
using namespace troupe::cli;
using namespace std::chrono_literals;

namespace {

wire::json_value json(const char* text) { return parse_long(text).value(); }

/// A node with two slots, the second of which another node runs.
scrape scrape_at(std::chrono::seconds at, std::uint64_t messages, const char* boot = "b1") {
  const auto node = std::string{R"({"name":"a","boot_id":")"} + boot + "\"}";
  const auto actors = R"({"actors":[{"name":"root","is_supervisor":true,"status":"RUNNING","restarts":0},
    {"name":"trading","is_supervisor":true,"status":"STOPPED","restarts":2},
    {"name":"oms/1","is_supervisor":false,"node":"a","status":"RUNNING","restarts":0,"messages":)" + std::to_string(messages) +
                      R"(,"mailbox":4,"handling_mean_ns":1500},
    {"name":"oms/10","is_supervisor":false,"node":"b","status":"HALTED","restarts":3,"messages":)" + std::to_string(messages / 10) +
                      R"(,"mailbox":9,"handling_mean_ns":2500}],"missing":["c"]})";
  auto s = scrape_of(json(node.c_str()), json(R"({"halts":[{"scope":"FIRM"},{"scope":"ACCOUNT","key":"alpha"}]})"), json(actors.c_str()));
  s.at = s.metrics_at = std::chrono::steady_clock::time_point{at};
  s.metrics = {{"troupe_oms_orders_accepted_total", static_cast<double>(messages) / 4},
               {"process_cpu_seconds_total", static_cast<double>(at.count()) * 0.25},
               {"process_resident_memory_bytes", 3 << 20},
               {"troupe_actor_handling_seconds_count{actor=\"oms/1\"}", static_cast<double>(at.count())},
               {"troupe_actor_handling_seconds_sum{actor=\"oms/1\"}", static_cast<double>(at.count()) * 7e-6}};
  return s;
}

std::vector<std::string> names_of(const std::vector<top_row>& rows) {
  std::vector<std::string> all;
  for (const auto& r : rows) all.push_back(r.actor);
  return all;
}

} // namespace

TEST_SUITE_BEGIN("tools/top");

TEST_CASE("metrics are read by series; buckets, remarks and what is no number are left out") {
  const auto m = metrics_of("# HELP x y\n# TYPE x counter\nx 3\ny{a=\"b c\",d=\"}\"} 1.5e-3 1700000000\nh_bucket{le=\"1\"} 4\nh_sum 2\nbad\nnan NaN\ninf +Inf\nlast 7");
  CHECK(m.size() == 4);
  CHECK(m.at("x") == 3);
  CHECK(m.at("y{a=\"b c\",d=\"}\"}") == doctest::Approx(0.0015));
  CHECK(m.at("h_sum") == 2);
  CHECK(m.at("last") == 7);
  CHECK(metrics_of("").empty());
}

TEST_CASE("rates are the differences of two scrapes over the time between them") {
  const auto v = view_between(scrape_at(10s, 1000), scrape_at(12s, 1500));
  CHECK(v.summary.node == "a");
  CHECK(v.summary.halts == std::vector<std::string>{"FIRM", "ACCOUNT alpha"});
  CHECK(v.summary.missing == std::vector<std::string>{"c"});
  CHECK(*v.summary.orders_per_second == doctest::Approx(62.5));
  CHECK(*v.summary.cpu_percent == doctest::Approx(25));
  CHECK(*v.summary.resident_bytes == 3 << 20);
  CHECK_FALSE(v.summary.fills_per_second); // not among the metrics
  REQUIRE(names_of(v.rows) == std::vector<std::string>{"trading", "oms/1", "oms/10"}); // of supervisors only one that is down
  CHECK(*v.rows[1].messages_per_second == doctest::Approx(250));
  CHECK(*v.rows[1].handling_us == doctest::Approx(7)); // of the interval
  CHECK(*v.rows[2].messages_per_second == doctest::Approx(25));
  CHECK(*v.rows[2].handling_us == doctest::Approx(2.5)); // of another node: since it started
}

TEST_CASE("of another life of the node, of a counter that fell and of no time at all there is no rate") {
  const auto restarted = view_between(scrape_at(10s, 1000), scrape_at(12s, 1500, "b2"));
  CHECK_FALSE(restarted.summary.orders_per_second);
  CHECK_FALSE(restarted.summary.cpu_percent);
  CHECK(restarted.summary.resident_bytes);
  CHECK_FALSE(restarted.rows[1].messages_per_second);
  CHECK(*restarted.rows[1].handling_us == doctest::Approx(1.5));
  const auto fell = view_between(scrape_at(10s, 1000), scrape_at(12s, 100));
  CHECK_FALSE(fell.summary.orders_per_second);
  CHECK_FALSE(fell.rows[1].messages_per_second);
  const auto first = view_between(scrape_at(10s, 1000), scrape_at(10s, 1000));
  CHECK_FALSE(first.rows[1].messages_per_second);
  CHECK(*first.rows[1].handling_us == doctest::Approx(1.5)); // nothing was sampled
  auto without = scrape_at(12s, 1500);
  without.metrics.clear();
  CHECK_FALSE(view_between(scrape_at(10s, 1000), without).summary.resident_bytes);
}

TEST_CASE("rows are ordered by what is asked for, the largest first, and by name where that is equal") {
  std::vector<top_row> rows{{"oms/10", "RUNNING", 5.0, 1, 0, 9.0}, {"oms/9", "RUNNING", 5.0, 3, 0, {}}, {"risk", "RUNNING", {}, 2, 0, 1.0}, {"feed/a", "RUNNING", 80.0, 0, 0, 2.0}};
  using names = std::vector<std::string>;
  sort_rows(rows, top_order::messages);
  CHECK(names_of(rows) == names{"feed/a", "oms/9", "oms/10", "risk"});
  sort_rows(rows, top_order::mailbox);
  CHECK(names_of(rows) == names{"oms/9", "risk", "oms/10", "feed/a"});
  sort_rows(rows, top_order::name);
  CHECK(names_of(rows) == names{"feed/a", "oms/9", "oms/10", "risk"});
  sort_rows(rows, top_order::time);
  CHECK(names_of(rows) == names{"oms/10", "feed/a", "risk", "oms/9"});
}

TEST_CASE("the table has no more rows than fit, the lines above say what is wrong, and nothing moves the cursor") {
  auto v = view_between(scrape_at(10s, 1000), scrape_at(12s, 1500));
  sort_rows(v.rows, top_order::messages);
  const auto lines = table_lines(v.rows, 2);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].text == "ACTOR   MESSAGES/S  MAILBOX  MEAN US  RESTARTS  STATE");
  CHECK(lines[1].text == "oms/1          250        4      7.0         0  RUNNING");
  CHECK(lines[2].text == "oms/10          25        9      2.5         3  HALTED");
  CHECK(lines[2].look == colour::red);
  CHECK(table_lines({}, 5).size() == 1);
  v.summary.not_ready = "feed x failed";
  const auto above = summary_lines(v.summary, "http://h:1");
  REQUIRE(above.size() == 3);
  CHECK(above[0].text == "node a at http://h:1: NOT READY: feed x failed");
  CHECK(above[1].text == "halts in force: FIRM, ACCOUNT alpha; away, and missing below: node c");
  CHECK(above[2].text == "62 orders/s  25.0 % CPU  3.0 MiB resident");
  CHECK(summary_lines({}, "e")[2].text == "this edge serves no metrics");
  CHECK(fitted("abc", 2) == "ab");
  CHECK(fitted("a\033[2Jb", 9) == "a?[2Jb");
  CHECK(fitted("é└x", 2) == "é└");
}

TEST_CASE("the object for programs has what is known and leaves out what is not") {
  auto v = view_between(scrape_at(10s, 1000), scrape_at(12s, 1500));
  const auto parsed = parse_long(json_of(v, "2026-01-31T00:00:00Z"));
  REQUIRE(parsed);
  CHECK(cell(*parsed, "at") == "2026-01-31T00:00:00Z");
  CHECK(cell(*parsed, "ready") == "yes");
  CHECK(cell(*parsed, "orders_per_second") == "62.5");
  CHECK(cell(*parsed, "resident_bytes") == "3145728");
  CHECK_FALSE(parsed->find("fills_per_second"));
  const auto& actors = parsed->find("actors")->items;
  REQUIRE(actors.size() == 3);
  CHECK(cell(actors[1], "messages_per_second") == "250.0");
  CHECK(cell(actors[1], "handling_us") == "7.0");
  CHECK(cell(actors[2], "status") == "HALTED");
}
