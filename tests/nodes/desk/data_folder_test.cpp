// Folders that a node must not begin anew in: of which something is gone, or where one store lies in another's place.

#include "nodes/desk/data_folder.hpp"

#include "tests/nodes/desk/small_desk.hpp"

#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A folder in which an order rests, and a node that was stopped.
struct left_folder {
  temporary_directory dir;
  fs::path data = dir.path() / "data";
  small_desk d{data};
  trading::order_id order;

  left_folder() {
    d.start(noon);
    order = d.buy("resting").order;
    d.stop();
  }
  void swap(const char* one, const char* other) const {
    fs::rename(data / one, data / "aside");
    fs::rename(data / other, data / one);
    fs::rename(data / "aside", data / other);
  }
  [[nodiscard]] error refused() const {
    auto opened = d.open();
    REQUIRE_FALSE(opened.has_value());
    return opened.error();
  }
  void check_all_is_there() {
    d.start(noon + 1h);
    CHECK(d.look(order).status == oms::order_status::new_);
    d.stop();
  }
};

} // namespace

TEST_SUITE_BEGIN("desk/data_folder");

TEST_CASE_FIXTURE(left_folder, "stores in each other's places are refused by name, and nothing of them is lost") {
  for (const auto& [one, other] : {std::pair{"journal", "venues"}, std::pair{"journal", "portfolio"}, std::pair{"venues", "portfolio"}}) {
    CAPTURE(one);
    CAPTURE(other);
    swap(one, other);
    const auto why = refused();
    CHECK(why.code == errc::corrupt);
    CHECK_MESSAGE(why.message.find("were the two mixed up") != std::string::npos, why.message);
    swap(one, other);
  }
  check_all_is_there();
}

TEST_CASE_FIXTURE(left_folder, "a journal that was copied over the portfolio is not taken for a damaged portfolio and removed") {
  fs::remove_all(data / "portfolio");
  fs::rename(data / "journal", data / "portfolio"); // the only copy
  fs::copy(data / "portfolio", data / "journal", fs::copy_options::recursive);
  CHECK(refused().message.find("portfolio holds turns of oms/") != std::string::npos);
  CHECK(fs::exists(data / "portfolio" / "db" / "CURRENT"));
  fs::remove_all(data / "portfolio");
  check_all_is_there();
}

TEST_CASE_FIXTURE(left_folder, "a folder in which a node has run does not begin anew because both journals are gone") {
  fs::create_directory(dir.path() / "unmounted");
  for (const char* name : {"journal", "venues"}) {
    fs::rename(data / name, dir.path() / "unmounted" / name);
    fs::create_directory(data / name); // where a disk was to be mounted
  }
  const auto why = refused();
  CHECK(why.code == errc::conflict); // exit code 6
  CHECK_MESSAGE(why.message.find("a node has run in ") == 0, why.message);
  CHECK(fs::is_empty(data / "journal"));
  CHECK(fs::is_empty(data / "venues"));
  for (const char* name : {"journal", "venues"}) {
    fs::remove(data / name);
    fs::rename(dir.path() / "unmounted" / name, data / name);
  }
  check_all_is_there();
  for (const char* name : {"journal", "venues"}) fs::remove_all(data / name);
  CHECK(d.open("this-start", true).has_value()); // an operator says so
}

TEST_CASE_FIXTURE(left_folder, "a node whose restore was killed does not begin anew in the folder that is not there yet") {
  const auto beside = dir.path() / "data.unfinished";
  fs::rename(data, beside);
  const auto why = refused();
  CHECK(why.code == errc::conflict); // exit code 6
  CHECK_MESSAGE(why.message.find("what there is of it lies in " + beside.string()) != std::string::npos, why.message);
  CHECK_FALSE(fs::exists(data));
  fs::rename(beside, data);
  check_all_is_there();
}

TEST_CASE("a folder with nothing, or with keys alone, may begin anew; one with what was configured may not") {
  temporary_directory dir;
  CHECK(desk::must_have_journals(dir.path() / "none"));
  CHECK(desk::must_have_journals(dir.path()));
  fs::create_directory(dir.path() / "keys");
  CHECK(desk::must_have_journals(dir.path()));
  std::ofstream{dir.path() / "settings"} << "{}\n";
  CHECK(desk::must_have_journals(dir.path()).error().code == errc::conflict);
}

TEST_CASE("a stream says which store it belongs to, and only a store's own name counts") {
  const auto turns_of = [](const char* stream, std::uint64_t sequence) { return std::vector<journal::stream_head>{{actor_name{stream}, 1, sequence, {}}}; };
  CHECK_FALSE(desk::misplaced("d/journal", turns_of("oms/3", 1)));
  CHECK_FALSE(desk::misplaced("d/venues", turns_of("venue/SIM", 1)));
  CHECK_FALSE(desk::misplaced("d/portfolio", turns_of("portfolio", 1)));
  CHECK(desk::misplaced("d/journal", turns_of("venue/SIM", 1)));
  CHECK(desk::misplaced("d/journal", turns_of("portfolio", 1)));
  CHECK(desk::misplaced("d/venues", turns_of("risk", 1)));
  CHECK_FALSE(desk::misplaced("d/venues", turns_of("risk", 0))); // opened, and nothing of it is there
  CHECK_FALSE(desk::misplaced("d/copy", turns_of("venue/SIM", 1)));
}

TEST_CASE("what does not move is refused on the node of its record when it is to run elsewhere, all of it together") {
  const node_name self{"a"}, other{"b"};
  const auto elsewhere = [&](const actor_name&) { return other; };
  const std::vector<journal::stream_head> heads{
    {actor_name{"risk"}, 2, 9, {}},         {actor_name{"venue/SIM"}, 2, 5, {}},  {actor_name{"strategy/mm"}, 2, 7, {}}, {actor_name{"strategy/new"}, 2, 0, {}},
    {actor_name{"oms/3"}, 2, 8, {}},        {actor_name{"feed/walk"}, 2, 8, {}},  {actor_name{"operations"}, 2, 8, {}}};
  const auto refused = desk::must_stay(heads, self, elsewhere);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::invalid_argument);
  std::vector<std::string> named;
  for (const auto& f : refused.error().fields) {
    named.push_back(f.field);
    CHECK(f.message == "is to run on node b");
  }
  CHECK(named == std::vector<std::string>{"risk", "venue/SIM", "strategy/mm"});
  CHECK(desk::must_stay(heads, self, [&](const actor_name&) { return self; }));
  CHECK(desk::must_stay({}, self, elsewhere));
}

TEST_CASE("risk without a record beside slots that have traded is told to begin anew; a new desk, and one whose risk has a record, is not") {
  const auto of = [](std::vector<std::pair<const char*, std::uint64_t>> streams) {
    std::vector<journal::stream_head> heads;
    for (const auto& [name, sequence] : streams) heads.push_back({actor_name{name}, 1, sequence, {}});
    return desk::begins_anew(heads);
  };
  CHECK_FALSE(of({}));
  CHECK_FALSE(of({{"risk", 0}, {"oms/3", 0}, {"feed/walk", 4}}));
  CHECK_FALSE(of({{"risk", 1}, {"oms/3", 7}}));
  REQUIRE(of({{"risk", 0}, {"oms/3", 7}}));
  CHECK(of({{"oms/3", 7}})->find("halts, blocks and limits") != std::string::npos);
}
