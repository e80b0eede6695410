#include "runtime/journal/unfinished_folder.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

constexpr const char* inner_name = ".unfinished";
constexpr const char* inner_lock_name = ".unfinished.lock";

bool cannot_be_replaced(const fs::path& folder) {
  std::error_code missing;
  if (fs::is_symlink(folder, missing)) return true;
  struct stat own {}, around {};
  return ::stat(folder.c_str(), &own) == 0 && ::stat((folder / "..").c_str(), &around) == 0 && own.st_dev != around.st_dev;
}

bool is_filled(const fs::path& target) {
  std::error_code missing;
  return fs::is_directory(target, missing) && cannot_be_replaced(target);
}

fs::path place_of(const fs::path& target, bool is_inside) { return is_inside ? target / inner_name : fs::path{target.string() + ".unfinished"}; }

std::vector<std::string> entries_of(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code missing;
  for (fs::directory_iterator at{folder, missing}, end; !missing && at != end; at.increment(missing))
    names.push_back(at->path().filename().string());
  std::ranges::sort(names);
  return names;
}

/// What stands in a folder that copies are built in and is none of them.
bool is_of_copies(const std::string& name) { return name == inner_name || name == inner_lock_name || name == "lost+found"; }

/// "data/" is "data": what lies beside it does not lie in it.
fs::path without_end(const fs::path& folder) { return folder.has_filename() ? folder : folder.parent_path(); }

/// Where a copy into `folder` lies that was not finished; empty: nowhere. One beside it is no part of a folder in which there is something: its last step would have taken that place.
fs::path rest_of(const fs::path& folder) {
  if (auto inside = folder / inner_name; !entries_of(inside).empty()) return inside;
  if (auto beside = place_of(folder, false); entries_of(folder).empty() && !entries_of(beside).empty()) return beside;
  return {};
}

/// `entries` are the folder's.
error cut_off(const fs::path& folder, const fs::path& rest, const std::vector<std::string>& entries) {
  std::string part;
  for (const auto& name : entries)
    if (!is_of_copies(name)) part += (part.empty() ? "" : ", ") + name;
  if (part.empty())
    return fail(errc::conflict, "a copy into " + folder.string() + " was cut off, and what there is of it lies in " + rest.string() + ": copy once more, or remove that");
  return fail(errc::conflict, "a copy into " + folder.string() + " was cut off in its last step: " + part + " may be a part of it, and the rest lies in " + rest.string() +
                                "; remove both and copy once more");
}

error not_renamed(const fs::path& from, const std::error_code& why) {
  return fail(errc::io_error, "renaming " + from.string() + ": " + why.message());
}

} // namespace

result<void> must_lie_apart(const fs::path& from, const fs::path& target) {
  std::error_code failed;
  const auto source = fs::weakly_canonical(from, failed), copy = fs::weakly_canonical(target, failed);
  const auto [in_source, in_copy] = std::mismatch(source.begin(), source.end(), copy.begin(), copy.end());
  if (in_source != source.end()) return {};
  return fail(errc::invalid_argument, target.string() + " lies in " + from.string() + "; choose a folder outside of it");
}

result<unfinished_folder> unfinished_folder::begin(const fs::path& target) {
  std::error_code missing, ignored;
  if (fs::is_symlink(target, missing) && !fs::exists(target, missing)) // a rename at the end would not replace it
    return fail(errc::io_error, target.string() + " is a link that leads nowhere; make the folder that it names, or remove it");
  const bool is_inside = is_filled(target);
  const auto path = place_of(target, is_inside);
  if (auto made = make_folders(path.parent_path()); !made) return made.error();
  auto lock = lock_beside(path, target, "folder"); // who looks whether a target is free holds it already, so that it stays as it was seen
  if (!lock) return lock.error();
  const auto is_nothing = [&](const std::string& name) { return is_inside && is_of_copies(name); };
  if (fs::exists(target, missing) && (!fs::is_directory(target, missing) || !std::ranges::all_of(entries_of(target), is_nothing))) {
    const auto rest = rest_of(target);
    return fail(errc::not_empty, is_inside && !rest.empty() ? cut_off(target, rest, entries_of(target)).message : target.string() + " is not empty; nothing was copied");
  }
  fs::remove_all(path, ignored);
  return unfinished_folder{target, path, is_inside, std::move(*lock)};
}

result<void> unfinished_folder::check_whole(const fs::path& named) {
  const auto folder = without_end(named);
  const auto rest = rest_of(folder);
  if (rest.empty()) return {};
  if (is_held(rest.string() + ".lock")) return fail(errc::unavailable, "somebody copies into " + folder.string() + " right now; wait until that has ended");
  return cut_off(folder, rest, entries_of(folder));
}

bool unfinished_folder::is_under_way(const fs::path& target) noexcept {
  return is_held(place_of(target, is_filled(target)).string() + ".lock");
}

unfinished_folder::unfinished_folder(fs::path target, fs::path path, bool is_inside, lock_file lock)
    : target_{std::move(target)}, path_{std::move(path)}, is_inside_{is_inside}, lock_{std::move(lock)} {}

unfinished_folder::unfinished_folder(unfinished_folder&& other) noexcept
    : target_{std::move(other.target_)}, path_{std::exchange(other.path_, {})}, is_inside_{other.is_inside_}, lock_{std::move(other.lock_)} {}

unfinished_folder::~unfinished_folder() { leave(); }

/// Removes what is not finished; then somebody else may write the target.
void unfinished_folder::leave() noexcept {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
  path_.clear();
  lock_.reset();
}

result<void> unfinished_folder::finish() {
  if (auto synced = sync_directory(path_); !synced) return synced;
  auto finished = is_inside_ ? move_in() : take_the_place();
  if (finished) leave();
  return finished;
}

/// By name, so that a journal's database is there before its frontier, without which it is not whole.
result<void> unfinished_folder::move_in() {
  std::vector<fs::path> moved;
  for (const auto& name : entries_of(path_)) {
    std::error_code failed, ignored;
    fs::rename(path_ / name, target_ / name, failed);
    if (!failed) {
      moved.push_back(target_ / name);
      continue;
    }
    for (const auto& entry : moved) fs::remove_all(entry, ignored);
    return not_renamed(path_ / name, failed);
  }
  std::error_code ignored;
  fs::remove(path_, ignored);
  return sync_directory(target_);
}

result<void> unfinished_folder::take_the_place() {
  std::error_code failed;
  fs::rename(path_, target_, failed); // an empty folder is replaced
  if (failed) return not_renamed(path_, failed);
  return sync_directory(target_.parent_path());
}

} // namespace troupe::journal
