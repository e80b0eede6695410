#pragma once
// Durable journals in folders, small and quick to open, and what tests do to the files of a stopped one.

#include "runtime/journal/rocks_journal.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

namespace troupe::test {

inline journal::rocks_options small_journal(const std::filesystem::path& directory) {
  journal::rocks_options o;
  o.directory = directory;
  o.write_buffer_bytes = 1 << 20;
  o.reserve_bytes = 0;
  o.ballast_bytes = 0;
  return o;
}

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
}

/// Name and content of every file below `folder`: equal before and after means nothing was changed.
inline std::map<std::string, std::string> files_below(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder})
    if (entry.is_regular_file()) files[entry.path().lexically_relative(folder).string()] = read_file(entry.path());
  return files;
}

/// Of a journal's database: ".sst" are tables, ".log" logs.
inline std::set<std::filesystem::path> database_files(const std::filesystem::path& folder, const char* extension) {
  std::set<std::filesystem::path> names;
  for (const auto& entry : std::filesystem::directory_iterator{folder / "db"})
    if (entry.path().extension() == extension) names.insert(entry.path().filename());
  return names;
}

inline std::filesystem::path newest_log(const std::filesystem::path& folder) {
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator{folder / "db"})
    if (entry.path().extension() == ".log" && entry.file_size() > 0) newest = std::max(newest, entry.path());
  return newest;
}

/// Also of a running journal, as a kill would leave it: RocksDB's own threads delete files meanwhile, and a copy without those is as good.
inline void copy_folder(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (int attempt = 1;; ++attempt) {
    std::filesystem::remove_all(to);
    try {
      return std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
    } catch (const std::filesystem::filesystem_error&) {
      if (attempt == 50) throw;
    }
  }
}

} // namespace troupe::test
