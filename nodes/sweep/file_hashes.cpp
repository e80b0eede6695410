#include "nodes/sweep/file_hashes.hpp"

#include "nodes/desk/file_stamp.hpp"

#include <chrono>

namespace troupe::sweep_node {
namespace {

/// Stamps are coarse: what was written just now may be written once more without showing it, so it is read again the next time.
bool is_settled(const std::filesystem::path& file) {
  std::error_code failed;
  const auto written_at = std::filesystem::last_write_time(file, failed);
  return !failed && std::filesystem::file_time_type::clock::now() - written_at > std::chrono::seconds{2};
}

} // namespace

result<known_file> file_hashes::of(const std::filesystem::path& file) {
  auto stamp = desk::stamp_of(file);
  if (const auto at = known_.find(file); at != known_.end() && at->second.stamp == stamp) return at->second;
  known_.erase(file);
  const auto content = hash_file(file);
  if (!content) return content.error();
  if (desk::stamp_of(file) != stamp) return fail(errc::conflict, file.string() + " was written to while it was read");
  known_file found{*content, std::move(stamp)};
  if (is_settled(file)) known_.emplace(file, found);
  return found;
}

} // namespace troupe::sweep_node
