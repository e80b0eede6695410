#include "runtime/journal/frontier.hpp"

#include "runtime/journal/bytes.hpp"
#include "runtime/journal/posix_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace troupe::journal {

namespace {

constexpr std::uint32_t slot_magic = 0x46525254u; // "TRRF" as it lies in the file
constexpr std::uint16_t slot_version = 1;
constexpr std::size_t slot_bytes = 128;
constexpr std::size_t checksum_at = slot_bytes - 4;
constexpr std::size_t slot_distance = 4096; // a page each: a torn page spoils one slot only
constexpr std::size_t file_bytes = 2 * slot_distance;

using slot = std::array<char, slot_bytes>;

slot encode(const frontier_mark& mark) noexcept {
  slot bytes{};
  char* p = put(bytes.data(), slot_magic);
  p = put(p, slot_version);
  p = put(p, mark.commit);
  p = put(p, mark.sequence);
  p = put(p, mark.stream.value.length);
  put(p, mark.stream.value.view());
  put(bytes.data() + checksum_at, crc32c({bytes.data(), checksum_at}));
  return bytes;
}

std::optional<frontier_mark> decode(std::string_view bytes) {
  if (bytes.size() != slot_bytes || get<std::uint32_t>(bytes.data()) != slot_magic ||
      get<std::uint32_t>(bytes.data() + checksum_at) != crc32c(bytes.substr(0, checksum_at)))
    return std::nullopt;
  byte_reader in{bytes.substr(4, checksum_at - 4)};
  if (in.number<std::uint16_t>() != slot_version) return std::nullopt;
  frontier_mark mark;
  mark.commit = in.number<std::uint64_t>();
  mark.sequence = in.number<std::uint64_t>();
  const auto name = text<48>::make(in.view(in.number<std::uint8_t>()));
  if (!in.ok() || !name) return std::nullopt;
  mark.stream.value = *name;
  return mark;
}

constexpr off_t place_of(unsigned number) noexcept { return static_cast<off_t>(number * slot_distance); }

using slots = std::array<std::optional<frontier_mark>, 2>; // nothing: not valid

/// Errors: io_error, errno tells: what the disk does not give may be the newest mark.
result<slots> read_slots(int descriptor, const std::filesystem::path& file) {
  slots marks;
  for (unsigned number = 0; number < marks.size(); ++number) {
    slot bytes;
    const auto got = ::pread(descriptor, bytes.data(), bytes.size(), place_of(number));
    if (got < 0) return system_failure("read", file);
    if (got == static_cast<ssize_t>(bytes.size())) marks[number] = decode({bytes.data(), bytes.size()});
  }
  return marks;
}

unsigned newest_of(const slots& marks) noexcept { return marks[1] && (!marks[0] || marks[1]->commit > marks[0]->commit) ? 1 : 0; }

} // namespace

result<std::optional<frontier_mark>> read_frontier(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) return std::optional<frontier_mark>{};
    return system_failure("open", file);
  }
  auto marks = read_slots(descriptor, file);
  ::close(descriptor);
  if (!marks) return marks.error();
  auto newest = (*marks)[newest_of(*marks)];
  if (!newest) return fail(errc::corrupt, "frontier " + file.string() + ": no slot has a valid checksum");
  return newest;
}

result<frontier_file> frontier_file::create(const std::filesystem::path& file, const frontier_mark& mark) {
  std::error_code unknown;
  const bool is_new = !std::filesystem::exists(file, unknown);
  // A new one gets its name when it is whole: one without a valid slot would never open again.
  const auto made = is_new ? std::filesystem::path{file.string() + ".new"} : file;
  const int descriptor = ::open(made.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | (is_new ? O_TRUNC : 0), 0644);
  if (descriptor < 0) return system_failure("open", made);
  frontier_file opened{descriptor};
  if (int status = ::posix_fallocate(descriptor, 0, file_bytes); status != 0) {
    errno = status;
    return system_failure("posix_fallocate", made);
  }
  const auto before = read_slots(descriptor, made);
  if (!before) return before.error();
  opened.newest_ = is_new ? mark.commit % 2 : newest_of(*before); // of a new one either would do
  // The slot that does not hold the newest mark goes first: a crash in between leaves one that is true.
  for (int i = 0; i < 2; ++i) {
    if (auto written = opened.write(mark); !written) return written.error();
    if (auto synced = opened.sync(); !synced) return synced.error();
  }
  if (is_new && ::rename(made.c_str(), file.c_str()) != 0) return system_failure("rename", made);
  if (auto synced = sync_directory(file.parent_path()); !synced) return synced.error();
  return opened;
}

frontier_file::frontier_file(frontier_file&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, newest_{other.newest_}, dirty_{other.dirty_} {}

frontier_file& frontier_file::operator=(frontier_file&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(newest_, other.newest_);
  std::swap(dirty_, other.dirty_);
  return *this;
}

frontier_file::~frontier_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

result<void> frontier_file::write(const frontier_mark& mark) {
  const auto bytes = encode(mark);
  const unsigned older = 1 - newest_; // by turns whatever the commits: several that share a sync are named once
  const auto put = ::pwrite(descriptor_, bytes.data(), bytes.size(), place_of(older));
  if (put != static_cast<ssize_t>(bytes.size())) return system_failure("pwrite", "frontier");
  newest_ = older;
  dirty_ = true;
  return {};
}

result<void> frontier_file::sync() {
  if (!dirty_) return {};
  if (::fdatasync(descriptor_) != 0) return system_failure("fdatasync", "frontier");
  dirty_ = false;
  return {};
}

} // namespace troupe::journal
