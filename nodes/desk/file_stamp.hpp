#pragma once
// Whether a file may have changed since it was looked at, without reading it. Stateless.

#include <cerrno>
#include <filesystem>
#include <string>

#include <sys/stat.h>

namespace troupe::desk {

/// Equal while the file is the same one (links are followed), with the same size, rights and times. These are coarse: what is written twice within some
/// milliseconds may look the same, so whoever must miss nothing looks once more, later.
[[nodiscard]] inline std::string stamp_of(const std::filesystem::path& file) {
  struct stat s {};
  if (::stat(file.c_str(), &s) != 0) return file.string() + " error " + std::to_string(errno) + '\n';
  std::string stamp = file.string();
  for (const auto part : {static_cast<long long>(s.st_dev), static_cast<long long>(s.st_ino), static_cast<long long>(s.st_size), static_cast<long long>(s.st_mode),
                          static_cast<long long>(s.st_mtim.tv_sec), static_cast<long long>(s.st_mtim.tv_nsec), static_cast<long long>(s.st_ctim.tv_sec),
                          static_cast<long long>(s.st_ctim.tv_nsec)})
    stamp += ' ' + std::to_string(part);
  return stamp + '\n';
}

} // namespace troupe::desk
