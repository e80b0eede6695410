// troupe tape: a data folder with a tape and the seals of it, as a node leaves them, and what is said when they differ.

#include "actors/market/tape/segment.hpp"
#include "actors/market/tape/tape.hpp"
#include "nodes/desk/tape_seal.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/support/node_process.hpp"

#include <fstream>
#include <random>

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("tools/tape");

namespace {

struct taped_folder {
  temporary_directory dir;
  std::filesystem::path data = dir.path() / "data";
  std::filesystem::path folder = data / "tape/walk";
  std::shared_ptr<journal::journal> turns;
  std::optional<desk::tape_seal> seal;
  std::optional<tape::tape> record;
  std::string out;
  std::mt19937_64 random{7};

  void open() {
    journal::rocks_options o;
    o.directory = data / "journal";
    o.write_buffer_bytes = 1 << 20;
    o.reserve_bytes = o.ballast_bytes = 0;
    turns = std::move(journal::open_rocks_journal(o).value());
    seal.emplace(desk::tape_seal::open(turns, actor_name{"feed/walk"}, text<23>{"walk"}).value());
    tape::options t;
    t.directory = folder;
    t.chunk_entries = 500;
    t.segment_bytes = 64 << 10;
    t.reserve = 100;
    record.emplace(tape::tape::open(t).value());
    seal->begin(record->next_position(), {});
  }
  /// Puts `count` lines on the tape and into the seal; returns the last one's position.
  std::uint64_t receive(int count, const std::string& prefix = "line ") {
    std::uint64_t position = 0;
    for (int i = 0; i < count; ++i) {
      const auto raw = prefix + std::to_string(random() % 10'000);
      position = record->append(time_from_ns(1'700'000'000'000'000'000 + i), raw).value();
      seal->add(position, raw, {});
    }
    return position;
  }
  /// As a feed at its end.
  void close() {
    seal->seal({});
    REQUIRE(record->close());
    leave();
  }
  /// As kill -9: the journal has what was sealed, the tape what was written.
  void leave() {
    REQUIRE(turns->flush());
    record.reset();
    seal.reset();
    turns.reset();
  }
  int troupe(std::vector<std::string> arguments) { return run_program("troupe", arguments, out); }
  int verify() { return troupe({"tape", "verify", data.string()}); }
  int show(const std::string& position, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"tape", "show", data.string(), "walk", "--at", position});
    return troupe(std::move(more));
  }
  [[nodiscard]] bool says(const std::string& text) const { return out.find(text) != std::string::npos; }
};

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}
void put_content(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
}

} // namespace

TEST_CASE_FIXTURE(taped_folder, "tape verify: a tape that is as it was sealed is whole, in text and as JSON, and nothing is written") {
  open();
  CHECK(receive(9000) == 9000);
  close();
  const auto before = files_below(data);
  REQUIRE_MESSAGE(verify() == 0, out);
  CHECK_MESSAGE(says("whole    walk: 9000 entries at positions 1 to 9000 in "), out);
  CHECK_MESSAGE(says("; 3 seals of the journal agree\n"), out);
  REQUIRE_MESSAGE(troupe({"tape", "verify", data.string(), "--json"}) == 0, out);
  CHECK(json_field(out, "tape") == "walk");
  CHECK(json_field(out, "entries") == "9000");
  CHECK(json_field(out, "seals_agreeing") == "3");
  CHECK(json_field(out, "entries_unsealed") == "0");
  CHECK(says("\"findings\":[]"));
  CHECK(files_below(data) == before);
  std::filesystem::remove_all(data / "journal");
  REQUIRE_MESSAGE(verify() == 0, out);
  CHECK_MESSAGE(says("the journal holds no seal of it, so only checksums were compared"), out);
}

TEST_CASE_FIXTURE(taped_folder, "tape verify: one flipped byte is found wherever it is") {
  open();
  (void)receive(700); // two chunks
  close();
  const auto segment = tape::segment_path(folder, 1), reserved = tape::reservation_path(folder);
  for (const auto& file : {segment, reserved}) {
    const auto whole = content_of(file);
    const std::size_t flips = file == segment ? 12 : 3;
    for (std::size_t i = 0; i < flips; ++i) {
      const auto offset = i * (whole.size() - 1) / (flips - 1);
      CAPTURE(file);
      CAPTURE(offset);
      auto flipped = whole;
      flipped[offset] = static_cast<char>(flipped[offset] ^ 4);
      put_content(file, flipped);
      CHECK(verify() == 1);
      CHECK_MESSAGE(says("damaged  walk"), out);
      CHECK_MESSAGE(says("corrupt"), out);
    }
    put_content(file, whole);
  }
  CHECK_MESSAGE(verify() == 0, out);
}

TEST_CASE_FIXTURE(taped_folder, "tape verify: another tape with good checksums is not what the feed sealed") {
  open();
  (void)receive(700);
  close();
  std::filesystem::remove_all(folder);
  const auto sealed = data / "journal", kept = dir.path() / "kept";
  std::filesystem::copy(sealed, kept, std::filesystem::copy_options::recursive);
  open();
  (void)receive(700, "other ");
  close();
  std::filesystem::remove_all(sealed);
  std::filesystem::rename(kept, sealed);
  CHECK(verify() == 1);
  CHECK_MESSAGE(says("positions 1 to 700 are not what the feed sealed"), out);
}

TEST_CASE_FIXTURE(taped_folder, "tape verify: what a killed writer had not written is counted, and no damage, also when the tape goes on behind it") {
  open();
  (void)receive(600); // the last 100 are in memory
  seal->seal({});
  leave();
  REQUIRE_MESSAGE(verify() == 0, out);
  CHECK_MESSAGE(says("500 entries at positions 1 to 500"), out);
  CHECK_MESSAGE(says("100 sealed entries are not on it"), out);
  open();
  const auto last = receive(50);
  CHECK(last >= 650);
  close();
  REQUIRE_MESSAGE(verify() == 0, out);
  CHECK_MESSAGE(says("550 entries at positions 1 to " + std::to_string(last)), out);
  CHECK_MESSAGE(says("1 seals of the journal agree"), out);
  CHECK_MESSAGE(says("100 sealed entries are not on it"), out);
  CHECK(show("550") == 1); // lost, and the position is used for nothing else
  CHECK_MESSAGE(says("the next is " + std::to_string(last - 49)), out);
  CHECK_MESSAGE(says("lost when the node was killed"), out);
}

TEST_CASE_FIXTURE(taped_folder, "tape verify: a segment that is gone from the middle is found; the oldest ones go for space") {
  open();
  (void)receive(60'000);
  close();
  const auto segments = tape::list_segments(folder).value();
  REQUIRE(segments.size() >= 4);
  REQUIRE(segments[2].first_position - segments[1].first_position > 4096);
  const auto middle = content_of(segments[1].path);
  std::filesystem::remove(segments[1].path);
  CHECK(verify() == 1);
  CHECK_MESSAGE(says("a segment is gone"), out);
  put_content(segments[1].path, middle);
  std::filesystem::remove(segments[0].path);
  CHECK_MESSAGE(verify() == 0, out);
  CHECK_MESSAGE(says("are of segments that were removed for space"), out);
  CHECK(show("1") == 1);
  CHECK_MESSAGE(says("the next is " + std::to_string(segments[1].first_position)), out);
}

TEST_CASE_FIXTURE(taped_folder, "tape verify: damage in one segment leaves the others compared") {
  open();
  (void)receive(60'000);
  close();
  const auto segments = tape::list_segments(folder).value();
  REQUIRE(segments.size() >= 3);
  auto bytes = content_of(segments[0].path);
  bytes[bytes.size() / 2] ^= 1;
  put_content(segments[0].path, bytes);
  CHECK(troupe({"tape", "verify", data.string(), "--json"}) == 1);
  CHECK_MESSAGE(says(" is damaged at byte "), out);
  CHECK(json_field(out, "last_position") == "60000");
  CHECK(std::stoull(json_field(out, "seals_unread")) > 0);
  CHECK(std::stoull(json_field(out, "seals_agreeing")) > 0);
  CHECK(std::stoull(json_field(out, "seals_agreeing")) + std::stoull(json_field(out, "seals_unread")) == std::stoull(json_field(out, "seals")));
}

TEST_CASE_FIXTURE(taped_folder, "tape verify: a tape that begins again beside an older journal is held against the seals since, also before the first") {
  open();
  (void)receive(700);
  close();
  std::filesystem::remove_all(folder); // a backup holds the journals alone
  open();
  REQUIRE(turns->flush());
  REQUIRE_MESSAGE(verify() == 0, out); // nothing was received yet
  (void)receive(300, "again ");
  REQUIRE(record->sync());
  REQUIRE_MESSAGE(verify() == 0, out);
  CHECK_MESSAGE(says("0 seals of the journal agree, 300 entries are in none, 1 are of a tape before this one"), out);
  close();
  REQUIRE_MESSAGE(verify() == 0, out);
  CHECK_MESSAGE(says("1 seals of the journal agree, 1 are of a tape before this one"), out);
}

TEST_CASE_FIXTURE(taped_folder, "tape show and verify read beside a running writer what it has written, and leave its files alone") {
  open();
  (void)receive(600);
  REQUIRE(turns->flush());
  const auto before = files_below(folder);
  REQUIRE_MESSAGE(verify() == 0, out);
  CHECK_MESSAGE(says("500 entries at positions 1 to 500"), out);
  CHECK(show("600") == 1);
  CHECK_MESSAGE(says("its last is 500; a running node writes what it received within a second"), out);
  CHECK(files_below(folder) == before);
  REQUIRE(record->sync());
  CHECK_MESSAGE(show("600") == 0, out);
  CHECK(receive(1) == 601);
  close();
}

TEST_CASE_FIXTURE(taped_folder, "tape show: the entry at a position, some from there on, and each as JSON") {
  open();
  (void)receive(2);
  const std::string raw = R"({"p":"61800.5"})";
  CHECK(record->append(time_from_ns(1'723'161'255'088'169'167), raw).value() == 3);
  (void)receive(4);
  close();
  REQUIRE_MESSAGE(show("3") == 0, out);
  CHECK(out == "3  2024-08-08T23:54:15.088169167Z  " + raw + "\n");
  REQUIRE_MESSAGE(show("3", {"--json"}) == 0, out);
  CHECK(out == R"({"tape":"walk","position":3,"received_at":"2024-08-08T23:54:15.088169167Z","raw":"{\"p\":\"61800.5\"}"})" "\n");
  REQUIRE_MESSAGE(show("6", {"-n", "10"}) == 0, out);
  CHECK(std::count(out.begin(), out.end(), '\n') == 2); // the tape ends
}

TEST_CASE_FIXTURE(taped_folder, "tape: a wrong folder, tape or position is refused with what there is") {
  CHECK(troupe({"tape", "verify", (dir.path() / "none").string()}) == 3);
  CHECK_MESSAGE(says("holds no tape: give the data folder"), out);
  CHECK(show("1") == 3);
  CHECK_MESSAGE(says("holds no tape"), out);
  open();
  (void)receive(700);
  close();
  CHECK(troupe({"tape", "show", data.string(), "main", "--at", "1"}) == 1);
  CHECK_MESSAGE(says("there is no tape \"main\""), out);
  CHECK_MESSAGE(says("there are walk"), out);
  CHECK(show("701") == 1);
  CHECK_MESSAGE(says("holds nothing at position 701: its last is 700"), out);
  CHECK(show("0") == 1);
  CHECK_MESSAGE(says("positions begin at 1"), out);
  CHECK(show("first") == 2);
  CHECK_MESSAGE(says("is not a whole number"), out);
  CHECK(show("1", {"-n", "0"}) == 2);
  CHECK(troupe({"tape", "show", data.string(), "walk"}) == 2);
  CHECK_MESSAGE(says("--at"), out);
  CHECK(show("701", {"--json"}) == 1);
  CHECK_MESSAGE(says("{\"error\":{\"code\":\"not_found\""), out);
}

TEST_CASE_FIXTURE(taped_folder, "tape: help says where positions come from, and a shell completes the commands") {
  CHECK(troupe({"tape", "show", "--help"}) == 0);
  CHECK_MESSAGE(says("Example: troupe tape show data walk --at 4711"), out);
  CHECK_MESSAGE(says("troupe inspect history ACTOR"), out);
  CHECK(troupe({"completion", "bash"}) == 0);
  CHECK_MESSAGE(says("\"tape\") offered=\"verify show "), out);
  CHECK_MESSAGE(says("|\"tape show\"|"), out);          // words that are no command are arguments, and end nothing
  CHECK_MESSAGE(says("complete -o default -F _troupe"), out); // a command is not taken for the folder of its name
  CHECK_MESSAGE(says("--at "), out);
}
