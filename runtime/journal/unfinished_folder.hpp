#pragma once
// Where a copy is built until it is whole: a target that is there is complete, and on the disk. Beside the target, which the
// rename then makes; or in it when it cannot be replaced, since it is the root of a file system, or a link to a folder elsewhere.
// One at a time writes a target: a file beside the unfinished folder, `.lock` behind its name, is locked as long. One thread.

#include "runtime/core/result.hpp"
#include "runtime/journal/posix_file.hpp"

#include <filesystem>
#include <optional>

namespace troupe::journal {

/// A copy inside of what is copied would go away with it, and be part of the next. Errors: invalid_argument.
[[nodiscard]] result<void> must_lie_apart(const std::filesystem::path& from, const std::filesystem::path& target);

class unfinished_folder {
public:
  /// For `target`: absolute, without a slash at its end, missing or empty (a file system's own lost+found is nothing). What a copy that
  /// was cut off left is removed; the folder itself is made by whoever fills it, those around it here. Errors: not_empty, unavailable
  /// (somebody else is writing the target, whose work stays), io_error.
  [[nodiscard]] static result<unfinished_folder> begin(const std::filesystem::path& target);

  /// No copy into `folder` was cut off: neither lies a rest of one in it, so that it is neither whole nor empty, whatever else it looks like, nor beside it while there is
  /// nothing in it. Errors: conflict (where the rest of the copy lies), unavailable (it is under way).
  [[nodiscard]] static result<void> check_whole(const std::filesystem::path& folder);

  /// True while somebody writes `target`, in whichever process.
  [[nodiscard]] static bool is_under_way(const std::filesystem::path& target) noexcept;

  unfinished_folder(unfinished_folder&& other) noexcept;
  unfinished_folder& operator=(unfinished_folder&&) = delete;
  /// Removes what is not finished.
  ~unfinished_folder();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Makes it the target. What lies in it is already synced, but for its own entries. Errors: io_error, and the target is as before.
  [[nodiscard]] result<void> finish();

private:
  unfinished_folder(std::filesystem::path target, std::filesystem::path path, bool is_inside, lock_file lock);
  void leave() noexcept;
  [[nodiscard]] result<void> move_in();
  [[nodiscard]] result<void> take_the_place();

  std::filesystem::path target_;
  std::filesystem::path path_; // empty: nothing to remove
  bool is_inside_;
  std::optional<lock_file> lock_; // as long as there is something to remove
};

} // namespace troupe::journal
