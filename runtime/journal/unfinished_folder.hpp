#pragma once
// Where a copy is built until it is whole: a target that is there is complete, and on the disk. Beside the target, which the
// rename then makes; or in it when it cannot be replaced, since it is the root of a file system, or a link to a folder elsewhere.
// One thread.

#include "runtime/core/result.hpp"

#include <filesystem>

namespace troupe::journal {

class unfinished_folder {
public:
  /// For `target`: absolute, without a slash at its end, missing or empty (a file system's own lost+found is nothing). What a copy that
  /// was cut off left is removed; the folder itself is made by whoever fills it. Errors: not_empty.
  [[nodiscard]] static result<unfinished_folder> begin(const std::filesystem::path& target);

  unfinished_folder(unfinished_folder&& other) noexcept;
  unfinished_folder& operator=(unfinished_folder&&) = delete;
  /// Removes what is not finished.
  ~unfinished_folder();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Makes it the target. What lies in it is already synced, but for its own entries. Errors: io_error, and the target is as before.
  [[nodiscard]] result<void> finish();

private:
  unfinished_folder(std::filesystem::path target, bool is_inside);
  [[nodiscard]] result<void> move_in();
  [[nodiscard]] result<void> take_the_place();

  std::filesystem::path target_;
  std::filesystem::path path_; // empty: nothing to remove
  bool is_inside_;
};

} // namespace troupe::journal
