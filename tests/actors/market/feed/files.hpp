#pragma once
// Files the feed's tests write: plain and gzip.

#include "tests/support/test.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <zlib.h>

namespace troupe::test {

inline std::filesystem::path write_plain(const std::filesystem::path& path, const std::string& content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << content;
  return path;
}

inline std::filesystem::path write_gzip(const std::filesystem::path& path, const std::string& content) {
  std::filesystem::create_directories(path.parent_path());
  gzFile out = gzopen(path.c_str(), "wb");
  REQUIRE(out != nullptr);
  REQUIRE(gzwrite(out, content.data(), static_cast<unsigned>(content.size())) == static_cast<int>(content.size()));
  REQUIRE(gzclose(out) == Z_OK);
  return path;
}

} // namespace troupe::test
