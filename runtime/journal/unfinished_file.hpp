#pragma once
// Where a file is written until it is whole: beside its target, for its owner alone; the rename then makes the target. One that is there is complete, and on
// the disk. One at a time writes a target: a file beside it is locked as long. One thread.

#include "runtime/core/result.hpp"
#include "runtime/journal/posix_file.hpp"

#include <filesystem>
#include <fstream>

namespace troupe::journal {

class unfinished_file {
public:
  /// For `target`, which must not exist. What a write that was cut off left is overwritten. Errors: not_empty (`target` exists), unavailable (somebody else is
  /// writing it), io_error.
  [[nodiscard]] static result<unfinished_file> begin(const std::filesystem::path& target);

  unfinished_file(unfinished_file&& other) noexcept;
  unfinished_file& operator=(unfinished_file&&) = delete;
  /// Removes what is not finished.
  ~unfinished_file();

  [[nodiscard]] std::ostream& out() noexcept { return out_; }
  /// Makes it the target. Nothing is written any more. Errors: io_error.
  [[nodiscard]] result<void> finish();

private:
  unfinished_file(lock_file lock, std::filesystem::path target, std::filesystem::path path, std::ofstream out);

  lock_file lock_; // goes last
  std::filesystem::path target_;
  std::filesystem::path path_; // empty: nothing to remove
  std::ofstream out_;
};

} // namespace troupe::journal
