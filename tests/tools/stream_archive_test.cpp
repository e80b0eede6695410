// troupe journal on copies of a journal: an archive of one stream is read as its journal was, and what is copied is told to programs.

#include "runtime/journal/archive.hpp"
#include "runtime/journal/tool.hpp"
#include "runtime/journal/unfinished_folder.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/scripted_edge.hpp"

#include <algorithm>
#include <mutex>
#include <thread>

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("tools/archive");

namespace {

/// A stopped journal whose slot has 8 turns and snapshots at 4 and 6, and an archive of the first 6.
struct archived_slot {
  temporary_directory dir;
  std::filesystem::path data = dir.path() / "data";
  std::string stopped = (data / "journal").string();
  std::string file = (dir.path() / "slot.archive").string();
  std::string out;

  archived_slot() {
    {
      auto options = small_journal(stopped);
      options.sync = false;
      auto turns = std::move(journal::open_rocks_journal(options).value());
      stream_writer slot{turns->open_stream({"oms/17"}).value()}, risk{turns->open_stream({"risk"}).value()};
      for (const std::size_t more : {4, 2, 2}) {
        auto request = slot.next(more, "turn");
        if (more == 4 || slot.head().sequence == 6) request.state = journal::snapshot{slot.head().sequence, slot.head().chain, 3, "state"};
        REQUIRE(troupe::test::append(*turns, request));
      }
      REQUIRE(troupe::test::append(*turns, risk.next(3)));
    }
    REQUIRE_MESSAGE(troupe({"journal", "archive", stopped, "oms/17", file}) == 0, out);
    REQUIRE(out.starts_with(file + ": 6 turns of oms/17, chain "));
  }
  int troupe(std::vector<std::string> arguments) { return run_program("troupe", arguments, out); }
  [[nodiscard]] bool says(const std::string& text) const { return out.find(text) != std::string::npos; }
  [[nodiscard]] std::string path_of(const char* name) const { return (dir.path() / name).string(); }
  /// What a command that must succeed prints.
  std::string printed(std::vector<std::string> arguments) {
    REQUIRE_MESSAGE(troupe(std::move(arguments)) == 0, out);
    return out;
  }
};

} // namespace

TEST_CASE_FIXTURE(archived_slot, "verify: an archive is whole as a journal is, in text and as JSON, and nothing is written") {
  const auto before = files_below(dir.path());
  const auto chain = json_field(printed({"journal", "archive", stopped, "oms/17", path_of("again"), "--json"}), "chain");
  std::filesystem::remove(path_of("again"));
  CHECK(printed({"journal", "verify", file}).starts_with("whole    slot.archive: 6 turns in 1 stream, 1 snapshot, hash "));
  CHECK(std::count(out.begin(), out.end(), '\n') == 1);
  CHECK(printed({"journal", "verify", file, "--streams"}).find(chain.substr(0, 16)) != std::string::npos);
  const auto json = printed({"journal", "verify", file, "--json"});
  CHECK(json.starts_with("[{\"journal\":\"slot.archive\",\"records\":6,\"hash\":\""));
  CHECK(json.ends_with(",\"torn\":false,\"streams\":[{\"stream\":\"oms/17\",\"sequence\":6,\"epoch\":1,\"snapshots\":1,\"chain\":\"" + chain + "\"}],\"findings\":[]}]\n"));
  CHECK(files_below(dir.path()) == before);
}

TEST_CASE_FIXTURE(archived_slot, "an archive: any flipped bit is damage of an archive, and never makes something else of it") {
  const auto whole = read_file(file);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    write_file(file, flipped);
    CAPTURE(bit);
    REQUIRE(journal::must_be_archive(file));
    REQUIRE(journal::read_archive(file, [](const journal::record_view&) {}).error().code == errc::corrupt);
  }
}

TEST_CASE_FIXTURE(archived_slot, "verify, export and tail: a flipped bit, a lost end and a byte too many end with 1, say corrupt, and show no turn") {
  const auto whole = read_file(file);
  std::vector<std::string> damaged{whole.substr(0, whole.size() - 1), whole.substr(0, 20), whole + "x"};
  for (const std::size_t byte : {std::size_t{0}, std::size_t{4}, std::size_t{6}, std::size_t{30}, whole.size() / 2, whole.size() - 40, whole.size() - 1}) {
    damaged.push_back(whole);
    damaged.back()[byte] = static_cast<char>(damaged.back()[byte] ^ 1);
  }
  const auto exported = path_of("turns.jsonl");
  write_file(exported, "of an earlier export");
  for (std::size_t i = 0; i < damaged.size(); ++i) {
    CAPTURE(i);
    write_file(file, damaged[i]);
    CHECK(troupe({"journal", "verify", file}) == 1);
    CHECK_MESSAGE(out.starts_with("damaged  slot.archive: 0 turns in 0 streams, "), out);
    CHECK_MESSAGE(says("\n  corrupt: archive "), out);
    CHECK(troupe({"journal", "export", file}) == 1);
    CHECK_MESSAGE(says("corrupt"), out);
    CHECK_FALSE(says("\"sequence\""));
    CHECK(troupe({"journal", "tail", file}) == 1);
    CHECK_MESSAGE(says("corrupt"), out);
    CHECK_FALSE(says("bytes of schema"));
  }
  CHECK(troupe({"journal", "export", file, "-o", exported}) == 1);
  CHECK(read_file(exported) == "of an earlier export");
  CHECK(troupe({"journal", "verify", file, "--json"}) == 1);
  CHECK_MESSAGE(says("\"streams\":[],\"findings\":[\"corrupt: archive "), out);
  CHECK(troupe({"journal", "tail", file, "--json"}) == 1);
  CHECK_MESSAGE(out.starts_with("{\"error\":{\"code\":\"corrupt\""), out);
}

TEST_CASE_FIXTURE(archived_slot, "export and tail: an archive's turns are printed as those of its journal") {
  const auto of_journal = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"journal", "export", stopped, "--stream", "oms/17"});
    return printed(more);
  };
  CHECK(printed({"journal", "export", file}) == of_journal({"--to", "6"}));
  CHECK(std::count(out.begin(), out.end(), '\n') == 6);
  CHECK(printed({"journal", "export", file, "--stream", "oms/17", "--from", "2", "--to", "3"}) == of_journal({"--from", "2", "--to", "3"}));
  CHECK(printed({"journal", "export", file, "--from", "7"}).empty());
  const auto exported = path_of("turns.jsonl");
  CHECK(printed({"journal", "export", file, "-o", exported}) == "6 turns\n");
  CHECK(read_file(exported) == of_journal({"--to", "6"}));
  for (const std::vector<std::string>& form : {std::vector<std::string>{}, {"--json"}}) {
    const auto tail = [&](std::vector<std::string> words) {
      words.insert(words.begin(), {"journal", "tail"});
      words.insert(words.end(), form.begin(), form.end());
      return printed(words);
    };
    const auto of_slot = tail({stopped, "oms/17", "-n", "4"}); // 5 to 8
    const auto two_lines = of_slot.substr(0, of_slot.find('\n', of_slot.find('\n') + 1) + 1);
    CHECK(tail({file, "-n", "2"}) == two_lines);
    CHECK(tail({file, "oms/17", "--from", "5"}) == two_lines);
  }
}

TEST_CASE_FIXTURE(archived_slot, "export: a file that is there is left as it is, and one that could not be written to its end is not there") {
  const auto exported = path_of("turns.jsonl"), unfinished = exported + ".unfinished";
  for (const auto& source : {stopped, file}) {
    write_file(exported, "of an earlier export");
    CHECK(troupe({"journal", "export", source, "-o", exported}) == 2);
    CHECK_MESSAGE(says(exported + " exists; name another file, or remove it first"), out);
    CHECK(read_file(exported) == "of an earlier export");
    CHECK_FALSE(std::filesystem::exists(unfinished));
    std::filesystem::remove(exported);
    write_file(unfinished, "of an export that was killed");
    const auto turns = printed({"journal", "export", source});
    REQUIRE_MESSAGE(troupe({"journal", "export", source, "-o", exported}) == 0, out);
    CHECK(read_file(exported) == turns);
    CHECK_FALSE(std::filesystem::exists(unfinished));
    std::filesystem::remove(exported);
  }
  std::filesystem::create_directories(data / "venues" / "db");
  write_file(data / "venues" / "db" / "CURRENT", "of nothing"); // fails when the turns of the slots are written already
  CHECK(troupe({"journal", "export", data.string(), "-o", exported}) != 0);
  CHECK_FALSE(std::filesystem::exists(exported));
  CHECK_FALSE(std::filesystem::exists(unfinished));
}

TEST_CASE_FIXTURE(archived_slot, "export: a range that ends before it begins is refused, and nothing is written; one of a single turn is none of those") {
  const auto exported = path_of("turns.jsonl");
  for (const auto& source : {stopped, file}) {
    CHECK(troupe({"journal", "export", source, "--stream", "oms/17", "--from", "3", "--to", "2", "-o", exported}) == 2);
    CHECK_MESSAGE(says("--to 2 lies before --from 3"), out);
    CHECK_FALSE(std::filesystem::exists(exported));
    CHECK(troupe({"journal", "export", source, "--to", "0"}) == 2);
    CHECK_MESSAGE(says("--to 0 lies before --from 1"), out);
    printed({"journal", "export", source, "--stream", "oms/17", "--from", "2", "--to", "2"});
    CHECK(std::count(out.begin(), out.end(), '\n') == 1);
  }
}

TEST_CASE_FIXTURE(archived_slot, "an archive has one stream and its turns: another, and a turn behind the last, are not found; nothing comes to follow") {
  for (const auto& words : {std::vector<std::string>{"journal", "export", file, "--stream", "oms/18"}, {"journal", "tail", file, "oms/18"}}) {
    CHECK(troupe(words) == 1);
    CHECK_MESSAGE(says("there is no stream \"oms/18\" in " + file + "; there is oms/17"), out);
  }
  CHECK(troupe({"journal", "tail", file, "--from", "7", "--json"}) == 1);
  CHECK_MESSAGE(says("{\"error\":{\"code\":\"not_found\""), out);
  CHECK_MESSAGE(says(file + " has no turn 7; its last is 6"), out);
  CHECK(troupe({"journal", "tail", file, "--follow"}) == 2);
  CHECK_MESSAGE(says("leave --follow out"), out);
  CHECK(troupe({"journal", "tail", stopped}) == 2);
  CHECK_MESSAGE(says("STREAM is required"), out);
}

TEST_CASE_FIXTURE(archived_slot, "a file that is no archive, and a place that is taken, are refused with what to give") {
  write_file(path_of("notes"), "not one of ours");
  write_file(path_of("empty"), "");
  for (const auto& other : {path_of("notes"), path_of("empty"), stopped + "/frontier"})
    for (const auto& words : {std::vector<std::string>{"journal", "verify", other}, {"journal", "export", other}, {"journal", "tail", other}}) {
      CHECK(troupe(words) == 2);
      CHECK_MESSAGE(says(other + " is no archive of a stream; give a node's data folder"), out);
    }
  const auto before = read_file(file);
  CHECK(troupe({"journal", "export", file, "-o", file}) == 2);
  CHECK_MESSAGE(says("is the archive itself"), out);
  CHECK(read_file(file) == before);
}

TEST_CASE_FIXTURE(archived_slot, "a path with no journal is not found and no reason to repeat the command: exit code 3, and the sentence says what to give") {
  const auto nothing = path_of("nothing"), copy = path_of("copy");
  for (const auto& words : {std::vector<std::string>{"journal", "verify", nothing}, {"journal", "tail", nothing, "oms/17"}, {"journal", "export", nothing},
                            {"journal", "export", nothing, "--stream", "oms/17"}, {"journal", "backup", nothing, copy}, {"journal", "restore", nothing, copy},
                            {"journal", "archive", nothing, "oms/17", copy}, {"inspect", "tree", "--data-dir", nothing}, {"inspect", "state", "oms/17", "--data-dir", nothing},
                            {"inspect", "history", "oms/17", "--data-dir", nothing}}) {
    auto as_json = words;
    as_json.emplace_back("--json");
    const bool has_json = words[1] != "export";
    CHECK_MESSAGE(troupe(has_json ? as_json : words) == 3, words[1], ": ", out);
    CHECK_MESSAGE(says("there is no " + nothing + "; give a node's data folder (node.data_dir)"), out);
    if (has_json) CHECK_MESSAGE(out.starts_with("{\"error\":{\"code\":\"not_found\""), out);
    if (has_json) CHECK_MESSAGE(says("\"retriable\":false"), out);
  }
  CHECK(troupe({"tape", "verify", nothing, "--json"}) == 3);
  CHECK_MESSAGE(out.starts_with("{\"error\":{\"code\":\"not_found\""), out);
  CHECK(troupe({"journal", "verify", dir.path().string()}) == 3);
  CHECK_MESSAGE(says(" is neither a node's data folder nor a journal; give "), out);
  CHECK(troupe({"journal", "tail", stopped, "oms/99"}) == 1); // there is somebody to ask
  CHECK_FALSE(std::filesystem::exists(copy));
}

TEST_CASE_FIXTURE(archived_slot, "backup, restore and archive say as JSON what they copied, to where, and its hash or chain") {
  const auto copy = path_of("copy"), restored = path_of("restored");
  const auto hash = json_field(printed({"journal", "verify", stopped, "--json"}), "hash");
  REQUIRE(hash.size() == 64);
  { // a desk's folder is not copied without it
    auto options = small_journal(data / "venues");
    options.sync = false;
    REQUIRE(journal::open_rocks_journal(options).value()->open_stream({"venue/SIM"}));
  }
  const auto hash_of_venues = json_field(printed({"journal", "verify", (data / "venues").string(), "--json"}), "hash");
  const auto told = [&](const std::string& target) {
    return "{\"target\":\"" + target + "\",\"journals\":[{\"journal\":\"journal\",\"folder\":\"" + target + "/journal\",\"records\":11,\"hash\":\"" + hash +
           "\"},{\"journal\":\"venues\",\"folder\":\"" + target + "/venues\",\"records\":0,\"hash\":\"" + hash_of_venues + "\"}]}\n";
  };
  CHECK(printed({"journal", "backup", data.string(), copy + "/", "--json"}) == told(copy));
  CHECK(printed({"journal", "restore", copy, restored, "--json"}) == told(restored));
  CHECK(json_field(printed({"journal", "verify", restored + "/journal", "--json"}), "hash") == hash);
  CHECK(troupe({"journal", "restore", copy, restored, "--json"}) == 2);
  CHECK_MESSAGE(out.starts_with("{\"error\":{\"code\":\"not_empty\""), out);
  const auto alone = path_of("alone");
  CHECK(printed({"journal", "backup", stopped, alone, "--json"}).starts_with("{\"target\":\"" + alone + "\",\"journals\":[{\"journal\":\"journal\",\"folder\":\"" + alone + "\",\"records\":11,"));

  const auto again = path_of("again");
  const auto chain = json_field(printed({"journal", "verify", file, "--json"}), "chain");
  CHECK(printed({"journal", "archive", stopped, "oms/17", again, "--json"}) ==
        "{\"file\":\"" + again + "\",\"stream\":\"oms/17\",\"records\":6,\"chain\":\"" + chain + "\",\"bytes\":" + std::to_string(std::filesystem::file_size(file)) + "}\n");
  CHECK(read_file(again) == read_file(file));
}

TEST_CASE_FIXTURE(archived_slot, "backup and restore: while somebody else writes the target they end at once and say so, and behind it they are done") {
  const auto target = path_of("target"), written = target + ".unfinished";
  for (const char* how : {"backup", "restore"}) {
    {
      auto other = journal::unfinished_folder::begin(target);
      REQUIRE(other);
      std::filesystem::create_directory(other->path());
      write_file(other->path() / "half", "of a copy");
      CHECK(troupe({"journal", how, stopped, target}) == 3);
      CHECK_MESSAGE(says("somebody else is writing " + target), out);
      CHECK_MESSAGE(!says("node"), out);
      CHECK(read_file(other->path() / "half") == "of a copy");
    }
    CHECK_MESSAGE(troupe({"journal", how, stopped, target}) == 0, out);
    CHECK_FALSE(std::filesystem::exists(written));
    std::filesystem::remove_all(target);
  }
}

TEST_CASE_FIXTURE(archived_slot, "backup: a copy that takes a node longer than an answer may is waited for and verified; one that does not come is not taken for what was there") {
  const auto target = path_of("target"), keys = (data / "keys").string();
  std::filesystem::create_directory(keys);
  write_file(keys + "/operator-1.key", std::string(64, 'a'));
  auto turns = std::move(journal::open_rocks_journal(small_journal(stopped)).value()); // as a node that runs
  std::mutex mutex;
  std::thread copying; // under the mutex
  const scripted_edge edge{[&](const scripted_request&) {
    auto begun = journal::unfinished_folder::begin(target);
    std::lock_guard guard{mutex};
    if (begun)
      copying = std::thread{[&turns, copy = std::move(*begun)]() mutable {
        if (journal::backup(*turns, copy.path() / "journal")) static_cast<void>(copy.finish());
      }};
    return http_answer(504, R"({"error":{"code":"timeout","message":"no answer in time"}})");
  }};
  const auto told = troupe({"journal", "backup", stopped, target, "--edge", edge.url(), "--key-file", keys + "/operator-1.key"});
  {
    std::lock_guard guard{mutex};
    if (copying.joinable()) copying.join();
  }
  CHECK_MESSAGE(told == 0, out);
  CHECK_MESSAGE(says(target + "/journal: 11 turns, hash "), out);
  CHECK(troupe({"journal", "backup", stopped, target, "--edge", edge.url(), "--key-file", keys + "/operator-1.key"}) == 3);
  CHECK_MESSAGE(says("no answer in time"), out);
}

TEST_CASE_FIXTURE(archived_slot, "archive: without a snapshot that is old enough it says which there are, without any how they come about") {
  const auto again = path_of("again");
  CHECK(printed({"journal", "archive", stopped, "oms/17", again, "--up-to", "5"}).find(": 4 turns of oms/17, ") != std::string::npos);
  std::filesystem::remove(again);
  CHECK(troupe({"journal", "archive", stopped, "oms/17", again, "--up-to", "3"}) == 1);
  CHECK_MESSAGE(says("stream oms/17 has no snapshot at or below sequence 3 to close an archive with; it has those at 4 and 6"), out);
  CHECK(troupe({"journal", "archive", stopped, "risk", again}) == 1);
  CHECK_MESSAGE(says("a node writes one every journal.snapshot_interval turns"), out);
  CHECK_FALSE(std::filesystem::exists(again));
}
