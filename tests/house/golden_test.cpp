// Golden bytes stay what a release wrote: tests/golden/released.sha256 pins each file, so that an edit of one is seen and not only that
// today's code disagrees with it.

#include "runtime/core/hash.hpp"
#include "tests/support/test.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace troupe;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("house/golden");

namespace {

constexpr const char* golden_list = "released.sha256";

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// True when the file begins with the bytes that were released. Text may go on behind them, with the samples of new alternatives at a
/// variant's end; a file of the disk may not.
bool begins_as_released(const fs::path& file, std::size_t released, const std::string& hash) {
  const auto now = bytes_of(file);
  if (now.size() < released || (file.extension() == ".bin" && now.size() > released)) return false;
  return to_hex(sha256(std::string_view{now}.substr(0, released))) == hash;
}

/// What is wrong with the golden files of a folder and its list: a sentence each, with what to do.
std::vector<std::string> wrong_with_golden_files(const fs::path& folder) {
  std::vector<std::string> wrong;
  std::set<std::string> pinned{golden_list};
  std::istringstream list{bytes_of(folder / golden_list)};
  for (std::string line; std::getline(list, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words{line};
    std::string version, hash, name;
    std::size_t released = 0;
    if (!(words >> version >> released >> hash >> name)) {
      wrong.push_back(std::string{golden_list} + ": \"" + line + "\" is not VERSION BYTES SHA-256 FILE");
      continue;
    }
    pinned.insert(name);
    if (!fs::exists(folder / name))
      wrong.push_back("tests/golden/" + name + " is gone, and journals of version " + version + " are read for good: put it back.");
    else if (!begins_as_released(folder / name, released, hash))
      wrong.push_back("tests/golden/" + name + " no longer holds the " + std::to_string(released) + " bytes that version " + version +
                      " wrote. Golden bytes are never edited: undo it, and put a new layout into a file of its own under the next version.");
  }
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    const auto name = entry.path().lexically_relative(folder).generic_string();
    if (!entry.is_regular_file() || pinned.contains(name)) continue;
    const auto now = bytes_of(entry.path());
    wrong.push_back("tests/golden/" + name + " is new: pin it in " + golden_list + " with the line \"VERSION " + std::to_string(now.size()) + ' ' +
                    to_hex(sha256(now)) + ' ' + name + "\".");
  }
  return wrong;
}

} // namespace

TEST_CASE("every golden file begins with the bytes that its version wrote, and none is without a line in the list") {
  const auto folder = test::source_dir() / "tests/golden";
  for (const auto& sentence : wrong_with_golden_files(folder)) FAIL_CHECK(sentence);
  CHECK(bytes_of(folder / golden_list).find("journal/record_v1.bin") != std::string::npos); // or the list was not found
}

TEST_CASE("a golden file that is edited, cut, gone, or that nobody pinned is found; lines behind the released ones are not") {
  test::temporary_directory dir;
  const auto write = [&](const char* name, const std::string& bytes) { std::ofstream{dir.path() / name, std::ios::binary | std::ios::trunc} << bytes; };
  const auto found = [&] {
    const auto sentences = wrong_with_golden_files(dir.path());
    CHECK(sentences.size() <= 1);
    return sentences.empty() ? std::string{} : sentences.front();
  };
  const std::string text = "0102\n{}\n", binary = "TRRJ";
  const auto line = [](const std::string& bytes, const char* name) {
    return "0.1.0 " + std::to_string(bytes.size()) + ' ' + to_hex(sha256(bytes)) + ' ' + name + '\n';
  };
  write(golden_list, "# what was released\n" + line(text, "turn.v1.txt") + line(binary, "record_v1.bin"));
  write("turn.v1.txt", text);
  write("record_v1.bin", binary);
  CHECK(found() == "");
  write("turn.v1.txt", text + "0103\n{}\n");
  CHECK(found() == "");
  for (const char* edited : {"0103\n{}\n", "0102\n", ""}) {
    write("turn.v1.txt", edited);
    CHECK(found().starts_with("tests/golden/turn.v1.txt no longer holds the 8 bytes that version 0.1.0 wrote."));
  }
  write("turn.v1.txt", text);
  write("record_v1.bin", binary + '\0');
  CHECK(found().starts_with("tests/golden/record_v1.bin no longer holds"));
  fs::remove(dir.path() / "record_v1.bin");
  CHECK(found().starts_with("tests/golden/record_v1.bin is gone"));
  write("record_v1.bin", binary);
  write("turn.v2.txt", text);
  CHECK(found().find("\"VERSION 8 " + to_hex(sha256(text)) + " turn.v2.txt\"") != std::string::npos);
}
