#include "nodes/desk/key_watch.hpp"

#include "nodes/desk/file_stamp.hpp"

#include <utility>

namespace troupe::desk {

key_watch::key_watch(std::filesystem::path data_dir, std::shared_ptr<const key_ring> in_force, edge_log tell)
  : data_dir_{std::move(data_dir)}, in_force_{std::move(in_force)}, tell_{std::move(tell)} {}

std::shared_ptr<const key_ring> key_watch::look() {
  const auto files = list_keys(data_dir_);
  if (!files) {
    tell_new({files.error()});
    return nullptr;
  }
  std::string now;
  for (const auto& f : *files) now += stamp_of(f.path);
  // What changed is read in two looks, because stamps are coarse; what could not be taken, until it can.
  const bool is_quiet = now == seen_ && now == seen_before_ && faults_.empty();
  seen_before_ = std::exchange(seen_, std::move(now));
  if (is_quiet) return nullptr;
  std::vector<error> faults;
  auto ring = std::make_shared<const key_ring>(in_force_->renewed(*files, faults));
  tell_new(faults);
  const auto added = ring->names_beyond(*in_force_), gone = in_force_->names_beyond(*ring);
  in_force_ = std::move(ring); // a file that was only renamed may have another path now
  if (added.empty() && gone.empty()) return nullptr;
  tell_(log::level::info, "the keys changed:" + (gone.empty() ? "" : " removed " + gone) + (added.empty() || gone.empty() ? "" : ";") + (added.empty() ? "" : " added " + added));
  return in_force_;
}

void key_watch::tell_new(const std::vector<error>& faults) {
  std::set<std::string> now;
  for (const auto& f : faults) now.insert(f.message);
  for (const auto& fault : now)
    if (!faults_.contains(fault)) tell_(log::level::error, "keys: " + fault + "; until then what was taken from there before stays in force: to end a key, remove its file");
  faults_ = std::move(now);
}

} // namespace troupe::desk
