#pragma once
// Feeds of sweeps on a worker's host, by content: fetched once, whichever and however many workers need them, verified,
// kept until others need the room. Workers share the folder; locks on files in it say who uses what. One thread a cache.

#include "actors/research/sweep/messages.hpp"
#include "nodes/sweep/running_hash.hpp"
#include "runtime/core/result.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

namespace troupe::sweep_node {

/// A name that stays inside the folder: one to three plain parts. Errors: invalid_argument.
[[nodiscard]] result<void> check_feed_path(const std::string& path);
/// The end of `file`'s name as it travels: what tells a capture is its name, what tells a bar file the two folders above it too.
[[nodiscard]] std::string feed_path_of(const std::filesystem::path& file);

/// While it lives nobody removes the entry.
class entry_lock {
public:
  explicit entry_lock(int descriptor) : descriptor_{descriptor} {}
  ~entry_lock();
  entry_lock(const entry_lock&) = delete;
  entry_lock& operator=(const entry_lock&) = delete;
  /// From the one who writes to one of those who read.
  void share();

private:
  int descriptor_;
};

struct cached_feed {
  std::filesystem::path file;
  std::string stamp; // desk::stamp_of, as it was before its content was verified
  std::shared_ptr<entry_lock> lock;
};

/// A feed on its way in: pieces in order, then the check.
class feed_download {
public:
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  [[nodiscard]] const sweep::feed_file& feed() const noexcept { return feed_; }
  /// The piece at received(). Errors: io_error, out_of_range (more than the feed has).
  [[nodiscard]] result<void> add(std::string_view bytes);
  /// All of it is there: verified, it takes its place in the cache. Errors: corrupt (other bytes were sent; the entry is removed), io_error.
  [[nodiscard]] result<cached_feed> finish();

private:
  friend class feed_cache;
  sweep::feed_file feed_;
  std::filesystem::path entry_;
  std::shared_ptr<entry_lock> lock_;
  std::ofstream out_;
  running_hash hash_;
  std::uint64_t received_ = 0;
};

class feed_cache {
public:
  /// `bytes_max`: of all feeds together.
  feed_cache(std::filesystem::path folder, std::uint64_t bytes_max) : folder_{std::move(folder)}, bytes_max_{bytes_max} {}

  /// The feed when it is here and whole; one that is damaged is removed. Errors: invalid_argument (its name), io_error.
  [[nodiscard]] result<std::optional<cached_feed>> find(const sweep::feed_file& feed);
  /// Starts to fetch it, after making room. Nothing: another worker of this host does; look again later. Errors: too_large (the
  /// cache is smaller, or the room is in use), invalid_argument, io_error.
  [[nodiscard]] result<std::optional<feed_download>> begin(const sweep::feed_file& feed);

private:
  [[nodiscard]] std::filesystem::path entry_of(const sweep::feed_file& feed) const { return folder_ / feed.hash.value.str(); }
  [[nodiscard]] result<void> make_room(std::uint64_t bytes);

  std::filesystem::path folder_;
  std::uint64_t bytes_max_;
};

} // namespace troupe::sweep_node
