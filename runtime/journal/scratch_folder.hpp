#pragma once
// A folder of our own under the system's temporary folder, for what RocksDB must have beside a database that we
// only look at. Removed at the end of the scope; what a killed process left is removed by the next of the same user. One thread.

#include <filesystem>

namespace troupe::journal {

class scratch_folder {
public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  /// False when none could be made.
  explicit operator bool() const noexcept { return !path_.empty(); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
  int descriptor_ = -1; // of the folder, locked: whoever finds it unlocked knows that nobody needs it any more
};

} // namespace troupe::journal
