#include "runtime/journal/space_watch.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

namespace troupe::journal {

namespace {

/// A byte of the journal becomes log, table and, for a while, a compacted table.
constexpr std::uint64_t write_amplification = 3;
constexpr std::uint64_t measure_every_bytes = std::uint64_t{1} << 20;

/// A copy of a data folder may hold a ballast of holes, which gives nothing back.
bool takes_room(const std::filesystem::path& file, std::uint64_t bytes) {
  constexpr std::uint64_t block_bytes = 512; // of st_blocks, whatever the file system's are
  struct stat s {};
  return ::stat(file.c_str(), &s) == 0 && static_cast<std::uint64_t>(s.st_size) == bytes && static_cast<std::uint64_t>(s.st_blocks) * block_bytes >= bytes;
}

} // namespace

space_watch::space_watch(std::filesystem::path folder, space_limits limits,
                         std::function<std::uint64_t()> free_bytes)
    : folder_{std::move(folder)}, ballast_file_{folder_ / "ballast"}, limits_{limits},
      measure_{std::move(free_bytes)} {
  has_ballast_ = limits_.ballast > 0 && takes_room(ballast_file_, limits_.ballast);
}

std::uint64_t space_watch::measure() {
  if (measure_) return measure_();
  struct statvfs system{};
  unmeasurable_ = ::statvfs(folder_.c_str(), &system) == 0 ? std::error_code{} : std::error_code{errno, std::generic_category()};
  if (unmeasurable_) return 0; // unknown counts as full
  return std::uint64_t{system.f_bavail} * system.f_frsize;
}

void space_watch::look() {
  std::lock_guard guard{mutex_};
  look_now();
}

void space_watch::look_now() {
  unmeasured_ = 0;
  if (limits_.reserve == 0) return;
  free_ = measure();
  if (free_ < limits_.reserve / 2) release_ballast();
  else if (!has_ballast_ && free_ >= limits_.ballast + limits_.reserve + limits_.reserve / 8) restore_ballast();
  const bool complete = has_ballast_ || limits_.ballast == 0;
  has_space_.store(complete && free_ >= limits_.reserve, std::memory_order_relaxed);
}

bool space_watch::may_write(std::uint64_t bytes) {
  if (limits_.reserve == 0) return true;
  std::lock_guard guard{mutex_};
  unmeasured_ += bytes;
  const bool is_close = free_ < 2 * limits_.reserve + write_amplification * unmeasured_;
  if (is_close || unmeasured_ >= measure_every_bytes) look_now();
  return free_ >= needed_for(bytes);
}

std::uint64_t space_watch::needed_for(std::uint64_t bytes) const noexcept { return limits_.floor + write_amplification * bytes; }

std::string space_watch::refusal(const std::filesystem::path& folder, std::uint64_t bytes) {
  std::lock_guard guard{mutex_};
  if (unmeasurable_)
    return "how much space " + folder_.string() + " has cannot be asked (" + unmeasurable_.message() + "): was the folder moved, or its disk taken away? Nothing more is written";
  return "the disk of " + folder.string() + " is full, " + std::to_string(free_bytes()) + " bytes are left, reserve and ballast are used up: " + std::to_string(needed_for(bytes)) +
         " must be free for the next write, most of it for journal.write_buffer_mib; free that much, or lower this key";
}

std::optional<std::string> space_watch::news() {
  std::lock_guard guard{mutex_};
  if (no_ballast_ == told_) return std::nullopt;
  told_ = no_ballast_;
  if (!told_ && !has_ballast_) return std::nullopt; // the disk is full now: that is told otherwise
  if (!told_) return "the ballast " + ballast_file_.string() + " is made";
  return "the ballast " + ballast_file_.string() + " cannot be made (" + told_.message() + "): orders are refused as on a full disk until it can be";
}

void space_watch::release_ballast() {
  std::error_code missing;
  if (std::filesystem::remove(ballast_file_, missing)) free_ = measure();
  has_ballast_ = false;
}

void space_watch::restore_ballast() {
  if (limits_.ballast == 0) return;
  const int descriptor = ::open(ballast_file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  int failure = descriptor < 0 ? errno : ::posix_fallocate(descriptor, 0, static_cast<off_t>(limits_.ballast));
  if (descriptor >= 0) ::close(descriptor);
  has_ballast_ = failure == 0;
  if (failure == ENOSPC) failure = 0; // others were quicker: the disk is full once more
  no_ballast_ = failure == 0 ? std::error_code{} : std::error_code{failure, std::generic_category()};
  std::error_code missing;
  if (descriptor >= 0 && !has_ballast_) std::filesystem::remove(ballast_file_, missing); // half a ballast would lie about the reserve
  free_ = measure();
}

} // namespace troupe::journal
