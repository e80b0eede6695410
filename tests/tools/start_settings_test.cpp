// What was configured when: as text, in a data folder, and against what is open.

#include "actors/trading/start_settings.hpp"
#include "nodes/desk/settings_on_record.hpp"
#include "tests/tools/journals.hpp"

#include <fstream>
#include <iterator>

using namespace troupe;
using namespace troupe::check::test;

TEST_SUITE_BEGIN("trading/start_settings");

namespace {

trading::start_settings settings_with(const char* quote, const char* exposure_max = "1000", std::uint64_t since = 1) {
  trading::start_settings s;
  s.since = since;
  s.limits.exposure_max.value = px(exposure_max);
  s.limits.mark_age_max = std::chrono::milliseconds{1500};
  s.market_protection_bps = 250;
  s.quotes[btc] = quote;
  return s;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("settings are read as they were written, and what is no such text is refused with its line") {
  auto later = settings_with("USD", "0.00000001", 1'800'000'000'000'000'007);
  later.quotes[{"A\"B.SIM"}] = "EUR";
  const std::vector all{settings_with("USDT"), later};
  const auto text = to_text(all);
  const auto read = trading::start_settings_from(text);
  REQUIRE(read.has_value());
  CHECK(*read == all);
  CHECK(trading::start_settings_from("")->empty());
  const auto first = to_text({all[0]});
  for (const auto& [bad, line] : std::vector<std::pair<std::string, const char*>>{
         {text.substr(0, text.size() - 1), "line 2"}, {first + "{}\n", "line 2"}, {first + first, "line 2"}, {"\n", "line 1"}, {"nothing\n", "line 1"}}) {
    CAPTURE(bad);
    const auto refused = trading::start_settings_from(bad);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::malformed);
    CHECK(refused.error().message.starts_with(line));
  }
}

TEST_CASE("only a change is noted, from behind the one before; a quote is kept when its instrument is not listed any more") {
  std::vector<trading::start_settings> all;
  CHECK(note(all, settings_with("USDT", "1000", 5)));
  CHECK_FALSE(note(all, settings_with("USDT", "1000", 9)));
  CHECK(note(all, settings_with("USDT", "2000", 3))); // a clock that was set back
  REQUIRE(all.size() == 2);
  CHECK(all[1].since == 6);
  auto without = settings_with("USDT", "2000", 20);
  without.quotes.clear();
  CHECK_FALSE(note(all, without));
  CHECK(trading::in_force(all, 4) == nullptr);
  CHECK(trading::in_force(all, 5) == &all[0]);
  CHECK(trading::in_force(all, 6) == &all[1]);
  CHECK(trading::in_force(all, UINT64_MAX) == &all[1]);
  for (std::uint64_t n = 0; n < 2 * trading::start_settings_max; ++n) note(all, settings_with("USDT", std::to_string(n + 1).c_str(), 100 + n));
  CHECK(all.size() == trading::start_settings_max);
  CHECK(all.back().limits.exposure_max.value == price::whole(2 * trading::start_settings_max));
}

TEST_CASE("a data folder remembers what was configured from which turn on; an instrument with an open order keeps its quote, and a refusal changes nothing") {
  troupe::test::temporary_directory dir;
  const auto file = dir.path() / trading::start_settings_file;
  desk_journals d;
  const auto order = d.request("c1");
  d.accept(1, order);
  const auto put = [&](const trading::start_settings& s, std::uint64_t slots = ~std::uint64_t{0}) { return desk::put_settings_on_record(dir.path(), *d.desk, slots, s); };

  auto since = put(settings_with("USDT"));
  REQUIRE(since.has_value());
  CHECK(since->since == d.hybrid_time + 1); // behind what is on record, whatever the clock says
  CHECK(put(settings_with("USDT", "1000", 7))->since == since->since);
  const auto before = text_of(file);
  CHECK(trading::start_settings_from(before)->size() == 1);

  auto refused = put(settings_with("USD", "2000"));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(refused.error().message.starts_with("the instrument BTCUSDT.SIM is configured with the quote USD, but order " + to_text(id(1)) + " of account alpha is open in USDT"));
  CHECK(text_of(file) == before);

  const auto ended = d.report("1", 1, venue::exec_type::canceled);
  d.apply(d.execution(order, ended, order_status::canceled, "0", "0"), 1);
  since = put(settings_with("USD", "2000"));
  REQUIRE(since.has_value());
  CHECK(since->since == d.hybrid_time + 1);
  auto without = settings_with("USD", "2000");
  without.quotes.clear();
  CHECK(put(without)->quotes.at(btc) == currency{"USD"}); // not listed any more
  const auto all = trading::start_settings_from(text_of(file)).value();
  REQUIRE(all.size() == 2);
  CHECK(all[0].quotes.at(btc) == currency{"USDT"});
  CHECK(all[1].quotes.at(btc) == currency{"USD"});
  CHECK(all[1].limits.exposure_max.value == px("2000"));
}

TEST_CASE("what is open in a slot of another node keeps no quote here; a damaged file is put aside and begins anew") {
  troupe::test::temporary_directory dir;
  desk_journals d;
  d.accept(1, d.request("c1"));
  REQUIRE(desk::put_settings_on_record(dir.path(), *d.desk, ~std::uint64_t{0}, settings_with("USDT")));
  CHECK(desk::put_settings_on_record(dir.path(), *d.desk, ~(std::uint64_t{1} << slot()), settings_with("USD")).has_value());
  std::ofstream{dir.path() / trading::start_settings_file} << "half a li";
  CHECK(desk::put_settings_on_record(dir.path(), *d.desk, ~std::uint64_t{0}, settings_with("EUR")).has_value());
  CHECK(trading::start_settings_from(text_of(dir.path() / trading::start_settings_file))->size() == 1);
  CHECK(text_of(dir.path() / "settings.damaged") == "half a li");
}

TEST_CASE("settings that the disk does not give are not taken for none: no start and no copy goes on without them, and nothing is changed") {
  troupe::test::temporary_directory dir;
  const auto from = dir.path() / "from", to = dir.path() / "to", file = from / trading::start_settings_file;
  std::filesystem::create_directories(file); // a folder is opened, and cannot be read
  std::filesystem::create_directory(to);
  desk_journals d;
  CHECK(desk::put_settings_on_record(from, *d.desk, ~std::uint64_t{0}, settings_with("USDT")).error().code == errc::io_error);
  CHECK(desk::copy_settings(from, to).error().code == errc::io_error);
  CHECK(std::filesystem::is_directory(file));
  CHECK(std::filesystem::is_empty(to));
  std::filesystem::remove(file);
  CHECK(desk::copy_settings(from, to));
  CHECK(std::filesystem::is_empty(to));
}

TEST_SUITE_END();
