// Cursors over lists in memory.

#include "nodes/desk/api/limits_page.hpp"
#include "nodes/desk/api/pages.hpp"

#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::desk;

namespace {

using page_row = std::string;

auto page(std::vector<page_row> rows, const std::optional<std::string>& cursor, std::uint32_t limit) {
  return page_of("letters", std::move(rows), [](const page_row& r) { return r; },
                 cursor ? std::optional{v1::page_cursor{*cursor}} : std::nullopt, v1::page_size{limit});
}

} // namespace

TEST_SUITE_BEGIN("nodes/api/pages");

TEST_CASE("pages follow each other without a row missing or twice, and the last one has no cursor") {
  const std::vector<page_row> rows{"e", "a", "c", "b", "d"};
  std::vector<page_row> seen;
  std::optional<std::string> cursor;
  std::size_t pages = 0;
  do {
    auto p = page(rows, cursor, 2);
    REQUIRE(p);
    seen.insert(seen.end(), p->first.begin(), p->first.end());
    cursor = p->second;
    ++pages;
  } while (cursor);
  CHECK(seen == std::vector<page_row>{"a", "b", "c", "d", "e"});
  CHECK(pages == 3);
}

TEST_CASE("a page that ends with the last row has no cursor") {
  auto p = page({"a", "b"}, {}, 2);
  REQUIRE(p);
  CHECK(p->first.size() == 2);
  CHECK_FALSE(p->second);
  CHECK(page({}, {}, 2)->first.empty());
}

TEST_CASE("rows that come and go between two pages hide no other row") {
  auto first = page({"a", "b", "c", "d"}, {}, 2);
  REQUIRE(first);
  auto rest = page({"a", "aa", "c", "d"}, first->second, 10); // b, the place of the cursor, is gone
  REQUIRE(rest);
  CHECK(rest->first == std::vector<page_row>{"c", "d"});
}

TEST_CASE("a cursor that nobody was given is refused by name") {
  auto p = page({"a"}, "xyz", 2);
  REQUIRE_FALSE(p);
  CHECK(p.error().code == errc::invalid_argument);
  CHECK(p.error().fields.at(0).field == "cursor");
}

TEST_CASE("a cursor is one of its own list: the place of a row in another list is refused, and so is half a cursor") {
  const auto next = page({"a", "b", "c"}, {}, 2)->second;
  REQUIRE(next);
  CHECK(*next == "letters.62");
  CHECK(page({"a", "b", "c"}, next, 2)->first == std::vector<page_row>{"c"});
  for (const std::string other : {"62", "numbers.62", "letter.62", "letters62", "letters.6", "letters.", "letters", "", ".62", "letters..62", "LETTERS.62"}) {
    CAPTURE(other);
    const auto refused = page({"a", "b", "c"}, other, 2);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fields == bad_cursor().fields);
  }
  CHECK(next_in("letters", cursor_of("b")) == *next);
  CHECK_FALSE(next_in("letters", std::nullopt));
}

TEST_CASE("the longest cursor of a list in memory fits where cursors are taken") {
  const auto longest = key_of_parts(std::string(16, 't'), std::string(32, 'a'), std::string(31, 'i'));
  CHECK(cursor_in("positions", longest).size() <= v1::page_cursor::size_max);
}

TEST_CASE("keys of parts order as their parts do, whatever the lengths") {
  CHECK(key_of_parts("a", "z") < key_of_parts("aa", "a"));
  CHECK(key_of_parts("a", "b") < key_of_parts("a", "bb"));
  CHECK(key_of_parts("main", "x") != key_of_parts("mainx", ""));
}

TEST_CASE("limits: pages hold accounts, then blocked instruments, none missing or twice; the firm's figures are on each") {
  risk::risk_view seen;
  seen.limits_version = 7;
  seen.firm_exposure.value = price::whole(12);
  for (const char* account : {"zeta", "alpha", "BTCUSDT.SIM", " "}) seen.accounts[{account}].open_orders_max = static_cast<std::uint32_t>(std::string_view{account}.size());
  seen.blocked = {{"BTCUSDT.SIM"}, {"ETHUSDT.SIM"}};
  for (std::uint32_t limit = 1; limit <= 7; ++limit) {
    CAPTURE(limit);
    v1::page_params p{{}, v1::page_size{limit}};
    std::map<trading::account_id, v1::account_limits> accounts;
    std::vector<trading::instrument_id> blocked;
    std::size_t pages = 0;
    do {
      const auto page = limits_page_of(seen, p);
      REQUIRE(page);
      CHECK(page->limits_version == 7);
      CHECK(page->firm_exposure.value == price::whole(12));
      CHECK(page->accounts.size() + page->blocked.size() <= limit);
      for (const auto& own : page->accounts) CHECK(accounts.insert(own).second);
      blocked.insert(blocked.end(), page->blocked.begin(), page->blocked.end());
      p.cursor.reset();
      if (page->next) p.cursor = v1::page_cursor{*page->next};
      ++pages;
    } while (p.cursor);
    CHECK(accounts.size() == 4);
    for (const auto& [account, own] : accounts) CHECK(own.open_orders_max.value == account.value.view().size());
    CHECK(blocked == seen.blocked);
    CHECK(pages == (6 + limit - 1) / limit);
  }
  const auto bad = limits_page_of(seen, {v1::page_cursor{"xyz"}, {}});
  REQUIRE_FALSE(bad);
  CHECK(bad.error().fields.at(0).field == "cursor");
}
