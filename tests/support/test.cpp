#include "tests/support/test.hpp"

#include <cstdlib>
#include <system_error>

#include <unistd.h>

namespace troupe::test {

namespace fs = std::filesystem;

fs::path binary_dir() { return fs::read_symlink("/proc/self/exe").parent_path(); }

fs::path source_dir() { return TROUPE_SOURCE_DIR; }

fs::path market_data() {
  if (const char* given = std::getenv("TROUPE_DATA"); given && *given) return fs::exists(given) ? fs::path{given} : fs::path{};
  auto beside = source_dir() / "../shared/data";
  return fs::exists(beside) ? fs::canonical(beside) : fs::path{};
}

temporary_directory::temporary_directory() {
  std::string pattern = (fs::temp_directory_path() / "troupe-test-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), "mkdtemp " + pattern);
  path_ = pattern;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored; // a leftover folder must not hide the test's own failure
  fs::remove_all(path_, ignored);
}

} // namespace troupe::test
