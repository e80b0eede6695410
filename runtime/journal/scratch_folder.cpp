#include "runtime/journal/scratch_folder.hpp"

#include <system_error>

#include <stdlib.h>

namespace troupe::journal {

scratch_folder::scratch_folder() {
  std::error_code none;
  const auto where = std::filesystem::temp_directory_path(none);
  auto pattern = (where / "troupe-look-XXXXXX").string();
  if (!none && ::mkdtemp(pattern.data())) path_ = pattern;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

} // namespace troupe::journal
