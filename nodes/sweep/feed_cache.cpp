#include "nodes/sweep/feed_cache.hpp"

#include "nodes/desk/file_stamp.hpp"
#include "runtime/core/split.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace troupe::sweep_node {
namespace fs = std::filesystem;

namespace {

constexpr const char* cache_lock_name = ".lock";
constexpr const char* partial_name = ".partial";

/// The entry's lock file, locked as `how` says without waiting; null: somebody else has it.
result<std::shared_ptr<entry_lock>> lock(const fs::path& entry, int how) {
  const auto file = entry / cache_lock_name;
  const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(errc::io_error, "cannot open " + file.string() + ": " + std::strerror(errno));
  if (::flock(descriptor, how | LOCK_NB) == 0) return std::make_shared<entry_lock>(descriptor);
  ::close(descriptor);
  return std::shared_ptr<entry_lock>{};
}

/// Both parts of its name stay inside the folder.
result<void> check_feed(const sweep::feed_file& feed) {
  const auto hash = feed.hash.value.view();
  if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return fail(errc::invalid_argument, "a feed is called by its SHA-256 in hexadecimal");
  return check_feed_path(feed.path);
}

std::uint64_t size_of_entry(const fs::path& entry) {
  std::uint64_t bytes = 0;
  std::error_code failed;
  for (fs::recursive_directory_iterator at{entry, failed}, end; !failed && at != end; at.increment(failed)) {
    std::error_code gone;
    if (const auto n = at->is_regular_file(gone) ? at->file_size(gone) : 0; !gone) bytes += n;
  }
  return bytes;
}

/// What stands in the entry but its lock, which others may be looking at.
void empty_entry(const fs::path& entry) {
  std::error_code failed;
  std::vector<fs::path> all;
  for (fs::directory_iterator at{entry, failed}, end; !failed && at != end; at.increment(failed))
    if (at->path().filename() != cache_lock_name) all.push_back(at->path());
  for (const auto& path : all) fs::remove_all(path, failed);
}

} // namespace

result<void> check_feed_path(const std::string& path) {
  const auto parts = split(path, '/');
  const bool is_plain = parts.size() <= 3 && std::ranges::all_of(parts, [](const auto& p) {
    return !p.empty() && p.size() <= 200 && p.front() != '.' && p.find('\0') == std::string::npos;
  });
  if (!is_plain) return fail(errc::invalid_argument, "a feed's name has one to three parts, none of which begins with a dot; \"" + path + "\" is none");
  return {};
}

std::string feed_path_of(const fs::path& file) {
  const auto name = file.filename().string();
  if (name.find("_minute_") == std::string::npos) return name;
  const auto above = fs::absolute(file).lexically_normal().parent_path();
  const auto path = (above.parent_path().filename() / above.filename() / name).generic_string();
  return check_feed_path(path) ? path : name;
}

entry_lock::~entry_lock() { ::close(descriptor_); }
void entry_lock::share() { ::flock(descriptor_, LOCK_SH); }

result<void> feed_download::add(std::string_view bytes) {
  if (received_ + bytes.size() > feed_.size) return fail(errc::out_of_range, "more bytes were sent than the feed has");
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out_) return fail(errc::io_error, "cannot write " + (entry_ / partial_name).string());
  hash_.add(bytes);
  received_ += bytes.size();
  return {};
}

result<cached_feed> feed_download::finish() {
  out_.close();
  const auto partial = entry_ / partial_name, file = entry_ / feed_.path;
  std::error_code failed;
  if (!out_ || received_ != feed_.size || hash_.end() != feed_.hash) {
    fs::remove(partial, failed);
    return fail(errc::corrupt, "the feed " + feed_.path + " that arrived is not the one that was announced");
  }
  fs::create_directories(file.parent_path(), failed);
  if (!failed) fs::rename(partial, file, failed);
  if (failed) return fail(errc::io_error, "cannot keep " + file.string() + ": " + failed.message());
  lock_->share();
  return cached_feed{file, desk::stamp_of(file), lock_};
}

result<std::optional<cached_feed>> feed_cache::find(const sweep::feed_file& feed) {
  if (auto good = check_feed(feed); !good) return good.error();
  const auto entry = entry_of(feed), file = entry / feed.path;
  std::error_code failed;
  if (!fs::exists(file, failed)) return std::optional<cached_feed>{};
  auto mine = lock(entry, LOCK_SH);
  if (!mine) return mine.error();
  if (!*mine) return std::optional<cached_feed>{}; // it is being replaced or removed
  auto stamp = desk::stamp_of(file);
  const auto there = hash_file(file);
  if (there && there->hash == feed.hash) {
    fs::last_write_time(entry / cache_lock_name, fs::file_time_type::clock::now(), failed); // used last
    return std::optional{cached_feed{file, std::move(stamp), *mine}};
  }
  mine = std::shared_ptr<entry_lock>{};
  if (auto alone = lock(entry, LOCK_EX); alone && *alone) empty_entry(entry);
  return std::optional<cached_feed>{};
}

result<std::optional<feed_download>> feed_cache::begin(const sweep::feed_file& feed) {
  if (auto good = check_feed(feed); !good) return good.error();
  const auto entry = entry_of(feed);
  std::error_code failed;
  fs::create_directories(entry, failed);
  if (failed) return fail(errc::io_error, "cannot create " + entry.string() + ": " + failed.message());
  auto mine = lock(entry, LOCK_EX);
  if (!mine) return mine.error();
  if (!*mine || fs::exists(entry / feed.path, failed)) return std::optional<feed_download>{};
  empty_entry(entry); // what one that died left behind
  if (auto room = make_room(feed.size); !room) return room.error();
  feed_download d;
  d.feed_ = feed;
  d.entry_ = entry;
  d.lock_ = *mine;
  d.out_.open(entry / partial_name, std::ios::binary | std::ios::trunc);
  if (!d.out_) return fail(errc::io_error, "cannot write into " + entry.string());
  return std::optional{std::move(d)};
}

result<void> feed_cache::make_room(std::uint64_t bytes) {
  struct kept {
    fs::file_time_type used_at;
    fs::path entry;
    std::uint64_t size = 0;
  };
  std::vector<kept> all;
  std::uint64_t sum = bytes;
  std::error_code failed;
  for (fs::directory_iterator at{folder_, failed}, end; !failed && at != end; at.increment(failed)) {
    std::error_code gone;
    const auto used_at = fs::last_write_time(at->path() / cache_lock_name, gone);
    if (gone) continue;
    all.push_back({used_at, at->path(), size_of_entry(at->path())});
    sum += all.back().size;
  }
  std::ranges::sort(all, {}, &kept::used_at);
  for (const auto& old : all) {
    if (sum <= bytes_max_) break;
    auto alone = lock(old.entry, LOCK_EX);
    if (!alone || !*alone) continue; // in use
    empty_entry(old.entry);
    sum -= old.size;
  }
  if (sum <= bytes_max_) return {};
  return fail(errc::too_large, "the feed has " + std::to_string(bytes) + " bytes, and the cache in " + folder_.string() + " has no room for it: at most " +
                                 std::to_string(bytes_max_) + " bytes, of which others use " + std::to_string(sum - bytes));
}

} // namespace troupe::sweep_node
